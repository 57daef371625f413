"""Wishes: what a widget asks of those around it, verb and object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.message import Message

from tui.domain.model import Model
from tui.domain.turn import Turn


@dataclass
class SendPrompt(Message):
    """Send what is in the composer; `text` has its pastes unfolded."""

    text: str


@dataclass
class RunCommand(Message):
    """Run a slash command; `rest` is what stands behind its name."""

    name: str
    rest: str


@dataclass
class KeepDraft(Message):
    """Write the draft down."""

    text: str


@dataclass
class TakeOffer(Message):
    """Do what a single key offers while the composer is empty."""

    key: str


class RecallQueued(Message):
    """Take the last queued prompt back into the composer."""


class DropQueued(Message):
    """Take the last queued prompt away."""


@dataclass
class UseModel(Message):
    """Ask this model from now on."""

    model: Model
    is_default: bool = False


@dataclass
class OpenSession(Message):
    """Open a saved session."""

    session_id: str


@dataclass
class ClosePane(Message):
    """Close a pane, or leave it where it stays open."""

    pane: Any


@dataclass
class SayNotice(Message):
    """Say a sentence to the person at the keyboard; `tone` is a style key."""

    text: str
    tone: str = "muted"


@dataclass
class EditCall(Message):
    """Rewrite the arguments of a call that waits."""

    turn: Turn
    view: Any
