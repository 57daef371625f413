"""The view: one widget that scrolls over a page and repaints only the rows that differ.

Either it follows the end, or it holds a place: whatever is measured, corrected or folded above, that place
stays in the row it is in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import ceil
from time import perf_counter
from typing import Any

from textual import events
from textual.geometry import Size
from textual.scrollbar import ScrollBar
from textual.widget import Widget

from tui.ui.transcript.brush import INDENT
from tui.ui.transcript.page import Place
from tui.ui.transcript.painting import PaintedView

IDLE = 0.05
"""Seconds between two slices of work that can wait."""

BREATH = 0.01
"""Seconds between two slices while messages are still missing above."""

SLICE = 0.004
"""Seconds that such a slice may take."""


def thumb_of(rows: int, total: int, top: int) -> tuple[int, int]:
    """Where the thumb of a scroll bar begins and how long it is, in eighths of a row as it is drawn."""
    if total <= rows:
        return 0, 0
    size = max(1.0, rows * rows / total)
    return int((rows - size) * top / (total - rows) * 8), ceil(size * 8)


class PageView(PaintedView, is_part=True):
    """Shows the part of a page that the reader is at."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Start with an empty page."""
        super().__init__(id=id, classes=classes)
        self._place: Place | None = None
        self._thumb = (0, 0)
        self._is_placing = False
        self._idle: asyncio.TimerHandle | None = None

    # --- what it is told -----------------------------------------------------------------------------------------
    @property
    def follow(self) -> bool:
        """Whether it stays at the end, whatever comes."""
        return self._place is None

    @follow.setter
    def follow(self, value: bool) -> None:
        if value:
            self._place = None
            self.settle()
        elif self._place is None and self.page.total:
            self._place = self.page.place_at(round(self.scroll_y))

    def jump_end(self) -> None:
        """Show the end and follow it again."""
        self.follow = True

    # --- geometry ------------------------------------------------------------------------------------------------
    def on_resize(self, _event: events.Resize) -> None:
        """Lay out for the new size; what stands at the top stays there."""
        width = max(1, self.columns - INDENT - 1)
        page = self.page
        if width != page.width:
            place, ink = self._place, 0
            if place is not None:
                ink = page.ink_above(place)
            page.set_width(width)
            self.widen()
            if place is not None:
                page.firm_down(place, self.rows)
                self._place = page.place_of_ink(place, ink)
            self._strips.clear()
        self.settle()

    def widen(self) -> None:
        """The width has changed; for subclasses that keep rows or cells."""

    def settle(self, since: int = 0) -> None:
        """Something changed: measure what shows, put the reader where they were, and repaint what differs.

        The rows of the page before `since` are as they were.
        """
        page, rows = self.page, self.rows
        if not rows:
            return
        place = self._place if page.entries else None
        if place is None:
            page.firm_up(None, rows)
            top = max(0, page.total - rows)
        else:
            page.firm_down(place, rows)
            top = page.row_of(place)
            if top >= page.total - rows:
                page.firm_up(None, rows)
                top = max(0, min(top, page.total - rows))
        self._put(top)
        self.repaint(since)
        self._improve_soon()

    def hold(self, place: Place, above: int = 0) -> None:
        """Show a place, so many rows below the top; at the end of the page it follows."""
        page = self.page
        if above:
            place = page.walk(place, -above)
        page.firm_down(place, self.rows + 1)
        self._place = place if page.row_of(place) < page.total - self.rows else None
        self.settle()

    def _put(self, top: int) -> None:
        """Set the scroll position and its bar without a layout: nothing else depends on how high the page is."""
        size = Size(self.columns, self.page.total)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
        if top != self.scroll_y or top != self.scroll_target_y:
            self._is_placing = True
            try:
                self.scroll_target_y = top
                self.scroll_y = top
            finally:
                self._is_placing = False
        self._place_bar(top)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """If it was the reader who scrolled, take their place."""
        if self._is_placing:
            return
        if self.page.entries:
            self._follow_reader(round(old_value), round(new_value))
        else:
            self._place_bar(0)

    def _place_bar(self, top: int) -> None:
        """Set the scroll bar; it is painted again only when its thumb looks different."""
        bar, rows, total = self.vertical_scrollbar, self.rows, max(self.page.total, self.rows)
        bar.set_reactive(ScrollBar.window_virtual_size, total)
        bar.set_reactive(ScrollBar.window_size, rows)
        bar.set_reactive(ScrollBar.position, top)
        thumb = thumb_of(rows, total, top)
        if thumb != self._thumb:
            self._thumb = thumb
            bar.refresh()

    def _follow_reader(self, old: int, new: int) -> None:
        page, rows = self.page, self.rows
        by = new - old
        if new <= 0:
            place = page.place_at(0)
        elif new >= page.total - rows:
            self.jump_end()
            return
        elif abs(by) <= 3 * rows:
            place = page.walk(self._place or page.place_at(old), by)
        else:
            place = page.place_at(new)
        self.hold(place)

    def scroll_home(self, **options: Any) -> None:
        """Go to the very beginning, whether it was on the page or not."""
        self.read_all_above()
        super().scroll_home(**options)

    def _scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> bool:
        """Scroll at once: an animation would go on to a row that means another place by then."""
        options["animate"] = False
        if y is not None and y <= 0 and self.has_more_above:
            before = self.scroll_y
            self.read_all_above()
            y += self.scroll_y - before
        return super()._scroll_to(x, y, **options)

    # --- idle work -----------------------------------------------------------------------------------------------
    def settle_some(self) -> bool:
        """Do some typesetting that was put off; for subclasses that have any."""
        return False

    @property
    def has_more_above(self) -> bool:
        """Whether there are messages above the page that are not on it yet; for subclasses that leave any out."""
        return False

    def read_above(self, has_time: Callable[[], bool]) -> bool:
        """Make ready what is above the page, as far as there is time; whether it is on the page now."""
        del has_time
        return False

    def read_all_above(self) -> None:
        """Put what is above the page on it at once: the reader wants to go there."""
        if self.has_more_above and self.read_above(lambda: True):
            self.settle()

    def move_down(self, count: int) -> None:
        """So many entries were put above all others: the place is the same, under another number."""
        super().move_down(count)
        if self._place is not None:
            self._place = (self._place[0] + count, self._place[1])

    def _improve_soon(self) -> None:
        if self._idle is None and self.is_attached:
            pause = BREATH if self.has_more_above else IDLE
            self._idle = asyncio.get_running_loop().call_later(pause, self._improve)

    def _improve(self) -> None:
        """Correct some estimates; nothing on the screen moves."""
        self._idle = None
        if not self.is_attached or not self.rows:
            return
        until = perf_counter() + SLICE
        page = self.page

        def has_time() -> bool:
            return perf_counter() < until

        is_changed = self.settle_some() or page.improve(self._place, has_time)
        is_changed = self.read_above(has_time) or is_changed
        page.prune(self._place)
        if is_changed:
            self.settle()
        elif self.has_more_above:
            self._improve_soon()

    def on_unmount(self) -> None:
        """Let go of the timer."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
