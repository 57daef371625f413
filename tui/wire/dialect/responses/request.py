"""Requests of the Responses dialect. Nothing is left at the endpoint: every request carries the conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui.domain.lazy_pattern import LazyPattern
from tui.domain.message import ImagePart, Message, ToolCallPart, ToolResultPart
from tui.domain.request import Request
from tui.wire.content import write_content
from tui.wire.dialect.responses.output_item import APPROVAL, CALLS
from tui.wire.history import mend_history
from tui.wire.request_body import merge_body, put_options

OPTIONS = {
    "max_tokens": "max_output_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "service_tier": "service_tier",
    "parallel_tool_calls": "parallel_tool_calls",
    "max_turns": "max_turns",
    "previous_response_id": "previous_response_id",
}
"""The options of a conversation that this dialect has, and what it calls them."""
_TOOL_CHOICES = ("auto", "none", "required")
# Asking for encrypted reasoning is an error at models that do not reason.
_REASONS = LazyPattern(r"(?:^|/)(?:grok|o[1-9]|gpt-[5-9])")


_RESULTS = {
    "web_search": "web_search_call.action.sources",
    "web_search_preview": "web_search_call.action.sources",
    "code_interpreter": "code_interpreter_call.outputs",
    "file_search": "file_search_call.results",
}
"""What a tool that the endpoint runs found or put out: it comes only where it is asked for."""


_MCP_NAMES = {"url": "server_url", "authorization_token": "authorization"}
"""What Messages call the fields of a remote MCP server, and what they are called here."""


def encode_responses(request: Request) -> dict[str, Any]:
    """The JSON body that asks for a streamed response.

    Fields of `request.body` come last and win; one that is `None` removes the field of that name.
    """
    body: dict[str, Any] = {
        "model": request.model,
        "input": list(_input(request)),
        "stream": True,
        "store": False,
    }
    if request.system and request.previous_response_id:  # instructions may not go with it
        body["input"].insert(0, {"role": "system", "content": request.system})
    elif request.system:
        body["instructions"] = request.system
    include: list[str] = []
    if request.reasoning_effort or _REASONS.search(request.model):
        include.append("reasoning.encrypted_content")
    include += [wanted for tool in request.server_tools if (wanted := _RESULTS.get(str(tool.get("type"))))]
    if include:
        body["include"] = include
    if request.reasoning_effort:
        body["reasoning"] = {"effort": request.reasoning_effort, "summary": "auto"}
    tools: list[dict[str, Any]] = []
    for tool in request.tools:
        function: dict[str, Any] = {
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": dict(tool.parameters),
        }
        if tool.strict is not None:
            function["strict"] = tool.strict
        tools.append(function)
    tools.extend(dict(tool) for tool in request.server_tools)
    if tools:
        body["tools"] = tools
        if choice := request.tool_choice:
            body["tool_choice"] = choice if choice in _TOOL_CHOICES else {"type": "function", "name": choice}
    if (schema := request.schema) is not None:
        body["text"] = {
            "format": {
                "type": "json_schema",
                "name": schema.name,
                "schema": dict(schema.schema),
                "strict": schema.strict,
            }
        }
    put_options(body, request, OPTIONS)
    if not tools:
        body.pop("parallel_tool_calls", None)
    return merge_body(body, request)


def write_server_tool(name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A tool that the endpoint runs itself; a remote MCP server is labelled by its name here, where it has no label."""
    tool = {"type": name, **fields}
    if tool["type"] != "mcp":
        return tool
    renamed = {_MCP_NAMES.get(field, field): value for field, value in tool.items()}
    return {"server_label": name, **renamed}


def _input(request: Request) -> Iterator[dict[str, Any]]:
    approvals: set[str] = set()
    for message in mend_history(request.messages, approvals_at=request.origin):
        match message.role:
            case "assistant":
                approvals = {part.id for part in message.parts if isinstance(part, ToolCallPart) and part.server}
                yield from _assistant(message, request.origin)
            case "tool":
                for part in message.parts:
                    if isinstance(part, ToolResultPart) and part.call_id in approvals:
                        yield _approval(part)
                    elif isinstance(part, ToolResultPart):
                        yield {"type": "function_call_output", "call_id": part.call_id, "output": _output(part)}
            case role:
                yield {"role": role, "content": write_content(message, "input_text", _image)}


def _image(image: ImagePart) -> dict[str, Any]:
    return {"type": "input_image", "image_url": image.url, "detail": image.detail}


def _approval(result: ToolResultPart) -> dict[str, Any]:
    """What a person said to a call at an MCP server that the endpoint asked to be allowed."""
    answer = {"type": "mcp_approval_response", "approval_request_id": result.call_id, "approve": not result.is_error}
    return {**answer, "reason": result.text} if result.is_error and result.text else answer


def _output(result: ToolResultPart) -> str | list[dict[str, Any]]:
    if not result.images:
        return result.text
    return [{"type": "input_text", "text": result.text}, *map(_image, result.images)]


def _assistant(message: Message, origin: str) -> Iterator[dict[str, Any]]:
    calls = [part for part in message.parts if isinstance(part, ToolCallPart)]
    if origin and message.origin == origin and _tells_all(message, calls):
        yield from _echo(message.items)
        return
    if message.text:
        yield {"role": "assistant", "content": message.text}
    for call in calls:
        if call.server:
            yield {"type": APPROVAL, "id": call.id, "server_label": call.server} | _called(call)
        else:
            yield {"type": "function_call", "call_id": call.id} | _called(call)


def _called(call: ToolCallPart) -> dict[str, Any]:
    return {"name": call.name, "arguments": call.arguments}


def _tells_all(message: Message, calls: list[ToolCallPart]) -> bool:
    """Whether the items kept say all that the message says: a reply that was cut has items missing."""
    said = "".join(
        part.get("text") or "" for item in message.items if item.get("type") == "message" for part in _texts(item)
    )
    called = [
        (item.get("id" if item.get("type") == APPROVAL else "call_id"), item.get("arguments"))
        for item in message.items
        if item.get("type") in CALLS
    ]
    return bool(message.items) and said == message.text and called == [(call.id, call.arguments) for call in calls]


def _echo(items: tuple[Mapping[str, Any], ...]) -> Iterator[dict[str, Any]]:
    """Every item unchanged and in order: reasoning belongs to what it led to, and what the endpoint ran is part of it."""
    for item in items:
        # What was thought is at nobody's but ours: without its sealed content an id of it means nothing.
        if item.get("type") != "reasoning" or item.get("encrypted_content"):
            yield dict(item)


def without_server_items(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """See `Dialect.without_items`; reasoning may not stand without the item that it led to."""
    remaining: list[Any] = []
    thoughts: list[Any] = []
    has_some = False
    items = body.get("input")
    for item in items if isinstance(items, list) else ():
        type_ = item.get("type") if isinstance(item, Mapping) else None
        if type_ == "reasoning":
            thoughts.append(item)
        elif type_ in (None, "message", "function_call", "function_call_output"):
            remaining += [*thoughts, item]
            thoughts.clear()
        else:
            thoughts.clear()
            has_some = True
    return {**body, "input": remaining} if has_some else None


def _texts(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    return [part for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
