"""Requests of the Messages dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tui.domain.error import FrameError
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.message import ImagePart, Message, TextPart, ToolCallPart, ToolResultPart
from tui.domain.request import Request
from tui.wire.history import mend_history
from tui.wire.json_text import parse_json
from tui.wire.request_body import merge_body, put_options

DEFAULT_MAX_TOKENS = 8192
"""What is allowed where nobody says: this dialect takes no request without a limit."""

OPTIONS = {
    "max_tokens": "max_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "stop": "stop_sequences",
    "service_tier": "service_tier",
}
"""The options of a conversation that this dialect has, and what it calls them; and one that is part of another field."""

_CACHED = {"cache_control": {"type": "ephemeral"}}
_TOOL_CHOICES = {"auto": "auto", "none": "none", "required": "any"}
_SERVER_TOOLS = {
    "web_search": "web_search_20250305",
    "web_fetch": "web_fetch_20250910",
    "code_execution": "code_execution_20250825",
}
_MCP_BETA = "mcp-client-2025-11-20"
_DATA_URL = LazyPattern(r"data:(?P<type>[\w.+-]+/[\w.+-]+);base64,(?P<data>.*)", re.DOTALL)
_ONLY_HERE = frozenset({"tool_use", "tool_result", "thinking", "redacted_thinking"})


def encode_messages(request: Request) -> dict[str, Any]:
    """The JSON body that asks for a streamed message.

    What stays the same from one turn to the next (tools, system prompt, the conversation so far) is marked to be
    cached. Fields of `request.body` come last and win; one that is `None` removes the field of that name.
    """
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": DEFAULT_MAX_TOKENS if request.max_tokens is None else request.max_tokens,
        "messages": _messages(request),
        "stream": True,
    }
    if system := _system(request):
        body["system"] = [{"type": "text", "text": system, **_CACHED}]
    tools: list[dict[str, Any]] = []
    for tool in request.tools:
        function: dict[str, Any] = {
            "name": tool.name,
            "description": tool.description,
            "input_schema": dict(tool.parameters),
        }
        if tool.strict is not None:
            function["strict"] = tool.strict
        tools.append(function)
    for asked in request.server_tools:
        entry = dict(asked)
        if entry.get("type") == "mcp":
            server, entry = _remote(asked)
            body.setdefault("mcp_servers", []).append(server)
        tools.append(entry)
    if tools:
        tools[-1].update(_CACHED)
        body["tools"] = tools
        if choice := request.tool_choice:
            type_ = _TOOL_CHOICES.get(choice)
            body["tool_choice"] = {"type": type_} if type_ else {"type": "tool", "name": choice}
    output: dict[str, Any] = {}
    if request.reasoning_effort == "none":
        body["thinking"] = {"type": "disabled"}
    elif request.reasoning_effort:
        output["effort"] = request.reasoning_effort
        body["thinking"] = {"type": "adaptive"}
    if (schema := request.schema) is not None:
        output["format"] = {"type": "json_schema", "schema": dict(schema.schema)}
    if output:
        body["output_config"] = output
    put_options(body, request, OPTIONS)
    if tools and request.parallel_tool_calls is not None:
        choice = body.setdefault("tool_choice", {"type": "auto"})
        if choice["type"] != "none":
            choice["disable_parallel_tool_use"] = not request.parallel_tool_calls
    return merge_body(body, request)


def write_server_tool(name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A tool that the endpoint runs itself; one that is not known by name is written as it is called."""
    return {"type": _SERVER_TOOLS.get(name, name), "name": name, **fields}


def body_headers(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """See `Dialect.body_headers`: to call MCP servers is asked for by a header."""
    return (("anthropic-beta", _MCP_BETA),) if body.get("mcp_servers") else ()


def _remote(tool: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A remote MCP server, described as Responses do, in the two places where this dialect wants it: the server, its tools."""
    name = str(tool.get("server_label") or tool.get("name"))
    server = {"type": "url", "url": tool.get("server_url") or tool.get("url"), "name": name}
    if token := tool.get("authorization_token") or tool.get("authorization"):
        server["authorization_token"] = token
    toolset: dict[str, Any] = {"type": "mcp_toolset", "mcp_server_name": name}
    toolset |= {each: tool[each] for each in ("default_config", "configs") if each in tool}
    allowed = tool.get("allowed_tools")
    if isinstance(allowed, Mapping):
        allowed = allowed.get("tool_names")
    if isinstance(allowed, list | tuple):
        toolset |= {"default_config": {"enabled": False}, "configs": {str(each): {"enabled": True} for each in allowed}}
    return server, toolset


def is_messages_body(body: Mapping[str, Any]) -> bool:
    """Whether a request's body is of this dialect: it has a system prompt of its own, or blocks that no other has."""
    if isinstance(body.get("system"), str | list) or isinstance(body.get("output_config"), dict):
        return True
    entries = body.get("messages")
    contents = (
        [entry.get("content") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )
    blocks = [
        block for content in contents if isinstance(content, list) for block in content if isinstance(block, dict)
    ]
    return any(block.get("type") in _ONLY_HERE or "cache_control" in block for block in blocks)


def _system(request: Request) -> str:
    texts = [message.text for message in request.messages if message.role == "system"]
    return "\n\n".join(filter(None, (request.system, *texts)))


def _messages(request: Request) -> list[dict[str, Any]]:
    """The conversation: roles take turns, so neighbours of one role become one message."""
    messages: list[dict[str, Any]] = []
    for message in mend_history(request.messages):
        if message.role == "system":
            continue
        role = "assistant" if message.role == "assistant" else "user"
        blocks = list(_assistant(message, request.origin) if role == "assistant" else _user(message))
        if not blocks:
            continue
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += blocks
        else:
            messages.append({"role": role, "content": blocks})
    if messages and messages[-1]["content"][-1].get("type") in ("text", "image", "tool_result"):
        messages[-1]["content"][-1] = {**messages[-1]["content"][-1], **_CACHED}
    return messages


def _user(message: Message) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        match part:
            case TextPart(text=text) if text:  # an empty block is refused
                yield {"type": "text", "text": text}
            case ImagePart():
                yield _image(part)
            case ToolResultPart():
                content = [{"type": "text", "text": part.text}] if part.text else []
                result: dict[str, Any] = {"type": "tool_result", "tool_use_id": part.call_id}
                result["content"] = [*content, *map(_image, part.images)]
                yield {**result, "is_error": True} if part.is_error else result
            case _:
                pass


def _image(image: ImagePart) -> dict[str, Any]:
    match = _DATA_URL.fullmatch(image.url)
    if match is None:
        return {"type": "image", "source": {"type": "url", "url": image.url}}
    return {"type": "image", "source": {"type": "base64", "media_type": match["type"], "data": match["data"]}}


def _assistant(message: Message, origin: str) -> Iterator[dict[str, Any]]:
    calls = [part for part in message.parts if isinstance(part, ToolCallPart)]
    if origin and message.origin == origin and _tells_all(message, calls):
        yield from filter(_is_taken_back, map(dict, message.items))
        return
    if message.text:
        yield {"type": "text", "text": message.text}
    for call in calls:
        yield {"type": "tool_use", "id": call.id, "name": call.name, "input": _input(call.arguments)}


def _tells_all(message: Message, calls: list[ToolCallPart]) -> bool:
    """Whether the blocks kept say all that the message says: they may be of another dialect, or cut."""
    said = "".join(block.get("text") or "" for block in message.items if block.get("type") == "text")
    called = [(block.get("id"), block.get("input")) for block in message.items if block.get("type") == "tool_use"]
    return (
        bool(message.items) and said == message.text and called == [(call.id, _input(call.arguments)) for call in calls]
    )


def _is_taken_back(block: Mapping[str, Any]) -> bool:
    """Thoughts go back as they came, signed: what is not signed would be refused, and so would an empty text."""
    match block.get("type"):
        case "thinking":
            return bool(block.get("signature"))
        case "text":
            return bool(block.get("text"))
        case _:
            return True


def _input(arguments: str) -> Any:
    try:
        value = parse_json(arguments or "{}")
    except FrameError:
        return {}
    return value if isinstance(value, dict) else {}
