"""What is told in words in the Responses dialect: which events and which parts, and the deltas they become; and which events tell nothing."""

from __future__ import annotations

from tui.domain.delta import Delta, ReasoningDelta, RefusalDelta, TextDelta
from tui.wire.dialect.responses.output_item import Part, Prose

PROSE_EVENTS: dict[str, tuple[Prose, str, str, str, str]] = {
    f"response.{name}": (kind, item, where, place, told)
    for name, kind, item, where, place, told in (
        ("output_text", TextDelta, "message", "content", "content_index", "text"),
        ("refusal", RefusalDelta, "message", "content", "content_index", "refusal"),
        ("reasoning_text", ReasoningDelta, "reasoning", "content", "content_index", "text"),
        ("reasoning_summary_text", ReasoningDelta, "reasoning", "summary", "summary_index", "text"),
        ("reasoning_summary", ReasoningDelta, "reasoning", "summary", "summary_index", "text"),
        ("reasoning", ReasoningDelta, "reasoning", "content", "content_index", "text"),
    )
}
PART_KINDS: dict[str, tuple[Prose, str]] = {
    "output_text": (TextDelta, "text"),
    "text": (TextDelta, "text"),
    "refusal": (RefusalDelta, "refusal"),
    "reasoning_text": (ReasoningDelta, "text"),
    "summary_text": (ReasoningDelta, "text"),
}

QUIET_EVENTS = frozenset(
    {
        *("response.in_progress", "response.queued", "response.created"),
        *("response.audio.delta", "response.audio.done", "response.audio.transcript.done"),
        *("response.output_audio.delta", "response.output_audio.done", "response.output_audio_transcript.done"),
        *("response.rate_limits.updated", "rate_limits.updated"),
        *("response.steer.accepted", "response.steer.pending", "response.steer.failed", "keepalive", "ping"),
    }
)


def said(kind: Prose, text: str, part: Part, *, replaces: bool = False) -> Delta:
    """The delta of a text in a part."""
    if kind is TextDelta:
        return TextDelta(text, part.number, replaces, part.message)
    return kind(text, part.number, replaces)
