"""Spans: where in a text each frame begins that brought some of it, in a byte or two a frame."""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

from msgspec import Struct

TOGETHER = 4096
"""So many frames are packed together."""


class Packed(Struct, frozen=True, array_like=True):
    """Where some frames begin, packed: the first, and by how much each is further on than the one before."""

    start: int
    frame: int
    count: int
    starts: bytes
    frames: bytes


class Spans:
    """Where in a text each frame begins that brought some of it.

    Attributes:
        size: Characters of the text.
    """

    __slots__ = ("_frames", "_last", "_opened", "_packed", "_starts", "size")

    def __init__(self, size: int = 0, packed: Iterable[Packed] = ()) -> None:
        """Start with no text, or with one that was packed."""
        self.size = size
        self._packed = [*packed]
        self._begin()

    def _begin(self) -> None:
        self._starts: list[int] = []
        self._frames: list[int] = []
        self._last = -1
        self._opened: tuple[int, Sequence[int], Sequence[int]] = (-1, (), ())

    def grow(self, count: int, frame: int, *, replaces: bool = False) -> None:
        """A frame brought so many characters more, or states the whole anew."""
        if replaces:
            self.size = 0
            self._packed = []
            self._begin()
        if count:
            if frame != self._last:
                if len(self._frames) == TOGETHER:
                    self._pack()
                self._starts.append(self.size)
                self._frames.append(frame)
                self._last = frame
            self.size += count

    def grow_all(self, counts: Sequence[int], frame: int) -> None:
        """Frames from one of a number on brought so many characters more each, none of them nothing."""
        at = 0
        while at < len(counts):
            if len(self._frames) == TOGETHER:
                self._pack()
            some = counts[at : at + TOGETHER - len(self._frames)]
            *starts, self.size = accumulate(some, initial=self.size)
            self._starts += starts
            self._frames += range(frame + at, frame + at + len(some))
            at += len(some)
        self._last = frame + len(counts) - 1

    def _pack(self) -> None:
        starts, frames = self._starts, self._frames
        if frames:
            packed = Packed(starts[0], frames[0], len(frames), _pack(starts), _pack(frames))
            self._packed.append(packed)
            self._starts, self._frames = [], []

    @property
    def packed(self) -> list[Packed]:
        """All of it, packed."""
        self._pack()
        return self._packed

    def _open(self, number: int) -> tuple[Sequence[int], Sequence[int]]:
        """Where some of the frames begin, and which they are; those that are not packed stand behind all others."""
        if number == len(self._packed):
            return self._starts, self._frames
        if self._opened[0] != number:
            packed = self._packed[number]
            starts = _unpack(packed.starts, packed.start, packed.count)
            self._opened = (number, starts, _unpack(packed.frames, packed.frame, packed.count))
        return self._opened[1:]

    def frame_at(self, at: int) -> int | None:
        """The frame that brought a character; `None` beyond the text."""
        if not 0 <= at < self.size:
            return None
        number = len(self._packed)
        if not self._starts or at < self._starts[0]:
            number = bisect_right(self._packed, at, key=lambda packed: packed.start) - 1
        starts, frames = self._open(number)
        return frames[bisect_right(starts, at) - 1]

    def of_frame(self, frame: int) -> tuple[int, int] | None:
        """What a frame brought, from and to; `None` for nothing."""
        number = len(self._packed)
        if not self._frames or frame < self._frames[0]:
            number = bisect_right(self._packed, frame, key=lambda packed: packed.frame) - 1
        if number < 0:
            return None
        starts, frames = self._open(number)
        at = bisect_left(frames, frame)
        if at == len(frames) or frames[at] != frame:
            return None
        return starts[at], starts[at + 1] if at + 1 < len(starts) else self._end(number)

    def _end(self, number: int) -> int:
        """Where the text ends that some of the frames brought."""
        if number + 1 < len(self._packed):
            return self._packed[number + 1].start
        return self._starts[0] if number < len(self._packed) and self._starts else self.size


def _pack(numbers: Sequence[int]) -> bytes:
    steps = [after - before for before, after in pairwise(numbers)]
    is_small = not steps or (min(steps) >= 0 and max(steps) < 256)
    return zlib.compress((b"b" + bytes(steps)) if is_small else (b"q" + struct.pack(f"<{len(steps)}q", *steps)), 6)


def _unpack(packed: bytes, first: int, count: int) -> list[int]:
    data = zlib.decompress(packed)
    steps: Iterable[int] = data[1:] if data[:1] == b"b" else struct.unpack(f"<{count - 1}q", data[1:])
    return list(accumulate(steps, initial=first))
