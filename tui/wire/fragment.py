"""Fragments: frames that add text and say nothing else, as nine in ten do, read three times as fast as the rest.

A frame with anything more in it, or of another shape, is left to the decoder's long way: whatever is read
here must come out as it would there.
"""

from __future__ import annotations

from typing import Any

import msgspec

from tui.wire.limit import LIMITS

_TOO_LARGE = 10**LIMITS.integer_digits


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: Any = None
    reasoning_details: Any = None
    refusal: Any = None
    tool_calls: Any = None
    function_call: Any = None
    annotations: Any = None


class _Choice(msgspec.Struct):
    delta: _Delta
    index: int = 0
    finish_reason: str | None = None
    usage: Any = None
    error: Any = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice]
    created: int | None = None
    usage: Any = None
    error: Any = None
    citations: Any = None
    search_results: Any = None
    timings: Any = None
    x_groq: Any = None


class TextEvent(msgspec.Struct):
    """A text delta of the Responses dialect, with all that says where it belongs."""

    type: str
    delta: str
    item_id: str = ""
    output_index: int = -1
    content_index: int = 0
    sequence_number: int | None = None
    error: Any = None


_read_chunk = msgspec.json.Decoder(_Chunk).decode
_read_event = msgspec.json.Decoder(TextEvent).decode


def read_chunk_fragment(data: str) -> tuple[str, str] | None:
    """The text and the reasoning of a Chat Completions chunk that holds one of them and nothing else."""
    try:
        chunk = _read_chunk(data)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    if len(chunk.choices) != 1:
        return None
    choice = chunk.choices[0]
    delta = choice.delta
    is_plain = (
        choice.index == 0
        and choice.finish_reason is None
        and choice.error is None
        and choice.usage is None
        and chunk.usage is None
        and chunk.error is None
        and chunk.citations is None
        and chunk.search_results is None
        and chunk.timings is None
        and chunk.x_groq is None
        and (not chunk.created or chunk.created < _TOO_LARGE)
        and delta.reasoning is None
        and delta.reasoning_details is None
        and delta.refusal is None
        and delta.tool_calls is None
        and delta.function_call is None
        and delta.annotations is None
    )
    text, thought = delta.content or "", delta.reasoning_content or ""
    return (text, thought) if is_plain and bool(text) != bool(thought) else None


def read_text_event(data: str) -> TextEvent | None:
    """A text delta of the Responses dialect, if it is one and not empty."""
    try:
        event = _read_event(data)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    is_plain = event.type == "response.output_text.delta" and event.delta and event.error is None
    return event if is_plain else None
