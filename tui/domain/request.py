"""Requests: everything a dialect needs to ask for the next reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tui.domain.message import Message


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as the model is told of it; `parameters` is a JSON Schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class ReplySchema:
    """The JSON Schema a reply must follow."""

    name: str
    schema: Mapping[str, Any]
    strict: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a reply, dialect-free.

    `server_tools` are tools the endpoint runs itself, as it wants them named (`{"type": "web_search"}`);
    `body` holds further fields, put into the JSON body as they are.
    """

    model: str
    messages: tuple[Message, ...]
    system: str = ""
    tools: tuple[ToolDefinition, ...] = ()
    tool_choice: str = ""
    server_tools: tuple[Mapping[str, Any], ...] = ()
    schema: ReplySchema | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    reasoning_effort: str = ""
    origin: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
