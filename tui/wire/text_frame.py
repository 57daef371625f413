"""Text frames: they add text and say nothing else, as nine in ten do, read three times as fast as the rest.

A frame with anything more in it, or of another shape, is left to the decoder's long way: whatever is read
here must come out as it would there. So a member that may hold more is declared to be null, and any other
value of it makes the frame one of another shape.
"""

from __future__ import annotations

import msgspec

from tui.wire.limit import LIMITS

_TOO_LARGE = 10**LIMITS.integer_digits


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: None = None
    reasoning_details: None = None
    refusal: None = None
    tool_calls: None = None
    function_call: None = None
    annotations: None = None
    reasoning_text: None = None
    reasoning_opaque: None = None
    audio: None = None
    images: None = None
    image: None = None
    thinking: None = None
    thought: None = None
    thinking_blocks: None = None


class _Choice(msgspec.Struct):
    delta: _Delta
    index: int = 0
    finish_reason: None = None
    usage: None = None
    error: None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice]
    created: int | None = None
    usage: None = None
    error: None = None
    citations: None = None
    search_results: None = None
    timings: None = None
    x_groq: None = None


class TextEvent(msgspec.Struct):
    """A text delta of the Responses dialect, with all that says where it belongs."""

    type: str
    delta: str
    item_id: str = ""
    output_index: int = -1
    content_index: int = 0
    sequence_number: int | None = None
    error: None = None


_read_chunk = msgspec.json.Decoder(_Chunk).decode
_read_event = msgspec.json.Decoder(TextEvent).decode


def read_text_chunk(data: str) -> tuple[str, str] | None:
    """The text and the reasoning of a Chat Completions chunk that holds one of them and nothing else."""
    try:
        chunk = _read_chunk(data)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    if len(chunk.choices) != 1:
        return None
    choice = chunk.choices[0]
    if choice.index != 0 or (chunk.created and chunk.created >= _TOO_LARGE):
        return None
    text, thought = choice.delta.content or "", choice.delta.reasoning_content or ""
    return (text, thought) if bool(text) != bool(thought) else None


def read_text_event(data: str) -> TextEvent | None:
    """A text delta of the Responses dialect, if it is one and not empty."""
    try:
        event = _read_event(data)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return event if event.type == "response.output_text.delta" and event.delta else None


_HEADS = (b"event: response.output_text.delta\ndata: ", b"data: ")


def read_text_record(data: bytes) -> tuple[TextEvent, bytes] | None:
    """The text delta of the Responses dialect that bytes are, and its JSON, if they are that one frame as most servers write it."""
    if not data.endswith(b"}\n\n") or b"\r" in data:
        return None
    head = next((head for head in _HEADS if data.startswith(head)), None)
    if head is None or b"\n" in (record := data[len(head) : -2]):
        return None
    try:
        event = _read_event(record)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return (event, record) if event.type == "response.output_text.delta" and event.delta else None
