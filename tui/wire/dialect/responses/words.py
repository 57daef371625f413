"""What an event of the Responses dialect is, in a word, and its gist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.wire.dialect.shape import FrameWords

_KINDS = {
    "response.output_text.delta": "text",
    "response.reasoning_text.delta": "thinking",
    "response.reasoning_summary_text.delta": "thinking",
    "response.function_call_arguments.delta": "arguments",
    "response.refusal.delta": "refusal",
    "response.completed": "finish",
    "response.incomplete": "finish",
    "response.failed": "error",
    "error": "error",
}


def describe_event(event: Mapping[str, Any]) -> FrameWords:
    """See `Dialect.describes`."""
    type_ = str(event.get("type", ""))
    kind = _KINDS.get(type_)
    if kind in ("text", "thinking", "arguments", "refusal"):
        return kind, str(event.get("delta", ""))
    if kind is not None:
        return kind, type_
    return type_.removeprefix("response.").rpartition(".")[0][-10:] or type_[:10], type_
