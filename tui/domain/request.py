"""Requests: everything a dialect needs to ask for the next reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from tui.domain.message import Message


class ToolDefinition(Struct, frozen=True):
    """A tool as the model is told of it; `parameters` is a JSON Schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    strict: bool | None = None


class ReplySchema(Struct, frozen=True):
    """The JSON Schema a reply must follow."""

    name: str
    schema: Mapping[str, Any]
    strict: bool = True


class SentBefore(Struct, frozen=True):
    """Of the last request, what tells whether the next one begins alike: an endpoint reads that from its cache."""

    system: str
    tools: tuple[str, ...]
    turns: frozenset[str]


class Request(Struct, frozen=True):
    """One request for a reply, dialect-free.

    `server_tools` are tools the endpoint runs itself, as it wants them named (`{"type": "web_search"}`);
    `body` holds further fields, put into the JSON body as they are. `cache_key` is the same for all requests of a
    conversation and says nothing of it.
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
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    service_tier: str = ""
    parallel_tool_calls: bool | None = None
    max_turns: int | None = None
    previous_response_id: str = ""
    reasoning_effort: str = ""
    cache_key: str = ""
    origin: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
