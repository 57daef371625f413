"""What lies behind a drawer recedes: its text is painted fainter."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.dom import NoScreen
from textual.filter import LineFilter, dim_style
from textual.widget import Widget

BEHIND = "-behind"
"""The class of a screen on which a drawer lies over the page."""

_SHARE = 0.55
"""How much of its colour a text keeps."""

_FAINT = Style(dim=True)


class Recede(LineFilter):
    """Paints text nearer to its ground; a terminal's own colours are painted faint."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, fainter."""
        return [
            Segment(text, self._fainter(style, background), control)
            if style is not None
            else Segment(text, style, control)
            for text, style, control in segments
        ]

    def _fainter(self, style: Style, background: Color) -> Style:
        has_colours = style.color is not None and style.color.triplet is not None
        return dim_style(style, background, _SHARE) if has_colours else style + _FAINT


_RECEDE = Recede()


def filters_behind(widget: Widget, filters: Sequence[LineFilter]) -> Sequence[LineFilter]:
    """The filters of a widget; it recedes while a drawer lies over the part of the screen that it is in."""
    try:
        screen = widget.screen
    except NoScreen:
        return filters
    if not screen.has_class(BEHIND):
        return filters
    return [*filters, _RECEDE] if any(node.id == "middle" for node in widget.ancestors) else filters
