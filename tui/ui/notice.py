"""Notices: facts that a worker posts to the screen, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from tui.domain.delta import Delta
from tui.domain.turn import Turn


@dataclass
class DeltasArrived(Message):
    """Some of a reply arrived, and is already in the turn."""

    turn: Turn
    deltas: list[Delta]


@dataclass
class TurnEnded(Message):
    """A turn ended, one way or another; posted exactly once for each. `fault` is rillet's own, if it was that."""

    turn: Turn
    fault: Exception | None = None


@dataclass
class TurnQuieted(Message):
    """A clock ran out while a turn waited: the person decides whether it waits on."""

    turn: Turn
    seconds: float
    phase: str


class TurnResumed(Message):
    """The question whether to wait on has settled itself."""


@dataclass
class CallsChanged(Message):
    """A tool call of a turn stands otherwise than before."""

    turn: Turn


@dataclass
class CallsSettled(Message):
    """Every call of a turn has its result: `answer` is the turn that tells the model, `None` when it was stopped."""

    turn: Turn
    answer: Turn | None
    fault: Exception | None = None
