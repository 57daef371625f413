"""Selecting with the mouse: across blocks and messages, also while text still comes."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.timer import Timer

from tui.typeset.line import Line, line_text
from tui.ui.transcript.brush import INDENT, Mark, characters_of
from tui.ui.transcript.page import Place
from tui.ui.transcript.stack import WIDEST
from tui.ui.transcript.view import PageView

Point = tuple[Place, int]
"""A place and a cell of its row."""

EDGE = 1 / 20
"""Seconds between two rows while the mouse is held beyond the edge."""


class SelectingView(PageView, is_part=True):
    """A page on which text can be selected."""

    BINDINGS: ClassVar = []

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Start with nothing selected."""
        super().__init__(id=id, classes=classes)
        self._begin: Point | None = None
        self._end: Point | None = None
        self._is_dragging = False
        self._edge: Timer | None = None
        self._edge_step = 0
        self._pointer = (0, 0)

    # --- what is selected ----------------------------------------------------------------------------------------
    @property
    def has_selection(self) -> bool:
        """Whether any text is selected."""
        return self._begin is not None and self._end is not None and self._begin != self._end

    def selected_text(self) -> str:
        """What is selected, not wrapped and not decorated; empty when nothing is."""
        if self._begin is None or self._end is None:
            return ""
        start, end = sorted((self._begin, self._end))
        return self.page.cut(start, end)

    def select(self, begin: Point, end: Point) -> None:
        """Select from one point to another, in either order; the later one is not part of it."""
        self._begin, self._end = begin, end
        self.repaint()

    def clear_selection(self) -> None:
        """Select nothing, and go on selecting nothing where the mouse is held."""
        if self._is_dragging:
            self._stop_dragging()
        if self._begin is not None or self._end is not None:
            self._begin = self._end = None
            self.repaint()

    def move_down(self, count: int) -> None:
        """So many entries were put above all others."""
        super().move_down(count)
        self._begin, self._end = _moved(self._begin, count), _moved(self._end, count)

    def widen(self) -> None:
        """Cells mean something else at another width: nothing is selected any more."""
        super().widen()
        if self._is_dragging:
            self._stop_dragging()
        self._begin = self._end = None

    @property
    def has_marks(self) -> bool:
        """Whether anything may be laid over a row."""
        return self.has_selection

    def marks_of(self, index: int, row: int, line: Line) -> tuple[tuple[Mark, ...], bool]:
        """Lay the selection over a row."""
        marks, has_bar = super().marks_of(index, row, line)
        if self._begin is None or self._end is None or self._begin == self._end:
            return marks, has_bar
        start, end = sorted((self._begin, self._end))
        here = self.page.top_of(index) + row
        first, last = self.page.row_of(start[0]), self.page.row_of(end[0])
        if not first <= here <= last:
            return marks, has_bar
        left = start[1] if here == first else 0
        right = end[1] if here == last else WIDEST
        begin, stop = characters_of(line_text(line), left, right)
        return ((*marks, (begin, stop, "selection")) if stop > begin else marks), has_bar

    # --- the mouse -----------------------------------------------------------------------------------------------
    def point_at(self, x: int, y: int) -> Point:
        """The point under a cell of the widget; below the last row, the end of the page."""
        row = self.top_row + y
        if row >= self.page.total:
            return self.page.place_at(self.page.total - 1), WIDEST
        line = self.page.line(max(0, row))[2]
        return self.page.place_at(max(0, row)), self.cell_as_read(line, max(0, x - INDENT))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to select."""
        if event.button == 1 and self.page.total:
            self.clear_selection()
            self._is_dragging = True
            self._begin = self.point_at(event.x, event.y)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Select up to the mouse; beyond the edge the page moves along."""
        if not self._is_dragging:
            return
        self._pointer = (event.x, event.y)
        self._edge_step = -1 if event.y <= 0 else 1 if event.y >= self.rows - 1 else 0
        if self._edge_step and self._edge is None:
            self._edge = self.set_interval(EDGE, self._drag_on)
        self._drag()

    def _drag_on(self) -> None:
        if self._edge_step and self._is_dragging:
            self.scroll_relative(y=self._edge_step, animate=False)
            self._drag()

    def _drag(self) -> None:
        x, y = self._pointer
        self._end = self.point_at(x, max(0, min(y, self.rows - 1)))
        self.repaint()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End selecting; without a move it was a click."""
        if not self._is_dragging:
            return
        self._stop_dragging()
        if self.has_selection:
            if not self.selected_text().strip():  # nothing that could be seen to be selected
                self.clear_selection()
        else:
            self.clear_selection()
            if self.page.total and self.top_row + event.y < self.page.total:
                self.click(self.point_at(event.x, event.y))

    def _stop_dragging(self) -> None:
        self._is_dragging = False
        self.release_mouse()
        if self._edge is not None:
            self._edge.stop()
            self._edge = None

    def click(self, point: Point) -> None:
        """Something was clicked; for subclasses to deal with."""


def _moved(point: Point | None, count: int) -> Point | None:
    if point is None:
        return None
    (index, spot), cell = point
    return (index + count, spot), cell
