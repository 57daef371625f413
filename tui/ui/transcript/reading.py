"""Going over a page: from message to message, and with a cursor from block to block."""

from __future__ import annotations

from tui.typeset.line import Line
from tui.ui.transcript.block import Block
from tui.ui.transcript.brush import Mark
from tui.ui.transcript.entry import Entry, Spot
from tui.ui.transcript.finding import FindingView

Stop = tuple[int, int, int]
"""Where the cursor can be: entry, part, block."""

SILENT = frozenset({"gap", "role"})
"""Kinds of blocks that the cursor passes over."""


class ReadingView(FindingView, is_part=True):
    """A page with a block cursor."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Start without a cursor."""
        super().__init__(id=id, classes=classes)
        self._cursor: Stop | None = None

    def tell_below(self) -> None:
        """What is below may have changed; for subclasses that tell it."""

    def move_down(self, count: int) -> None:
        """So many entries were put above all others."""
        super().move_down(count)
        if self._cursor is not None:
            self._cursor = (self._cursor[0] + count, *self._cursor[1:])

    def scroll_message(self, by: int) -> None:
        """Go to the beginning of the next message, or with -1 to that of this one, then of the one before."""
        page = self.page
        if not page.entries:
            return
        if by < 0:
            self.read_all_above()
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
        self.tell_below()

    # --- the block cursor ----------------------------------------------------------------------------------------
    def cursor_block(self, by: int) -> None:
        """Move the cursor over the blocks, and show the one it comes to."""
        if not self.page.entries:
            return
        if by < 0:
            self.read_all_above()
        if self._cursor is None:
            self._cursor = self._stop_in_view(from_below=by < 0 or self.follow)
        else:
            self._cursor = self._stop_beside(self._cursor, by) or self._cursor
        self._show_cursor()

    def _stops_of(self, index: int) -> list[Stop]:
        if self.page.ensure(index):
            self.page.restack(index)
        blocks = self.page.entries[index].blocks()
        return [(index, spot[0], spot[1]) for spot, block in blocks if block.kind not in SILENT]

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
        self.tell_below()

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
