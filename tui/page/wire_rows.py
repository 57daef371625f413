"""The rows of a tape of any length, as a list: only those that are looked at are read and put into words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import overload

from msgspec import Struct

from tui.domain.tape import Head, Read
from tui.page.oddity import Oddity
from tui.page.plain_items import cut_all, place_at, place_of_frame
from tui.page.stretch_ahead import Ahead, cut_stretch
from tui.page.wire_row import Cutter, Item, Mark, WireRow, row_of
from tui.wire.sse import Begun

MOST_HELD = 5_000
"""Items that are held in memory, about: what was cut lately need not be read again."""

_MISSING = WireRow(0.0, 0.0, "…", "muted", 0, "")
"""Stands where fewer rows came than was thought, until that is known."""


class Stretch(Struct):
    """A stretch of a tape that was read through: the read that it begins with, and how the cutting stood there."""

    read: int
    mark: Mark
    start: int
    """How many rows stand before it, those that are pinned apart."""


class Rows(Sequence[WireRow]):
    """Rows in the order of time: the pinned, what was read through, what lies ahead, the tail.

    Attributes:
        pinned: The request and the head.
        head: The head of the response.
        tail: What comes after the last read.
        odd_of: Says what is odd about the frame of a number.
        shifts: Where rows from a place on moved: the place, and by how many. Whoever shows them takes these away.
        ahead: What was not read through yet.
    """

    def __init__(self, pieces_from: Callable[[int], Iterator[Sequence[Read]]]) -> None:
        """Take how the reads from one of a number on are fetched, some at a time."""
        self._pieces_from = pieces_from
        self.odd_of: Callable[[int], tuple[Oddity, ...]] = lambda _number: ()
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.pinned: list[WireRow] = []
        self.tail: list[WireRow] = []
        self.shifts: list[tuple[int, int]] = []
        self.ahead: list[Ahead] = []
        self.head = Head(200, {})
        self._stretches: list[Stretch] = []
        self._closed = 0
        self._came: Sequence[Item] = []
        self._ahead_starts: list[int] | None = None
        self._held: OrderedDict[tuple[bool, int], Sequence[Item]] = OrderedDict()
        self._held_count = 0
        self._settled: list[tuple[Ahead, int]] = []

    # -- growing --------------------------------------------------------------------------------------------

    def begin(self, read: int, cutter: Cutter) -> None:
        """A stretch begins with this read; how the cutting stands there is kept."""
        self._close()
        self._stretches.append(Stretch(read, cutter.mark, self._closed))

    def add(self, items: Sequence[Item]) -> None:
        """This was read through."""
        self._came = [*self._came, *items] if self._came else items

    def expect(self, stretches: Sequence[tuple[int, float]]) -> None:
        """All of it lies ahead: how many reads each stretch has, and when its first came."""
        read = 0
        for reads, began_at in stretches:
            self.ahead.append(Ahead(read, reads, began_at, reads))
            read += reads
        last = self.ahead[-1]
        # The frame that its first blank line ends belongs to the stretch before.
        share = (len(self._ahead_items(len(self.ahead) - 1)) + 1) / max(1, last.reads)
        for ahead in self.ahead[:-1]:
            ahead.count = max(1, round(ahead.reads * share))
        self.ahead[0].count += 1
        self.settle()
        self.shifts.clear()

    def settle(self) -> None:
        """Take what was found out about the lengths of stretches ahead since this was last called."""
        for ahead, count in self._settled:
            if ahead in self.ahead:
                at = self.ahead.index(ahead)
                self._shift(len(self.pinned) + self._starts_ahead()[at] + ahead.count, count - ahead.count)
                ahead.count = count
                self._ahead_starts = None
        self._settled.clear()

    def finish(self, end: int, cutter: Cutter) -> None:
        """There are no more reads than so many, and this is how the cutting stands behind them."""
        if self.ahead:
            self._close()
            self.ahead.clear()
            self._stretches.append(Stretch(end, cutter.mark, self._closed))

    def marks(self, end: int, cutter: Cutter) -> list[Stretch]:
        """The stretches of a tape that was read through; the last is what stands behind it, where it has so many reads."""
        if self._stretches and self._stretches[-1].read == end and not self._came:
            return self._stretches
        return [*self._stretches, Stretch(end, cutter.mark, self._closed + len(self._came))]

    @property
    def points(self) -> Iterator[Stretch]:
        """The stretches that begin between two frames, where what is there can be read without what stands before it."""
        for stretch in self._stretches:
            begun = stretch.mark.begun
            if begun is not None and begun == Begun(id=begun.id):
                yield stretch

    def resume(self, stretches: Sequence[Stretch]) -> None:
        """All of it was read through once, by another, and these are its stretches; see `marks`."""
        self._stretches = [*stretches]
        self._closed = stretches[-1].start

    def _close(self) -> None:
        """What came is a stretch read through; what was thought of it is known now."""
        if not self._stretches:
            return
        came, self._came = self._came, []
        if self.ahead:
            first = self.ahead.pop(0)
            place, count = len(self.pinned) + self._closed + first.count, len(came) - first.count
            if self.ahead:
                # It begins where the cutting stands now: the frame that its first blank line ends is its own.
                self.ahead[0].count += 1
                count += 1
                if (held := self._held.pop((False, self.ahead[0].read), None)) is not None:
                    self._held_count -= len(held)
            self._shift(place, count)
            self._ahead_starts = None
        elif came:
            self._hold((True, self._stretches[-1].read), came)
        self._closed += len(came)

    def _shift(self, place: int, count: int) -> None:
        if count:
            self.shifts.append((place, count))

    def _hold(self, key: tuple[bool, int], items: Sequence[Item]) -> None:
        self._held[key] = items
        self._held_count += len(items)
        while self._held_count > MOST_HELD and len(self._held) > 2:
            self._held_count -= len(self._held.popitem(last=False)[1])

    # -- looking --------------------------------------------------------------------------------------------

    @property
    def read_through(self) -> int:
        """How many rows are known for good, from the top."""
        return len(self.pinned) + self._closed + (0 if self.ahead else len(self._came))

    def __len__(self) -> int:
        ahead = self._starts_ahead()[-1] - self._closed + self.ahead[-1].count if self.ahead else 0
        return self.read_through + ahead + len(self.tail)

    @overload
    def __getitem__(self, place: int) -> WireRow: ...
    @overload
    def __getitem__(self, place: slice) -> list[WireRow]: ...
    def __getitem__(self, place: int | slice) -> WireRow | list[WireRow]:
        """The row at a place, put into words now."""
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        at = place + len(self) if place < 0 else place
        if not 0 <= at < len(self):
            raise IndexError(place)
        if at < len(self.pinned):
            return self.pinned[at]
        item = self._item(at - len(self.pinned))
        if item is None:
            return self.tail[at - len(self)] if at >= len(self) - len(self.tail) else _MISSING
        return row_of(item, self.odd_of(item.number) if item.number >= 0 else ())

    def _item(self, at: int) -> Item | None:
        if at < self._closed:
            number = bisect_right(self._stretches, at, key=lambda stretch: stretch.start) - 1
            return self._items(number)[at - self._stretches[number].start]
        if not self.ahead:
            at -= self._closed
            return self._came[at] if at < len(self._came) else None
        starts = self._starts_ahead()
        number = bisect_right(starts, at) - 1
        items = self._ahead_items(number)
        at -= starts[number]
        return items[at] if at < min(len(items), self.ahead[number].count) else None

    def _starts_ahead(self) -> list[int]:
        if self._ahead_starts is None:
            counts = [ahead.count for ahead in self.ahead[:-1]]
            self._ahead_starts = list(accumulate(counts, initial=self._closed))
        return self._ahead_starts

    def _items(self, number: int) -> Sequence[Item]:
        """The items of a stretch that was read through, and is no longer the newest."""
        stretch, end = self._stretches[number], self._stretches[number + 1].read
        key = (True, stretch.read)
        if key not in self._held:
            cutter, read = stretch.mark.resumed(self.head), stretch.read
            items: Sequence[Item] = ()
            for piece in self._pieces_from(read):
                came = cut_all(cutter, piece[: end - read], read)
                items = [*items, *came] if items else came
                read += len(piece)
                if read >= end:
                    break
            self._hold(key, items)
        self._held.move_to_end(key)
        return self._held[key]

    def _ahead_items(self, number: int) -> Sequence[Item]:
        """The items of a stretch ahead: from its first blank line up to that of the next stretch."""
        ahead = self.ahead[number]
        key = (False, ahead.read)
        if key not in self._held:
            items = self._cut_ahead(ahead, is_first=not number, is_last=number == len(self.ahead) - 1)
            self._settled.append((ahead, len(items)))
            self._hold(key, items)
        self._held.move_to_end(key)
        return self._held[key]

    def _cut_ahead(self, ahead: Ahead, *, is_first: bool, is_last: bool) -> Sequence[Item]:
        cutter = self._stretches[-1].mark.resumed(self.head) if is_first else None
        return cut_stretch(self._pieces_from, self.head, ahead, self.ahead, cutter, is_last=is_last)

    def place_of_frame(self, frame: int) -> int | None:
        """Where a frame is, once it was read through."""
        if (at := next((at for at, row in enumerate(self.tail) if 0 <= row.frame == frame), None)) is not None:
            return len(self) - len(self.tail) + at
        number = bisect_right(self._stretches, frame, key=lambda stretch: stretch.mark.frames) - 1
        if number < 0:
            return None
        is_newest = number == len(self._stretches) - 1
        if is_newest and self.ahead:
            return None
        items = self._came if is_newest else self._items(number)
        start = len(self.pinned) + self._stretches[number].start
        at = place_of_frame(items, frame)
        return None if at is None else start + at

    def place_at(self, instant: float) -> int:
        """The first row from an instant on, or the last."""
        if (at := next((at for at, row in enumerate(self.pinned) if row.at >= instant), None)) is not None:
            return at
        begun = [stretch.mark.before for stretch in self._stretches[: None if not self.ahead else -1]]
        number = max(0, bisect_left(begun, instant) - 1)
        starts = self._starts_ahead() if self.ahead else []
        ahead = bisect_left(self.ahead, instant, key=lambda each: each.began_at) - 1
        if self.ahead and (ahead >= 0 or not begun):
            number = max(0, ahead)
            items, start = self._ahead_items(number), starts[number]
        elif begun:
            is_newest = number == len(self._stretches) - 1
            items, start = (self._came if is_newest else self._items(number)), self._stretches[number].start
        else:
            return max(0, len(self) - 1)
        return min(len(self.pinned) + start + place_at(items, instant), len(self) - 1)
