"""The time of a turn, above and below the wire log: one line for the whole exchange, and how fast it came."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events
from textual.message import Message

from tui.page.line import Line
from tui.page.time_lines import Ruler, figure_line, label_line, speed_lines, time_line
from tui.page.timeline import Timeline
from tui.ui.line import Lines

CHART_ROWS = 3


class InstantChosen(Message):
    """An instant of the line of time was clicked, in seconds since the request."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.at = at


class TimeHead(Lines):
    """Why it took as long as it did, the line of time, and what its marks are."""

    DEFAULT_CSS = "TimeHead { height: 3; }"

    def __init__(self) -> None:
        super().__init__()
        self._timeline: Timeline | None = None
        self._now: float | None = None
        self._cursor: float | None = None

    def tell(self, timeline: Timeline | None, now: float | None, cursor: float | None) -> None:
        """Show these: `now` is how long it has lasted where it still does, `cursor` the instant that is looked at."""
        self._timeline, self._now, self._cursor = timeline, now, cursor
        self.refresh()

    @property
    def instants(self) -> Ruler:
        """What the columns of the line of time stand for."""
        span = 0.0 if self._timeline is None else max(self._timeline.span, self._now or 0.0)
        return Ruler(max(1, self.content_size.width - 1), span)

    def busy_columns(self, column: int, step: int) -> Iterator[int]:
        """The columns beyond one in a direction at which something came, the nearest first."""
        timeline, ruler = self._timeline, self.instants
        if timeline is not None and ruler.span > 0:
            marks = {ruler.column(at) for name, at in timeline.phases.items() if name in ("sent", "head", "end")} | {0}
            slots = list(timeline.columns(ruler.columns, 0.0, ruler.span))
            for at in range(column + step, ruler.columns if step > 0 else -1, step):
                slot = slots[at]
                if at in marks or slot.reads or slot.comments or slot.unread:
                    yield at

    def lines(self, width: int) -> list[Line]:
        """Words, time, labels."""
        timeline = self._timeline
        if timeline is None or max(timeline.span, self._now or 0.0) <= 0:
            return [[], [], []]
        return [
            timeline.in_words(width, self._now),
            time_line(timeline, width, now=self._now, cursor=self._cursor),
            label_line(timeline, width, now=self._now),
        ]

    async def on_click(self, event: events.Click) -> None:
        """Go to the instant that was clicked."""
        event.stop()
        if self._timeline is not None and (offset := event.get_content_offset(self)) is not None:
            self.post_message(InstantChosen(self.instants.instant(offset.x)))


class TimeFoot(Lines):
    """Tokens a second as a chart where there is room, and figures."""

    DEFAULT_CSS = "TimeFoot { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._timeline: Timeline | None = None
        self._now: float | None = None
        self._rows = CHART_ROWS

    def tell(self, timeline: Timeline | None, now: float | None, rows: int) -> None:
        """Show these, the chart with so many rows."""
        is_other = rows != self._rows
        self._timeline, self._now, self._rows = timeline, now, rows
        self.refresh(layout=is_other)

    def lines(self, width: int) -> list[Line]:
        """The chart, then the figures."""
        if self._timeline is None or not self._timeline.reads:
            return [[] for _ in range(self._rows + 1)]
        return [
            *speed_lines(self._timeline, width, self._rows, now=self._now),
            figure_line(self._timeline, width),
        ]
