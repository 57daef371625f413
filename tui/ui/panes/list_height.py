"""How high a pane is that holds a list and a field which narrows it."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from tui.ui.widgets.list_view import ListView

FRAME = 4
"""Rows that are not the list's: the heading, the air below it, the field, the rule at the end."""


class ListHeight:
    """The height of a pane over everything: that of its whole list, up to the room there is.

    It grows with the list, and does not shrink: nothing jumps while one types.

    Attributes:
        frame: Rows of the pane that are not the list's.
        least: Rows that the list takes at least, in a pane of so many columns.
    """

    def __init__(
        self, pane: Widget, rows: ListView, *, frame: int = FRAME, least: Callable[[int], int] = lambda _columns: 1
    ) -> None:
        """Follow a list."""
        self.frame, self.least = frame, least
        self._pane, self._rows = pane, rows
        self._room = self._columns = 0
        rows.on_growth = self.grow

    def fit(self, room: int, columns: int) -> None:
        """There is so much room, for a pane of so many columns."""
        self._room, self._columns = room, columns
        self.grow()

    def grow(self) -> None:
        """Make the pane as high as the list has been at its longest."""
        if self._room:
            height = min(self._room, self.frame + max(self._rows.tallest, self.least(self._columns)))
            self._pane.set_class(height < self._room, "-short")
            self._pane.styles.height = height
