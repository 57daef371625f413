"""Kinds of frames: what one says, in a word, and the part of it that is worth a glance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.domain.error import RilletError
from tui.wire.json_text import parse_json, write_json
from tui.wire.sse import Frame

TONES = {
    "text": "",
    "thinking": "muted",
    "role": "muted",
    "arguments": "accent",
    "usage": "muted",
    "finish": "success",
    "done": "success",
    "error": "error",
    "refusal": "warning",
    "odd": "warning",
}
_RESPONSES = {
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


def describe_frame(frame: Frame) -> tuple[str, str, str]:
    """A frame's kind, the style of that, and a preview."""
    kind, preview = _describe(frame.data)
    return kind, TONES.get(kind, "muted"), preview


def _describe(data: str) -> tuple[str, str]:
    if data.strip() == "[DONE]":
        return "done", "[DONE]"
    try:
        value = parse_json(data)
    except RilletError:
        return "odd", data[:200]
    if not isinstance(value, dict):
        return "odd", data[:200]
    if value.get("error"):
        return "error", write_json(value["error"])[:200]
    if isinstance(kind := value.get("type"), str):
        return _describe_event(kind, value)
    return _describe_chunk(value, data)


def _describe_event(kind: str, value: Mapping[str, Any]) -> tuple[str, str]:
    name = _RESPONSES.get(kind)
    if name in ("text", "thinking", "arguments", "refusal"):
        return name, str(value.get("delta", ""))[:400]
    if name is not None:
        return name, kind
    return kind.removeprefix("response.").rpartition(".")[0][-10:] or kind[:10], kind


def _describe_chunk(value: Mapping[str, Any], data: str) -> tuple[str, str]:
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    delta = choice.get("delta") or choice.get("message") or {}
    delta = delta if isinstance(delta, dict) else {}
    if calls := delta.get("tool_calls"):
        call = calls[0] if isinstance(calls, list) and isinstance(calls[0], dict) else {}
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        return "arguments", f"{function.get('name') or ''}{function.get('arguments') or ''}"[:400]
    for key, kind in (
        ("content", "text"),
        ("reasoning_content", "thinking"),
        ("reasoning", "thinking"),
        ("refusal", "refusal"),
    ):
        if isinstance(delta.get(key), str) and delta[key]:
            return kind, delta[key][:400]
    if choice.get("finish_reason"):
        return "finish", str(choice["finish_reason"])
    if value.get("usage"):
        return "usage", write_json(value["usage"])[:200]
    if delta.get("role"):
        return "role", str(delta["role"])
    return ("empty" if "choices" in value else "odd"), data[:200]
