"""The rows of the page that show: a row is painted again only when its content has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.domain.message import ImagePart
from tui.page.page import Page
from tui.page.picture import CANVAS, PICTURES, mark_of
from tui.typeset.bidi import Bidi
from tui.typeset.line import Line
from tui.ui.strip import LightStrip
from tui.ui.terminal.picture import Placement
from tui.ui.terminal.shortcut import Shortcut
from tui.ui.transcript.line_renderer import BAR, INDENT, SIDE, LineRenderer, Mark
from tui.ui.transcript.protocol import Overlay
from tui.ui.transcript.viewport import Viewport

CACHED = 1000
"""So many painted rows are kept."""

_NO_STRIP = Strip([])


class Renderer:
    """Paints the rows of a page that show, with what lies over them.

    Attributes:
        is_urgent: Whether what changes now does not wait for Textual's next frame.
    """

    def __init__(self, widget: ScrollView, viewport: Viewport, page: Page, overlays: Sequence[Overlay]) -> None:
        """Paint on this widget; of two marks on the same characters that of the later overlay is on top."""
        self.is_urgent = False
        self._widget = widget
        self._viewport = viewport
        self._page = page
        self._overlays = overlays
        self._palette: Mapping[str, Style] = {}
        self._line_renderer: LineRenderer | None = None
        self._line_renderer_before: LineRenderer | None = None
        self._look: object = None
        self._strips: dict[tuple[int, int], tuple[Line, tuple[Mark, ...], Strip]] = {}
        self._shown: list[Strip] = []
        self._shown_top = self._columns = 0
        self._is_marked = False  # when it was last painted: whatever sets a mark paints
        self._shortcut = Shortcut(widget)

    def set_palette(self, palette: Mapping[str, Style]) -> None:
        """Paint in other styles, by style key."""
        self._palette = palette
        self._look = None
        self.repaint()

    def shift(self, count: int) -> None:
        """So many entries were put above all others."""
        self._strips = {
            (index + count if index >= 0 else index, row): strip for (index, row), strip in self._strips.items()
        }

    def reset(self) -> None:
        """Other rows are shown: another conversation, or another width."""
        self._strips.clear()

    def repaint(self, since: int = 0) -> None:
        """Paint the rows that differ from what shows; those of the page before `since` are as they were."""
        rows, self._is_marked = self._viewport.rows, self._has_marks
        if not rows or not self._widget.is_attached:
            return
        before = self._shown
        if self._renew_line_renderer() is not self._line_renderer_before or len(before) != rows or self._is_marked:
            since = 0
        self._line_renderer_before = self._line_renderer
        if len(self._strips) > CACHED:
            self._strips.clear()
        top, columns = self._viewport.top_row, self._viewport.columns
        self._columns = columns
        by, self._shown_top = top - self._shown_top, top
        unchanged = before[max(0, by) : max(0, since - self._shown_top + by)] if since > top and by >= 0 else []
        end = min(top + rows, max(self._page.total, top + len(unchanged)))
        shown = unchanged + [self.strip_of(row, columns) for row in range(top + len(unchanged), end)]
        if len(shown) < rows:  # below the end all are the same
            shown += [self.strip_of(end, columns)] * (rows - len(shown))
        self._shown = shown
        if len(before) != rows:
            self._widget.refresh()
            return
        rows_changed = [row for row, (old, new) in enumerate(zip(before, shown, strict=True)) if old is not new]
        up = by if 0 < by < rows else 0
        if rows_changed and not (self.is_urgent and self._shortcut.paint(rows_changed, shown, columns, up)):
            self._widget.refresh(*_regions_of(rows_changed, columns))

    def repaint_end(self, since: int) -> bool:
        """Paint the last rows from `since` on, where the page stands as it stood; `False` if there is more to it."""
        first, shown = since - self._shown_top, self._shown
        last = min(len(shown), self._page.total - self._shown_top)
        if not 0 <= first <= last or not self.is_urgent or not self._shortcut.is_in_place:
            return False
        if self._has_marks or self._look != self._look_now():
            return False
        if len(self._strips) > CACHED:
            self._strips.clear()
        columns, rows = self._columns, list[int]()
        for row in range(first, last):
            strip = self.strip_of(self._shown_top + row, columns)
            if strip is not shown[row]:
                shown[row] = strip
                rows.append(row)
        if rows and not self._shortcut.paint(rows, shown, columns):
            self._widget.refresh(*_regions_of(rows, columns))
        return True

    def paint_lines(self, row: int, lines: Sequence[Line]) -> bool:
        """Paint the last rows of the page, which are these from a row on, in the look that the others have; `False` if that is not all."""
        at, shown, line_renderer = row - self._shown_top, self._shown, self._line_renderer
        is_end = row + len(lines) == self._page.total and 0 <= at < at + len(lines) <= len(shown)
        if not is_end or line_renderer is None or self._is_marked or not self._shortcut.is_in_place:
            return False
        strips = [
            line_renderer.strip(line, self._columns) if line else self._blank(line_renderer, self._columns)
            for line in lines
        ]
        painted = [*shown[:at], *strips, *shown[at + len(strips) :]]
        rows = [each for each in range(at, at + len(strips)) if painted[each] is not shown[each]]
        self._shown = painted
        if rows and not self._shortcut.paint(rows, painted, self._columns):
            self._widget.refresh(*_regions_of(rows, self._columns))
        return True

    @property
    def _has_marks(self) -> bool:
        return any(overlay.has_marks for overlay in self._overlays)

    def strip_at(self, row: int) -> Strip | None:
        """What shows of a row of the page; `None` where it does not show."""
        at = row - self._shown_top
        return self._shown[at] if 0 <= at < len(self._shown) else None

    def write_behind(self, row: int, cell: int, strip: Strip, text: str) -> Strip | None:
        """Write letters in a cell of a row that shows this strip, behind all that stands there, in the style it ends in.

        Returns:
            What shows there now; `None` where it takes more than that, and nothing was done.
        """
        at, shown = row - self._shown_top, self._shown
        if not 0 <= at < len(shown) or shown[at] is not strip or self._is_marked:
            return None
        *before, (blank, style, _) = strip
        begin = cell - (strip.cell_length - len(blank))
        end = begin + len(text)
        if begin < 0 or end > len(blank) or (begin == 0 and not before):
            return None
        if begin == 0:  # what stands there has a style of its own
            written = Segment(before[-1].text + text, before[-1].style)
            segments = [*before[:-1], written, Segment(blank[end:], style)]
        else:
            written = Segment(f"{blank[:begin]}{text}{blank[end:]}", style)
            segments = [*before, written]
        longer = LightStrip(segments, strip.cell_length)
        if not self._shortcut.write_behind(at, cell, (strip, longer), (Segment(text, written.style),)):
            return None
        shown[at] = longer
        return longer

    def lines(self, crop: Region) -> list[Strip]:
        """The painted rows in a region of the widget."""
        viewport = self._viewport
        if len(self._shown) != viewport.rows or self._look != self._look_now():
            self._renew_line_renderer()
            self._shown_top = viewport.top_row
            self._columns = columns = viewport.columns
            self._shown = [self.strip_of(self._shown_top + row, columns) for row in range(viewport.rows)]
        strips = [self._shown[row] if row < len(self._shown) else _NO_STRIP for row in crop.line_range]
        left, right = crop.column_span
        if left > 0 or right < viewport.columns:
            return [strip.crop(left, min(right, viewport.columns)) for strip in strips]
        return strips  # what is under the scroll bar is never seen

    def strip_of(self, row: int, width: int) -> Strip:
        """One row of the page, painted."""
        page, line_renderer = self._page, self._line_renderer
        if line_renderer is None:
            return _NO_STRIP
        if row >= page.total:
            return self._blank(line_renderer, width)
        index, inner, line = page.line(row)
        marks = tuple(
            mark for overlay in self._overlays if overlay.has_marks for mark in overlay.marks(index, inner, line)
        )
        if BAR not in marks and page.entries[index].has_side(inner):
            marks = (SIDE, *marks)
        if not line and SIDE not in marks and BAR not in marks:
            return self._blank(line_renderer, width)
        cached = self._strips.get((index, inner))
        if cached is not None and cached[0] == line and cached[1] == marks:
            return cached[2]
        strip = line_renderer.strip(line, width, marks)
        self._strips[index, inner] = (list(line), marks, strip)
        return strip

    def pictures(self) -> dict[int, tuple[ImagePart, Placement]]:
        """The pictures of the rows that show, each with where it is on the screen; none while anything lies over the page."""
        viewport, page = self._viewport, self._page
        if not PICTURES or CANVAS.cell is None or not self._widget.is_attached:
            return {}
        origin = self._shortcut.origin(viewport.rows, viewport.columns)
        if origin is None or not self._widget.screen.is_current:
            return {}
        shown: dict[int, tuple[ImagePart, Placement]] = {}
        for y in range(min(viewport.rows, page.total - viewport.top_row)):
            mark = mark_of(page.line(viewport.top_row + y)[2])
            block = PICTURES.get(mark[0]) if mark is not None else None
            if mark is None or block is None:
                continue
            number, row = mark
            if number not in shown:
                columns, rows = block.laid_out
                shown[number] = block.image, Placement(origin.x + INDENT, origin.y + y, columns, rows, row, 1)
            elif row == shown[number][1].first + shown[number][1].shown:
                image, place = shown[number]
                shown[number] = image, place._replace(shown=place.shown + 1)
        return shown

    def cell_as_read(self, line: Line, cell: int) -> int:
        """The cell of a line as it is read that stands in a cell of the line as it is shown."""
        if self._line_renderer is None:
            return cell
        return self._line_renderer.cell_as_read(line, cell, self._viewport.columns - INDENT)

    def _blank(self, line_renderer: LineRenderer, width: int) -> Strip:
        cached = self._strips.get((-1, width))
        if cached is None:
            cached = self._strips[-1, width] = ([], (), line_renderer.strip([], width))
        return cached[2]

    def _look_now(self) -> object:
        return self._widget.visual_style, tuple(self._widget.get_line_filters()), id(self._palette)

    def _renew_line_renderer(self) -> LineRenderer:
        """What paints a line in the palette, theme and filters in use now."""
        look = self._look_now()
        if self._line_renderer is None or look != self._look:
            self._look = look
            bidi: Bidi = getattr(self._widget.app, "bidi", "visual")
            self._line_renderer = LineRenderer(
                self._palette,
                self._widget.visual_style.rich_style,
                self._widget.get_line_filters(),
                self._widget.background_colors[1],
                bidi,
            )
            self._strips.clear()
        return self._line_renderer


def _regions_of(rows: Sequence[int], columns: int) -> list[Region]:
    """Rows as regions; neighbours are one."""
    regions: list[Region] = []
    for row in rows:
        if regions and regions[-1].bottom == row:
            regions[-1] = Region(0, regions[-1].y, columns, row + 1 - regions[-1].y)
        else:
            regions.append(Region(0, row, columns, 1))
    return regions
