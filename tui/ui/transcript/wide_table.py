"""Wide tables: those that do not fit the page are scrolled sideways, by keys and by the wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.page.page import Page
from tui.ui.transcript.overlay.cursor import Cursor, Stop
from tui.ui.transcript.scroll import Scroller

if TYPE_CHECKING:
    from tui.typeset.table import TableBlock

SIDEWAYS = 8
"""Cells by which a table is scrolled at a time."""


class WideTables:
    """The tables of a page that are wider than it."""

    def __init__(self, page: Page, scroller: Scroller, cursor: Cursor) -> None:
        """Scroll the tables of this page."""
        self._page = page
        self._scroller = scroller
        self._cursor = cursor

    def scroll_here(self, by: int) -> bool:
        """Scroll the table under the cursor, else the first in view that is too wide; whether there is one."""
        here = self._cursor.stop
        stop = here if here is not None and self.table_at(here) else self._first_in_view()
        if stop is None:
            return False
        self._cursor.put(stop)
        self.scroll(stop, by)
        return True

    def scroll(self, stop: Stop, by: int) -> bool:
        """Scroll the table at a stop, one step; whether anything moved."""
        stack, table = self._page.entries[stop.entry].parts[stop.part], self.table_at(stop)
        if table is None or not table.scroll(by * SIDEWAYS, stack.width):
            return False
        self._scroller.refold(stop.entry, lambda: stack.remeasure(stop.block))
        return True

    def table_at(self, stop: Stop) -> TableBlock | None:
        """The table at a stop, if it is too wide for the page."""
        from tui.typeset.table import TableBlock  # with the typesetter, and not before the first paint

        stack = self._page.entries[stop.entry].parts[stop.part]
        block = stack.blocks[stop.block] if stop.block < len(stack.blocks) else None
        return block if isinstance(block, TableBlock) and block.is_wide(stack.width) else None

    def _first_in_view(self) -> Stop | None:
        page, viewport = self._page, self._scroller.viewport
        row, last = viewport.top_row, min(page.total, viewport.top_row + viewport.rows)
        while row < last:
            index, (part, number, inner) = page.place_at(row)
            stop = Stop(index, part, number)
            if self.table_at(stop):
                return stop
            row += max(1, page.entries[index].parts[part].height_of(number) - inner)
        return None
