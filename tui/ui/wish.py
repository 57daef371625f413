"""Wishes: what a widget asks of those around it, verb and object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from textual.message import Message

from tui.domain.model import Model
from tui.domain.turn import Prompt, Turn


class Wish(Message):
    """Something that a widget asks of the screen, which hands it to the controller that does it."""


class SendPrompt(Wish):
    """Send what is in the composer, its pastes unfolded; `at_once` without waiting for the reply that streams."""

    def __init__(self, prompt: Prompt, *, at_once: bool = False) -> None:
        super().__init__()
        self.prompt = prompt
        self.at_once = at_once


class SteerQueued(Wish):
    """Send the first queued prompt without waiting for the reply that streams."""


class TakeOffered(Wish):
    """Put in what was chosen of what is offered for the word at the cursor; an `Offer`."""

    def __init__(self, offer: Any) -> None:
        super().__init__()
        self.offer = offer


class RunCommand(Wish):
    """Run a slash command; `rest` is what stands behind its name."""

    def __init__(self, name: str, rest: str) -> None:
        super().__init__()
        self.name = name
        self.rest = rest


class KeepDraft(Wish):
    """Write the draft down."""

    def __init__(self, draft: Prompt) -> None:
        super().__init__()
        self.draft = draft


class AttachDropped(Wish):
    """Attach the images at these paths, which were pasted as `text`; where they are none, the text is meant."""

    def __init__(self, paths: Sequence[str], text: str) -> None:
        super().__init__()
        self.paths = paths
        self.text = text


class TakeOffer(Wish):
    """Do what a single key offers while the composer is empty: the action of that id."""

    def __init__(self, action_id: str) -> None:
        super().__init__()
        self.action_id = action_id


class RecallQueued(Wish):
    """Take the last queued prompt back into the composer."""


class DropQueued(Wish):
    """Take the last queued prompt away."""


class UseModel(Wish):
    """Ask this model from now on."""

    def __init__(self, model: Model, is_default: bool = False) -> None:
        super().__init__()
        self.model = model
        self.is_default = is_default


class OpenSession(Wish):
    """Open a saved session, at a turn where one is given, at the first of the words that were sought in it."""

    def __init__(self, session_id: str, turn_id: str = "", words: str = "") -> None:
        super().__init__()
        self.session_id, self.turn_id, self.words = session_id, turn_id, words


class GoToTurn(Wish):
    """Show the branch that a turn of the conversation is on."""

    def __init__(self, turn: Turn) -> None:
        super().__init__()
        self.turn = turn


class ClosePane(Wish):
    """Close a pane, or leave it where it stays open."""

    def __init__(self, pane: Any) -> None:
        super().__init__()
        self.pane = pane


class SayNotice(Wish):
    """Say a sentence to the person at the keyboard; `tone` is a style key."""

    def __init__(self, text: str, tone: str = "muted") -> None:
        super().__init__()
        self.text = text
        self.tone = tone


class EditCall(Wish):
    """Rewrite the arguments of a call that waits."""

    def __init__(self, turn: Turn, view: Any) -> None:
        super().__init__()
        self.turn = turn
        self.view = view


class KeepRace(Wish):
    """Go on with an answer of a race, and with the model that gave it."""

    def __init__(self, turn: Turn, endpoint: str, model: str) -> None:
        super().__init__()
        self.turn = turn
        self.endpoint = endpoint
        self.model = model


class LeaveRace(Wish):
    """A race was left; where no answer was kept, the conversation is where it was."""


class OfferRoom(Wish):
    """Say that a prompt would fill the context, and offer what can be done about it."""

    def __init__(self, words: str, prompt: Prompt) -> None:
        super().__init__()
        self.words = words
        self.prompt = prompt


Room = Literal["summarise", "turns", "send", "model", "new"]


class MakeRoom(Wish):
    """Do one of those things."""

    def __init__(self, how: Room) -> None:
        super().__init__()
        self.how: Room = how


class AsideEnded(Wish):
    """The answer to a side question has ended: it counts in what the conversation has taken."""


class TakeAside(Wish):
    """Go on from a side question, ask it as a prompt, or copy its answer."""

    def __init__(self, turn: Turn, what: str) -> None:
        super().__init__()
        self.turn = turn
        self.what = what


class InsertPrompt(Wish):
    """Put an earlier prompt in at the cursor."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class OpenCurl(Wish):
    """Open the request of a curl command, which was pasted, as a conversation."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
