"""The selection: text across blocks and messages, also while more still comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.page.page import Page, Point
from tui.page.stack import WIDEST
from tui.typeset.line import Line, line_text
from tui.ui.transcript.line_renderer import Mark, characters_of


class Selection:
    """What is selected on a page: from one point to another, in either order; the later one is not part of it."""

    def __init__(self, page: Page, repaint: Callable[[], None]) -> None:
        """Start with nothing selected."""
        self._page = page
        self._repaint = repaint
        self._begin: Point | None = None
        self._end: Point | None = None

    def _ends(self) -> tuple[Point, Point] | None:
        if self._begin is None or self._end is None or self._begin == self._end:
            return None
        return min(self._begin, self._end), max(self._begin, self._end)

    @property
    def has_marks(self) -> bool:
        """Whether any text is selected."""
        return self._begin is not None and self._end is not None and self._begin != self._end

    def text(self) -> str:
        """What is selected, not wrapped and not decorated; empty when nothing is."""
        ends = self._ends()
        return self._page.cut(*ends) if ends is not None else ""

    def begin(self, point: Point) -> None:
        """Start to select at a point."""
        self._begin, self._end = point, None

    def extend(self, point: Point) -> None:
        """Select up to a point."""
        self._end = point
        self._repaint()

    def clear(self) -> None:
        """Select nothing."""
        if self._begin is not None or self._end is not None:
            self.reset()
            self._repaint()

    def shift(self, count: int) -> None:
        """So many entries were put above all others."""
        self._begin = self._begin.shifted(count) if self._begin is not None else None
        self._end = self._end.shifted(count) if self._end is not None else None

    def reset(self) -> None:
        """Cells mean something else now: another conversation, or another width."""
        self._begin = self._end = None

    def marks(self, index: int, row: int, line: Line) -> Sequence[Mark]:
        """Lay the selection over a row."""
        ends = self._ends()
        if ends is None:
            return ()
        start, end = ends
        here = self._page.top_of(index) + row
        first, last = self._page.row_of(start.place), self._page.row_of(end.place)
        if not first <= here <= last:
            return ()
        left = start.cell if here == first else 0
        right = end.cell if here == last else WIDEST
        begin, stop = characters_of(line_text(line), left, right)
        return (Mark(begin, stop, "selection"),) if stop > begin else ()
