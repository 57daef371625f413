"""Tools: what the model is told of each, what runs when it is called, and the hash that pins both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field  # a Struct cannot leave a field out of its repr and its equality
from typing import Any, Literal

from msgspec import Struct

from tui.domain.message import ImagePart
from tui.domain.request import ToolDefinition
from tui.schema.json_value import canonical, digest
from tui.schema.schema_line import write_schema_line

Source = Literal["builtin", "command", "python", "mcp"]

TIMEOUT = 30.0
OUTPUT_LIMIT = 64 * 1024
"""How much of a tool's output goes to the model, in bytes, where the settings do not say."""


_SHOWN_BEFORE, _SHOWN_OF_CHANGE = 30, 200


class ToolError(Exception):
    """Why a call failed, in a sentence for the model and the reader; the runner makes it a result."""


class Output(Struct, frozen=True):
    """What a tool gave back: text as it came, and images. `aside` is for the person only, not for the model."""

    text: str
    is_error: bool = False
    images: tuple[ImagePart, ...] = ()
    aside: str = ""


Run = Callable[[Mapping[str, Any]], Awaitable[Output]]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool.

    `run` takes the frozen arguments that were approved; it may raise `ToolError`, and when cancelled it
    kills what it started. `renew`, where the definition can change by itself, asks its origin for it again.
    `preview` says in words what `run` would do with these arguments: the very command or request; it raises
    `ToolError` where `run` would at once. `hints` are what the tool's author says of it, a word or two each
    (destructive, read-only, open world): a claim, and never a reason to run it. `deciding` is everything
    else that decides what runs (the argv template, the program's source, the server): with what the model is
    told and the hints it makes up the hash, so that a permission given to one definition never covers
    another. `timeout` is in seconds; the runner enforces it.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    source: Source
    run: Run = field(compare=False, repr=False)
    renew: Callable[[], Awaitable[None]] | None = field(default=None, compare=False, repr=False)
    preview: Callable[[Mapping[str, Any]], str] | None = field(default=None, compare=False, repr=False)
    hints: tuple[str, ...] = ()
    server: str = ""
    deciding: Mapping[str, Any] = field(default_factory=dict, repr=False)
    runs_parallel: bool = False
    timeout: float = TIMEOUT
    output_limit: int = OUTPUT_LIMIT
    title: str = ""
    unchecked: str = ""
    hash: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Pin the definition."""
        shown = {"name": self.name, "description": self.description, "parameters": self.parameters}
        decided = {"source": self.source, "server": self.server, "runs": self.deciding}
        if self.hints:
            decided["hints"] = self.hints
        object.__setattr__(self, "hash", digest({**shown, **decided}))

    @property
    def origin(self) -> str:
        """Where the tool comes from, in a word: the source, or the server's name."""
        return f"mcp {self.server}" if self.source == "mcp" else self.source

    def changes(self, now: Tool) -> tuple[str, ...]:
        """What is different in another definition of this tool: each time its name, what was, and what is."""
        lines = write_schema_line(self.parameters), write_schema_line(now.parameters)
        is_in_depth = lines[0] == lines[1]
        pairs: dict[str, tuple[str, str]] = {
            "description": (self.description, now.description),
            "parameters": (canonical(self.parameters), canonical(now.parameters)) if is_in_depth else lines,
            "source": (self.source, now.source),
            "server": (self.server, now.server),
            "hints": (", ".join(self.hints), ", ".join(now.hints)),
            **{
                key: (canonical(self.deciding.get(key)), canonical(now.deciding.get(key)))
                for key in dict.fromkeys((*self.deciding, *now.deciding))
            },
        }
        return tuple(f"{key}: {_difference(was, new)}" for key, (was, new) in pairs.items() if was != new)

    def definition(self) -> ToolDefinition:
        """The tool as the model is told of it."""
        return ToolDefinition(self.name, self.description, self.parameters)


def _difference(was: str, now: str) -> str:
    """Two texts from a little before they part, each cut where it is long."""
    same = next((at for at, (one, other) in enumerate(zip(was, now, strict=False)) if one != other), None)
    start = max(0, (min(len(was), len(now)) if same is None else same) - _SHOWN_BEFORE)

    def part(text: str) -> str:
        end = start + _SHOWN_OF_CHANGE
        return f"“{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}”"

    return f"was {part(was)}, is {part(now)}"
