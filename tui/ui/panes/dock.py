"""The dock: panes beside the page, or on a narrow screen in its place."""

from __future__ import annotations

from textual.containers import Vertical

from tui.ui.panes.pane import Pane

WIDTHS = (28, 100)
"""Columns that panes beside the page take at least and at most."""


class Dock(Vertical):
    """Panes one above the other, a rule to the left of them."""

    DEFAULT_CSS = """
    Dock { display: none; width: 44; height: 1fr; border-left: solid $rule; background: $background; }
    """

    def __init__(self) -> None:
        super().__init__(id="dock")
        self._width = 44

    @property
    def panes(self) -> list[Pane]:
        """The panes that are open."""
        return [pane for pane in self.query_children(Pane) if pane.display]

    @property
    def columns(self) -> int:
        """The width beside the page."""
        return self._width

    def resize(self, columns: int, screen_columns: int) -> int:
        """Take so many columns, as far as that is sensible; the number taken."""
        self._width = max(WIDTHS[0], min(columns, WIDTHS[1], screen_columns - 40))
        if self.display:  # a width that nobody sees is not worth a layout
            self.styles.width = self._width
        return self._width

    def settle(self, *, is_narrow: bool) -> None:
        """Show what is open: one pane on a narrow screen, all of them on a wide one."""
        if not self.panes:
            if self.display:
                self.display = False
            return
        self.display = True
        self.styles.width = "1fr" if is_narrow else self._width
        self.styles.border_left = ("none", "transparent") if is_narrow else None
