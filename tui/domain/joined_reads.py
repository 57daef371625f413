"""Reads whose bytes lie in one piece, one after the other: each is made when it is looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import overload

from msgspec import DecodeError
from msgspec.json import Decoder

from tui.domain.tape import LONGEST, Read, TextRead


class JoinedReads(Sequence[Read]):
    """Reads in one piece.

    Attributes:
        data: The bytes of all of them.
        ends: Where in it each ends.
        ats: When each came.
    """

    __slots__ = ("ats", "data", "ends")

    def __init__(self, data: bytes, ends: Sequence[int], ats: Sequence[float]) -> None:
        """Take the bytes, and of each read where it ends in them and when it came."""
        self.data, self.ends, self.ats = data, ends, ats

    def __len__(self) -> int:
        return len(self.ends)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(Read.__eq__, self, other))

    def __hash__(self) -> int:
        return hash(self.data)

    @overload
    def __getitem__(self, number: int) -> Read: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Read]: ...
    def __getitem__(self, number: int | slice) -> Read | Sequence[Read]:
        if isinstance(number, slice):
            start, stop, step = number.indices(len(self))
            if step == 1:
                return self.part(start, stop)
            return [self[at] for at in range(start, stop, step)]
        at = number + len(self) if number < 0 else number
        if not 0 <= at < len(self):
            raise IndexError(number)
        return Read(self.ats[at], self.data[self.ends[at - 1] if at else 0 : self.ends[at]])

    def __iter__(self) -> Iterator[Read]:
        start, data = 0, self.data
        for at, end in zip(self.ats, self.ends, strict=True):
            yield Read(at, data[start:end])
            start = end

    def part(self, start: int, stop: int) -> JoinedReads:
        """The reads from one up to another."""
        if (start, stop) == (0, len(self)):
            return self
        begin = self.ends[start - 1] if start else 0
        ends = [end - begin for end in self.ends[start:stop]]
        return JoinedReads(self.data[begin : begin + ends[-1] if ends else begin], ends, self.ats[start:stop])

    def between(self, begin: int, end: int) -> JoinedReads:
        """The bytes from a place up to another, in the reads that brought them."""
        first, last = bisect_left(self.ends, begin + 1), bisect_left(self.ends, end)
        ends = [*(each - begin for each in self.ends[first:last]), end - begin]
        return JoinedReads(self.data[begin:end], ends, self.ats[first : last + 1])

    def later(self, seconds: float) -> JoinedReads:
        """The same by a clock that began so many seconds earlier."""
        return JoinedReads(self.data, self.ends, [seconds + at for at in self.ats]) if seconds else self

    def joined(self, other: JoinedReads) -> JoinedReads:
        """These, and others after them."""
        size = len(self.data)
        return JoinedReads(
            self.data + other.data, [*self.ends, *(size + end for end in other.ends)], [*self.ats, *other.ats]
        )


_decode_reads = Decoder(list[TextRead]).decode


def reads_of_lines(lines: Sequence[bytes]) -> JoinedReads | None:
    """The reads that lines of a tape's file are; `None` where one of them is not as most are."""
    try:
        rows = _decode_reads(b"[" + b",".join(lines) + b"]")
    except DecodeError:
        return None
    ats = [row.at for row in rows]
    if len(rows) != len(lines) or not rows or min(ats) < 0 or max(ats) >= LONGEST:
        return None
    texts = [row.text.encode() for row in rows]
    return JoinedReads(b"".join(texts), [*accumulate(map(len, texts))], ats)
