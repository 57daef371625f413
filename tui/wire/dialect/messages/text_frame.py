"""Text frames of the Messages dialect: events that add text and say nothing else, read at a third of the cost."""

from __future__ import annotations

import msgspec


class _Delta(msgspec.Struct):
    type: str
    text: str = ""
    thinking: str = ""


class _Event(msgspec.Struct):
    type: str
    delta: _Delta
    index: int = 0
    error: None = None


_read = msgspec.json.Decoder(_Event).decode


def read_delta(data: str) -> tuple[int, str, str] | None:
    """The block, and the text or the thought of an event that holds one of them and nothing else."""
    try:
        event = _read(data)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    delta = event.delta
    if event.type != "content_block_delta":
        return None
    if delta.type == "text_delta" and delta.text and not delta.thinking:
        return event.index, delta.text, ""
    if delta.type == "thinking_delta" and delta.thinking and not delta.text:
        return event.index, "", delta.thinking
    return None
