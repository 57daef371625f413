"""Scrolling: either the page follows its end, or it holds a place.

Whatever is measured, corrected or folded above, the place stays in the row it is in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget

from tui.page.page import Page, Place
from tui.ui.transcript.bar import Bar
from tui.ui.transcript.below import Below
from tui.ui.transcript.earlier import EarlierTurns
from tui.ui.transcript.later import LaterTurns
from tui.ui.transcript.line_renderer import INDENT
from tui.ui.transcript.render import Renderer
from tui.ui.transcript.viewport import Viewport

IDLE = 0.05
"""Seconds between two slices of work that can wait."""

BREATH = 0.01
"""Seconds between two slices while messages are still missing above."""

EDGE = 8
"""So many entries from the top or the end of the page are near it."""

SLICE = 0.004
"""Seconds that such a slice may take."""

PATIENCE = 0.03
"""The same where the reader waits for it."""


class Scroller:
    """Keeps the reader where they are: at the end, or at a place that stays in its row."""

    def __init__(
        self,
        widget: ScrollView,
        viewport: Viewport,
        page: Page,
        renderer: Renderer,
        *,
        earlier: EarlierTurns,
        later: LaterTurns,
    ) -> None:
        """Start at the end."""
        self.viewport = viewport
        self._widget = widget
        self._page = page
        self._renderer = renderer
        self._earlier = earlier
        self._later = later
        self._below = Below(page, viewport, widget.post_message)
        self._place: Place | None = None
        self._bar = Bar(widget)
        self._total = -1  # rows of the page when it was last put in its place
        self._idle: asyncio.TimerHandle | None = None
        self._goes_home = False

    def shift(self, count: int) -> None:
        """So many entries were put above all others: the place is the same, under another number."""
        self._below.shift(count)
        if self._place is not None:
            self._place = self._place.shifted(count)

    def reset(self) -> None:
        """The conversation is another one: nothing of it has been seen."""
        self._below.reset()
        self._place = None
        self._goes_home = False

    # --- where the reader is -------------------------------------------------------------------------------------
    @property
    def follow(self) -> bool:
        """Whether it stays at the end, whatever comes."""
        return self._place is None

    def stay(self) -> None:
        """Follow the end no more: what shows now is what the reader looks at."""
        if self._place is None and self._page.total:
            self._place = self._page.place_at(round(self._widget.scroll_y))

    def jump_end(self) -> None:
        """Show the end and follow it again."""
        self._goes_home = False
        if self._later.has_more:
            self._later.show_end()  # which comes here again
            return
        self._place = None
        self.settle()
        self.tell_below()

    def hold(self, place: Place, above: int = 0) -> None:
        """Show a place, so many rows below the top; at the end of the conversation it follows."""
        page, rows = self._page, self.viewport.rows
        self._goes_home = False
        if above:
            place = page.walk(place, -above)
        page.firm_down(place, rows + 1)
        while page.row_of(place) >= page.total - rows and self._later.read_some():
            page.firm_down(place, rows + 1)
        self._place = place if page.row_of(place) < page.total - rows else None
        self.settle()

    def reader_scrolled(self, old: float, new: float) -> None:
        """The scroll position has changed: if it was the reader who did that, take their place."""
        if self._page.entries:
            self._follow_reader(round(old), round(new))
            self.tell_below()
        else:
            self._place_bar(0)

    def _follow_reader(self, old: int, new: int) -> None:
        page, rows = self._page, self.viewport.rows
        by = new - old
        if new >= page.total - rows:
            self._later.read_some()
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

    def tell_below(self) -> None:
        """Say how many rows came below what shows since the reader left the end."""
        self._below.tell(is_following=self.follow)

    # --- what shows ----------------------------------------------------------------------------------------------
    def rewrap(self) -> bool:
        """Lay out for the width there is now; whether it is another. What stands at the top stays there."""
        page, place = self._page, self._place
        width = max(1, self.viewport.columns - INDENT - 1)
        if width == page.width:
            return False
        ink = page.ink_above(place) if place is not None else 0
        page.set_width(width)
        self._below.rewrap()
        if place is not None:
            page.firm_down(place, self.viewport.rows)
            self._place = page.place_of_ink(place, ink)
        self._renderer.reset()
        return True

    def refold(self, index: int, fold: Callable[[], None]) -> None:
        """Show more or less of an entry: the reader looks at that now, not at the end, and its rows are no news."""
        self.stay()
        entry = self._page.entries[index]
        before = entry.height
        fold()
        self._page.restack(index)
        self._below.refold(index, entry.height - before)
        self.settle()
        self.tell_below()

    def settle_end(self, since: int) -> None:
        """The same where only the end has changed, from the row `since` on, and mostly in the rows that it has."""
        is_still = self._place is None and self._page.total == self._total
        if not (is_still and self._renderer.repaint_end(since)):
            self.settle(since)
            self.tell_below()

    def settle(self, since: int = 0) -> None:
        """Something changed: measure what shows, put the reader where they were, and repaint what differs.

        The rows of the page before `since` are as they were.
        """
        page, rows = self._page, self.viewport.rows
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
        self._renderer.repaint(since)
        self._improve_soon()
        if page.entries:
            page.cool(self.viewport.top_row, rows)
            if self.follow:
                self._below.see_all()
        self._total = page.total

    def _put(self, top: int) -> None:
        """Set the scroll position and its bar without a layout: nothing else depends on how high the page is."""
        widget = self._widget
        size = Size(self.viewport.columns, self._page.total)
        if size != widget.virtual_size:
            widget.set_reactive(Widget.virtual_size, size)
        if top != widget.scroll_y or top != widget.scroll_target_y:
            widget.set_reactive(Widget.scroll_target_y, top)
            widget.set_reactive(Widget.scroll_y, top)
        self._place_bar(top)

    def _place_bar(self, top: int) -> None:
        self._bar.place(self.viewport.rows, self._page.total, top, is_urgent=self._renderer.is_urgent)

    # --- work that waits -----------------------------------------------------------------------------------------
    def see_all(self) -> None:
        """All that is on the page was there before: nothing of it is new to the reader."""
        if self._page.entries:
            self._below.see_all()

    def read_all(self, has_time: Callable[[], bool]) -> bool:
        """Read on what is not on the page, as long as there is time: the reader looks through it. Whether all of it is there now."""
        is_changed = self._read_earlier(has_time)
        if self._later.read(has_time) or is_changed:
            self.settle()
        return not self._has_more

    def go_home(self) -> bool:
        """Put what is above the page on it: the reader wants to go to its beginning. Whether that is there at once.

        Where it takes longer, the screen goes on meanwhile, and the beginning shows when it is there.
        """
        self._goes_home = self._earlier.has_more
        until = perf_counter() + PATIENCE
        if self._goes_home and self._read_earlier(lambda: perf_counter() < until):
            self.settle()
        if self._goes_home:
            self._improve_soon()
        return not self._goes_home

    def _read_earlier(self, has_time: Callable[[], bool]) -> bool:
        is_there = self._earlier.read(has_time)
        if is_there and self._goes_home:
            self._goes_home = False
            self._place = self._page.place_at(0)
        return is_there

    def read_near(self, index: int, by: int) -> None:
        """Put some of what is above or below the page on it, where the reader goes that way from an entry near its edge."""
        if by < 0 and index < EDGE:
            is_changed = self._earlier.read_some()
        else:
            is_changed = by > 0 and index >= len(self._page.entries) - EDGE and self._later.read_some()
        if is_changed:
            self.settle()

    @property
    def _has_more(self) -> bool:
        return self._earlier.has_more or self._later.has_more

    def _improve_soon(self) -> None:
        if self._idle is None and self._widget.is_attached:
            pause = BREATH if self._has_more else IDLE
            self._idle = asyncio.get_running_loop().call_later(pause, self.improve)

    def improve(self) -> None:
        """Do a slice of the work that waits: correct estimates, read turns from above; nothing on the screen moves."""
        self._idle = None
        if not self._widget.is_attached or not self.viewport.rows:
            return
        until = perf_counter() + (PATIENCE if self._goes_home else SLICE)
        page = self._page

        def has_time() -> bool:
            return perf_counter() < until

        is_changed = page.settle_some() or page.improve(self._place, has_time)
        is_changed = self._read_earlier(has_time) or self._later.read(has_time) or is_changed
        page.prune(self._place)
        if is_changed:
            self.settle()
        elif self._has_more:
            self._improve_soon()

    def stop(self) -> None:
        """Let go of the timer."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
