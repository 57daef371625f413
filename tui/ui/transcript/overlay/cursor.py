"""The cursor: it goes from block to block, and from message to message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tui.page.block import Block
from tui.page.entry import TOP, Entry, Spot
from tui.page.page import Page, Place
from tui.typeset.line import Line
from tui.ui.transcript.line_renderer import BAR, Mark
from tui.ui.transcript.scroll import Scroller

SILENT = frozenset({"gap", "role"})
"""Kinds of blocks that the cursor passes over."""


class Stop(NamedTuple):
    """A block that the cursor can be on."""

    entry: int
    part: int
    block: int

    @property
    def place(self) -> Place:
        """Where the block begins."""
        return Place(self.entry, Spot(self.part, self.block, 0))


class Target(NamedTuple):
    """What the cursor is on: a block, its entry, and the number of that."""

    number: int
    entry: Entry
    block: Block


class Cursor:
    """The block cursor of a page."""

    def __init__(self, page: Page, scroller: Scroller, repaint: Callable[[], None]) -> None:
        """Start on no block."""
        self._page = page
        self._scroller = scroller
        self._repaint = repaint
        self._stop: Stop | None = None

    @property
    def has_marks(self) -> bool:
        """Whether it is on any block."""
        return self._stop is not None

    def shift(self, count: int) -> None:
        """So many entries were put above all others."""
        if self._stop is not None:
            self._stop = self._stop._replace(entry=self._stop.entry + count)

    def reset(self) -> None:
        """The conversation is another one: it is on no block of that."""
        self._stop = None

    def marks(self, index: int, row: int, line: Line) -> Sequence[Mark]:
        """Set its bar before the rows of its block."""
        del line
        if self._stop is None or self._stop.entry != index:
            return ()
        entry = self._page.entries[index]
        part, number, inner = entry.spot_at(row)
        is_here = (part, number) == (self._stop.part, self._stop.block)
        return (BAR,) if is_here and inner >= entry.parts[part].blocks[number].gap else ()

    @property
    def stop(self) -> Stop | None:
        """The block it is on."""
        return self._stop

    # --- where it goes -------------------------------------------------------------------------------------------
    def put(self, stop: Stop | None) -> None:
        """Set it on a block, or on none."""
        self._stop = stop
        self._repaint()

    def put_first(self, index: int) -> None:
        """Set it on the first block of an entry."""
        self.put(self._first_stop(index))

    def move(self, by: int) -> None:
        """Go over the blocks, and show the one it comes to."""
        if not self._page.entries:
            return
        at = self._stop.entry if self._stop is not None else self._page.entry_at(self._scroller.viewport.top_row)[0]
        self._scroller.read_near(at, by)
        if self._stop is None:
            self._stop = self._stop_in_view(from_below=by < 0 or self._scroller.follow)
        else:
            self._stop = self._stop_beside(self._stop, by) or self._stop
        self._show()

    def move_message(self, by: int) -> None:
        """Show the beginning of the next message, or with -1 that of this one, then of the one before."""
        page, scroller = self._page, self._scroller
        if not page.entries:
            return
        scroller.read_near(page.entry_at(scroller.viewport.top_row)[0], by)
        top_row = scroller.viewport.top_row
        index, row = page.entry_at(top_row)
        if by > 0:
            index += 1 if row or top_row == 0 else by
        elif row <= 1:
            index -= 1
        if index >= len(page.entries):
            scroller.jump_end()
            return
        index = max(0, index)
        if self._stop is not None:
            self._stop = self._first_stop(index)
        scroller.hold(Place(index, TOP))
        scroller.tell_below()

    def target(self) -> Target | None:
        """What it is on; where it is on nothing, it is set on the last block in view."""
        if self._stop is None:
            self.move(-1)
        if self._stop is None:
            return None
        entry = self._page.entries[self._stop.entry]
        entry.ensure()
        block = entry.block_at(self._stop.place.spot)
        return Target(self._stop.entry, entry, block) if block is not None else None

    def _stops_of(self, index: int) -> list[Stop]:
        if self._page.ensure(index):
            self._page.restack(index)
        blocks = self._page.entries[index].blocks()
        return [Stop(index, spot.part, spot.block) for spot, block in blocks if block.kind not in SILENT]

    def _first_stop(self, index: int) -> Stop | None:
        return next(iter(self._stops_of(index)), None)

    def _stop_beside(self, here: Stop, by: int) -> Stop | None:
        index = here.entry
        beyond = [stop for stop in self._stops_of(index) if (stop > here if by > 0 else stop < here)]
        while not beyond:
            index += by
            if not 0 <= index < len(self._page.entries):
                return None
            beyond = self._stops_of(index)
        return beyond[0] if by > 0 else beyond[-1]

    def _stop_in_view(self, *, from_below: bool) -> Stop | None:
        page, viewport = self._page, self._scroller.viewport
        low, high = viewport.top_row, min(page.total, viewport.top_row + viewport.rows) - 1
        first, last = page.entry_at(low)[0], page.entry_at(max(low, high))[0]
        stops = [stop for index in range(first, last + 1) for stop in self._stops_of(index)]
        seen = [stop for stop in stops if low <= page.row_of(stop.place) <= high] or stops
        return (seen[-1] if from_below else seen[0]) if seen else None

    def _show(self) -> None:
        if self._stop is None:
            self._repaint()
            return
        page, scroller, viewport = self._page, self._scroller, self._scroller.viewport
        place = self._stop.place
        page.firm_down(place, viewport.rows)
        top = page.row_of(place)
        bottom = top + page.entries[self._stop.entry].parts[self._stop.part].height_of(self._stop.block)
        if top < viewport.top_row:
            scroller.hold(place, 1)
        elif bottom > viewport.top_row + viewport.rows:
            scroller.hold(place, max(0, viewport.rows - (bottom - top)))
        else:
            self._repaint()
        scroller.tell_below()
