"""A tool call that a model asks for, and what became of it."""

from __future__ import annotations

import json
from typing import Any, Literal

from msgspec import Struct, field

from tui.domain.message import ImagePart, ToolResultPart

OutcomeState = Literal["running", "done", "failed", "denied", "not run", "stopped"]

STOPPED = "Stopped while it ran; it may have done part of it."
"""What the model is told of a call that had begun and has no result."""
UNKNOWN = "It was not recorded whether this call ran."
"""What the model is told of a call without a result that was saved before rillet recorded what became of calls."""


class CallOutcome(Struct, frozen=True):
    """What became of a call: recorded before it runs, and again the moment its result comes.

    `text` is what the tool or rillet said, `aside` what the tool said to the person only. `duration` is in seconds. A saved outcome that is still `running`
    is of a rillet that ended meanwhile, and is read as `stopped`.
    """

    state: OutcomeState
    text: str = ""
    is_error: bool = False
    images: tuple[ImagePart, ...] = ()
    duration: float = 0.0
    aside: str = ""


class ToolCall(Struct):
    """One call the model asks for; its arguments are JSON only once the turn is complete.

    `edited` holds the arguments that a person put in the place of the model's, as JSON text; `outcome` is
    what became of the call, `None` until it runs or is refused. `again` is what came of it where a person ran it once
    more; the model is not told. `is_recorded` is false for one that was saved before outcomes were. With a `server` it is
    an approval that is asked for: the endpoint calls the tool at that MCP server itself, and nothing runs here.
    """

    index: int
    id: str = ""
    name: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    edited: str = ""
    outcome: CallOutcome | None = None
    is_recorded: bool = True
    again: CallOutcome | None = None
    server: str = ""

    @property
    def label(self) -> str:
        """The tool, with the server where the endpoint would call it."""
        return f"{self.server}: {self.name}" if self.server else self.name

    @property
    def arguments(self) -> str:
        """The arguments so far."""
        if len(self.fragments) > 1:
            self.fragments[:] = ["".join(self.fragments)]
        return self.fragments[0] if self.fragments else ""

    @property
    def final_arguments(self) -> str:
        """The arguments that it ran with, or would: a person's where one edited them, else the model's."""
        return self.edited or self.arguments

    def answer(self) -> ToolResultPart | None:
        """What the model is told of the call; `None` for one that nothing became of yet."""
        outcome = self.outcome
        if outcome is None:
            return None if self.is_recorded else ToolResultPart(self.id, UNKNOWN, is_error=True)
        text, is_error = outcome.text, outcome.is_error
        if outcome.state in ("running", "stopped"):
            text, is_error = text or STOPPED, True
        if self.edited and outcome.state in ("done", "failed", "running", "stopped"):
            text = f"The user changed the arguments before it ran. It ran with: {self.edited}\n\n{text}"
        return ToolResultPart(self.id, text, is_error=is_error, images=outcome.images)

    @property
    def is_readable(self) -> bool:
        """Whether it has a name, and arguments that are JSON; none at all are as good as `{}`."""
        if not self.name or self.server:
            return bool(self.server)
        try:
            json.loads(self.arguments or "{}")
        except (ValueError, RecursionError):
            return False
        return True

    def record(self) -> dict[str, Any]:
        """The call as plain values."""
        call: dict[str, Any] = {"id": self.id, "name": self.name, "arguments": self.arguments}
        if self.extra:
            call["extra"] = self.extra
        if self.server:
            call["server"] = self.server
        return call
