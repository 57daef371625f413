"""The view: one widget that scrolls over a page and repaints only the rows that differ.

Either it follows the end, or it holds a place: whatever is measured, corrected or folded above, that place
stays in the row it is in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from math import ceil
from time import perf_counter
from typing import Any, ClassVar

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from tui.typeset.line import Line
from tui.ui.transcript.brush import INDENT, Brush, Mark
from tui.ui.transcript.page import Page, Place

IDLE = 0.05
"""Seconds between two slices of work that can wait."""

SLICE = 0.004
"""Seconds that such a slice may take."""

CACHED = 1000
"""So many painted rows are kept."""

_NO_STRIP = Strip([])


def thumb_of(rows: int, total: int, top: int) -> tuple[int, int]:
    """Where the thumb of a scroll bar begins and how long it is, in eighths of a row as it is drawn."""
    if total <= rows:
        return 0, 0
    size = max(1.0, rows * rows / total)
    return int((rows - size) * top / (total - rows) * 8), ceil(size * 8)


class PageView(ScrollView, can_focus=True):
    """Shows the part of a page that the reader is at."""

    ALLOW_SELECT: ClassVar[bool] = False
    FOCUS_ON_CLICK: ClassVar[bool] = False
    DEFAULT_CSS = """
    PageView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Start with an empty page."""
        super().__init__(id=id, classes=classes)
        self.page = Page()
        self._place: Place | None = None
        self._palette: Mapping[str, Style] = {}
        self._brush: Brush | None = None
        self._last_brush: Brush | None = None
        self._brush_key: object = None
        self._strips: dict[tuple[int, int], tuple[Line, tuple[Mark, ...], bool, Strip]] = {}
        self._shown: list[Strip] = []
        self._shown_top = 0
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

    def set_palette(self, palette: Mapping[str, Style]) -> None:
        """Paint in other styles, by style key."""
        self._palette = palette
        self._brush_key = None
        self.repaint()

    # --- geometry ------------------------------------------------------------------------------------------------
    @property
    def rows(self) -> int:
        """Rows that show; a page has neither border nor padding."""
        return self.outer_size.height

    @property
    def columns(self) -> int:
        """Columns that show, the scroll bar not among them."""
        return max(0, self.outer_size.width - self.scrollbar_size_vertical)

    @property
    def top_row(self) -> int:
        """The row of the page that stands at the top."""
        return self.scroll_offset.y

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

    def _scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> bool:
        """Scroll at once: an animation would go on to a row that means another place by then."""
        options["animate"] = False
        return super()._scroll_to(x, y, **options)

    # --- painting ------------------------------------------------------------------------------------------------
    @property
    def has_marks(self) -> bool:
        """Whether anything may be laid over a row."""
        return False

    def marks_of(self, index: int, row: int, line: Line) -> tuple[tuple[Mark, ...], bool]:
        """What is laid over a row of an entry, and whether the cursor's bar stands before it."""
        del index, row, line
        return (), False

    def repaint(self, since: int = 0) -> None:
        """Paint the rows that differ from what shows; those of the page before `since` are as they were."""
        rows = self.rows
        if not rows or not self.is_attached:
            return
        before = self._shown
        if self._take_brush() is not self._last_brush or len(before) != rows or self.has_marks:
            since = 0
        self._last_brush = self._brush
        if len(self._strips) > CACHED:
            self._strips.clear()
        top, columns = self.top_row, self.columns
        by, self._shown_top = top - self._shown_top, top
        kept = before[max(0, by) : max(0, since - self._shown_top + by)] if since > top and by >= 0 else []
        shown = kept + [self._strip_of(row, columns) for row in range(top + len(kept), top + rows)]
        self._shown = shown
        if len(before) != rows:
            self.refresh()
            return
        regions: list[Region] = []
        for row, (old, new) in enumerate(zip(before, shown, strict=True)):
            if old is not new:
                if regions and regions[-1].bottom == row:
                    regions[-1] = Region(0, regions[-1].y, columns, row + 1 - regions[-1].y)
                else:
                    regions.append(Region(0, row, columns, 1))
        if regions:
            self.refresh(*regions)

    def _take_brush(self) -> Brush:
        """The brush for the palette, theme and filters in use now."""
        filters = self.get_line_filters()
        visual = self.visual_style
        key = (visual, tuple(filters), id(self._palette))
        if self._brush is None or key != self._brush_key:
            self._brush_key = key
            self._brush = Brush(self._palette, visual.rich_style, filters, self.background_colors[1])
            self._strips.clear()
        return self._brush

    def _strip_of(self, row: int, width: int) -> Strip:
        page, brush = self.page, self._brush
        if brush is None:
            return _NO_STRIP
        if row >= page.total:
            return self._blank(brush, width)
        index, inner, line = page.line(row)
        marks, has_bar = self.marks_of(index, inner, line) if self.has_marks else ((), False)
        if not line and not has_bar:
            return self._blank(brush, width)
        known = self._strips.get((index, inner))
        if known is not None and known[0] == line and known[1] == marks and known[2] == has_bar:
            return known[3]
        strip = brush.strip(line, width, marks, has_bar=has_bar)
        self._strips[index, inner] = (list(line), marks, has_bar, strip)
        return strip

    def _blank(self, brush: Brush, width: int) -> Strip:
        known = self._strips.get((-1, width))
        if known is None:
            known = self._strips[-1, width] = ([], (), False, brush.strip([], width))
        return known[3]

    def render_lines(self, crop: Region) -> list[Strip]:
        """The painted rows; Textual's cache of styled lines would only copy them."""
        if len(self._shown) != self.rows or self._brush_is_old():
            self._take_brush()
            self._shown_top, columns = self.top_row, self.columns
            self._shown = [self._strip_of(self._shown_top + row, columns) for row in range(self.rows)]
        strips = [self._shown[row] if row < len(self._shown) else _NO_STRIP for row in crop.line_range]
        left, right = crop.column_span
        if left > 0 or right < self.columns:
            return [strip.crop(left, min(right, self.columns)) for strip in strips]
        return strips  # what is under the scroll bar is never seen

    def render_line(self, y: int) -> Strip:
        """One painted row."""
        return self.render_lines(Region(0, y, self.size.width, 1))[0]

    def _brush_is_old(self) -> bool:
        return self._brush_key != (self.visual_style, tuple(self.get_line_filters()), id(self._palette))

    # --- idle work -----------------------------------------------------------------------------------------------
    def settle_some(self) -> bool:
        """Do some typesetting that was put off; for subclasses that have any."""
        return False

    def _improve_soon(self) -> None:
        if self._idle is None and self.is_attached:
            self._idle = asyncio.get_running_loop().call_later(IDLE, self._improve)

    def _improve(self) -> None:
        """Correct some estimates; nothing on the screen moves."""
        self._idle = None
        if not self.is_attached or not self.rows:
            return
        until = perf_counter() + SLICE
        page = self.page
        is_changed = self.settle_some() or page.improve(self._place, lambda: perf_counter() < until)
        page.prune(self._place)
        if is_changed:
            self.settle()

    def on_unmount(self) -> None:
        """Let go of the timer."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
