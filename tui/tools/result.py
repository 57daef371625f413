"""Results: what became of a tool call, whether it ran or not."""

from __future__ import annotations

from typing import Literal, Protocol

from msgspec import Struct

from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.tool_call import STOPPED, CallOutcome
from tui.wire.printable import printable

ResultState = Literal["done", "failed", "denied", "not run", "stopped"]


class CallLike(Protocol):
    """A tool call, as a turn or a message holds it; `arguments` is JSON text."""

    @property
    def id(self) -> str:
        """The endpoint's name for the call."""
        ...

    @property
    def name(self) -> str:
        """The tool's name."""
        ...

    @property
    def arguments(self) -> str:
        """The arguments as they came."""
        ...


class Result(Struct, frozen=True):
    """What became of a call.

    `text` is kept as the tool gave it, and is foreign: show `shown()`. `duration` is in seconds, 0 for
    what did not run. `position` is where unreadable arguments break, in characters from 0. `aside` is what the tool
    says to the person only.
    """

    call_id: str
    text: str
    is_error: bool
    state: ResultState
    duration: float = 0.0
    images: tuple[ImagePart, ...] = ()
    position: int | None = None
    aside: str = ""

    def shown(self) -> str:
        """The text for the screen: escapes and hidden characters made visible."""
        return printable(self.text)

    @classmethod
    def of(cls, call_id: str, outcome: CallOutcome) -> Result:
        """The result that an outcome records; of a call under way, that it was stopped."""
        if outcome.state == "running":
            return cls(call_id, STOPPED, is_error=True, state="stopped")
        text = outcome.text or (STOPPED if outcome.state == "stopped" else "")
        return cls(
            call_id, text, outcome.is_error, outcome.state, outcome.duration, outcome.images, None, outcome.aside
        )

    def outcome(self) -> CallOutcome:
        """The result as it is recorded with its call."""
        return CallOutcome(self.state, self.text, self.is_error, self.images, self.duration, self.aside)

    def part(self) -> ToolResultPart:
        """The result as it goes back to the model."""
        return ToolResultPart(self.call_id, self.text, is_error=self.is_error, images=self.images)


def denied_result(call: CallLike, reason: str = "") -> Result:
    """The result of a call that the user denied."""
    words = f"The user denied this call: {reason}" if reason.strip() else "The user denied this call."
    return Result(call.id, words, is_error=True, state="denied")


def allowed_result(call: CallLike) -> Result:
    """The result of a call that the endpoint may make at an MCP server: what comes of it, it tells itself."""
    return Result(call.id, "Allowed.", is_error=False, state="done")


def not_run_result(call: CallLike, reason: str, position: int | None = None) -> Result:
    """The result of a call that was never run: unknown, unreadable, cut off, or left behind."""
    return Result(call.id, f"Not run: {reason}", is_error=True, state="not run", position=position)


def stopped_result(call: CallLike) -> Result:
    """The result of a call that had begun when it was stopped."""
    return Result(call.id, STOPPED, is_error=True, state="stopped")
