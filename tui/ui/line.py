"""Lines on the screen: painting them, and widgets that show a few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._styles_cache import StylesCache
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui.page.line import Line, Run, action_at, crop
from tui.typeset.bidi import Bidi, arrange, has_rtl
from tui.ui.theme.palette import Palette
from tui.ui.theme.recede import filters_behind
from tui.wire.printable import printable_line


def strip_of(line: Iterable[Run], width: int, base: Style, styles: Palette) -> Strip:
    """Paint a line, cropped and filled to a width."""
    segments = [Segment(text, base + styles.get(key.partition("@")[0], _PLAIN)) for text, key in crop(line, width)]
    filled = sum(segment.cell_length for segment in segments)
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


class Lines(Widget):
    """A widget that shows a few lines, and repaints only when they change."""

    DEFAULT_CSS = "Lines { width: 1fr; height: auto; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id, classes=classes)
        self._styles_cache = PlainRows()
        self._shown: list[Line] = []
        self._in_common: list[tuple[list[Line], Style]] | None = None

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
        self._in_common = []
        try:
            return super().render_lines(crop)
        finally:
            self._in_common = None

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        width = self.content_size.width
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
            inner = [self.render_line(y) for y in range(len(lines))]
        finally:
            self._in_common = None
        air = [Segment(" " * beside, self.visual_style.rich_style)]
        strips = [Strip([*air, *strip, *air], strip.cell_length + 2 * beside) for strip in inner]
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
