"""The scroll bar of the page: its thumb is painted by hand, for a reply that grows moves it many times a second."""

from __future__ import annotations

from math import ceil

from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from tui.ui.terminal.shortcut import Shortcut

_EIGHTHS = ScrollBarRender.VERTICAL_BARS


def thumb_of(rows: int, total: int, top: int) -> tuple[int, int]:
    """Where the thumb of a scroll bar begins and how long it is, in eighths of a row as it is drawn."""
    if total <= rows:
        return 0, 0
    size = max(1.0, rows / (total / rows))
    return int((rows - size) * (top / (total - rows)) * 8), ceil(size * 8)


class Bar:
    """Says where the page stands, and paints the rows of the bar that look different for it."""

    def __init__(self, widget: ScrollView) -> None:
        """Paint the bar of this widget."""
        self._widget = widget
        self._thumb = (0, 0)
        self._shortcut: Shortcut | None = None
        self._shown: list[Strip] = []
        self._look: tuple[Style, list[LineFilter]] | None = None
        self._look_key: object = None
        self._strips: dict[tuple[str, bool], Strip] = {}

    def place(self, rows: int, total: int, top: int, *, is_urgent: bool) -> None:
        """Set the bar; it is painted again only when its thumb looks different."""
        bar, total = self._widget.vertical_scrollbar, max(total, rows)
        bar.set_reactive(ScrollBar.window_virtual_size, total)
        bar.set_reactive(ScrollBar.window_size, rows)
        bar.set_reactive(ScrollBar.position, top)
        thumb = thumb_of(rows, total, top)
        if thumb != self._thumb:
            self._thumb = thumb
            if not (is_urgent and self._paint(bar, rows)):
                self._shown = []
                bar.refresh()

    def _paint(self, bar: ScrollBar, rows: int) -> bool:
        """Paint past Textual; `False` where that would not look the same."""
        if bar.mouse_over or bar.grabbed:
            return False
        look_key = self._widget.styles._cache_key, bar.styles._cache_key, list(bar.get_line_filters())  # noqa: SLF001  as Textual's own caches do
        if look_key != self._look_key:
            drawn = bar.render()
            if not isinstance(drawn, ScrollBarRender) or not isinstance(drawn.style, Style):
                return False
            self._look_key, self._look = look_key, (drawn.style, look_key[2])
            self._strips, self._shown = {}, []
        if (look := self._look) is None:
            return False
        if self._shortcut is None:
            self._shortcut = Shortcut(bar)
        before, shown = self._shown, [self._strip(cell, look) for cell in cells_of(rows, *self._thumb)]
        changed = range(rows) if len(before) != rows else [row for row in range(rows) if before[row] is not shown[row]]
        if not self._shortcut.paint(changed, shown, 1):
            return False
        self._shown = shown
        bar._layout_cache.clear()  # noqa: SLF001  what Textual keeps of it is not what shows
        bar._set_dirty()  # noqa: SLF001
        bar._exchange_repaint_regions()  # noqa: SLF001  and nothing waits to be painted
        return True

    def _strip(self, cell: tuple[str, bool], look: tuple[Style, list[LineFilter]]) -> Strip:
        strip = self._strips.get(cell)
        if strip is None:
            text, is_reverse = cell
            style, filters = look
            colour, ground = style.color, style.bgcolor
            if text == " ":  # no more colours than are seen
                style = Style(color=colour, reverse=True) if is_reverse else Style(bgcolor=ground)
            elif is_reverse:
                style = Style(color=colour, bgcolor=ground, reverse=True)
            segments = [Segment(text, style)]
            for line_filter in filters:
                segments = line_filter.apply(segments, self._widget.background_colors[1])
            strip = self._strips[cell] = Strip(segments, 1)
        return strip


def cells_of(rows: int, begin: int, length: int) -> list[tuple[str, bool]]:
    """What stands in each row of a bar, and whether it is drawn the other way round, as Textual draws it."""
    first, above = divmod(begin, 8)
    last, below = divmod(begin + length, 8)
    cells = [(" ", first <= row < last) for row in range(rows)]
    if above and first < rows:
        cells[first] = (_EIGHTHS[7 - above], False)
    if below and last < rows:
        cells[last] = (_EIGHTHS[7 - below], True)
    return cells
