"""Kinds of frames: what one says, in a word, and the part of it that is worth a glance."""

from __future__ import annotations

from tui.domain.error import RilletError
from tui.wire.dialect import recognise_frame
from tui.wire.json_text import parse_json, write_json
from tui.wire.kind_word import kind_word
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
_PREVIEW = 400


def describe_frame(frame: Frame) -> tuple[str, str, str]:
    """A frame's kind, the style of that, and a preview."""
    kind, preview = _describe(frame)
    return kind, TONES.get(kind, "muted"), preview[:_PREVIEW]


def _describe(frame: Frame) -> tuple[str, str]:
    data = frame.data
    if data.strip() == "[DONE]":
        return "done", "[DONE]"
    try:
        value = parse_json(data)
    except RilletError:
        return "odd", data
    if not isinstance(value, dict):
        return "odd", data
    if value.get("error"):
        return "error", write_json(value["error"])
    dialect = recognise_frame(frame.event, value)
    kind, preview = dialect.describes(value) if dialect is not None else _describe_other(value)
    return kind, _tokens(value) + (preview or data) if kind == "usage" else preview or data


def _tokens(value: dict[str, object]) -> str:
    """The tokens that a usage counts, in words before it: the names of its fields alone would fill a narrow row."""
    usage = value.get("usage")
    if not isinstance(usage, dict):
        return ""
    names = (("prompt_tokens", "input_tokens", "in"), ("completion_tokens", "output_tokens", "out"))
    counts = [(usage.get(name, usage.get(other)), word) for name, other, word in names]
    words = [f"{count:,} {word}" for count, word in counts if isinstance(count, int) and not isinstance(count, bool)]
    return f"{' · '.join(words)}  " if words else ""


def _describe_other(value: dict[str, object]) -> tuple[str, str]:
    type_ = value.get("type")
    if isinstance(type_, str) and type_:
        return ("error" if type_ == "error" else kind_word(type_)), type_
    return ("usage" if value.get("usage") else "odd"), ""
