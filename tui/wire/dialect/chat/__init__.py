"""Chat Completions: the dialect that nearly every endpoint speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui.domain.request import ReplySchema
from tui.wire.dialect.chat.request import OPTIONS, encode_chat
from tui.wire.dialect.shape import Dialect, FrameWords
from tui.wire.request_body import last_prompt, read_schema

if TYPE_CHECKING:
    from tui.wire.decoder import Decoder
    from tui.wire.limit import Limits
    from tui.wire.teller import Teller


def _recognises(event: str, value: Any) -> bool:
    del event
    return isinstance(value, dict) and "choices" in value


def _schema_of(body: Mapping[str, Any]) -> ReplySchema | None:
    asked = body.get("response_format")
    return read_schema(asked.get("json_schema")) if isinstance(asked, Mapping) else None


def _prompt_of(body: Mapping[str, Any]) -> str | None:
    return last_prompt(body.get("messages"))


def _decoder(limits: Limits, secrets: Sequence[str]) -> Decoder:
    from tui.wire.dialect.chat.reply import ChatDecoder

    return ChatDecoder(limits, secrets)


def _describe(frame: Mapping[str, Any]) -> FrameWords:
    from tui.wire.dialect.chat.words import describe_chunk

    return describe_chunk(frame)


def _teller(model: str, *, with_usage: bool) -> Teller:
    from tui.wire.dialect.chat.tell import ChatTeller

    return ChatTeller(model, with_usage=with_usage)


DIALECT = Dialect(
    name="chat",
    title="Chat Completions",
    path="/chat/completions",
    encode=encode_chat,
    make_teller=_teller,
    make_decoder=_decoder,
    describes=_describe,
    recognises=_recognises,
    schema_of=_schema_of,
    prompt_of=_prompt_of,
    limit_field="max_completion_tokens",
    options=frozenset({*OPTIONS, "tool_choice"}),
    may_rename_limit=True,
    needs_done=True,
)
