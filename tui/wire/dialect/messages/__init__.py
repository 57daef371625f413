"""Messages: Anthropic's dialect, which llama.cpp, vLLM, LM Studio and LiteLLM speak too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui.domain.request import ReplySchema
from tui.wire.dialect.messages.request import (
    OPTIONS,
    body_headers,
    encode_messages,
    is_messages_body,
    write_server_tool,
)
from tui.wire.dialect.shape import Dialect, FrameWords
from tui.wire.request_body import last_prompt, read_schema

if TYPE_CHECKING:
    from tui.wire.decoder import Decoder
    from tui.wire.limit import Limits
    from tui.wire.teller import Teller


def _recognises(event: str, value: Any) -> bool:
    from tui.wire.dialect.messages.words import EVENTS

    if not isinstance(value, dict):
        return event in EVENTS
    type_ = value.get("type")
    return type_ in EVENTS or (type_ == "message" and isinstance(value.get("content"), list))


def _schema_of(body: Mapping[str, Any]) -> ReplySchema | None:
    asked = body.get("output_config")
    return read_schema(asked.get("format")) if isinstance(asked, Mapping) else None


def _prompt_of(body: Mapping[str, Any]) -> str | None:
    return last_prompt(body.get("messages")) if is_messages_body(body) else None


def _decoder(limits: Limits, secrets: Sequence[str]) -> Decoder:
    from tui.wire.dialect.messages.reply import MessagesDecoder

    return MessagesDecoder(limits, secrets)


def _describe(frame: Mapping[str, Any]) -> FrameWords:
    from tui.wire.dialect.messages.words import describe_event

    return describe_event(frame)


def _teller(model: str, *, with_usage: bool) -> Teller:
    from tui.wire.dialect.messages.tell import MessagesTeller

    return MessagesTeller(model, with_usage=with_usage)


DIALECT = Dialect(
    name="messages",
    title="Messages",
    path="/messages",
    encode=encode_messages,
    make_teller=_teller,
    make_decoder=_decoder,
    describes=_describe,
    recognises=_recognises,
    schema_of=_schema_of,
    prompt_of=_prompt_of,
    limit_field="max_tokens",
    options=frozenset({*OPTIONS, "parallel_tool_calls", "tool_choice"}),
    server_tool=write_server_tool,
    body_headers=body_headers,
    key_header=("x-api-key", ""),
    headers=(("anthropic-version", "2023-06-01"),),
)
