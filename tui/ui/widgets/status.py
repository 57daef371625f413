"""The status bar: how the running or last turn stands, what it took, and the keys that matter now."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer

from tui.domain.delta import RetryDelta
from tui.domain.endpoint import Deadlines
from tui.domain.turn import Turn, TurnState
from tui.page.heartbeat import standing
from tui.page.line import Line, crop, spread, width_of
from tui.page.wording import countdown, figures
from tui.ui.action.hint import hint_line, keymap_of
from tui.ui.line import Lines
from tui.ui.terminal.shortcut import Shortcut

TICK = 0.5
"""Seconds between two looks at a running turn. Nothing ticks while nothing runs."""

CALM_TICK = 5.0
"""The same for those whom a line that changes all the time disturbs, or whose screen reader would read it out."""

QUIET_OFFERS = ("chat.wait", "chat.retry", "chat.keep")
"""What single keys do at the end of patience, while nothing is written."""


_AIR = 1
"""Columns on either side of the line."""


class StatusBar(Lines):
    """One line about one turn."""

    DEFAULT_CSS = f"StatusBar {{ height: 1; padding: 0 {_AIR}; background: $background; }}"

    def __init__(self, clock: Callable[[], float], *, is_calm: bool = False) -> None:
        super().__init__(id="status")
        self._clock = clock
        self._pause = CALM_TICK if is_calm else TICK
        self._turn: Turn | None = None
        self._rest: Line = []
        self._keys: Line = []
        self._quiet: Line = []
        self._asked: Line = []
        self._problem = ""
        self._work = ""
        self._account: Line = []
        self._is_chosen = False
        self.has_notes = False
        self._deadlines = Deadlines()
        self._retry: tuple[RetryDelta, float] | None = None
        self._timer: Timer | None = None
        self._last: list[Line] = []
        self._shown_state: TurnState | None = None
        self._shortcut = Shortcut(self)

    def calm(self, *, is_calm: bool) -> None:
        """Look less often at a running turn, from the next one on."""
        self._pause = CALM_TICK if is_calm else TICK

    def rest(self, line: Line) -> None:
        """Say this while there is no turn to tell of."""
        self._rest = line
        self._turn = None
        self._repaint()

    def watch_turn(self, turn: Turn, deadlines: Deadlines | None = None) -> None:
        """Tell of this turn from now on, again and again until it has ended, and of how long may be waited for it."""
        self._turn, self._quiet, self._retry = turn, [], None
        self._deadlines = deadlines or Deadlines()
        if not turn.state.is_over and self._timer is None:
            self._timer = self.set_interval(self._pause, self._tick)
        self._repaint()

    def ask_whether_to_wait(self, words: str) -> None:
        """Show the choice at the end of patience; empty words take it away."""
        self._quiet = (
            [("◌ ", "warning"), (f"{words}  ", "warning"), *hint_line(QUIET_OFFERS, keymap_of(self))] if words else []
        )
        self._repaint()

    def ask(self, line: Line) -> None:
        """Show what a person must decide, or what runs, instead of how the turn ended; empty when it is over."""
        if line != self._asked:
            self._asked = line
            self._repaint()

    def tell_problem(self, problem: str, *, is_chosen: bool = False, has_notes: bool = False) -> None:
        """Show that something lasting is wrong, such as a disk that takes nothing; empty when it is over.

        Args:
            problem: Why nothing is saved.
            is_chosen: Whether the person asked for that.
            has_notes: Whether there is something that must be read.
        """
        new = (problem, is_chosen, has_notes)
        if new != (self._problem, self._is_chosen, self.has_notes):
            self._problem, self._is_chosen, self.has_notes = new
            self._repaint()

    def tell_account(self, account: Line) -> None:
        """Show how full the context is, and what the conversation has cost."""
        if account != self._account:
            self._account = account
            self._repaint()

    def tell_work(self, words: str) -> None:
        """Show, in a few quiet words, what is done behind everything else; empty when it is done."""
        if words != self._work:
            self._work = words
            self._repaint()

    def offer(self, keys: Line) -> None:
        """Show the keys that matter now, at the right."""
        if keys != self._keys:
            self._keys = keys
            self._repaint()

    def notice_state(self) -> None:
        """Something came: where the state of the turn has changed, show it now and not at the next look."""
        if self._turn is not None and self._turn.state is not self._shown_state:
            self._repaint(is_urgent=True)

    def _tick(self) -> None:
        if self._turn is None or self._turn.state.is_over:
            if self._timer is not None:
                self._timer.stop()
                self._timer = None
            self._retry = None
        self._repaint(is_urgent=True)

    def _repaint(self, *, is_urgent: bool = False) -> None:
        """Paint the line anew: now, where it is another; else with what else is painted, and it is put together then."""
        self._shown_state = self._turn.state if self._turn is not None else None
        if not is_urgent:
            self.refresh()
        elif (lines := self._compose_line(self.content_size.width)) != self._last:
            self._last = lines
            self._shortcut.renew(self.strips_with(lines, _AIR))

    def lines(self, width: int) -> list[Line]:
        """The line at a width."""
        self._last = self._compose_line(width)
        return self._last

    def _left_of(self, retry: RetryDelta, now: float) -> float:
        """Seconds until the request is sent again; nothing once it was."""
        if self._retry is None or self._retry[0] is not retry:
            self._retry = (retry, now)
        return self._retry[1] + retry.wait - now

    def _compose_line(self, width: int) -> list[Line]:
        left: Line = []
        if self._problem and self._is_chosen:
            left.append((f"not saved: {self._problem}   ", "muted"))
        elif self._problem:
            words = [(f" {self._problem}", "warning")]
            left += [(" ! not saving ", "loud"), *crop(words, max(12, width // 3)), ("  ", "")]
        if self._work:
            left.append((f"{self._work}   ", "muted"))
        if self.has_notes:
            left += [(" ! ", "loud"), (" /notices  ", "key@chat.notices")]
        if self._asked:
            return [spread([*left, *self._asked], self._keys, width)]
        turn = self._turn
        if turn is None:
            return [spread([*left, *self._rest], self._keys, width)]
        now = self._clock()
        if self._quiet and not turn.state.is_over:
            left += self._quiet
        elif (retry := turn.retry) is not None and self._left_of(retry, now) > 0:
            left += countdown(retry, self._left_of(retry, now))
        else:
            left += standing(turn, now, self._deadlines)
            left.append(("   ", ""))
            left += figures(turn, now, width - width_of(left), self._account)
        return [spread(left, self._keys, width)]
