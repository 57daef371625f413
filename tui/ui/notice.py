"""Notices: facts that a worker posts to the screen, in the past tense."""

from __future__ import annotations

from textual.message import Message

from tui.domain.delta import Delta
from tui.domain.turn import Prompt, Turn


class Notice(Message):
    """A fact that a worker or a widget tells the screen, which hands it to the controller that takes it."""


class TurnBegan(Notice):
    """A turn began."""

    def __init__(self, turn: Turn) -> None:
        super().__init__()
        self.turn = turn


class TurnsChanged(Notice):
    """Other turns are shown: a branch was switched."""


class QueueChanged(Notice):
    """Other prompts wait for the running turn to end."""

    def __init__(self, queue: list[Prompt]) -> None:
        super().__init__()
        self.queue = queue


class Said(Notice):
    """A sentence for the person; `{chat.retry}` in it stands for a key."""

    def __init__(self, text: str, tone: str = "muted") -> None:
        super().__init__()
        self.text = text
        self.tone = tone


class Unsaid(Notice):
    """A sentence is not true any more."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class PlayingChanged(Notice):
    """A turn is played again beside its wire, or no longer."""


class BarResized(Notice):
    """The bottom line takes more rows than before, or fewer."""


class DeltasArrived(Notice, bubble=False):
    """Some of a reply arrived, and is already in the turn."""

    def __init__(self, turn: Turn, deltas: list[Delta]) -> None:
        super().__init__()
        self.turn = turn
        self.deltas = deltas


class TurnEnded(Notice):
    """A turn ended, one way or another; posted exactly once for each. `fault` is rillet's own, if it was that."""

    def __init__(self, turn: Turn, fault: Exception | None = None) -> None:
        super().__init__()
        self.turn = turn
        self.fault = fault


class TurnQuieted(Notice):
    """A clock ran out while a turn waited: the person decides whether it waits on."""

    def __init__(self, turn: Turn, seconds: float, phase: str) -> None:
        super().__init__()
        self.turn = turn
        self.seconds = seconds
        self.phase = phase


class TurnResumed(Notice):
    """The question whether to wait on has settled itself."""


class CallsChanged(Notice):
    """A tool call changed state."""

    def __init__(self, turn: Turn) -> None:
        super().__init__()
        self.turn = turn


class CallsSettled(Notice):
    """Every call of a turn has its result: `answer` is the turn that tells the model, `None` when it was stopped."""

    def __init__(self, turn: Turn, answer: Turn | None, fault: Exception | None = None) -> None:
        super().__init__()
        self.turn = turn
        self.answer = answer
        self.fault = fault
