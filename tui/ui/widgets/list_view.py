"""The list view: a list of any length to move through with keys or the mouse; it paints only what is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui.page.line import Line, action_at
from tui.ui.action.binding import bindings
from tui.ui.line import PlainRows, run_by_id, strip_of, styles_of
from tui.ui.theme.palette import Palette
from tui.ui.theme.recede import filters_behind

Paint = Callable[[Any, int], Line]


class RowNotice(Message):
    """Something about a row; `item` is what stands there."""

    def __init__(self, rows: ListView, item: Any) -> None:
        super().__init__()
        self.rows = rows
        self.item = item

    @property
    def control(self) -> ListView:
        """The list it is in."""
        return self.rows


class RowChosen(RowNotice):
    """A row was chosen, with Enter or by a click."""


class NothingChosen(RowNotice):
    """There is no row to choose."""


class RowReached(RowNotice):
    """The cursor came to another row."""


class RowsPainted(Message):
    """Rows were painted that had not been since the items were shown."""

    def __init__(self, rows: ListView) -> None:
        super().__init__()
        self.rows = rows

    @property
    def control(self) -> ListView:
        """The list that they are in."""
        return self.rows


RIGHT_BUTTON = 3


class ListView(ScrollView, can_focus=True):
    """A list of items, one line each; `paint` says how an item looks at a width.

    `hear` is told of rows at once, in the place of messages, and `on_growth` when there are more items than there ever
    were (`tallest`). `painted_to` says how many items stand above the lowest row that was painted since they were shown.
    """

    DEFAULT_CSS = """
    ListView { height: 1fr; width: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto; }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    def __init__(
        self,
        paint: Paint,
        *,
        id: str | None = None,  # noqa: A002  Textual's own name
        empty: str = "",
        has_cursor: bool = True,
        takes_focus: bool = True,
        is_passive: Callable[[Any], bool] = lambda _item: False,
        tells_painted: bool = False,
    ) -> None:
        super().__init__(id=id)
        self._styles_cache = PlainRows()
        self.can_focus = takes_focus  # not where a field above it is written into: there a letter is never a key
        self._paint = paint
        self._items: Sequence[Any] = ()
        self._empty = empty
        self._has_cursor = has_cursor
        self._is_passive = is_passive  # a heading between the items: the cursor passes it by
        self._tells_painted = tells_painted
        self.hear: Callable[[RowNotice], object] | None = None
        self.on_growth: Callable[[], object] | None = None
        self._told_painted = 0
        self.painted_to = 0
        self.tallest = 1
        self.cursor = 0
        self.gone_at = 0.0
        self.follows = False
        self._in_common: tuple[Style, Palette, int] | None = None
        self._height = 0

    @property
    def items(self) -> Sequence[Any]:
        """The items in their order."""
        return self._items

    @property
    def item(self) -> Any | None:
        """The item under the cursor."""
        return self._items[self.cursor] if 0 <= self.cursor < len(self._items) else None

    @property
    def has_row(self) -> bool:
        """Whether there is a row under a cursor, and not only rows to read."""
        return self._has_cursor and self.item is not None and not self._is_passive(self.item)

    @property
    def row_line(self) -> Line:
        """The row under the cursor as it is painted."""
        return [] if self.item is None else self._paint(self.item, self.scrollable_content_region.width)

    def show(
        self,
        items: Sequence[Any],
        *,
        cursor: int | None = None,
        empty: str | None = None,
        moved: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Show other items; the cursor stays at its place unless told another.

        `moved` says from which place on items moved, and how far, one move after the other: the cursor and the view stay
        at the items they were at.
        """
        top = before = self.scroll_offset.y
        is_at_end = self.follows and (not self._height or top >= self.max_scroll_y)
        self._items = items
        self.painted_to = self._told_painted = 0
        self._empty = self._empty if empty is None else empty
        here = self.cursor
        for first, count in moved:
            here = max(first + min(0, count), here + count) if here >= first else here
            top = max(first + min(0, count), top + count) if top >= first else top
        self.cursor = self._active(max(0, min(here if cursor is None else cursor, len(items) - 1)), 1)
        self._resize_to(Size(self.size.width, max(1, len(items))))
        self.refresh()
        if len(items) > self.tallest:
            self.tallest = len(items)
            if self.on_growth is not None:
                self.on_growth()
        if cursor is not None:
            self._reveal()
        elif is_at_end:
            self.scroll_end(animate=False, immediate=True, force=True)  # the next items may come before the next paint
        elif top != before:
            self.scroll_to(y=top, animate=False, immediate=True)

    def _resize_to(self, size: Size) -> None:
        """Be so large: without a layout of the whole screen where a longer list is scrolled as the shorter one was."""
        is_scrolled = self.show_vertical_scrollbar and size.height > self.scrollable_content_region.height
        if is_scrolled and size.width == self.virtual_size.width:
            self.set_reactive(Widget.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    def watch_show_vertical_scrollbar(self) -> None:
        """The bar may come after the rows were scrolled, and should then stand where they are."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = self.scroll_y

    def get_line_filters(self) -> Sequence[LineFilter]:
        """It recedes behind a drawer."""
        return filters_behind(self, super().get_line_filters())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint rows, and tell who wants to know: they hear of it when all of the update has been written."""
        self._in_common = self._what_rows_share()
        strips = super().render_lines(crop)
        self._in_common = None
        if self._tells_painted and self.painted_to > self._told_painted:
            self._told_painted = self.painted_to
            self.post_message(RowsPainted(self))
        return strips

    def _what_rows_share(self) -> tuple[Style, Palette, int]:
        return self.rich_style, styles_of(self), self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        at = self.scroll_offset.y + y
        self.painted_to = max(self.painted_to, min(at + 1, len(self._items)))
        base, styles, width = self._in_common or self._what_rows_share()
        if at >= len(self._items):
            return strip_of([(self._empty, "muted")] if at == 0 and not self._items else [], width, base, styles)
        if self._has_cursor and at == self.cursor:
            base += styles["cursor"]
        return strip_of(self._paint(self._items[at], width), width, base, styles)

    def action_move(self, step: int) -> None:
        """Move the cursor, or the view where there is none."""
        if not self._has_cursor:
            self.scroll_relative(y=step, animate=False)
        elif self._items:
            self.go(self._seen_cursor(step) + step)

    def _seen_cursor(self, step: int) -> int:
        """Where a move begins: at the cursor, or where that is not seen, just outside the edge it comes in by."""
        top, height = self.scroll_offset.y, max(1, self.scrollable_content_region.height)
        if top <= self.cursor < top + height:
            return self.cursor
        return min(top + height, len(self._items)) if step < 0 else top - 1

    def action_page(self, step: int) -> None:
        """Move by a screenful."""
        self.action_move(step * max(1, self.size.height - 1))

    def action_edge(self, edge: int) -> None:
        """Go to the first or the last row."""
        if self._has_cursor:
            self.go(0 if edge == 0 else len(self._items) - 1)
        elif edge == 0:
            self.scroll_home(animate=False)
        else:
            self.scroll_end(animate=False)

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        self._tell(NothingChosen(self, None) if self.item is None else RowChosen(self, self.item))

    def _tell(self, notice: RowNotice) -> None:
        """Tell of a row: by a message, or at once where a field is written into, which a letter behind it would overtake."""
        if self.hear is not None:
            self.hear(notice)
        else:
            self.post_message(notice)

    def go(self, to: int) -> None:
        """Put the cursor on a row."""
        self.gone_at = monotonic()
        to = self._active(max(0, min(to, len(self._items) - 1)), 1 if to >= self.cursor else -1)
        if to != self.cursor:
            before, self.cursor = self.cursor, to
            for row in (before, to):  # all others are painted as they were
                if 0 <= row - self.scroll_offset.y < self.size.height:
                    self.refresh_line(row)
            self._tell(RowReached(self, self.item))
        self._reveal()

    def _active(self, at: int, step: int) -> int:
        """The nearest place where the cursor may stand: on in that direction, else back."""
        count = len(self._items)  # maybe none
        for there in (range(at, count) if step > 0 else range(min(at, count - 1), -1, -1)), range(count):
            match = next((place for place in there if not self._is_passive(self._items[place])), None)
            if match is not None:
                return match
        return at

    def _reveal(self) -> None:
        # Also where the bar is not there yet: the list has just become longer than the page.
        top, height = self.scroll_offset.y, max(1, self.scrollable_content_region.height)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True, force=True)

    async def on_click(self, event: events.Click) -> None:
        """Choose what was clicked, or run the action it shows; by the right button, open the menu of the row."""
        event.stop()
        offset = event.get_content_offset(self)
        at = self.scroll_offset.y + offset.y if offset is not None else -1
        if offset is None or not 0 <= at < len(self._items):
            return
        if event.button == RIGHT_BUTTON and self._has_cursor:
            self.go(at)
            await run_by_id(self, "chat.row_menu")
        elif action := action_at(self._paint(self._items[at], self.scrollable_content_region.width), offset.x):
            await run_by_id(self, action)
        elif self._has_cursor and not self._is_passive(self._items[at]):
            self.go(at)
            self.action_choose()

    def on_resize(self) -> None:
        """Stay at the end where that is followed, else keep the cursor in view."""
        top, before = self.scroll_offset.y, self._height
        self._height = self.size.height
        was_at_end = not before or top >= min(self.max_scroll_y, self.virtual_size.height - before)
        is_chosen_from = self.has_focus and top <= self.cursor < top + before  # it would be lost from sight
        if self.follows and was_at_end:
            self.scroll_end(animate=False, immediate=True, force=True)
        if self._has_cursor and (is_chosen_from or not (self.follows and was_at_end)):
            self._reveal()
