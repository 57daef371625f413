"""Where the time and the money went: a row for each model and day, or for each of either."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tui.chat.stats import By, Stat, count_up, total
from tui.domain.error import StoreError
from tui.domain.quantity import describe_seconds
from tui.page.line import Line
from tui.page.stat_lines import cost_words, stat_heading, stat_line
from tui.store.figures import read_figures
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView

_BY: tuple[By, ...] = ("both", "model", "day")


class _Columns(Lines):
    """The names of the columns."""

    DEFAULT_CSS = "_Columns { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.by: By = "both"

    def lines(self, width: int) -> list[Line]:
        """The line at a width."""
        return [stat_heading(width, has_day=self.by != "model", has_model=self.by != "day")]


class StatsPane(Pane):
    """The statistics of all that is saved."""

    columns = 132
    title_words = "Where the time and the money went"
    hints = (Hint(("list.up", "list.down"), "move"), "stats.by", Hint(("pane.close",), "leave"))
    BINDINGS: ClassVar[list[BindingType]] = bindings("stats")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._columns = _Columns()
        self.rows = ListView(self._paint, empty="nothing was saved yet")

    def content(self) -> ComposeResult:
        """The names of the columns, and the rows."""
        yield self._columns
        yield self.rows

    def on_mount(self) -> None:
        """Count everything up."""
        self.show_rows()

    def show_rows(self) -> None:
        """Show a row for each of what is asked for."""
        try:
            rows = count_up(read_figures(self._chat.program.database), self._columns.by)
        except StoreError as error:
            self.rows.show((), empty=error.message)
            return
        self.rows.show(rows, cursor=0)
        whole = total(rows)
        turns = "1 turn" if whole.turns == 1 else f"{whole.turns:,} turns"
        cost = cost_words(whole) if whole.has_cost or not whole.unpriced else "price unknown"
        words = f"{turns} in {describe_seconds(sum(whole.durations))} · {cost}" if rows else ""
        self.heading.tell([(self.title_words, "title")], [(words, "muted")])
        self._columns.refresh()

    def action_by(self) -> None:
        """Rows per model and day, per model, per day."""
        self._columns.by = _BY[(_BY.index(self._columns.by) + 1) % len(_BY)]
        self.show_rows()

    def _paint(self, stat: Stat, width: int) -> Line:
        return stat_line(stat, width, has_day=self._columns.by != "model", has_model=self._columns.by != "day")
