"""Events: deltas and turns as the JSON lines that `rillet ask --events` and `rillet decode` print."""

from __future__ import annotations

from typing import Any

from tui.domain.delta import (
    CitationDelta,
    Delta,
    FinishDelta,
    PromptProgressDelta,
    ReasoningDelta,
    RefusalDelta,
    RetryDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from tui.domain.tool_call import ToolCall
from tui.domain.turn import Turn
from tui.domain.turn_record import turn_record
from tui.wire.json_text import write_shown_json


def delta_event(delta: Delta, at: float) -> dict[str, Any] | None:
    """A delta as an event, `t` seconds after the request was sent; `None` for those only the turn tells of."""
    event: dict[str, Any]
    match delta:
        case TextDelta() | ReasoningDelta() | RefusalDelta():
            event = {"type": _KINDS[type(delta)], "text": delta.text}
            if delta.part:
                event["part"] = delta.part
            if delta.replaces:
                event["replaces"] = True
        case ToolCallDelta():
            event = {
                "type": "approval" if delta.server else "tool_call",
                "index": delta.index,
                "id": delta.id or None,
                "name": delta.name or None,
                "arguments": delta.arguments,
            }
            if delta.server:
                event["server"] = delta.server
            if delta.replaces:
                event["replaces"] = True
        case CitationDelta():
            event = {"type": "citation", "url": delta.url or None, "title": delta.title or None}
            if delta.end is not None:
                event |= {"part": delta.part, "start": delta.start, "end": delta.end}
        case UsageDelta(usage=usage):
            event = {
                "type": "usage",
                "tokens": usage.tokens(),
                "cost_usd": usage.cost_usd,
                "estimated_usd": usage.estimated_usd,
                "rate": usage.rate,
                "usage": dict(usage.raw),
            }
        case PromptProgressDelta():
            event = {"type": "prompt_progress", "read": delta.read, "total": delta.total, "cached": delta.cached}
        case RetryDelta():
            event = {
                "type": "retry",
                "attempt": delta.attempt,
                "of": delta.of,
                "wait": delta.wait,
                "reason": delta.reason,
            }
        case FinishDelta():
            event = {
                "type": "finish",
                "reason": delta.reason or None,
                "incomplete_reason": delta.incomplete_reason or None,
            }
        case _:
            return None
    event["t"] = round(at, 6)
    return event


def result_event(call: ToolCall, at: float) -> dict[str, Any] | None:
    """What became of a tool call, as an event; `None` while nothing has."""
    outcome, result = call.outcome, call.answer()
    if outcome is None or result is None:
        return None
    server = {"server": call.server} if call.server else {}
    return {
        "type": "approval_answer" if call.server else "tool_result",
        **server,
        "index": call.index,
        "id": call.id or None,
        "name": call.name or None,
        "arguments": call.final_arguments,
        "state": outcome.state,
        "is_error": result.is_error,
        "text": result.text,
        "images": len(outcome.images),
        "seconds": round(outcome.duration, 6),
        "t": round(at, 6),
    }


def turn_event(turn: Turn) -> dict[str, Any]:
    """The last event: the whole turn, and how it ended."""
    return {"type": "turn", **turn_record(turn)}


def event_line(event: dict[str, Any]) -> str:
    """An event as one line of JSON: whatever it says, it breaks no line and drives no terminal."""
    return write_shown_json(event)


_KINDS = {TextDelta: "text", ReasoningDelta: "reasoning", RefusalDelta: "refusal"}
