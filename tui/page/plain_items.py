"""Frames in their plainest form, as most streams have them: cut all at once, and made one by one when they are looked at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import overload

from tui.domain.joined_reads import JoinedReads
from tui.domain.tape import Read
from tui.page.wire_row import Cutter, Item
from tui.wire.limit import LIMITS
from tui.wire.sse import Frame

_DATA, _EVENT, _DATA_LINE = b"data: ", b"event: ", b"\ndata: "


def records_of(data: bytes) -> list[bytes] | None:
    """The frames in these bytes, each without its blank line; `None` where they are not one of the plainest form after another."""
    if not data.endswith(b"\n\n") or b"\r" in data:
        return None
    records = data[:-2].split(b"\n\n")
    count = len(records)
    if data.startswith(_DATA):
        is_plain = data.count(b"\n") == 2 * count and data.count(b"\n\ndata: ") == count - 1
    elif data.startswith(_EVENT):
        is_plain = data.count(b"\n") == 3 * count and data.count(b"\n\nevent: ") == count - 1
        is_plain = is_plain and all(_DATA_LINE in record for record in records)
    else:
        return None
    return records if is_plain and max(map(len, records)) <= LIMITS.line_bytes else None


class PlainItems(Sequence[Item]):
    """Items that are frames in their plainest form.

    Attributes:
        reads: What they were cut from.
        records: Each without its blank line.
        ends: Where each ends in the bytes.
        frames: How many frames came before them; -1 where nobody knows.
    """

    def __init__(
        self, reads: JoinedReads, records: list[bytes], *, number: int, frames: int, before: float, began: int, id_: str
    ) -> None:
        """Take reads of which the first has this number, and how a cutter stood before them."""
        self.reads, self.records = reads, records
        self.ends = [*accumulate(len(record) + 2 for record in records)]
        self._number, self.frames, self._before, self._began, self._id = number, frames, before, began, id_

    @property
    def is_one_each(self) -> bool:
        """Whether each read brought one."""
        return self.ends == [*self.reads.ends]

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Item]: ...
    def __getitem__(self, place: int | slice) -> Item | Sequence[Item]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        at = place + len(self) if place < 0 else place
        if not 0 <= at < len(self):
            raise IndexError(place)
        reads, start = self.reads, self.ends[at - 1] if at else 0
        last = bisect_left(reads.ends, self.ends[at])
        first = self._number + bisect_right(reads.ends, start) if at else self._began
        before = reads.ats[bisect_left(reads.ends, start)] if at else self._before
        frame = self.frames + at if self.frames >= 0 else -1
        came = reads.ats[last]
        return Item(came, came - before, frame, self.frame(at), 0, first, self._number + last)

    def place_of_frame(self, number: int) -> int | None:
        """Where the frame of a number is."""
        at = number - self.frames
        return at if self.frames >= 0 and 0 <= at < len(self) else None

    def place_at(self, instant: float) -> int:
        """The first from an instant on; behind all where there is none."""
        read = next((at for at, came in enumerate(self.reads.ats) if came >= instant), len(self.reads))
        return bisect_right(self.ends, self.reads.ends[read - 1]) if read else 0

    def frame(self, at: int) -> Frame:
        """The frame at a place."""
        record = self.records[at]
        event = "message"
        if record.startswith(_EVENT):
            name, _, record = record.partition(b"\n")
            event = name[len(_EVENT) :].decode("utf-8", "replace") or event
        return Frame(record[len(_DATA) :].decode("utf-8", "replace"), event, self._id)


def place_of_frame(items: Sequence[Item], number: int) -> int | None:
    """Where the frame of a number is among items."""
    if isinstance(items, PlainItems):
        return items.place_of_frame(number)
    return next((at for at, item in enumerate(items) if item.number == number), None)


def place_at(items: Sequence[Item], instant: float) -> int:
    """The first item from an instant on; behind all where there is none."""
    if isinstance(items, PlainItems):
        return items.place_at(instant)
    return next((at for at, item in enumerate(items) if item.at >= instant), len(items))


def cut_all(cutter: Cutter, reads: Sequence[Read], number: int) -> Sequence[Item]:
    """The items that reads complete, of which the first has this number; the cutter stands behind them then."""
    items = plain_items(cutter, reads, number)
    if items is None:
        return [item for at, read in enumerate(reads, number) for item in cutter.feed(read, at)]
    cutter.pass_by(len(items), items.reads.ats[-1], number + len(reads))
    return items


def plain_items(cutter: Cutter, reads: Sequence[Read], number: int) -> PlainItems | None:
    """The same where all of them are frames of the plainest form, else `None`; the cutter stays where it is."""
    if not isinstance(reads, JoinedReads) or not cutter.stands_plain:
        return None
    records = records_of(reads.data)
    if records is None:
        return None
    return PlainItems(
        reads,
        records,
        number=number,
        frames=cutter.frames,
        before=cutter.before,
        began=cutter.began,
        id_=cutter.framing.last_id,
    )
