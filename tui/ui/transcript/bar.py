"""The scroll bar of the page: its thumb is painted by hand, for a reply that grows moves it many times a second."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from tui.ui.terminal.shortcut import Shortcut

_EIGHTHS = ScrollBarRender.VERTICAL_BARS


def thumb_of(rows: int, total: int, top: int) -> tuple[int, int]:
    """Where the thumb of a scroll bar begins and how long it is, in eighths of a row as it is drawn."""
    if total <= rows or not rows:
        return 0, 0
    size = max(1.0, rows / (total / rows))
    return int((rows - size) * (top / (total - rows)) * 8), ceil(size * 8)


class PageBar(ScrollBar):
    """The scroll bar of a page. Its rows are few different ones, each of which is painted once."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """Its own size, on which nothing hangs: Textual lays the whole screen out once more when it is known."""

    def __init__(self, thickness: int) -> None:
        """Stand on the right of a page."""
        super().__init__(vertical=True, name="vertical", thickness=thickness)
        self._look: tuple[Style, Sequence[LineFilter]] | None = None
        self._look_key: object = None
        self._strips: dict[tuple[str, bool, str], Strip] = {}

    def strips(self) -> list[Strip]:
        """All rows; those that look the same are the same object."""
        look_key = (
            self._page.styles._cache_key,  # noqa: SLF001  as Textual's own caches do
            self.mouse_over,
            self.grabbed is not None,
            list(self.get_line_filters()),
        )
        if look_key != self._look_key:
            drawn = self.render()
            style = drawn.style if isinstance(drawn, ScrollBarRender) else None
            self._look_key, self._look = look_key, (style if isinstance(style, Style) else Style(), look_key[3])
            self._strips.clear()
        rows = self.size.height
        begin, length = thumb_of(rows, int(self.window_virtual_size), int(self.position))
        actions = [""] * rows if not length else ["scroll_up"] * (begin // 8) + ["scroll_down"] * (rows - begin // 8)
        return [
            self._strip(text, is_reverse, "grab" if is_reverse or text != " " else action)
            for (text, is_reverse), action in zip(cells_of(rows, begin, length), actions, strict=True)
        ]

    @property
    def _page(self) -> Widget:
        page = self.parent
        return page if isinstance(page, Widget) else self

    def _strip(self, text: str, is_reverse: bool, action: str) -> Strip:
        strip = self._strips.get((text, is_reverse, action))
        if strip is None and self._look is not None:
            style, filters = self._look
            colour, ground = style.color, style.bgcolor
            if text == " ":  # no more colours than are seen
                style = Style(color=colour, reverse=True) if is_reverse else Style(bgcolor=ground)
            elif is_reverse:
                style = Style(color=colour, bgcolor=ground, reverse=True)
            if action:  # what the mouse does there
                style += Style(meta={"@mouse.down": action})
            segments = [Segment(text * self.thickness, style)]
            for line_filter in filters:
                segments = line_filter.apply(segments, self.background_colors[1])
            strip = self._strips[text, is_reverse, action] = Strip(segments, self.thickness)
        return strip or Strip([])

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint rows; Textual's way draws all of them by Rich, and each one anew."""
        return self.strips()[crop.y : crop.bottom]

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        return self.strips()[y]


class Bar:
    """Says where the page stands, and paints the rows of the bar that look different for it."""

    def __init__(self, widget: ScrollView) -> None:
        """Paint the bar of this widget."""
        self._widget = widget
        self._thumb = (0, 0)
        self._shortcut: Shortcut | None = None
        self._shown: list[Strip] = []

    def place(self, rows: int, total: int, top: int, *, is_urgent: bool) -> None:
        """Set the bar; it is painted again only when its thumb looks different."""
        bar, total = self._widget.vertical_scrollbar, max(total, rows)
        bar.set_reactive(ScrollBar.window_virtual_size, total)
        bar.set_reactive(ScrollBar.window_size, rows)
        bar.set_reactive(ScrollBar.position, top)
        thumb = thumb_of(rows, total, top)
        if thumb != self._thumb:
            self._thumb = thumb
            if not (is_urgent and isinstance(bar, PageBar) and self._paint(bar)):
                self._shown = []
                bar.refresh()

    def _paint(self, bar: PageBar) -> bool:
        """Paint past Textual; `False` where that would not look the same."""
        if self._shortcut is None:
            self._shortcut = Shortcut(bar)
        before, shown = self._shown, bar.strips()
        rows = range(len(shown))
        changed = rows if len(before) != len(shown) else [row for row in rows if before[row] is not shown[row]]
        if not self._shortcut.paint(changed, shown, bar.thickness):
            return False
        self._shown = shown
        return True


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
