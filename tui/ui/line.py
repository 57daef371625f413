"""Lines on the screen: painting them, and widgets that show a few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._styles_cache import StylesCache
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui.page.line import Line, Run, action_at, crop, width_of
from tui.typeset.bidi import Bidi, arrange, has_rtl
from tui.ui.theme.palette import Palette
from tui.ui.theme.recede import filters_behind
from tui.wire.printable import printable_line


def strip_of(line: Iterable[Run], width: int, base: Style, styles: Palette) -> Strip:
    """Paint a line, cropped and filled to a width."""
    cropped = crop(line, width)
    segments = [Segment(text, base + styles.get(key.partition("@")[0], _PLAIN)) for text, key in cropped]
    filled = width_of(cropped)
    if filled < width:
        segments.append(Segment(" " * (width - filled), base))
    return Strip(segments, max(width, filled))


_PLAIN = Style.null()


class PlainRows(StylesCache):
    """The rows of a widget as they were painted: nothing is put around them where the widget has no padding and no border."""

    def render_line(self, styles: Any, y: int, size: Size, content_size: Size, *more: Any) -> Strip:
        """Paint a row; Textual's way asks for each one about edges, outlines and tints."""
        if size != content_size:
            return super().render_line(styles, y, size, content_size, *more)
        _, base_background, background, render_content_line, *_ = more
        inner, _ = self.get_inner_outer(base_background, background)
        strip: Strip = render_content_line(y)
        return strip.adjust_cell_length(size.width, inner.rich_style)

    def painted(self, rows: Iterable[int], width: int, paint: Callable[[int], Strip]) -> list[Strip]:
        """Rows as they were painted, or as they are painted now: of a widget that nothing but air stands around."""
        if width != self._width:
            self.clear()
            self._width = width
        for y in rows:
            if y in self._dirty_lines or y not in self._cache:
                self._cache[y] = paint(y)
                self._dirty_lines.discard(y)
        return [self._cache[y] for y in rows]


class Lines(Widget):
    """A widget that shows a few lines, and repaints only when they change."""

    DEFAULT_CSS = "Lines { width: 1fr; height: auto; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id, classes=classes)
        self._styles_cache = PlainRows()
        self._shown: list[Line] = []
        self._in_common: list[tuple[list[Line], Style]] | None = None
        self._look_key: object = None
        self._beside: int | None = None

    def lines(self, width: int) -> list[Line]:
        """The lines to show at a width; for subclasses to say."""
        del width
        return self._shown

    def show(self, lines: list[Line]) -> None:
        """Show other lines."""
        if lines != self._shown:
            self.refresh(layout=len(lines) != len(self._shown))
            self._shown = lines

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many rows as there are lines."""
        del container, viewport
        return len(self.lines(width))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """It recedes behind a drawer."""
        return filters_behind(self, super().get_line_filters())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint rows; what all of them need is made once, and only if one of them is not painted already."""
        rows, beside = self._styles_cache, self._columns_beside
        self._in_common = []
        try:
            if beside is None or not isinstance(rows, PlainRows):
                return super().render_lines(crop)
            width = self.outer_size.width
            strips = rows.painted(crop.line_range, width, lambda y: self._with_air(self.render_line(y), beside))
        finally:
            self._in_common = None
        strips = self._filtered(strips)
        return strips if crop.column_span == (0, width) else [strip.crop(*crop.column_span) for strip in strips]

    @property
    def _columns_beside(self) -> int | None:
        """The columns of air on either side; `None` where something else stands around the lines."""
        styles = self.styles
        if styles._cache_key != self._look_key:  # noqa: SLF001  as Textual's own caches do
            self._look_key = styles._cache_key  # noqa: SLF001
            top, right, bottom, left = styles.gutter
            has_edges = any(edge for edge, _ in (*styles.border, *styles.outline))
            self._beside = None if top or bottom or left != right or has_edges else left
        return self._beside

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        beside = self._columns_beside
        width = self.content_size.width if beside is None else self.outer_size.width - 2 * beside
        in_common = self._in_common or [(self.lines(width), self.visual_style.rich_style)]
        if self._in_common is not None:
            self._in_common = in_common
        lines, style = in_common[0]
        line = lines[y] if y < len(lines) else []
        if any(has_rtl(text) for text, _ in line):
            bidi: Bidi = getattr(self.app, "bidi", "visual")
            line = arrange([(printable_line(text), key) for text, key in line], is_rtl=False, bidi=bidi)
        return strip_of(line, width, style, styles_of(self))

    def strips_with(self, lines: list[Line], beside: int) -> list[Strip]:
        """These lines painted, with so many columns of air on either side: Textual's way, without what is not used here."""
        self._in_common = [(lines, self.visual_style.rich_style)]
        try:
            return self._filtered([self._with_air(self.render_line(y), beside) for y in range(len(lines))])
        finally:
            self._in_common = None

    def _with_air(self, strip: Strip, beside: int) -> Strip:
        if not beside:
            return strip
        air = [Segment(" " * beside, Style(bgcolor=self.visual_style.rich_style.bgcolor))]
        return Strip([*air, *strip, *air], strip.cell_length + 2 * beside)

    def _filtered(self, strips: list[Strip]) -> list[Strip]:
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, self.background_colors[1]) for strip in strips]
        return strips

    async def on_click(self, event: events.Click) -> None:
        """Run the action of what was clicked."""
        lines = self.lines(self.content_size.width)
        offset = event.get_content_offset(self)
        if offset is not None and offset.y < len(lines) and (action := action_at(lines[offset.y], offset.x)):
            event.stop()
            await run_by_id(self, action)


class Hollow(Widget):
    """A container of what covers it wholly: it is laid out, and nobody sees what it would paint."""

    DEFAULT_CSS = "Hollow { width: 1fr; height: 1fr; }"

    def render_lines(self, crop: Region) -> list[Strip]:
        """Nothing: Textual renders what is covered as well."""
        return [Strip.blank(crop.width)] * crop.height


async def run_by_id(widget: Widget, action_id: str) -> None:
    """Run an action of the table, wherever it applies; the app knows where that is."""
    await widget.app.run_action(f"app.do('{action_id}')")


def styles_of(widget: Widget) -> Palette:
    """The styles of the theme in use."""
    return getattr(widget.app, "styles_by_key", {})
