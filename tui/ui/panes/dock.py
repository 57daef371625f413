"""The dock: panes beside the page, or on a narrow screen in its place."""

from __future__ import annotations

from textual.containers import Vertical

from tui.page.block import PROSE
from tui.ui.panes.pane import Pane
from tui.ui.transcript.line_renderer import INDENT

WIDTHS = (28, 120)
"""Columns that panes beside the page take at least and at most."""
USUAL = 48
"""Columns that they take at least where nobody chose."""
PAGE = PROSE + INDENT + 3
"""Columns that the page makes use of: its measure, the air beside it, the scroll bar and the rule."""


class Dock(Vertical):
    """Panes one above the other, a rule to the left of them."""

    DEFAULT_CSS = """
    Dock { display: none; width: 44; height: 1fr; border-left: solid $rule; background: $background; }
    Dock:focus-within { border-left: solid $accent; }
    Dock.-stacked { height: 56%; border-top: solid $rule; }
    Dock.-stacked:focus-within { border-top: solid $accent; }
    Dock Pane.-below { border-top: solid $rule; }
    """

    def __init__(self) -> None:
        super().__init__(id="dock")
        self._width = 44
        self._chosen: int | None = None

    @property
    def panes(self) -> list[Pane]:
        """The panes that are open."""
        return [pane for pane in self.children if isinstance(pane, Pane) and pane.display]

    @property
    def columns(self) -> int:
        """The width beside the page."""
        return self._width

    @property
    def chosen(self) -> int | None:
        """The width that a person chose; `None` leaves it to the screen."""
        return self._chosen

    def choose(self, columns: int | None) -> None:
        """A person wants so many columns, or what there is room for."""
        self._chosen = columns

    def fit(self, screen_columns: int) -> int:
        """Take the columns that were chosen, or else those that the page has no use for; the number taken."""
        columns = max(USUAL, screen_columns - PAGE) if self._chosen is None else self._chosen
        self._width = max(WIDTHS[0], min(columns, WIDTHS[1], screen_columns - 40))
        if self.display:  # a width that nobody sees is not worth a layout
            self.styles.width = self._width
        return self._width

    def settle(self, *, is_narrow: bool, is_stacked: bool) -> None:
        """Show what is open: one pane on a narrow screen, in place of the page or below it; all of them on a wide one."""
        self.set_class(is_stacked, "-stacked")
        if not self.panes:
            if self.display:
                self.display = False
            return
        self.display = True
        self.styles.width = "1fr" if is_narrow else self._width
        self.styles.border_left = ("none", "transparent") if is_narrow else None
        for number, pane in enumerate(self.panes):
            pane.set_class(number > 0, "-below")
