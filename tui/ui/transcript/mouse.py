"""The mouse: it selects text, clicks on what can be opened, and points at links."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from textual import events
from textual.scroll_view import ScrollView
from textual.timer import Timer

from tui.page.ending import RUN
from tui.page.page import Page, Point
from tui.page.stack import WIDEST
from tui.typeset.line import Line, style_target, width_of
from tui.ui.transcript.line_renderer import INDENT
from tui.ui.transcript.overlay.cursor import Stop
from tui.ui.transcript.overlay.selection import Selection
from tui.ui.transcript.render import Renderer
from tui.ui.transcript.viewport import Viewport
from tui.ui.transcript.wide_table import WideTables
from tui.ui.transcript.wish import LinkPointed

EDGE = 1 / 20
"""Seconds between two rows while the mouse is held beyond the edge."""

Wheel = events.MouseScrollRight | events.MouseScrollLeft | events.MouseScrollDown | events.MouseScrollUp

MouseTurn = events.MouseDown | events.MouseMove | events.MouseUp | events.Leave | Wheel


class Mouse:
    """What the mouse does on a page."""

    def __init__(
        self,
        widget: ScrollView,
        viewport: Viewport,
        page: Page,
        renderer: Renderer,
        *,
        selection: Selection,
        tables: WideTables,
        click: Callable[[Point, str], None],
    ) -> None:
        """Start with the mouse elsewhere; `click` is told the point of a click, and the target of a link there."""
        self._widget = widget
        self._viewport = viewport
        self._page = page
        self._renderer = renderer
        self._selection = selection
        self._tables = tables
        self._click = click
        self._is_dragging = False
        self._edge: Timer | None = None
        self._edge_step = 0
        self._pointer = (0, 0)
        self._pointed = ""

    def take(self, event: MouseTurn) -> None:
        """The mouse did something."""
        match event:
            case events.MouseDown():
                self._press(event)
            case events.MouseMove():
                self._move(event)
            case events.MouseUp():
                self._release(event)
            case events.Leave():
                self._point("")
            case events.MouseScrollRight():
                self._turn_wheel(event, 1)
            case events.MouseScrollLeft():
                self._turn_wheel(event, -1)
            case events.MouseScrollDown() if event.shift:
                self._turn_wheel(event, 1)
            case events.MouseScrollUp() if event.shift:
                self._turn_wheel(event, -1)
            case events.MouseScrollDown() | events.MouseScrollUp():
                pass  # the page is scrolled by Textual
            case _:
                assert_never(event)

    def point_at(self, x: int, y: int) -> Point:
        """The point under a cell of the widget; below the last row, the end of the page."""
        row = self._viewport.top_row + y
        if row >= self._page.total:
            return Point(self._page.place_at(self._page.total - 1), WIDEST)
        line = self._page.line(max(0, row))[2]
        return Point(self._page.place_at(max(0, row)), self._renderer.cell_as_read(line, max(0, x - INDENT)))

    def stop_dragging(self) -> None:
        """Select no further, though the button is still held."""
        if self._is_dragging:
            self._is_dragging = False
            self._widget.release_mouse()
            if self._edge is not None:
                self._edge.stop()
                self._edge = None

    def _turn_wheel(self, event: Wheel, by: int) -> None:
        """Scroll the table under the mouse sideways."""
        if not self._page.total:
            return
        index, (part, number, _) = self.point_at(event.x, event.y).place
        if self._tables.scroll(Stop(index, part, number), by):
            event.prevent_default()
            event.stop()

    def let_go(self) -> None:
        """What was under the mouse is there no more."""
        self.stop_dragging()
        self._point("")

    # --- selecting -----------------------------------------------------------------------------------------------
    def _press(self, event: events.MouseDown) -> None:
        if event.button == 1 and self._page.total:
            self.stop_dragging()
            self._selection.clear()
            self._is_dragging = True
            self._selection.begin(self.point_at(event.x, event.y))
            self._widget.capture_mouse()

    def _move(self, event: events.MouseMove) -> None:
        """Select up to the mouse, beyond the edge the page moves along; and tell where a link leads."""
        if self._is_dragging:
            self._pointer = (event.x, event.y)
            self._edge_step = -1 if event.y <= 0 else 1 if event.y >= self._viewport.rows - 1 else 0
            if self._edge_step and self._edge is None:
                self._edge = self._widget.set_interval(EDGE, self._drag_on)
            self._drag()
        self._point(self._link_at(event.x, event.y))

    def _drag_on(self) -> None:
        if self._edge_step and self._is_dragging:
            self._widget.scroll_relative(y=self._edge_step, animate=False)
            self._drag()

    def _drag(self) -> None:
        x, y = self._pointer
        self._selection.extend(self.point_at(x, max(0, min(y, self._viewport.rows - 1))))

    def _release(self, event: events.MouseUp) -> None:
        """End selecting; without a move it was a click."""
        if not self._is_dragging:
            return
        self.stop_dragging()
        if self._selection.has_marks:
            if not self._selection.text().strip():  # nothing that could be seen to be selected
                self._selection.clear()
            return
        self._selection.clear()
        if self._page.total and self._viewport.top_row + event.y < self._page.total:
            point = self.point_at(event.x, event.y)
            self._click(point, self._link_under(point))

    # --- links ---------------------------------------------------------------------------------------------------
    def _point(self, url: str) -> None:
        if url.startswith(RUN):  # an action, which leads nowhere
            url = ""
        if url != self._pointed:
            self._pointed = url
            self._widget.post_message(LinkPointed(url))

    def _link_at(self, x: int, y: int) -> str:
        """The real target of the link under a cell of the widget; empty where there is none."""
        is_inside = 0 <= y < self._viewport.rows and self._viewport.top_row + y < self._page.total
        return self._link_under(self.point_at(x, y)) if is_inside and x >= INDENT else ""

    def _link_under(self, point: Point) -> str:
        """The real target of the link at a point, whatever its scheme; empty where there is none."""
        lines, row = self._page.lines_at(point.place), point.place.spot.row
        return link_at(lines[row], point.cell) if row < len(lines) else ""


def link_at(line: Line, cell: int) -> str:
    """The real target of the link at a cell of a line; empty where there is none."""
    for text, style in line:
        cell -= width_of(text)
        if cell < 0:
            return style_target(style)
    return ""
