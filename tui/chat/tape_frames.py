"""The reads of a tape, opened and cut anew: each ends a frame. On the way to a place far ahead, whole stretches at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from tui.domain.error import RilletError
from tui.domain.tape import Head, Read
from tui.wire.compression import Inflater
from tui.wire.sse import FrameReader

_BLANK_LINES = (b"\n\n", b"\r\n\r\n", b"\r\r")


class Point(NamedTuple):
    """A place between two frames: how many frames came before it, the first read behind it, when the last frame before it came."""

    frames: int
    read: int
    before: float


class Goal(NamedTuple):
    """Where somebody wants to be: behind so many frames, and behind all that came up to an instant."""

    frames: int = 0
    at: float = -1.0


class TapeFrames:
    """Gives reads that end a frame, and came when its last byte did. One is known ahead.

    Attributes:
        given: How many frames are in those that were given.
        goal: Where somebody wants to be: what is far before that is given a stretch at a time.
    """

    def __init__(
        self,
        reads: Callable[[int], Iterable[Read]],
        head: Head | None,
        points: Sequence[Point] = (),
        data: Callable[[int, int], bytes] | None = None,
    ) -> None:
        """Take how the reads from one of a number on are fetched, and places from which all that follows can be read.

        `data` gives the bytes of the reads from one up to another, where that is cheaper.
        """
        self._reads = reads
        self._data = data or (lambda first, last: b"".join(read.data for read in islice(reads(first), last - first)))
        self._points = points
        self._cut = _cut(_open(reads(0), head.headers.get("content-encoding", "") if head is not None else ""))
        self._next: tuple[Read, int] | None = None
        self._fault: RilletError | None = None
        self._is_known = False
        self._point = 0
        self.given = 0
        self.goal = Goal()

    @property
    def next_at(self) -> float | None:
        """When the next one came; `None` after the last, and where it cannot be read."""
        self._look()
        return None if self._next is None else self._next[0].at

    def __iter__(self) -> Iterator[Read]:
        while True:
            if self.leaps_next:
                yield self._leap()
                continue
            self._look()
            read, self._next, self._is_known = self._next, None, False
            if self._fault is not None:
                raise self._fault
            if read is None:
                return
            self.given += read[1]
            yield read[0]

    def _look(self) -> None:
        if self._is_known:
            return
        self._is_known = True
        try:
            self._next = next(self._cut, None)
        except RilletError as error:
            self._fault = error

    @property
    def leaps_next(self) -> bool:
        """Whether the next one given is a stretch: from here to the next point, where all of it is before the goal."""
        points = self._points
        while self._point + 1 < len(points) and points[self._point + 1].frames <= self.given:
            self._point += 1
        if self._point + 1 >= len(points) or points[self._point].frames != self.given:
            return False
        there = points[self._point + 1]
        return there.frames <= self.goal.frames or there.before <= self.goal.at

    def _leap(self) -> Read:
        here, there = self._points[self._point], self._points[self._point + 1]
        data = self._data(here.read, there.read)
        self._cut = _cut(self._reads(there.read))
        self._is_known, self.given = False, there.frames
        return Read(there.before, data)


def _open(reads: Iterable[Read], encoding: str) -> Iterator[Read]:
    inflater = Inflater(encoding)
    for read in reads:
        yield Read(read.at, b"".join(inflater.feed(read.data)))
    inflater.close()


def _cut(reads: Iterable[Read]) -> Iterator[tuple[Read, int]]:
    """Reads that end a frame, each with how many it holds: what holds none goes along with the next one."""
    reader = FrameReader(takes_error_field=True)
    held = waiting = b""
    at = 0.0
    for read in reads:
        at = read.at
        if not held and reader.feed_whole(read.data) is not None:
            yield Read(at, waiting + read.data), 1
            waiting = b""
            continue
        held += read.data
        while ends := [place + len(mark) for mark in _BLANK_LINES if (place := held.find(mark)) >= 0]:
            record, held = held[: min(ends)], held[min(ends) :]
            if (frames := _count(reader, record)) == 0:
                waiting += record
                continue
            yield Read(at, waiting + record), frames
            waiting = b""
    if waiting or held:
        yield Read(at, waiting + held), 1


def _count(reader: FrameReader, record: bytes) -> int:
    try:
        return len(reader.feed(record))
    except RilletError:
        return 1  # what is too long ends the reply, and is shown
