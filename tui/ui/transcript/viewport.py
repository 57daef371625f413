"""The viewport: which rows and columns of the page show."""

from __future__ import annotations

from textual.scroll_view import ScrollView


class Viewport:
    """The part of the page that shows; the widget has neither border nor padding."""

    def __init__(self, widget: ScrollView) -> None:
        """Look through this widget."""
        self._widget = widget

    @property
    def rows(self) -> int:
        """Rows that show."""
        return self._widget.outer_size.height

    @property
    def columns(self) -> int:
        """Columns that show, the scroll bar not among them."""
        return max(0, self._widget.outer_size.width - self._widget.scrollbar_size_vertical)

    @property
    def top_row(self) -> int:
        """The row of the page that stands at the top."""
        return self._widget.scroll_offset.y
