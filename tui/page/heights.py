"""Heights: how high each of very many things is that stand one below another, and where each begins."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

_CHUNK = 64
"""So many heights are added up at a time: of those before a thing, nearly all are known as sums of so many."""


class Heights:
    """Heights in rows; one that changes changes no more than the sums behind it, and those only when they are asked for."""

    __slots__ = ("_heights", "_latest", "_stale", "_sums", "_tops", "total")

    def __init__(self) -> None:
        """Start empty."""
        self.total = 0
        self._heights = array("i")
        self._sums: list[int] = []
        self._tops: list[int] = []
        self._stale = 0
        self._latest = (0, 0, 0)  # where the row that was asked for last is: which thing, from and to which row

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    def __setitem__(self, index: int, height: int) -> None:
        if by := height - self._heights[index]:
            self._heights[index] = height
            chunk = index // _CHUNK
            self._sums[chunk] += by
            self.total += by
            self._stale = min(self._stale, chunk + 1)
            self._latest = (0, 0, 0)

    def clear(self) -> None:
        """Forget all."""
        self.replace(())

    def replace(self, heights: Iterable[int]) -> None:
        """Other heights."""
        self._heights = array("i", heights)
        self._sums = [sum(self._heights[at : at + _CHUNK]) for at in range(0, len(self._heights), _CHUNK)]
        self.total = sum(self._sums)
        self._stale = 0
        self._latest = (0, 0, 0)

    def extend(self, heights: Iterable[int]) -> None:
        """Put heights below the others."""
        for height in heights:
            if len(self._heights) % _CHUNK == 0:
                self._sums.append(0)
            self._heights.append(height)
            self._sums[-1] += height
            self.total += height

    def append(self, heights: array[int]) -> None:
        """Put very many heights below the others."""
        self.replace(self._heights + heights)

    def put(self, first: int, heights: array[int]) -> None:
        """Give those from one on other heights."""
        last = first + len(heights)
        self._heights[first:last] = heights
        chunks = range(first // _CHUNK, -(-last // _CHUNK))
        sums = [sum(self._heights[at * _CHUNK : (at + 1) * _CHUNK]) for at in chunks]
        self.total += sum(sums) - sum(self._sums[chunks.start : chunks.stop])
        self._sums[chunks.start : chunks.stop] = sums
        self._stale = min(self._stale, chunks.start + 1)
        self._latest = (0, 0, 0)

    def prepend(self, heights: Iterable[int]) -> None:
        """Put heights above the others."""
        self.replace(array("i", heights) + self._heights)

    def top(self, index: int) -> int:
        """The row at which one begins."""
        chunk = index // _CHUNK
        self._add_up()
        above = self._tops[chunk] if chunk < len(self._tops) else self.total
        return above + sum(self._heights[chunk * _CHUNK : index])

    def at(self, row: int) -> tuple[int, int]:
        """The one that a row is in, and which of its rows it is; of those without rows, the last that begins there."""
        index, begin, end = self._latest
        if begin <= row < end:
            return index, row - begin
        self._add_up()
        chunk = max(0, bisect_right(self._tops, row) - 1)
        above, start = self._tops[chunk] if self._tops else 0, chunk * _CHUNK
        tops = [above, *accumulate(self._heights[start : start + _CHUNK], initial=above)][1:-1]
        inner = max(0, bisect_right(tops, row) - 1)
        top, index = tops[inner] if tops else 0, start + inner
        if index < len(self._heights):
            self._latest = (index, top, top + self._heights[index])
        return index, row - top

    def _add_up(self) -> None:
        if self._stale < len(self._sums):
            begin = self._tops[self._stale - 1] + self._sums[self._stale - 1] if self._stale else 0
            self._tops[self._stale :] = accumulate(self._sums[self._stale : -1], initial=begin)
        self._stale = len(self._sums)
