"""Requests of the Chat Completions dialect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tui.domain.message import ImagePart, Message, ToolCallPart, ToolResultPart
from tui.domain.request import Request
from tui.wire.content import write_content
from tui.wire.history import mend_history
from tui.wire.request_body import merge_body, put_options

OPTIONS = {
    "max_tokens": "max_completion_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "seed": "seed",
    "stop": "stop",
    "service_tier": "service_tier",
    "parallel_tool_calls": "parallel_tool_calls",
}
"""The options of a conversation that this dialect has, and what it calls them."""
_FRAGMENTED = frozenset({"reasoning_details", "thinking_blocks"})
_TOOL_CHOICES = ("auto", "none", "required")


def encode_chat(request: Request) -> dict[str, Any]:
    """The JSON body that asks for a streamed chat completion.

    Fields of `request.body` come last and win; one that is `None` removes the field of that name
    (`stream_options`, for a server that does not know it).
    """
    body: dict[str, Any] = {
        "model": request.model,
        "messages": list(_messages(request)),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    tools: list[dict[str, Any]] = []
    for tool in request.tools:
        function: dict[str, Any] = {
            "name": tool.name,
            "description": tool.description,
            "parameters": dict(tool.parameters),
        }
        if tool.strict is not None:
            function["strict"] = tool.strict
        tools.append({"type": "function", "function": function})
    tools.extend(dict(tool) for tool in request.server_tools)
    if tools:
        body["tools"] = tools
        if choice := request.tool_choice:
            body["tool_choice"] = (
                choice if choice in _TOOL_CHOICES else {"type": "function", "function": {"name": choice}}
            )
    if (schema := request.schema) is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": schema.name, "schema": dict(schema.schema), "strict": schema.strict},
        }
    put_options(body, request, OPTIONS)
    if not tools:
        body.pop("parallel_tool_calls", None)  # without tools it is refused
    if request.reasoning_effort:
        body["reasoning_effort"] = request.reasoning_effort
    return merge_body(body, request)


def _messages(request: Request) -> Iterator[dict[str, Any]]:
    if request.system:
        yield {"role": "system", "content": request.system}
    for message in mend_history(request.messages):
        match message.role:
            case "assistant":
                yield _assistant(message, request.origin)
            case "tool":
                yield from _results(message)
            case role:
                yield {"role": role, "content": write_content(message, "text", _image)}


def _image(image: ImagePart) -> dict[str, Any]:
    detail = {} if image.detail == "auto" else {"detail": image.detail}
    return {"type": "image_url", "image_url": {"url": image.url, **detail}}


def _assistant(message: Message, origin: str) -> dict[str, Any]:
    is_theirs = bool(origin) and message.origin == origin
    calls = [
        {
            **(part.extra if is_theirs and part.extra else {}),
            "id": part.id,
            "type": "function",
            "function": {"name": part.name, "arguments": part.arguments},
        }
        for part in message.parts
        if isinstance(part, ToolCallPart)
    ]
    encoded: dict[str, Any] = {"role": "assistant", "content": message.text or (None if calls else "")}
    if calls:
        encoded["tool_calls"] = calls
    if is_theirs:
        for name, value in message.echo.items():
            encoded.setdefault(name, _join_details(value) if name in _FRAGMENTED else value)
    return encoded


def _results(message: Message) -> Iterator[dict[str, Any]]:
    images: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, ToolResultPart):
            yield {"role": "tool", "tool_call_id": part.call_id, "content": part.text}
            images.extend(map(_image, part.images))
    if images:
        # A tool's message holds text only: its pictures follow in the user's name.
        yield {"role": "user", "content": [{"type": "text", "text": "The images that the tools returned:"}, *images]}


def _join_details(details: Any) -> Any:
    """Join the fragments of streamed `reasoning_details`: they must go back as they would have come whole."""
    if not isinstance(details, Sequence) or isinstance(details, str):
        return details
    joined: list[Any] = []
    for detail in details:
        last = joined[-1] if joined else None
        if isinstance(detail, dict) and isinstance(last, dict) and _continues(last, detail):
            for name, value in detail.items():
                if name in ("text", "summary", "thinking") and isinstance(value, str):
                    last[name] = (last.get(name) or "") + value
                elif value is not None:
                    last[name] = value
        else:
            joined.append(dict(detail) if isinstance(detail, dict) else detail)
    return joined


def _continues(last: dict[str, Any], detail: dict[str, Any]) -> bool:
    if detail.get("type") == "thinking":
        return last.get("type") == "thinking" and not last.get("signature")
    is_text = detail.get("type") in ("reasoning.text", "reasoning.summary")
    return is_text and all(last.get(name) == detail.get(name) for name in ("type", "index"))
