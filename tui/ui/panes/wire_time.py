"""The time of a turn, above and below the wire log: one line for the whole exchange, and how fast it came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual import events
from textual.geometry import Region
from textual.message import Message

from tui.page.line import Line
from tui.page.time_lines import Cell, Ruler, cells_line, figure_line, label_line, speed_lines, time_cells
from tui.page.time_words import sentence
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
        self._state: object = None
        self._word_rows = 1
        self._drawn: tuple[object, list[Line], Sequence[Cell], Line] = (None, [], (), [])

    def tell(self, timeline: Timeline | None, now: float | None, cursor: float | None, word_rows: int = 1) -> None:
        """Show these: `now` is how long it has lasted where it still does, `cursor` the instant that is looked at.

        The words may take so many rows; what took more once keeps them, so that the list below does not jump.
        """
        before, ruler, is_other = self._state, self.instants, timeline is not self._timeline
        is_moved = _column(ruler, cursor) != _column(ruler, self._cursor)
        self._timeline, self._now, self._cursor = timeline, now, cursor
        state = _state_of(timeline, now)
        self._state = state, word_rows, self.content_size.width
        if self._state != before:
            self._share_rows(word_rows, is_other=is_other)
            self.refresh()
        elif is_moved:
            self.refresh(Region(0, self._word_rows, self.content_size.width, 1))

    def _share_rows(self, word_rows: int, *, is_other: bool) -> None:
        """Have as many rows for the words as they need, of so many."""
        timeline, width, rows = self._timeline, self.content_size.width, 1
        if timeline is not None and word_rows > 1 and width:
            rows = max(1 if is_other else self._word_rows, len(sentence(timeline, width, word_rows, self._now)))
        if rows != self._word_rows:
            self._word_rows = rows
            self.styles.height = rows + 2

    @property
    def instants(self) -> Ruler:
        """What the columns of the line of time stand for."""
        return self._ruler(self.content_size.width)

    def _ruler(self, width: int) -> Ruler:
        span = 0.0 if self._timeline is None else max(self._timeline.span, self._now or 0.0)
        return Ruler(max(1, width - 1), span)

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
            words = [] if timeline is None else sentence(timeline, width)
            return [*words, *([] for _ in range(self._word_rows + 2 - len(words)))]
        if self._drawn[0] != (self._state, width, self._word_rows):
            words, labels = (
                sentence(timeline, width, self._word_rows, self._now),
                label_line(timeline, width, now=self._now),
            )
            words += [[] for _ in range(self._word_rows - len(words))]
            self._drawn = (self._state, width, self._word_rows), words, time_cells(timeline, self._ruler(width)), labels
        _, words, cells, labels = self._drawn
        return [*words, cells_line(cells, _column(self._ruler(width), self._cursor)), labels]

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
        self._state: object = None

    def tell(self, timeline: Timeline | None, now: float | None, rows: int) -> None:
        """Show these, the chart with so many rows."""
        is_other, state = rows != self._rows, _state_of(timeline, now)
        self._timeline, self._now, self._rows = timeline, now, rows
        if is_other or state != self._state:
            self._state = state
            self.refresh(layout=is_other)

    def lines(self, width: int) -> list[Line]:
        """The chart, then the figures."""
        if self._timeline is None or not self._timeline.reads:
            return [[] for _ in range(self._rows + 1)]
        return [
            *speed_lines(self._timeline, width, self._rows, now=self._now),
            figure_line(self._timeline, width),
        ]


def _column(ruler: Ruler, cursor: float | None) -> int | None:
    return None if cursor is None else ruler.column(cursor)


def _state_of(timeline: Timeline | None, now: float | None) -> object:
    """Differs from another where what is drawn may."""
    if timeline is None:
        return None
    counts = (timeline.reads, timeline.frames, len(timeline.unread), *timeline.characters)
    words = (timeline.retry, timeline.awaits_retry, timeline.awaits, timeline.comes_in, timeline.end_kind)
    return timeline, now, counts, words, tuple(timeline.phases.items()), len(timeline.lost)
