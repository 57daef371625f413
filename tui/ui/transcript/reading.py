"""What a reader does: a cursor that moves over blocks and messages, and what can be done with what it is on."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from tui.typeset.line import Line, style_target, width_of
from tui.ui.transcript.block import Block, CallBlock
from tui.ui.transcript.brush import Mark
from tui.ui.transcript.entry import Entry, Spot
from tui.ui.transcript.finding import FindingView
from tui.ui.transcript.reply import ReplyEntry
from tui.ui.transcript.selecting import Point
from tui.ui.transcript.thought import ThoughtBlock
from tui.ui.transcript.wish import AskFind, BlockMenu, Choice, CopyText, OpenBlock, OpenLink, ShowToolCall

Stop = tuple[int, int, int]
"""Where the cursor can be: entry, part, block."""

_SAFE = ("http://", "https://", "mailto:")
_SILENT = frozenset({"gap", "role"})


class ReadingView(FindingView):
    """A page with a block cursor and keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_block(1)", "Next block", show=False, id="page.next_block"),
        Binding("k", "cursor_block(-1)", "Block before", show=False, id="page.block_before"),
        Binding("ctrl+down,J", "scroll_message(1)", "Next message", show=False, id="page.next_message"),
        Binding("ctrl+up,K", "scroll_message(-1)", "Message before", show=False, id="page.message_before"),
        Binding("home,g", "scroll_home", "Beginning", show=False, id="page.beginning"),
        Binding("end,G", "jump_end", "End", show=False, id="page.end"),
        Binding("space", "toggle_fold", "Fold", show=False, id="page.fold"),
        Binding("enter", "open", "Open", show=False, id="page.open"),
        Binding("full_stop", "menu", "Menu", show=False, id="page.menu"),
        Binding("c,y", "copy_block", "Copy block", show=False, id="page.copy_block"),
        Binding("m", "copy_markdown", "Copy message as Markdown", show=False, id="page.copy_markdown"),
        Binding("p", "copy_plain", "Copy message as plain text", show=False, id="page.copy_plain"),
        Binding("s", "save_block", "Save to a file", show=False, id="page.save"),
        Binding("v", "view_block", "Open in the pager", show=False, id="page.view"),
        Binding("e", "edit_block", "Open in the editor", show=False, id="page.edit"),
        Binding("o", "open_link", "Open link", show=False, id="page.open_link"),
        Binding("slash", "ask_find", "Find", show=False, id="page.find"),
        Binding("n", "find_next(1)", "Next match", show=False, id="page.find_next"),
        Binding("N", "find_next(-1)", "Match before", show=False, id="page.find_before"),
        Binding("escape", "leave", "Leave", show=False, id="page.leave"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Start without a cursor."""
        super().__init__(id=id, classes=classes)
        self._cursor: Stop | None = None

    def told_below(self) -> None:
        """What is below may have changed; for subclasses that tell it."""

    def scroll_message(self, by: int) -> None:
        """Go to the beginning of the next message, or with -1 to that of this one, then of the one before."""
        page = self.page
        if not page.entries:
            return
        index, row = page.entry_at(self.top_row)
        if by > 0:
            index += 1 if row or self.top_row == 0 else by
        elif row <= 1:
            index -= 1
        if index >= len(page.entries):
            self.jump_end()
            return
        index = max(0, index)
        if self._cursor is not None:
            self._cursor = self._first_stop(index)
        self.hold((index, (0, 0, 0)))
        self.told_below()

    # --- the block cursor ----------------------------------------------------------------------------------------
    def cursor_block(self, by: int) -> None:
        """Move the cursor over the blocks, and show the one it comes to."""
        if not self.page.entries:
            return
        if self._cursor is None:
            self._cursor = self._stop_in_view(from_below=by < 0 or self.follow)
        else:
            self._cursor = self._stop_beside(self._cursor, by) or self._cursor
        self._show_cursor()

    def _stops_of(self, index: int) -> list[Stop]:
        if self.page.ensure(index):
            self.page.restack(index)
        blocks = self.page.entries[index].blocks()
        return [(index, spot[0], spot[1]) for spot, block in blocks if block.kind not in _SILENT]

    def _first_stop(self, index: int) -> Stop | None:
        return next(iter(self._stops_of(index)), None)

    def _stop_beside(self, cursor: Stop, by: int) -> Stop | None:
        index = cursor[0]
        beyond = [stop for stop in self._stops_of(index) if (stop > cursor if by > 0 else stop < cursor)]
        while not beyond:
            index += by
            if not 0 <= index < len(self.page.entries):
                return None
            beyond = self._stops_of(index)
        return beyond[0] if by > 0 else beyond[-1]

    def _stop_in_view(self, *, from_below: bool) -> Stop | None:
        page = self.page
        low, high = self.top_row, min(page.total, self.top_row + self.rows) - 1
        first, last = page.entry_at(low)[0], page.entry_at(max(low, high))[0]
        stops = [stop for index in range(first, last + 1) for stop in self._stops_of(index)]
        seen = [stop for stop in stops if low <= page.row_of((stop[0], (stop[1], stop[2], 0))) <= high] or stops
        return (seen[-1] if from_below else seen[0]) if seen else None

    def _show_cursor(self) -> None:
        if self._cursor is None:
            self.repaint()
            return
        index, part, number = self._cursor
        page = self.page
        spot: Spot = (part, number, 0)
        page.firm_down((index, spot), self.rows)
        top = page.row_of((index, spot))
        bottom = top + page.entries[index].parts[part].height_of(number)
        if top < self.top_row:
            self.hold((index, spot), 1)
        elif bottom > self.top_row + self.rows:
            self.hold((index, spot), max(0, self.rows - (bottom - top)))
        else:
            self.repaint()
        self.told_below()

    @property
    def has_marks(self) -> bool:
        """Whether anything may be laid over a row."""
        return self._cursor is not None or super().has_marks

    def marks_of(self, index: int, row: int, line: Line) -> tuple[tuple[Mark, ...], bool]:
        """Set the cursor's bar before the rows of its block."""
        marks, has_bar = super().marks_of(index, row, line)
        if self._cursor is not None and self._cursor[0] == index:
            part, number, inner = self.page.entries[index].spot_at(row)
            if (part, number) == self._cursor[1:]:
                gap = self.page.entries[index].parts[part].blocks[number].gap
                has_bar = inner >= gap
        return marks, has_bar

    # --- what is done with a block -------------------------------------------------------------------------------
    def _target(self) -> tuple[Entry, Block] | None:
        """The entry and the block under the cursor; without one, it is set to the last block in view."""
        if self._cursor is None:
            self.cursor_block(-1)
        if self._cursor is None:
            return None
        index, part, number = self._cursor
        entry = self.page.entries[index]
        entry.ensure()
        block = entry.block_at((part, number, 0))
        return (entry, block) if block is not None else None

    def action_copy_block(self) -> None:
        """Copy what is selected, else the block under the cursor."""
        if self.has_selection:
            self.post_message(CopyText(self.selected_text(), "the selection"))
        elif (target := self._target()) is not None:
            block = target[1]
            self.post_message(CopyText(block.plain(), "the code" if block.kind == "fence" else "the block"))

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
            if self.follow:  # the reader looks at the fold now, not at the end
                self.follow = False
            entry.toggle_thought()
            self.page.restack(index)
            self.settle()
            self.told_below()

    def action_toggle_fold(self) -> None:
        """Open or close what the model thought."""
        self.toggle_fold()

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
        what = "code" if block.kind == "fence" else "block"
        choices = [Choice("c", f"Copy the {what}", "copy_block")]
        if entry.markdown():
            choices += [
                Choice("m", "Copy the message as Markdown", "copy_markdown"),
                Choice("p", "Copy the message as plain text", "copy_plain"),
            ]
        choices += [
            Choice("s", f"Save the {what} to a file", "save_block"),
            Choice("v", "Open in the pager", "view_block"),
            Choice("e", "Open in the editor", "edit_block"),
        ]
        if url := _first_link(block):
            choices.append(Choice("o", f"Open {url}", "open_link"))
        if isinstance(block, ThoughtBlock):
            choices.append(Choice("Space", "Open or close the reasoning", "toggle_fold"))
        if isinstance(block, CallBlock):
            choices.append(Choice("Enter", "Show the call in full", "open"))
        self.post_message(BlockMenu(tuple(choices)))

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
    def click(self, point: Point) -> None:
        """Open a link, a fold or a tool call; elsewhere, with the page in focus, set the cursor."""
        (index, (part, number, row)), cell = point
        entry = self.page.entries[index]
        block = entry.block_at((part, number, row))
        if block is None:
            return
        lines = entry.parts[part].lines_of(number)
        if (url := link_at(lines[row] if row < len(lines) else [], cell)).startswith(_SAFE):
            self.post_message(OpenLink(url))
        elif isinstance(block, ThoughtBlock) and row == block.gap:
            self._toggle(index)
        elif isinstance(block, CallBlock) and row >= block.gap:
            self.post_message(ShowToolCall(entry.turn, block.call.index))
        elif self.has_focus and block.kind not in _SILENT:
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
