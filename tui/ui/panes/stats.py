"""Where the time and the money went: a row for each model and day, or for each of either."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tui.chat.stats import By, Counting, Stat, total
from tui.domain.error import StoreError
from tui.domain.quantity import describe_seconds
from tui.page.line import Line
from tui.page.stat_lines import cost_words, stat_heading, stat_line
from tui.store.figures import count_turns, read_figures
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView

AT_ONCE = 0.03
"""Seconds for which it is counted at once; what takes longer goes on behind."""

SLICE = 0.01
BREATH = 0.005
"""Seconds of counting on at a time, and between two times."""

TOLD_EVERY = 0.5
"""Seconds between two times that it is told how far that is."""

NOTHING = "nothing was saved yet"

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
        self.rows = ListView(self._paint, empty=NOTHING)
        self._counting: Counting | None = None

    def content(self) -> ComposeResult:
        """The names of the columns, and the rows."""
        yield self._columns
        yield self.rows

    def on_mount(self) -> None:
        """Count everything up, beside everything else."""
        self.rows.show((), empty="counting …")
        self.run_worker(self._count(), exit_on_error=False)

    async def _count(self) -> None:
        """Count for a moment at a time, and say how far that is; what is closed meanwhile counts no further."""
        database = self._chat.program.database
        counting, until, told_at = Counting(), perf_counter() + AT_ONCE, 0.0
        try:
            most = count_turns(database)
            for number, figures in enumerate(read_figures(database), 1):
                counting.add(figures)
                if (now := perf_counter()) > until:
                    if now - told_at > TOLD_EVERY:  # to paint that takes as long as to count a hundred
                        told_at = now
                        self.rows.show((), empty=f"{number:,} of {max(number, most):,} turns are counted")
                    await asyncio.sleep(BREATH)
                    until = perf_counter() + SLICE
        except StoreError as error:
            self.rows.show((), empty=error.message)
            return
        self._counting = counting
        self.show_rows()

    def show_rows(self) -> None:
        """Show a row for each of what is asked for."""
        if self._counting is None:
            return
        rows = self._counting.rows(self._columns.by)
        self.rows.show(rows, cursor=0, empty=NOTHING)
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
