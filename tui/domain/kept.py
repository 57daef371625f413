"""What came of a reply before it ended, counted as a person counts."""

from __future__ import annotations

from tui.domain.turn import Turn


def describe_kept(turn: Turn) -> str:
    """How much came and is kept: "212 words", "1 word and 2 tool calls"; empty where nothing did."""
    text, thoughts, calls = len(turn.text.split()), len(turn.reasoning.split()), len(turn.tool_calls)
    parts = [_count(text, "word")] if text else []
    if thoughts and not text:
        parts.append(f"{_count(thoughts, 'word')} of thinking")
    if turn.images:
        parts.append(_count(len(turn.images), "image"))
    if calls:
        parts.append(_count(calls, "tool call"))
    return " and ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
