"""Messages: the conversation as an API counts it, a role and parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

Role = Literal["system", "user", "assistant", "tool"]


class TextPart(Struct, frozen=True):
    """Plain text."""

    text: str


class ImagePart(Struct, frozen=True):
    """An image by URL: `data:` or `https:`. `detail` is `auto`, `low` or `high`; `name` is for people, and not sent."""

    url: str
    detail: str = "auto"
    name: str = ""


class ReasoningPart(Struct, frozen=True):
    """What the model thought; sent back only where a dialect demands it."""

    text: str


class ToolCallPart(Struct, frozen=True):
    """A tool call the model made; `arguments` is the JSON text, `extra` what must be echoed with it.

    With a `server`, it asks whether the endpoint may call that tool at that MCP server: its result says so by being none
    of an error.
    """

    id: str
    name: str
    arguments: str
    extra: Mapping[str, Any] | None = None
    server: str = ""


class ToolResultPart(Struct, frozen=True):
    """What a tool call came to, as text; `is_error` when it failed or was denied."""

    call_id: str
    text: str
    is_error: bool = False
    images: tuple[ImagePart, ...] = ()


Part = TextPart | ImagePart | ReasoningPart | ToolCallPart | ToolResultPart


class Message(Struct, frozen=True):
    """One entry of the conversation as the API counts them.

    `echo` holds fields that must be sent back with a Chat Completions message, `items` the raw output
    items of a Responses reply in their order, `origin` the endpoint both came from (they are sent back
    to that endpoint only).
    """

    role: Role
    parts: tuple[Part, ...]
    echo: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[Mapping[str, Any], ...] = ()
    origin: str = ""

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))
