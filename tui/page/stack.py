"""Blocks one below another, and where each stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from copy import deepcopy
from itertools import accumulate

from tui.page.block import Block, measure_of
from tui.typeset.line import Line

WIDEST = 1 << 30
"""A row or column that nothing reaches."""

FEW = 60
"""So many blocks are measured at once at a new width; of more, only those that show."""

WARM = 400
"""So many blocks keep their lines; of more, those far from what shows are dropped."""


class Stack:
    """Blocks one below another: rows are counted from its top, heights may be estimates until made firm."""

    __slots__ = ("_ends", "_heights", "_rough", "_warm", "blocks", "changed_from", "width")

    def __init__(self, width: int = 0) -> None:
        """Start empty; nothing is measured before there is a width."""
        self.blocks: list[Block] = []
        self.width = width
        self.changed_from = 0
        """The first row that may have changed since this was last set beyond the end."""
        self._heights: list[int] = []
        self._ends: list[int] = []
        self._rough: set[int] = set()
        self._warm: set[int] = set()

    @property
    def height(self) -> int:
        """Rows of all blocks."""
        return self._ends[-1] if self._ends else 0

    def replace(self, first: int, blocks: Sequence[Block]) -> None:
        """Put other blocks from `first` on in place of those that stood there."""
        if len(blocks) == 1 == len(self.blocks) - first and blocks[0] is self.blocks[first]:
            self._grow(first)
            return
        del self.blocks[first:], self._heights[first:]
        self._rough = {index for index in self._rough if index < first} if self._rough else self._rough
        self.blocks += blocks
        for index, block in enumerate(blocks, first):
            self._heights.append(block.height(measure_of(block, self.width)))
            self._warm.add(index)
            if len(self._warm) > 2 * WARM:  # of so many nobody sees more than the last
                self._keep_warm(index + 1 - WARM, index)
        self._restack(first)

    def grow_last(self) -> tuple[int, Sequence[Line]] | None:
        """The row from which on the last block has other rows now, and those; `None` where they are not as many as they were."""
        last = len(self.blocks) - 1
        if last < 0 or last in self._rough or last not in self._warm:
            return None
        block = self.blocks[last]
        lines = block.lines(measure_of(block, self.width))
        if len(lines) != self._heights[last]:
            return None
        first = min(len(lines), block.take_changed_from())
        return self._ends[last] - len(lines) + first, lines[first:]

    def _grow(self, last: int) -> None:
        """The last block may have grown at its end."""
        block, before = self.blocks[last], self._heights[last]
        height = self._heights[last] = self._measure(last)
        self._rough.discard(last)
        start = self._ends[last] - before
        self._ends[last] = start + height
        self.changed_from = min(self.changed_from, start + block.take_changed_from())

    def remeasure(self, index: int) -> None:
        """One block has changed."""
        self._heights[index] = self._measure(index)
        self._restack(index)

    def set_width(self, width: int) -> None:
        """Lay out for another width: a few blocks at once, many by estimate."""
        if width == self.width:
            return
        self.width = width
        many = len(self.blocks) > FEW
        self._rough = set(range(len(self.blocks))) if many else set()
        self._heights = [
            block.estimate(measure_of(block, width)) if many else self._measure(index)
            for index, block in enumerate(self.blocks)
        ]
        self._restack(0)

    def firm_down(self, index: int, rows: int) -> None:
        """Measure blocks from `index` on until they are so many rows."""
        if not self._rough:
            return
        first = index
        while index < len(self.blocks) and rows > 0:
            self._firm(index)
            rows -= self._heights[index]
            index += 1
        self._restack(first)

    def firm_up(self, index: int, rows: int) -> None:
        """Measure the blocks above `index`, nearest first, until they are so many rows."""
        if not self._rough:
            return
        while index > 0 and rows > 0:
            index -= 1
            self._firm(index)
            rows -= self._heights[index]
        self._restack(index)

    def firm_one(self) -> bool:
        """Measure one block that is still an estimate, the last first; `False` when there is none."""
        if not self._rough:
            return False
        index = max(self._rough)
        self._firm(index)
        self._restack(index)
        return True

    def at(self, row: int) -> tuple[int, int]:
        """The block that a row is in, and which of its rows it is."""
        index = min(bisect_right(self._ends, row), len(self._ends) - 1)
        return index, row - self.top(index)

    def top(self, index: int) -> int:
        """The row a block begins at."""
        return self._ends[index - 1] if index else 0

    def height_of(self, index: int) -> int:
        """The rows of one block."""
        return self._heights[index]

    def row_of(self, index: int, row: int) -> int:
        """The row of the stack that a row of a block is; one past a block's end is in those after it."""
        if not self.blocks:
            return 0
        index = min(index, len(self.blocks) - 1)
        return min(self.top(index) + row, self.height - 1)

    def line(self, row: int) -> Line:
        """One row; its block must be firm, else there may be nothing in it."""
        index, inner = self.at(row)
        self._warm.add(index)
        lines = self.lines_of(index)
        return lines[inner] if inner < len(lines) else []

    def lines_of(self, index: int) -> list[Line]:
        """The rows of one block."""
        block = self.blocks[index]
        return block.lines(measure_of(block, self.width))

    def cut(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text between two places (row, cell), not wrapped and not decorated; the end is not part of it."""
        if not self.blocks or end <= start:
            return ""
        (first, first_row), (last, last_row) = self.at(max(0, start[0])), self.at(min(end[0], self.height - 1))
        end_cell = end[1] if end[0] < self.height else WIDEST
        parts = []
        for index in range(first, last + 1):
            block = self.blocks[index]
            begin = (first_row, start[1]) if index == first else (0, 0)
            stop = (last_row, end_cell) if index == last else (self._heights[index], WIDEST)
            parts.append(block.cut(measure_of(block, self.width), begin, stop))
        return "\n".join(parts)

    def cool(self, first: int, last: int) -> None:
        """Drop the lines of blocks outside these rows, when many are kept."""
        if len(self._warm) <= WARM:
            return
        self._keep_warm(self.at(first)[0], self.at(last)[0])

    def _keep_warm(self, low: int, high: int) -> None:
        """Drop the lines of blocks that are not among these."""
        warm = {index for index in self._warm if low <= index <= high}
        for index in self._warm - warm:
            if index < len(self.blocks):
                self.blocks[index].drop()
        self._warm = warm

    def copy_lists(self, memo: dict[int, object]) -> None:
        """Copy its lists for `deepcopy`, which would do it one by one; of the blocks those that are not in the memo."""
        memo |= {id(numbers): numbers.copy() for numbers in (self._heights, self._ends, self._rough, self._warm)}
        copy_list(self.blocks, memo)

    def _firm(self, index: int) -> None:
        if index in self._rough:
            self._heights[index] = self._measure(index)
            self._rough.discard(index)

    def _measure(self, index: int) -> int:
        block = self.blocks[index]
        self._warm.add(index)
        return block.height(measure_of(block, self.width))

    def _restack(self, first: int) -> None:
        start = self._ends[first - 1] if first else 0
        self.changed_from = min(self.changed_from, start)
        del self._ends[first:]
        self._ends += [start + end for end in accumulate(self._heights[first:])]


def copy_list(blocks: Sequence[Block], memo: dict[int, object]) -> None:
    """Copy a list for `deepcopy`, with the blocks in the memo in place of those that they stand for."""
    copied: list[object] = []
    memo[id(blocks)] = copied
    copied += [memo[id(block)] if id(block) in memo else deepcopy(block, memo) for block in blocks]
