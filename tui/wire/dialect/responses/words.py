"""What an event of the Responses dialect is, in a word, and its gist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.wire.dialect.shape import FrameWords
from tui.wire.kind_word import kind_word

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
    "response.created": "start",
    "response.queued": "state",
    "response.in_progress": "state",
    "response.output_text.done": "whole",
    "response.reasoning_text.done": "whole",
    "response.reasoning_summary_text.done": "whole",
    "response.function_call_arguments.done": "whole",
    "response.refusal.done": "whole",
    "response.output_text.annotation.added": "citation",
}
_FAMILIES = {"output_item": "item", "content_part": "part", "reasoning_summary_part": "part"}


def describe_event(event: Mapping[str, Any]) -> FrameWords:
    """See `Dialect.describes`."""
    type_ = str(event.get("type", ""))
    kind = _KINDS.get(type_)
    if kind in ("text", "thinking", "arguments", "refusal"):
        return kind, str(event.get("delta", ""))
    name = type_.removeprefix("response.")
    if kind is not None:
        return kind, name
    family = name.partition(".")[0]
    if family.endswith("_call"):
        return "tool", name
    return _FAMILIES.get(family) or kind_word(family) or "odd", f"{name}{_inner(event)}"


def _inner(event: Mapping[str, Any]) -> str:
    """What begins or ends there: the type of the item or part, and the tool's name."""
    inner = event.get("item") or event.get("part")
    words = (inner.get("type"), inner.get("name")) if isinstance(inner, dict) else ()
    return "".join(f" {word}" for word in words if isinstance(word, str))
