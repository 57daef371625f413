"""Responses: items, events with names, tools that the endpoint runs itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui.domain.request import ReplySchema
from tui.wire.dialect.responses.request import OPTIONS, encode_responses, without_server_items, write_server_tool
from tui.wire.dialect.shape import Dialect, FrameWords
from tui.wire.request_body import last_prompt, read_schema

if TYPE_CHECKING:
    from tui.wire.decoder import Decoder
    from tui.wire.limit import Limits
    from tui.wire.teller import Teller


def _recognises(event: str, value: Any) -> bool:
    if not isinstance(value, dict):
        return event.startswith("response.")
    is_event = any(isinstance(name, str) and name.startswith("response.") for name in (event, value.get("type")))
    return is_event or (value.get("object") == "response" and isinstance(value.get("output"), list))


def _schema_of(body: Mapping[str, Any]) -> ReplySchema | None:
    asked = body.get("text")
    return read_schema(asked.get("format")) if isinstance(asked, Mapping) else None


def _prompt_of(body: Mapping[str, Any]) -> str | None:
    asked = body.get("input")
    return asked if isinstance(asked, str) else last_prompt(asked)


def _decoder(limits: Limits, secrets: Sequence[str]) -> Decoder:
    from tui.wire.dialect.responses.reply import ResponsesDecoder

    return ResponsesDecoder(limits, secrets)


def _describe(frame: Mapping[str, Any]) -> FrameWords:
    from tui.wire.dialect.responses.words import describe_event

    return describe_event(frame)


def _teller(model: str, *, with_usage: bool) -> Teller:
    from tui.wire.dialect.responses.tell import ResponsesTeller

    return ResponsesTeller(model, with_usage=with_usage)


DIALECT = Dialect(
    name="responses",
    title="Responses",
    path="/responses",
    encode=encode_responses,
    make_teller=_teller,
    make_decoder=_decoder,
    describes=_describe,
    recognises=_recognises,
    schema_of=_schema_of,
    prompt_of=_prompt_of,
    limit_field="max_output_tokens",
    options=frozenset({*OPTIONS, "tool_choice"}),
    without_items=without_server_items,
    server_tool=write_server_tool,
    has_approvals=True,
)
