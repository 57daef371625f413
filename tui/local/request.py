"""Requests for the built-in model: small enough for it, and with the parameters under which it does best."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from tui.domain.message import ImagePart, Message, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from tui.domain.model import Model
from tui.domain.request import Request, ToolDefinition
from tui.local.bound import bounded
from tui.local.model import CONTEXT_TOKENS
from tui.local.weights import SMOLLM2, Weights

LOCAL_NAME = "local"
HISTORY_TOKENS = 1500
REPLY_TOKENS = 512
# What a user's own file is given of its context; the rest is for tools, and for counting too few.
OWN_HISTORY_SHARE = 2800 / 4096
OWN_REPLY_SHARE = 1 / 4

_CHARS_PER_TOKEN = 4
_MESSAGE_TOKENS = 5
_WORD = re.compile(r"[^\W_]{4,}")


def local_models(weights: Weights | None = None, context: int = CONTEXT_TOKENS) -> list[Model]:
    """The one model it offers, known without starting it."""
    return [
        Model(
            id=weights.alias if weights else SMOLLM2.alias,
            endpoint=LOCAL_NAME,
            context=context,
            price_in=0.0,
            price_cached=0.0,
            price_out=0.0,
            inputs=("text",),
            outputs=("text",),
            owner="your own file" if weights and weights.is_own else "HuggingFaceTB",
        )
    ]


def fit_request(request: Request, *, is_own: bool = False, context: int = CONTEXT_TOKENS) -> Request:
    """A request as the built-in model can do it, without images; what the user chose stays as chosen.

    `is_own` is for a file of the user's own: its history is cut to its context, and nothing else is changed.
    """
    request = replace(request, messages=tuple(map(_without_images, request.messages)))
    most = int(context * OWN_HISTORY_SHARE)
    if is_own:
        return replace(
            request,
            messages=trim_messages(request.messages, most - count_tokens(request.system)),
            max_tokens=request.max_tokens or int(context * OWN_REPLY_SHARE),
        )
    tools, choice, is_forced = _choose_tools(request)
    expects_call = is_forced or _names_tool(request.messages, tools)
    body = request_body(has_tools=bool(tools), has_schema=request.schema is not None, expects_call=expects_call)
    if is_forced:
        body["chat_template_kwargs"] = {"use_tools": True}
    max_tokens, temperature = body.pop("max_tokens"), body.pop("temperature")
    return replace(
        request,
        messages=trim_messages(request.messages, min(most, HISTORY_TOKENS) - count_tokens(request.system)),
        tools=tools,
        tool_choice=choice,
        schema=replace(request.schema, schema=bounded(request.schema.schema)) if request.schema else None,
        max_tokens=request.max_tokens or max_tokens,
        temperature=temperature if request.temperature is None else request.temperature,
        body={**body, **request.body},
    )


def _without_images(message: Message) -> Message:
    if not any(isinstance(part, ImagePart) for part in message.parts):
        return message
    return replace(message, parts=tuple([part for part in message.parts if not isinstance(part, ImagePart)]))


def request_body(*, has_tools: bool, has_schema: bool, expects_call: bool | None = None) -> dict[str, Any]:
    """The fields under which this model does best, as measured.

    A call of a tool is copied, so without chance; `expects_call` says whether one is likely, and is `has_tools`
    where it is not known. All else falls into loops unless repetition is punished a little, and a list in a schema
    unless it is punished more; calls are spared, because it hurts copying.
    """
    body: dict[str, Any] = {"max_tokens": REPLY_TOKENS, "temperature": 0.3}
    if has_tools:
        body["parallel_tool_calls"] = False
    if has_tools if expects_call is None else expects_call:
        body["temperature"] = 0.0
    else:
        body["repeat_penalty"] = 1.15 if has_schema and not has_tools else 1.05
        body["repeat_last_n"] = 256
    return body


def trim_messages(messages: Sequence[Message], budget_tokens: int) -> tuple[Message, ...]:
    """The newest messages that fit, by an estimate of four characters a token.

    Whole exchanges go, oldest first: a prompt with its reply, its tool calls and their results. System messages
    and the last exchange stay, whatever their size.
    """
    trimmed = [message for message in messages if message.role == "system"]
    exchanges = list(_exchanges(message for message in messages if message.role != "system"))
    left = budget_tokens - sum(map(_message_tokens, trimmed))
    first = len(exchanges)
    while first > 0:
        left -= sum(map(_message_tokens, exchanges[first - 1]))
        if left < 0 and first < len(exchanges):
            break
        first -= 1
    return (*trimmed, *(message for exchange in exchanges[first:] for message in exchange))


def count_tokens(text: str) -> int:
    """About how many tokens a text has."""
    return -(-len(text) // _CHARS_PER_TOKEN)


def _exchanges(messages: Iterator[Message]) -> Iterator[list[Message]]:
    exchange: list[Message] = []
    for message in messages:
        if message.role == "user" and exchange:
            yield exchange
            exchange = []
        exchange.append(message)
    if exchange:
        yield exchange


def _message_tokens(message: Message) -> int:
    chars = 0
    for part in message.parts:
        match part:
            case TextPart(text) | ToolResultPart(text=text):
                chars += len(text)
            case ToolCallPart(name=name, arguments=arguments):
                chars += len(name) + len(arguments)
            case ReasoningPart() | ImagePart():
                pass
    return _MESSAGE_TOKENS + -(-chars // _CHARS_PER_TOKEN)


def _choose_tools(request: Request) -> tuple[tuple[ToolDefinition, ...], str, bool]:
    """The tools to offer, the choice to send, and whether the template must show them although none is named.

    The server does not honour the choice of a named tool, and one that is required it calls only if it is shown.
    """
    if request.tool_choice == "none":
        return (), "", False
    if named := tuple(tool for tool in request.tools if tool.name == request.tool_choice):
        return named, "required", True
    is_forced = request.tool_choice == "required" and not _names_tool(request.messages, request.tools)
    return request.tools, request.tool_choice, is_forced


def _names_tool(messages: Sequence[Message], tools: Sequence[ToolDefinition]) -> bool:
    """Whether the last message is a prompt that names a tool: a word of it begins as one of a tool's name."""
    if not messages or messages[-1].role != "user":
        return False
    said = _WORD.findall(messages[-1].text.lower())
    return any(word.startswith(name) for tool in tools for name in _WORD.findall(tool.name.lower()) for word in said)
