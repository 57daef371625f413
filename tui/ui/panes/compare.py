"""Two answers to the same prompt, side by side: their words, their frames, and their times on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer

from tui.domain.error import RilletError
from tui.domain.quantity import describe_seconds
from tui.domain.turn import Prompt, Turn
from tui.page.compared import alike_words, marked_lines
from tui.page.ending import describe_figures
from tui.page.line import Line, crop, cut, width_of
from tui.page.time_lines import time_line
from tui.page.time_words import words_of
from tui.page.timeline import Timeline
from tui.page.wire_list import times_of
from tui.page.wire_log import WireLog
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.panes.pane import Pane
from tui.ui.panes.session_rows import wrapped
from tui.ui.widgets.list_view import ListView, RowChosen
from tui.ui.wish import GoToTurn

_BETWEEN = " │ "
READ_EVERY, BUDGET = 1 / 30, 0.008
"""Seconds between two times at which tapes are read on, and how long each takes at most."""


def _figures(turn: Turn, room: int) -> list[Line]:
    """Who answered, and what it took."""
    words = " · ".join([turn.answered_by or turn.model, str(turn.state), *describe_figures(turn)])
    return [[(text, "accent")] for text in wrapped(words, room)]


def _frames(timeline: Timeline) -> str:
    """In how many frames it came, and how long it was silent."""
    frames, reads = (
        f"{count:,} {name}{'' if count == 1 else 's'}"
        for count, name in ((timeline.frames, "frame"), (timeline.reads, "read"))
    )
    return f"longest gap {describe_seconds(timeline.longest_silence)} · {frames} in {reads}"


def _said(turn: Turn) -> str:
    return turn.prose or turn.refusal


class ComparePane(Pane):
    """The branch that is shown at the left, another at the right; words that both say are quiet."""

    title_words = "Compare"
    wide_columns = 150
    hints = (Hint(("list.choose",), "go to the right one"), "compare.next", "pane.close")
    BINDINGS: ClassVar[list[BindingType]] = bindings("compare")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._turns: Sequence[Turn] = ()
        self._left = self._right = 0
        self._logs: dict[str, WireLog] = {}
        self._timelines: dict[str, Timeline] = {}
        self._timer: Timer | None = None
        self._compared: tuple[object, tuple[Sequence[bool], Sequence[bool]]] = (None, ((), ()))
        self.rows = ListView(self._paint, empty="nothing was asked twice here", has_cursor=False)

    def content(self) -> ComposeResult:
        """Both, line by line."""
        yield self.rows

    def on_mount(self) -> None:
        """Find the last place where the way forks."""
        tree = self._chat.conversation.tree
        for turn_id in tree.outline.forks_above(tree.head or ""):
            siblings = tree.fetch(tree.outline.siblings(turn_id))
            if len(siblings) > 1:
                self._turns = siblings
                self._left = next((at for at, other in enumerate(siblings) if other.id == turn_id), 0)
                self._right = (self._left + 1) % len(siblings)
                self._timer = self.set_interval(READ_EVERY, self._read)
                break
        self._show()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._show()

    def action_step(self, step: int) -> None:
        """Show another one at the right."""
        if len(self._turns) > 2:
            self._right = (self._right + step) % len(self._turns)
            if self._right == self._left:
                self._right = (self._right + step) % len(self._turns)
            if self._timer is not None:
                self._timer.resume()
            self._show()

    @on(RowChosen)
    async def go(self, notice: RowChosen) -> None:
        """Show the branch at the right."""
        notice.stop()
        self._chat.post_message(GoToTurn(self._turns[self._right]))
        await self._chat.close_pane(self)

    def _show(self) -> None:
        if not self._turns:
            return
        room = max(8, (self.rows.size.width - len(_BETWEEN)) // 2)
        alike = self._alike()
        left, right = (self._lines(at, room, words) for at, words in zip((self._left, self._right), alike, strict=True))
        figures = [_figures(self._turns[at], room) for at in (self._left, self._right)]
        high = max(map(len, figures))  # so that the times stand beside one another
        heads = zip_longest(
            *(
                [*lines, *([] for _ in range(high - len(lines))), *self._times(at, room)]
                for lines, at in zip(figures, (self._left, self._right), strict=True)
            ),
            fillvalue=[],
        )
        self.rows.show([*heads, *zip_longest(left, right, fillvalue=[])])
        count = len(self._turns)
        place = f"‹ {self._left + 1} of {count} › beside ‹ {self._right + 1} of {count} ›"
        self.heading.tell([(self.title_words, "title")], [(place, "muted")])

    def _read(self) -> None:
        """Read for a moment in the tapes of both, and draw their times when they are read."""
        for at in (self._left, self._right):
            turn = self._turns[at]
            log = self._logs.setdefault(turn.id, times_of(self._chat.conversation.replies, turn))
            try:
                if not log.advance(BUDGET, is_over=turn.state.is_over):
                    return
            except RilletError:
                continue  # it was not recorded
            self._timelines[turn.id] = log.timeline
        if self._timer is not None:
            self._timer.pause()
        self._show()

    def _times(self, at: int, room: int) -> list[Line]:
        """Why one of them took as long as it did, on the scale of the longer one, and in how many frames it came."""
        if (timeline := self._timelines.get(self._turns[at].id)) is None:
            return []
        shown = (self._timelines.get(self._turns[each].id) for each in (self._left, self._right))
        span = max(each.span for each in shown if each is not None)
        return [
            words_of(timeline, room),
            time_line(timeline, room, now=span) if span > 0 else [],
            [(cut(_frames(timeline), room), "muted")],
        ]

    def _alike(self) -> tuple[Sequence[bool], Sequence[bool]]:
        """Of each word of both whether the other says it too; worked out once for two turns that are over."""
        left, right = (self._turns[at] for at in (self._left, self._right))
        key = (left.id, right.id, len(_said(left)), len(_said(right)))
        if self._compared[0] != key:
            self._compared = (key, alike_words(_said(left).split(), _said(right).split()))
        return self._compared[1]

    def _lines(self, at: int, room: int, alike: Sequence[bool]) -> list[Line]:
        """What one of them was asked, and what it said; quiet where the other says the same."""
        turn = self._turns[at]
        lines: list[Line] = []
        if isinstance(turn.opening, Prompt):
            lines += [[], *([("› " + text, "muted")] for text in wrapped(turn.opening.text, room - 2))]
        return [*lines, [], *marked_lines(_said(turn), room, alike)]

    def _paint(self, pair: tuple[Line, Line], width: int) -> Line:
        room = max(8, (width - len(_BETWEEN)) // 2)
        left = crop(pair[0], room)
        return [*left, (" " * (room - width_of(left)), ""), (_BETWEEN, "muted"), *crop(pair[1], room)]
