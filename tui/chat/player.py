"""A player: a recorded turn, shown again frame by frame, as far and as fast as somebody wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from tui.chat.fold import play, turn_for
from tui.chat.tape_frames import Goal, Point, TapeFrames
from tui.domain.delta import Delta
from tui.domain.tape import Read, Tape
from tui.domain.turn import Turn

MOST_STEPS = 4096
"""So many steps back are made without beginning anew, and half of them always."""


class _Step(Struct, frozen=True):
    """A frame that was played: how many there are with it, when it came, what it brought."""

    frame: int
    at: float
    deltas: Sequence[Delta]


class Player:
    """Plays a tape into a turn of its own, which stands for the recorded one meanwhile. Of the tape one read is held.

    What the latest frames brought is remembered, and the turn as it was before them: so a step back needs no way from the
    beginning. That way is made in whole stretches, where somebody knows of points on it.

    Attributes:
        turn: The turn as it was at the place that is shown; another one after going back.
        frame: How many frames are shown.
        at: The instant that is shown, in seconds since the request.
    """

    def __init__(
        self,
        tape: Tape,
        recorded: Turn,
        reads: Callable[[int], Iterable[Read]] | None = None,
        points: Callable[[], Sequence[Point]] = lambda: (),
        data: Callable[[int, int], bytes] | None = None,
    ) -> None:
        """Start before the first frame.

        `reads` gives the reads from one of a number on, and `data` the bytes of those between two, where the tape does not
        hold them.
        """
        self._tape = tape
        self._recorded = recorded
        self._reads_from = reads if reads is not None else lambda number: islice(tape.reads, number, None)
        self._points, self._data = points, data
        self.restart()

    def restart(self) -> None:
        """Go back to before the first frame."""
        head = self._tape.response
        self._frames = TapeFrames(self._reads_from, head, self._points(), self._data)
        self.turn = self._ahead = turn_for(self._tape, self._recorded)
        self._played = play(_opened(self._tape), self._ahead, ends_reads=True, reads=self._frames)
        self.frame = 0
        self.at = 0.0
        self.is_at_end = self._is_played = False
        self._last: list[Delta] = []
        self._begin_steps()

    def _begin_steps(self) -> None:
        """Remember the steps from where the way ahead stands now."""
        self._steps: list[_Step] = []
        self._steps_back = 0
        self._begin = _Step(self._frames.given, self.at, ())
        self._before: Turn | None = None
        self._before_copy: Turn | None = None

    @property
    def next_at(self) -> float | None:
        """When the next frame came; `None` after the last."""
        return self._steps[-self._steps_back].at if self._steps_back else self._frames.next_at

    @property
    def before(self) -> Turn | None:
        """The turn as it was some frames ago, where that is known; the same object as long as those are the same."""
        if self._before_copy is None and self._before is not None:
            self._before_copy = _copy_of(self._before)
        return self._before_copy

    def aim(self, goal: Goal) -> None:
        """Say where the way leads: what is far before it need not be shown frame by frame."""
        self._frames.goal = goal

    def forward(self) -> list[Delta]:
        """Show one frame more; what it brought, which is in the turn already."""
        if self._steps_back:
            step = self._steps[-self._steps_back]
            self._steps_back -= 1
            self.frame, self.at = step.frame, step.at
            _fold(step, self.turn)
            return [*step.deltas]
        deltas: list[Delta] = []
        if self.is_at_end:
            return deltas
        if self._is_played:
            return self._end(deltas)
        leaps = self._frames.leaps_next
        before = self._before if self._steps else None if leaps else _copy_of(self._ahead)
        for at, delta in self._played:
            if delta is None:
                self._remember(_Step(self._frames.given, at, deltas), None if leaps else before)
                return deltas
            deltas.append(delta)
        self._is_played, self._last = True, deltas
        return self._end(deltas)

    def _remember(self, step: _Step, before: Turn | None) -> None:
        if self.turn is not self._ahead:
            _fold(step, self.turn)
        self.frame, self.at = step.frame, step.at
        if before is None:
            self._begin_steps()
            return
        if before is not self._before:
            self._before, self._before_copy = before, None
        self._steps.append(step)
        if len(self._steps) > MOST_STEPS:
            for old in self._steps[: MOST_STEPS // 2]:
                _fold(old, before)
                self._begin = old
            del self._steps[: MOST_STEPS // 2]
            self._before_copy = None

    def _end(self, deltas: list[Delta]) -> list[Delta]:
        """Show how it ended."""
        self.is_at_end = True
        ahead = self._ahead
        if self.turn is not ahead:
            _fold(_Step(0, self.at, self._last), self.turn)
            self.turn.timing = deepcopy(ahead.timing)
            self.turn.end(ahead.state, ahead.error)
            deltas = self._last
        if (usage := self._recorded.usage) is not None and self.turn.usage == replace(usage, estimated_usd=None):
            self.turn.usage = usage  # priced as it was: prices are on no tape
        return deltas

    def back(self, frame: int = 0, at: float = -1.0) -> None:
        """Show a place before this one, no later than so many frames or an instant; from the beginning where it is too far."""
        steps = [number for number, step in enumerate(self._steps) if step.frame <= frame or 0 <= step.at <= at]
        is_near = self._before is not None and (self._begin.frame <= frame or 0 < self._begin.at <= at)
        if self._before is None or not is_near:
            self.restart()
            return
        count = steps[-1] + 1 if steps else 0
        self.turn = _copy_of(self._before)
        for step in self._steps[:count]:
            _fold(step, self.turn)
        here = self._steps[count - 1] if count else self._begin
        self.frame, self.at = here.frame, here.at
        self._steps_back = len(self._steps) - count
        self.is_at_end = False

    def advance_to(self, at: float) -> list[Delta]:
        """Show every frame up to an instant."""
        deltas: list[Delta] = []
        while not self.is_at_end and ((due := self.next_at) is None or due <= at):
            deltas += self.forward()
        return deltas

    def go_to(self, frame: int) -> None:
        """Show so many frames."""
        if max(0, frame) < self.frame or (self.is_at_end and frame <= self.frame):
            self.back(max(0, frame))
        self.aim(Goal(frame))
        while self.frame < frame and not self.is_at_end:
            self.forward()
        self.aim(Goal())


def _fold(step: _Step, turn: Turn) -> None:
    timing = turn.timing
    timing.read_at = step.at
    for delta in step.deltas:
        timing.saw(delta, step.at)
        turn.apply(delta)


def _copy_of(turn: Turn) -> Turn:
    """Another turn that is as this one is now, and shares its texts."""
    for growing in (turn.body, turn.thoughts, turn.refusals):
        growing.settle()
    return deepcopy(turn)


def _opened(tape: Tape) -> Tape:
    """A tape whose reads are no longer compressed, without them."""
    head = tape.response
    if head is None:
        return tape
    headers = {name: value for name, value in head.headers.items() if name != "content-encoding"}
    return replace(tape, reads=tape.reads[:1], response=replace(head, headers=headers))
