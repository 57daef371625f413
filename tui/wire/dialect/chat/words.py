"""What a chunk of Chat Completions is, in a word, and its gist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.wire.dialect.shape import FrameWords
from tui.wire.json_text import write_json

_PROSE = {
    "content": "text",
    "reasoning_content": "thinking",
    "reasoning": "thinking",
    "reasoning_text": "thinking",
    "refusal": "refusal",
}


def describe_chunk(chunk: Mapping[str, Any]) -> FrameWords:
    """See `Dialect.describes`."""
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    delta = choice.get("delta") or choice.get("message") or {}
    delta = delta if isinstance(delta, dict) else {}
    if calls := delta.get("tool_calls"):
        call = calls[0] if isinstance(calls, list) and isinstance(calls[0], dict) else {}
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        return "arguments", f"{function.get('name') or ''}{function.get('arguments') or ''}"
    if isinstance(progress := chunk.get("prompt_progress"), dict):
        return "reading", f"{progress.get('processed')} of {progress.get('total')} tokens of the prompt"
    for key, kind in _PROSE.items():
        if isinstance(delta.get(key), str) and delta[key]:
            return kind, delta[key]
    if choice.get("finish_reason"):
        return "finish", str(choice["finish_reason"])
    if chunk.get("usage"):
        return "usage", write_json(chunk["usage"])
    if delta.get("role"):
        return "role", str(delta["role"])
    return "empty" if "choices" in chunk else "odd", ""
