"""What an event of the Messages dialect is, in a word, and its gist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.wire.dialect.shape import FrameWords
from tui.wire.json_text import write_json
from tui.wire.kind_word import kind_word

EVENTS = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
    }
)
"""The events of no other dialect."""

_DELTAS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("arguments", "partial_json"),
    "signature_delta": ("signature", "signature"),
    "citations_delta": ("citation", "citation"),
}


def describe_event(event: Mapping[str, Any]) -> FrameWords:
    """See `Dialect.describes`."""
    type_ = str(event.get("type", ""))
    match type_:
        case "message_start":
            return "start", type_
        case "content_block_delta":
            delta = event.get("delta")
            delta = delta if isinstance(delta, dict) else {}
            kind, member = _DELTAS.get(str(delta.get("type")), (kind_word(str(delta.get("type"))), ""))
            return kind, str(delta.get(member, ""))
        case "content_block_start" | "content_block_stop":
            block = event.get("content_block")
            block = block if isinstance(block, dict) else {}
            return "block", f"{type_} {block.get('type', '')} {block.get('name', '')}".rstrip()
        case "message_delta":
            delta = event.get("delta")
            reason = delta.get("stop_reason") if isinstance(delta, dict) else None
            return ("finish", str(reason)) if reason else ("usage", write_json(event.get("usage")))
        case "message_stop":
            return "done", type_
        case _:
            return kind_word(type_) or "odd", type_
