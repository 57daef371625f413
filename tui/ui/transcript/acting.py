"""What is done with a block, a fold, a call, a link: keys, clicks and the wishes they become."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events
from textual.actions import SkipAction
from textual.binding import BindingType

from tui.typeset.line import Line, style_target, width_of
from tui.ui.action.binding import bindings
from tui.ui.transcript.block import Block, CallBlock
from tui.ui.transcript.brush import INDENT
from tui.ui.transcript.ending import RUN
from tui.ui.transcript.reading import SILENT, ReadingView, Stop
from tui.ui.transcript.reply import ReplyEntry
from tui.ui.transcript.selecting import Point
from tui.ui.transcript.thought import ThoughtBlock
from tui.ui.transcript.wish import (
    AskFind,
    BlockMenu,
    Choice,
    CopyText,
    LinkPointed,
    OpenBlock,
    OpenLink,
    RunAction,
    ShowToolCall,
)

if TYPE_CHECKING:
    from tui.typeset.table import TableBlock

COPIED = {"fence": "the code", "structure": "the JSON"}
"""What a copied block is called, by its kind."""

SIDEWAYS = 8
"""Cells by which a table is scrolled at a time."""

_SAFE = ("http://", "https://", "mailto:")


class ActingView(ReadingView, is_part=True):
    """A page on which something can be done with what the cursor or the mouse is on."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("page")

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Start with the mouse elsewhere."""
        super().__init__(id=id, classes=classes)
        self._pointed = ""

    # --- what is done with a block -------------------------------------------------------------------------------
    def action_copy_block(self) -> None:
        """Copy what is selected, else the block under the cursor."""
        if self.has_selection:
            self.post_message(CopyText(self.selected_text(), "the selection"))
        elif (target := self._target()) is not None:
            block = target[1]
            self.post_message(CopyText(block.plain(), COPIED.get(block.kind, "the block")))

    def action_copy_markdown(self) -> None:
        """Copy the message under the cursor as it was written."""
        if (target := self._target()) is not None:
            self.post_message(CopyText(target[0].markdown(), "the message as Markdown"))

    def action_copy_plain(self) -> None:
        """Copy the message under the cursor without marks."""
        if (target := self._target()) is not None:
            self.post_message(CopyText(target[0].plain(), "the message as plain text"))

    def _open(self, how: Literal["pager", "editor", "save"]) -> None:
        if (target := self._target()) is not None:
            block = target[1]
            self.post_message(OpenBlock(block.plain(), block.language, how))

    def action_save_block(self) -> None:
        """Save the block under the cursor to a file."""
        self._open("save")

    def action_view_block(self) -> None:
        """Show the block under the cursor in the pager."""
        self._open("pager")

    def action_edit_block(self) -> None:
        """Show the block under the cursor in the editor."""
        self._open("editor")

    def toggle_fold(self) -> None:
        """Open or close the fold under the cursor; without one, the last reasoning of the entry."""
        if self._target() is not None and self._cursor is not None:
            self._toggle(self._cursor[0])

    def _toggle(self, index: int) -> None:
        entry = self.page.entries[index]
        if isinstance(entry, ReplyEntry):
            self.refold(index, entry.toggle_thought)
            self.settle()
            self.tell_below()

    def refold(self, index: int, fold: Callable[[], None]) -> None:
        """Show more or less of an entry: the reader looks at that now, not at the end."""
        if self.follow:
            self.follow = False
        fold()
        self.page.restack(index)

    def action_toggle_fold(self) -> None:
        """Open or close what the model thought."""
        self.toggle_fold()

    def action_toggle_text(self) -> None:
        """Show a structured reply as the text it came as, or as the structure again."""
        if (entry := self._structured()) is not None and self._cursor is not None:
            self.refold(self._cursor[0], entry.toggle_text)
            self._cursor = self._first_stop(self._cursor[0])
            self.settle()
            self.tell_below()

    def action_save_table(self) -> None:
        """Save the table that a structured reply is, as CSV."""
        entry = self._structured()
        if entry is not None and entry.structure is not None and entry.structure.is_table:
            self.post_message(OpenBlock(entry.structure.csv(), "csv", "save"))

    def _structured(self) -> ReplyEntry | None:
        """The entry under the cursor, if it is a structured reply."""
        target = self._target()
        entry = target[0] if target is not None else None
        return entry if isinstance(entry, ReplyEntry) and entry.structure is not None else None

    def action_open(self) -> None:
        """Open what the cursor is on: a fold, a tool call; else the menu."""
        target = self._target()
        if target is None or self._cursor is None:
            return
        entry, block = target
        if isinstance(block, ThoughtBlock):
            self._toggle(self._cursor[0])
        elif isinstance(block, CallBlock):
            self.post_message(ShowToolCall(entry.turn, block.call.index))
        else:
            self.action_menu()

    def action_menu(self) -> None:
        """Offer what can be done with the block under the cursor."""
        target = self._target()
        if target is None:
            return
        entry, block = target
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
        if self._cursor is not None and self._table_at(self._cursor):
            choices.append(Choice("page.right", "Scroll the table sideways"))
        if url := _first_link(block):
            choices.append(Choice("page.open_link", f"Open {url}"))
        if isinstance(block, ThoughtBlock):
            choices.append(Choice("page.fold", "Open or close the reasoning"))
        if isinstance(block, CallBlock):
            choices.append(Choice("page.open", "Show the call in full"))
        self.post_message(BlockMenu(tuple(choices)))

    def action_scroll_table(self, by: int) -> None:
        """Scroll the table under the cursor sideways; without one, the first table in view that is too wide."""
        stop = self._cursor if self._cursor is not None and self._table_at(self._cursor) else self._table_in_view()
        if stop is None:
            raise SkipAction
        self._cursor = stop
        self._scroll_table(stop, by)

    def _table_at(self, stop: Stop) -> TableBlock | None:
        """The table at a stop, if it is too wide for the page."""
        from tui.typeset.table import TableBlock  # with the typesetter, and not before the first paint

        index, part, number = stop
        stack = self.page.entries[index].parts[part]
        block = stack.blocks[number] if number < len(stack.blocks) else None
        return block if isinstance(block, TableBlock) and block.is_wide(stack.width) else None

    def _table_in_view(self) -> Stop | None:
        page, last = self.page, min(self.page.total, self.top_row + self.rows)
        row = self.top_row
        while row < last:
            index, (part, number, inner) = page.place_at(row)
            if self._table_at((index, part, number)):
                return index, part, number
            row += max(1, page.entries[index].parts[part].height_of(number) - inner)
        return None

    def _scroll_table(self, stop: Stop, by: int) -> bool:
        index, part, number = stop
        stack, table = self.page.entries[index].parts[part], self._table_at(stop)
        if table is None or not table.scroll(by * SIDEWAYS, stack.width):
            return False
        self.refold(index, lambda: stack.remeasure(number))
        self.settle()
        return True

    def action_open_link(self) -> None:
        """Open the first link of the block under the cursor."""
        if (target := self._target()) is not None and (url := _first_link(target[1])):
            self.post_message(OpenLink(url))

    # --- keys ----------------------------------------------------------------------------------------------------
    def action_cursor_block(self, by: int) -> None:
        """Move the block cursor."""
        self.cursor_block(by)

    def action_scroll_message(self, by: int) -> None:
        """Go from message to message."""
        self.scroll_message(by)

    def action_jump_end(self) -> None:
        """Follow the end again."""
        self._cursor = None
        self.jump_end()

    def action_ask_find(self) -> None:
        """Ask what to find."""
        self.post_message(AskFind())

    def action_find_next(self, by: int) -> None:
        """Go to the next match."""
        if not self.is_finding:
            raise SkipAction
        self.find_next(by)

    def action_leave(self) -> None:
        """Leave the selection, then finding, then the cursor; then the page, which is for the screen to do."""
        if self.has_selection:
            self.clear_selection()
        elif self.is_finding:
            self.end_find()
        elif self._cursor is not None:
            self._cursor = None
            self.repaint()
        else:
            raise SkipAction

    # --- the mouse -----------------------------------------------------------------------------------------------
    def link_under(self, point: Point) -> str:
        """The real target of the link at a point, whatever its scheme; empty where there is none."""
        (index, (part, number, row)), cell = point
        lines = self.page.entries[index].parts[part].lines_of(number)
        return link_at(lines[row], cell) if row < len(lines) else ""

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Scroll the table under the mouse sideways."""
        self._wheel(event, 1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Scroll the table under the mouse back."""
        self._wheel(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """With Shift as well."""
        if event.shift:
            self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """With Shift as well."""
        if event.shift:
            self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, by: int) -> None:
        if not self.page.total:
            return
        index, (part, number, _) = self.point_at(event.x, event.y)[0]
        if self._scroll_table((index, part, number), by):
            event.prevent_default()
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell where a link under the mouse really leads."""
        inside = self.page.total and self.top_row + event.y < self.page.total and 0 <= event.y < self.rows
        self._point(self.link_under(self.point_at(event.x, event.y)) if inside and event.x >= INDENT else "")

    def on_leave(self, _event: events.Leave) -> None:
        """The mouse is elsewhere."""
        self._point("")

    def _point(self, url: str) -> None:
        if url != self._pointed:
            self._pointed = url
            self.post_message(LinkPointed(url))

    def click(self, point: Point) -> None:
        """Open a link, a fold or a tool call; elsewhere, with the page in focus, set the cursor."""
        index, (part, number, row) = point[0]
        entry = self.page.entries[index]
        block = entry.block_at((part, number, row))
        if block is None:
            return
        url = self.link_under(point)
        if block.kind == "ending" and url.startswith(RUN):
            self.post_message(RunAction(url.removeprefix(RUN)))
        elif url.startswith(_SAFE):
            self.post_message(OpenLink(url))
        elif isinstance(block, ThoughtBlock) and row == block.gap:
            self._toggle(index)
        elif isinstance(block, CallBlock) and row >= block.gap:
            self.post_message(ShowToolCall(entry.turn, block.call.index))
        elif self.has_focus and block.kind not in SILENT:
            self._cursor = (index, part, number)
            self.repaint()


def _first_link(block: Block) -> str:
    return next((url for _, url in block.links if url.startswith(_SAFE)), "")


def link_at(line: Line, cell: int) -> str:
    """The real target of the link at a cell of a line; empty where there is none."""
    for text, style in line:
        cell -= width_of(text)
        if cell < 0:
            return style_target(style)
    return ""
