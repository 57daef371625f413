"""The page: every message of a conversation one below another, measured only where it has to be.

Heights of what was never shown are estimates. A place names an entry, a block and a row of that block, so it
stays what it is when an estimate above it is corrected; that is how nothing moves under the reader's eye.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tui.page.entries import Entries, Sketches
from tui.page.entry import BOTTOM, TOP, Entry, Spot
from tui.page.heights import Heights
from tui.typeset.line import Line, line_text


class Place(NamedTuple):
    """A place on the page: which entry, and where in it."""

    entry: int
    spot: Spot

    def shifted(self, count: int) -> Place:
        """The same place, after so many entries were put above all others."""
        return Place(self.entry + count, self.spot)


class Point(NamedTuple):
    """A cell of a row of the page."""

    place: Place
    cell: int

    def shifted(self, count: int) -> Point:
        """The same point, after so many entries were put above all others."""
        return Point(self.place.shifted(count), self.cell)


KEPT = 120
"""So many entries stay built; of more, those far from the reader are forgotten."""

NEAR = 60
"""So many entries to either side of the reader are measured when there is nothing else to do."""

ESTIMATED = 16_384
"""So many entries are estimated at a time, where the width has changed: some milliseconds."""

LONG = 8192
"""An entry of more characters is not measured before it has to be: it could not be done in a slice of idle time."""


class Page:
    """Entries, their tops, and the ways between rows and places.

    `on_wake` is told of an entry that was only sketched, with its number, as soon as it is made.
    """

    def __init__(self) -> None:
        """Start empty; until the real width is known, that of a usual terminal is good enough."""
        self.entries = Entries(self._take_in)
        self.width = 80
        self.on_wake: Callable[[int, Entry], object] = lambda _index, _entry: None
        self._heights = Heights()
        self._of_old_width = 0  # so many entries, the first, are estimated at the width before
        self._built: set[int] = set()
        self._measured: set[int] = set()
        self._woken: set[int] = set()

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self._heights.total

    def clear(self) -> None:
        """Forget every entry."""
        self.entries.clear()
        self._heights.clear()
        self._of_old_width = 0
        self._built.clear()
        self._measured.clear()
        self._woken.clear()

    def extend(self, entries: Iterable[Entry]) -> None:
        """Put entries at the end."""
        entries = [*entries]
        for entry in entries:
            entry.set_width(self.width)
        self.entries.extend(entries)
        self._heights.extend([entry.height for entry in entries])

    def extend_sketches(self, sketches: Sketches) -> None:
        """Put entries that are only sketched at the end."""
        heights = sketches.estimates(0, len(sketches), self.width)
        self.entries.extend_sketches(sketches)
        self._heights.append(heights)

    def prepend_sketches(self, sketches: Sketches) -> None:
        """Put entries that are only sketched above all others, which are so many further down from now on."""
        count, heights = len(sketches), sketches.estimates(0, len(sketches), self.width)
        self.entries.prepend_sketches(sketches)
        self._heights.prepend(heights)
        self._of_old_width += count if self._of_old_width else 0
        self._built = {index + count for index in self._built}
        self._measured = {index + count for index in self._measured}
        self._woken = {index + count for index in self._woken}

    def set_width(self, width: int) -> None:
        """Lay out for another width."""
        if width != self.width:
            self.width = width
            self._measured.clear()
            self._of_old_width = len(self.entries)
            self._estimate_some()
            for index, entry in self.entries.live:
                entry.set_width(width)
                self._heights[index] = entry.height

    def _estimate_some(self) -> bool:
        """Estimate some entries of those that are estimated at the width before, the last first; whether there were any."""
        last = self._of_old_width
        first = self._of_old_width = max(0, last - ESTIMATED)
        if last:
            heights = self.entries.estimates(first, last, self.width)
            for index, entry in self.entries.live:
                if first <= index < last:
                    heights[index - first] = entry.height
            self._heights.put(first, heights)
        return last > 0

    def restack(self, index: int) -> None:
        """Set the tops again, after one entry may have changed its height."""
        self._heights[index] = self.entries[index].height

    def _take_in(self, index: int, entry: Entry) -> None:
        """An entry that was only sketched is as high as it was taken for."""
        entry.set_width(self.width, self._heights[index])
        self._woken.add(index)
        self.on_wake(index, entry)

    # --- rows and places -----------------------------------------------------------------------------------------
    def entry_at(self, row: int) -> tuple[int, int]:
        """The entry a row is in, and which of its rows it is."""
        return self._heights.at(row)

    def top_of(self, index: int) -> int:
        """The row an entry begins at."""
        return self._heights.top(index)

    def place_at(self, row: int) -> Place:
        """The place of a row; in an entry that is only estimated, the place as far down in it."""
        row = max(0, min(row, self.total - 1))
        index, inner = self.entry_at(row)
        entry = self.entries[index]
        guess = max(1, entry.height)
        if self.ensure(index):
            inner = min(entry.height - 1, round(inner * entry.height / guess))
            self.restack(index)
        return Place(index, entry.spot_at(inner))

    def row_of(self, place: Place) -> int:
        """The row of a place."""
        index, spot = place
        return self._heights.top(index) + self.entries[index].row_of(spot)

    def line(self, row: int) -> tuple[int, int, Line]:
        """A row: its entry, which row of the entry it is, and its text."""
        index, inner = self.entry_at(row)
        entry = self.entries[index]
        return index, inner, entry.line(inner) if entry.is_built else []

    # --- measuring -----------------------------------------------------------------------------------------------
    def ensure(self, index: int) -> bool:
        """Build an entry if it is not; whether that was needed. The tops are not set again."""
        self._built.add(index)
        self._measured.add(index)
        return self.entries[index].ensure()

    def firm_down(self, place: Place, rows: int) -> None:
        """Measure from a place on, as far down as so many rows."""
        index, spot = place
        while index < len(self.entries) and rows > 0:
            self.ensure(index)
            entry = self.entries[index]
            entry.firm_down(spot, rows)
            self.restack(index)
            rows -= entry.height - entry.row_of(spot)
            index, spot = index + 1, TOP

    def firm_up(self, place: Place | None, rows: int) -> None:
        """Measure the rows above a place (`None`: the end), as far up as so many rows."""
        if place is None:
            index = len(self.entries)
        else:
            index, spot = place
            self.ensure(index)
            self.entries[index].firm_up(spot, rows)
            self.restack(index)
            rows -= self.entries[index].row_of(spot)
        while index > 0 and rows > 0:
            index -= 1
            self.ensure(index)
            entry = self.entries[index]
            entry.firm_up(BOTTOM, rows)
            self.restack(index)
            rows -= entry.height

    def walk(self, place: Place, by: int) -> Place:
        """The place so many rows further down (up if negative), everything between measured."""
        if by < 0:
            self.firm_up(place, -by)
        else:
            self.firm_down(place, by + 1)
        return self.place_at(self.row_of(place) + by)

    def improve(self, place: Place | None, has_time: Callable[[], bool]) -> bool:
        """Measure entries and blocks near the reader that are still estimates; `False` when all are measured.

        The reader's place keeps its row only if it is set again afterwards.
        """
        here = place.entry if place else len(self.entries) - 1
        is_changed = self._estimate_some()
        while has_time() and self._estimate_some():
            pass
        for index in _outwards(here, len(self.entries)):
            if index not in self._measured:
                if self._heights[index] * self.width >= LONG:
                    continue
                self.ensure(index)
                is_changed = True
            elif self.entries.find_live(index) is None:
                continue
            entry = self.entries[index]
            while entry.is_built and has_time() and entry.parts[1].firm_one():
                is_changed = True
            self.restack(index)
            if is_changed and not has_time():
                break
        return is_changed

    def prune(self, place: Place | None) -> None:
        """Forget entries far from the reader, and lines of blocks far from them, when there are many."""
        here = place.entry if place else len(self.entries) - 1
        if len(self._built) > KEPT + NEAR:
            for index in sorted(self._built, key=lambda i: abs(i - here))[KEPT:]:
                if not self.entries[index].is_growing:
                    self.entries[index].forget()
                    self._built.discard(index)
        if len(self._woken) > KEPT + NEAR:
            for index in sorted(self._woken, key=lambda i: abs(i - here))[KEPT:]:
                if index not in self._built and self.entries.sketch(index):
                    self._woken.discard(index)

    def settle_some(self) -> bool:
        """Do one piece of typesetting that was put off, near the end: the colours of a fence that has closed."""
        for index in reversed(range(max(0, len(self.entries) - 2), len(self.entries))):
            entry = self.entries[index]
            if entry.is_built and entry.settle():
                self.restack(index)
                return True
        return False

    def cool(self, top: int, rows: int) -> None:
        """Let go of lines far above and far below the rows that show, which begin at `top`."""
        index, row = self.entry_at(top)
        for at in {index, len(self.entries) - 1}:
            body = self.entries[at].parts[1]
            if body.height:
                first = row if at == index else body.height - rows
                body.cool(max(0, first - 2 * rows), min(body.height - 1, first + 4 * rows))

    # --- text ----------------------------------------------------------------------------------------------------
    def cut(self, start: Point, end: Point) -> str:
        """The text between two points, not wrapped; the end is not part of it."""
        (first, first_spot), (last, last_spot) = start.place, end.place
        pieces = []
        for index in range(first, last + 1):
            if self.ensure(index):
                self.restack(index)
            entry = self.entries[index]
            begin = (entry.row_of(first_spot), start.cell) if index == first else (0, 0)
            stop = (entry.row_of(last_spot), end.cell) if index == last else (entry.height, 0)
            pieces.append(entry.cut(begin, stop))
        return "\n".join(pieces).strip("\n")

    def ink_above(self, place: Place) -> int:
        """How much is written in a block above a row of it, in characters: where a row is, whatever the width."""
        if self.ensure(place.entry):
            self.restack(place.entry)
        return sum(_ink(line) for line in self.lines_at(place)[: place.spot.row])

    def place_of_ink(self, place: Place, ink: int) -> Place:
        """The row of a block that has so much written above it."""
        index, (part, number, _) = place
        above = 0
        for row, line in enumerate(self.lines_at(place)):
            above += _ink(line)
            if above > ink:
                return Place(index, Spot(part, number, row))
        return Place(index, Spot(part, number, 0))

    def lines_at(self, place: Place) -> list[Line]:
        """The rows of the block that a place is in."""
        index, (part, number, _) = place
        return self.entries[index].parts[part].lines_of(number)


def _outwards(here: int, count: int) -> Iterator[int]:
    """The entries near one, nearest first."""
    for step in range(min(NEAR, max(here + 1, count - here))):
        for index in {here - step, here + step}:
            if 0 <= index < count:
                yield index


def _ink(line: Line) -> int:
    text = line_text(line)
    return len(text) - text.count(" ")
