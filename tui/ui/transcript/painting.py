"""The rows of a page as they stand on the screen: each is painted when it is another one, and only then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.style import Style
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.typeset.bidi import Bidi
from tui.typeset.line import Line
from tui.ui.part import Parted
from tui.ui.transcript.brush import INDENT, Brush, Mark
from tui.ui.transcript.page import Page
from tui.ui.transcript.shortcut import Shortcut

CACHED = 1000
"""So many painted rows are kept."""

_NO_STRIP = Strip([])


class PaintedView(Parted, ScrollView, can_focus=True):
    """Paints the part of a page that it is scrolled to."""

    ALLOW_SELECT: ClassVar[bool] = False
    FOCUS_ON_CLICK: ClassVar[bool] = False
    DEFAULT_CSS = """
    PaintedView {
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
        self._palette: Mapping[str, Style] = {}
        self._brush: Brush | None = None
        self._last_brush: Brush | None = None
        self._brush_key: object = None
        self._strips: dict[tuple[int, int], tuple[Line, tuple[Mark, ...], bool, Strip]] = {}
        self._shown: list[Strip] = []
        self._shown_top = 0
        self._shortcut = Shortcut(self)
        self._is_urgent = False

    def set_palette(self, palette: Mapping[str, Style]) -> None:
        """Paint in other styles, by style key."""
        self._palette = palette
        self._brush_key = None
        self.repaint()

    def move_down(self, count: int) -> None:
        """So many entries were put above all others; for subclasses that know entries by number."""
        self._strips = {
            (index + count if index >= 0 else index, row): strip for (index, row), strip in self._strips.items()
        }

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
        rows_changed = [row for row, (old, new) in enumerate(zip(before, shown, strict=True)) if old is not new]
        if rows_changed and not (self._is_urgent and self._shortcut.paint(rows_changed, shown, columns)):
            self.refresh(*_regions_of(rows_changed, columns))

    def _take_brush(self) -> Brush:
        """The brush for the palette, theme and filters in use now."""
        filters = self.get_line_filters()
        visual = self.visual_style
        key = (visual, tuple(filters), id(self._palette))
        if self._brush is None or key != self._brush_key:
            self._brush_key = key
            bidi: Bidi = getattr(self.app, "bidi", "visual")
            self._brush = Brush(self._palette, visual.rich_style, filters, self.background_colors[1], bidi)
            self._strips.clear()
        return self._brush

    def cell_as_read(self, line: Line, cell: int) -> int:
        """The cell of a line as it is read that stands in a cell of the line as it is shown."""
        return self._brush.cell_as_read(line, cell, self.columns - INDENT) if self._brush is not None else cell

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


def _regions_of(rows: Sequence[int], columns: int) -> list[Region]:
    """Rows as regions; neighbours are one."""
    regions: list[Region] = []
    for row in rows:
        if regions and regions[-1].bottom == row:
            regions[-1] = Region(0, regions[-1].y, columns, row + 1 - regions[-1].y)
        else:
            regions.append(Region(0, row, columns, 1))
    return regions
