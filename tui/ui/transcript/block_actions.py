"""What is done with a block, a fold, a call: the wishes that keys and clicks become."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from textual.message import Message

from tui.page.block import Block, CallBlock
from tui.page.ending import RUN
from tui.page.page import Page, Point
from tui.page.reply import ReplyEntry
from tui.page.thought import ThoughtBlock
from tui.ui.transcript.overlay.cursor import SILENT, Cursor, Stop
from tui.ui.transcript.overlay.lit import Lit
from tui.ui.transcript.overlay.selection import Selection
from tui.ui.transcript.scroll import Scroller
from tui.ui.transcript.wide_table import WideTables
from tui.ui.transcript.wish import (
    AboutTurn,
    BlockMenu,
    Choice,
    CopyText,
    OpenBlock,
    OpenLink,
    RunAction,
    ShowOrigin,
    ShowToolCall,
)

COPIED = {"fence": "the code", "structure": "the JSON"}
"""What a copied block is called, by its kind."""

ABOUT_TURN = ("rewrite", "ask_again", "go_on", "fork", "branch_before", "next_branch")
"""What can be done with a turn wherever it stands, by the names that the table of actions gives."""

_SAFE = ("http://", "https://", "mailto:")


class BlockActions:
    """What can be done with the block under the cursor, or under a click.

    Attributes:
        by_name: Everything that a key can do with a block, by the name that the table of actions gives it.
    """

    def __init__(
        self,
        page: Page,
        scroller: Scroller,
        selection: Selection,
        cursor: Cursor,
        *,
        tables: WideTables,
        lit: Lit,
        post: Callable[[Message], object],
    ) -> None:
        """Act on this page."""
        self._page = page
        self._scroller = scroller
        self._selection = selection
        self._cursor = cursor
        self._tables = tables
        self._lit = lit
        self._post = post
        self.by_name: dict[str, Callable[[], None]] = {
            "open": self.open,
            "menu": self.menu,
            "toggle_fold": self.toggle_fold,
            "toggle_text": self.toggle_text,
            "copy": self.copy,
            "copy_markdown": self.copy_markdown,
            "copy_plain": self.copy_plain,
            "save": lambda: self._show("save"),
            "save_table": self.save_table,
            "view": lambda: self._show("pager"),
            "edit": lambda: self._show("editor"),
            "open_link": self.open_link,
            **{name: partial(self._about, name) for name in ABOUT_TURN},
            "show_origin": self.show_origin,
        }

    def _about(self, what: str) -> None:
        """Have something done with the turn under the cursor."""
        if (target := self._cursor.target()) is not None:
            self._post(AboutTurn(target.entry.turn, what))

    def copy(self) -> None:
        """Copy what is selected, else the block under the cursor."""
        if self._selection.has_marks:
            self._post(CopyText(self._selection.text(), "the selection"))
        elif (target := self._cursor.target()) is not None:
            self._post(CopyText(target.block.plain(), COPIED.get(target.block.kind, "the block")))

    def copy_markdown(self) -> None:
        """Copy the message under the cursor as it was written."""
        if (target := self._cursor.target()) is not None:
            self._post(CopyText(target.entry.markdown(), "the message as Markdown"))

    def copy_plain(self) -> None:
        """Copy the message under the cursor without marks."""
        if (target := self._cursor.target()) is not None:
            self._post(CopyText(target.entry.plain(), "the message as plain text"))

    def _show(self, how: Literal["pager", "editor", "save"]) -> None:
        """Show the block under the cursor elsewhere, or save it."""
        if (target := self._cursor.target()) is not None:
            self._post(OpenBlock(target.block.plain(), target.block.language, how))

    def toggle_fold(self) -> None:
        """Open or close the reasoning of the message under the cursor."""
        if (target := self._cursor.target()) is not None:
            self._toggle(target.number)

    def _toggle(self, index: int) -> None:
        entry = self._page.entries[index]
        if isinstance(entry, ReplyEntry):
            self._scroller.refold(index, entry.toggle_thought)

    def toggle_text(self) -> None:
        """Show a structured reply as the text it came as, or as the structure again."""
        target = self._cursor.target()
        if target is not None and isinstance(target.entry, ReplyEntry) and target.entry.structure is not None:
            self._scroller.refold(target.number, target.entry.toggle_text)
            self._cursor.put_first(target.number)

    def save_table(self) -> None:
        """Save the table that a structured reply is, as CSV."""
        target = self._cursor.target()
        structure = target.entry.structure if target is not None and isinstance(target.entry, ReplyEntry) else None
        if structure is not None and structure.is_table:
            self._post(OpenBlock(structure.csv(), "csv", "save"))

    def open(self) -> None:
        """Open what the cursor is on: a fold, a tool call; else the menu."""
        target = self._cursor.target()
        if target is None:
            return
        if isinstance(target.block, ThoughtBlock):
            self._toggle(target.number)
        elif isinstance(target.block, CallBlock):
            self._post(ShowToolCall(target.entry.turn, target.block.call.index))
        else:
            self.menu()

    def menu(self) -> None:
        """Offer what can be done with the block under the cursor."""
        target = self._cursor.target()
        if target is None:
            return
        _, entry, block = target
        what = {"fence": "code", "structure": "JSON"}.get(block.kind, "block")
        choices = [Choice("page.copy_block", f"Copy the {what}")]
        if entry.markdown():
            choices += [
                Choice("page.copy_markdown", "Copy the message as Markdown"),
                Choice("page.copy_plain", "Copy the message as plain text"),
            ]
        choices += [
            Choice("page.save", f"Save the {what} to a file"),
            Choice("page.view", "Open in the pager"),
            Choice("page.edit", "Open in the editor"),
        ]
        if isinstance(entry, ReplyEntry) and (structure := entry.structure) is not None:
            other = "text as it came" if block.kind == "structure" else "structure"
            choices.append(Choice("page.text", f"Show the {other}"))
            if structure.is_table:
                choices.append(Choice("page.save_table", "Save the table as CSV"))
        if (stop := self._cursor.stop) is not None and self._tables.table_at(stop):
            choices.append(Choice("page.right", "Scroll the table sideways"))
        if url := _first_link(block):
            choices.append(Choice("page.open_link", f"Open {url}"))
        if isinstance(entry, ReplyEntry):
            choices.append(Choice("page.wire", "See the frame that brought it"))
        choices += [
            Choice("page.rewrite", "Edit the prompt, as another branch"),
            Choice("page.ask_again", "Ask again here, the model chosen now"),
            Choice("page.fork", "Begin a conversation of its own from here"),
        ]
        if isinstance(block, ThoughtBlock):
            choices.append(Choice("page.fold", "Open or close the reasoning"))
        if isinstance(block, CallBlock):
            choices.append(Choice("page.open", "Show the call in full"))
        self._post(BlockMenu(tuple(choices)))

    def open_link(self) -> None:
        """Open the first link of the block under the cursor."""
        if (target := self._cursor.target()) is not None and (url := _first_link(target.block)):
            self._post(OpenLink(url))

    def show_origin(self) -> None:
        """Show the frame that the block under the cursor begins with."""
        if (target := self._cursor.target()) is not None and (stop := self._cursor.stop) is not None:
            source = self._lit.first_source(stop.entry, stop.part, stop.block)
            self._post(ShowOrigin(target.entry.turn, source, opens=True))

    def click(self, point: Point, url: str, *, has_focus: bool) -> None:
        """Open the link, the fold or the tool call at a point; elsewhere, with the page in focus, set the cursor."""
        index, spot = point.place
        entry = self._page.entries[index]
        block = entry.block_at(spot)
        if block is None:
            return
        if block.kind == "ending" and url.startswith(RUN):
            self._post(RunAction(url.removeprefix(RUN)))
        elif url.startswith(_SAFE):
            self._post(OpenLink(url))
        elif isinstance(block, ThoughtBlock) and spot.row == block.gap:
            self._toggle(index)
        elif isinstance(block, CallBlock) and spot.row >= block.gap:
            source = self._lit.source_at(point) or self._lit.first_source(index, spot.part, spot.block)
            self._post(ShowOrigin(entry.turn, source, opens=False))
            self._post(ShowToolCall(entry.turn, block.call.index))
        else:
            if has_focus and block.kind not in SILENT:
                self._cursor.put(Stop(index, spot.part, spot.block))
            if isinstance(entry, ReplyEntry) and not self._lit.is_blank(point):
                self._post(ShowOrigin(entry.turn, self._lit.source_at(point), opens=False))


def _first_link(block: Block) -> str:
    return next((url for _, url in block.links if url.startswith(_SAFE)), "")
