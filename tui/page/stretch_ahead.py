"""A stretch of a tape that was not read through yet: cut where nothing of what stands before it is known."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from tui.domain.joined_reads import JoinedReads
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.tape import Head, Read
from tui.page.framing import Framing
from tui.page.plain_items import plain_items
from tui.page.wire_row import Cutter, Item
from tui.wire.sse import Begun

_BLANK_LINE = LazyPattern(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")


class Ahead(Struct):
    """A stretch that was not read through yet: where it lies, when it began, and about how many rows it has."""

    read: int
    reads: int
    began_at: float
    count: int


def cut_stretch(
    pieces_from: Callable[[int], Iterator[Sequence[Read]]],
    head: Head,
    ahead: Ahead,
    stretches: Sequence[Ahead],
    cutter: Cutter | None,
    *,
    is_last: bool,
) -> Sequence[Item]:
    """The items of a stretch ahead: from its first blank line up to that of the next stretch.

    It is one of these; a cutter stands at the beginning of the first of them.
    """
    pieces = pieces_from(ahead.read)
    first = next(pieces, ())
    second = () if is_last else next(pieces, ())
    items = _plain(first, second, head, ahead, cutter, is_last=is_last)
    if items is not None:
        return items
    reads = chain(first, second, chain.from_iterable(pieces))
    return _one_by_one(reads, head, ahead, stretches, cutter, is_last=is_last)


def _plain(
    first: Sequence[Read], second: Sequence[Read], head: Head, ahead: Ahead, cutter: Cutter | None, *, is_last: bool
) -> Sequence[Item] | None:
    """The same where all of it is frames of the plainest form, else `None`."""
    if not isinstance(first, JoinedReads) or len(first) != ahead.reads:
        return None
    reads, begin = first, 0
    if cutter is None:
        begin = first.data.find(b"\n\n") + 2
        if begin < 2 or b"\r" in first.data[:begin]:
            return None
        at = bisect_left(first.ends, begin)
        is_whole = first.ends[at] == begin
        cutter = Cutter(Framing(head, Begun()), -1, first.ats[at], ahead.read + at + is_whole)
    if not is_last:
        end = second.data.find(b"\n\n") + 2 if isinstance(second, JoinedReads) else 0
        if not isinstance(second, JoinedReads) or end < 2 or b"\r" in second.data[:end]:
            return None
        reads = first.joined(second.between(0, end))
    if begin == len(reads.data):
        return ()
    skipped = bisect_left(reads.ends, begin + 1) if begin else 0
    return plain_items(cutter, reads.between(begin, len(reads.data)), ahead.read + skipped)


def _one_by_one(
    reads: Iterator[Read], head: Head, ahead: Ahead, stretches: Sequence[Ahead], cutter: Cutter | None, *, is_last: bool
) -> Sequence[Item]:
    items: list[Item] = []
    begins = {each.read for each in stretches}
    end, tail = ahead.read + ahead.reads, b""
    for at, read in enumerate(reads, ahead.read):
        data = read.data
        if at >= end and (is_last or cutter is None):
            break  # without a blank line of its own, it lies within the stretch before
        if at in begins:
            tail = b""
        if cutter is None or at >= end:
            match = _BLANK_LINE.search(tail + data)
            cut = match.end() - len(tail) if match is not None else None
            tail = (tail + data)[-3:]
            if cutter is None:
                if cut is None:
                    continue
                cutter = Cutter(Framing(head, Begun()), -1, read.at, at)
                data = data[cut:]
            elif cut is not None:
                return items + cutter.feed(read, at, data[:cut])
        items += cutter.feed(read, at, data)
    return items
