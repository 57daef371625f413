"""The short way to the terminal, for text that has just come and for what a key has changed.

Textual paints at the next tick of its own clock, and then renders every widget that stands between the first and the
last row that changed, the covered ones too. While nothing lies over a widget, its rows can be written at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.geometry import Offset, Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.ui.terminal.move import MOVE_ROWS

if TYPE_CHECKING:
    from textual.app import App

MOST_WIDGETS = 8
"""Where more have changed than so many, the compositor is not slower."""


class Shortcut:
    """Writes rows of one widget past Textual's clock and compositor, where that looks the same.

    Attributes:
        widget: That one.
    """

    def __init__(self, widget: Widget) -> None:
        """Paint for this widget."""
        self.widget = widget
        self._layout: Mapping[Widget, tuple[Region, Region]] | None = None
        self._origin: Offset | None = None

    def renew(self, strips: Sequence[Strip] | None = None) -> None:
        """Paint all of the widget anew: as it says, or as these rows."""
        widget = self.widget
        widget._set_dirty()  # noqa: SLF001  what it painted before is not what it shows now
        size = widget.outer_size
        if strips is None or len(strips) != size.height:
            strips = widget.render_lines(size.region)
        if self.paint(range(size.height), strips, size.width):
            widget._exchange_repaint_regions()  # noqa: SLF001  they are painted
        else:
            widget.refresh()

    def waiting(self) -> tuple[Offset, dict[int, Strip]] | None:
        """Where the widget begins, and the rows of it that wait to be painted; `None` if that is for Textual to do."""
        widget = self.widget
        size = widget.outer_size
        columns = size.width - widget.scrollbar_size_vertical
        origin = self.origin(size.height, columns) if self._may_paint else None
        if origin is None:
            return None
        rows = sorted({row for region in widget._repaint_regions for row in region.line_range if row < size.height})  # noqa: SLF001
        strips: dict[int, Strip] = {}
        for first, count in _runs_of(rows):
            painted = widget.render_lines(Region(0, first, size.width, count))
            strips |= {first + at: strip.crop(0, columns) for at, strip in enumerate(painted)}
        return origin, strips

    def paint(self, rows: Sequence[int], strips: Sequence[Strip], columns: int, by: int = 0) -> bool:
        """Write these rows of the widget, taken from all of its strips; `False` if that is for Textual to do.

        Most of them stand `by` rows further down already, where that is more than none.
        """
        if not self._may_paint:
            return False
        origin = self.origin(len(strips), columns)
        if origin is None:
            return False
        x, y = origin
        screen, painting = self._screen, self._painting
        if len(rows) < MOVE_ROWS and painting and painting.paint(x, [(y + row, strips[row]) for row in rows]):
            return True
        if by and painting and painting.scroll((x, y), strips, by):
            return True
        _display(screen, {y + row: {x: strips[row]} for row in rows})
        return True

    def shown(self, row: int) -> Strip | None:
        """What the terminal shows of a row of the widget; `None` where nobody knows, or where it is not easy to change."""
        painting = self._painting
        if painting is None or self._origin is None or not self.is_in_place:
            return None
        x, y = self._origin
        strip: Strip | None = painting.shown(x, y + row)
        return strip

    def write_behind(self, row: int, cell: int, strips: tuple[Strip, Strip], text: Sequence[Segment]) -> bool:
        """Write a text in a cell of a row, which turns one strip into another; `False` if it takes more than that."""
        painting, origin, layout = self._painting, self._origin, self._screen._compositor._visible_widgets  # noqa: SLF001  without a look for it, where none is known
        if painting is None or origin is None or layout is not self._layout or layout is None or not self._may_paint:
            return False
        x, y = origin
        return bool(painting.write_behind((x + cell, y + row), x, strips, text))

    @property
    def _may_paint(self) -> bool:
        """Whether the screen shows, and nothing of it waits to be laid out."""
        screen, app = self._screen, self._app
        if app._screen_stack[-1:] != [screen] and not screen.is_current:  # noqa: SLF001  empty at the very end
            return False
        if screen._layout_required or app._batch_count:  # noqa: SLF001  as Textual's own timer looks at them
            return False
        # Where the window has changed, nothing is laid out for it yet.
        return bool(app.size == screen._compositor.size)  # noqa: SLF001  it alone knows where everything is

    @cached_property
    def _app(self) -> App[Any]:
        """The app that the widget is in, for good."""
        return self.widget.app

    @cached_property
    def _painting(self) -> Any:
        """What writes rows past the compositor, where the app has that: a `Painting`."""
        return getattr(self._app, "painting", None)

    @cached_property
    def _screen(self) -> Screen[Any]:
        """The screen that the widget is on, for good."""
        return self.widget.screen

    @property
    def is_in_place(self) -> bool:
        """Whether nothing was laid out anew since it was last painted here."""
        return self._layout is not None and self._layout_now is self._layout

    @property
    def _layout_now(self) -> Mapping[Widget, tuple[Region, Region]]:
        return self._screen._compositor.visible_widgets  # noqa: SLF001  the same object until something is laid out anew

    def origin(self, height: int, columns: int) -> Offset | None:
        """Where the widget begins on the screen; `None` while anything lies over it."""
        layout = self._layout_now
        if layout is not self._layout:
            self._layout, self._origin = layout, self._find_origin(layout, height, columns)
        return self._origin

    def _find_origin(self, layout: Mapping[Widget, tuple[Region, Region]], height: int, columns: int) -> Offset | None:
        """Where the widget begins on the screen, if all of it is to be seen."""
        widget = self.widget
        if widget not in layout:
            return None
        region, clip = layout[widget]
        page = Region(region.x, region.y, columns, height)
        if clip.intersection(region) != region or region.height != height or region.width < columns:
            return None
        under = {widget, *widget.ancestors}
        if any(page.overlaps(other.intersection(cut)) for each, (other, cut) in layout.items() if each not in under):
            return None
        return region.offset


class Shortcuts:
    """The short way for all that a key has changed on a screen, where each widget that did is seen whole."""

    def __init__(self, screen: Screen[Any], *shortcuts: Shortcut) -> None:
        """Paint for the widgets of this screen; some have a shortcut already."""
        self._screen = screen
        self._of = WeakKeyDictionary({shortcut.widget: shortcut for shortcut in shortcuts})

    def catch_up(self) -> bool:
        """Paint what waits to be painted; `False` if that is for Textual to do, and nothing was done."""
        screen = self._screen
        waits_for_more = screen._repaint_required or screen._scroll_required or screen._recompose_required  # noqa: SLF001  as Textual's own timer looks at them
        widgets = screen._dirty_widgets  # noqa: SLF001
        if waits_for_more or screen._compositor._dirty_regions or not 0 < len(widgets) <= MOST_WIDGETS:  # noqa: SLF001
            return False
        rows: dict[int, dict[int, Strip]] = {}
        for widget in widgets:
            shortcut = self._of.get(widget) or self._of.setdefault(widget, Shortcut(widget))
            waiting = shortcut.waiting()
            if waiting is None:
                return False
            (x, y), strips = waiting
            for row, strip in strips.items():
                rows.setdefault(y + row, {})[x] = strip
        for widget in widgets:
            widget._exchange_repaint_regions()  # noqa: SLF001  they are painted
        widgets.clear()
        painting = getattr(screen.app, "painting", None)
        columns = {x for row in rows.values() for x in row}
        if len(columns) == 1 and len(rows) < MOVE_ROWS and painting:
            (x,) = columns
            if painting.paint(x, [(y, row[x]) for y, row in rows.items()]):
                return True
        if rows:
            _display(screen, rows)
        return True


def _display(screen: Screen[Any], rows: Mapping[int, Mapping[int, Strip]]) -> None:
    """Have rows of a screen show strips from columns on."""
    height = screen.size.height
    chops: list[Mapping[int, Strip]] = [rows.get(y, {}) for y in range(height)]
    ends = [[x + strip.cell_length for x, strip in row.items()] for row in chops]
    spans = [(y, x, x + strip.cell_length) for y, row in sorted(rows.items()) for x, strip in sorted(row.items())]
    screen.app._display(screen, ChopsUpdate(chops, spans, ends))  # noqa: SLF001  the way that updates of the compositor take


def _runs_of(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Rows that follow each other: the first, and how many."""
    first = 0
    for at, row in enumerate(rows, 1):
        if at == len(rows) or rows[at] != row + 1:
            yield rows[first], at - first
            first = at
