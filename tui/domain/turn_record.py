"""A turn as plain values: what `rillet ask --events` prints last, and what tests compare."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from tui.domain.turn import Turn


def turn_record(turn: Turn) -> dict[str, Any]:
    """What a turn came to, as JSON values.

    Returns:
        `reasoning` is empty where there are several `reasoning_parts`; `refusal`, `finish_reason`, `usage`
        (the endpoint's own object) and `error` are `None` where there is none; `approvals` are the calls of MCP servers
        that the endpoint asks to be allowed; `tokens` are the counts made
        comparable; `next` is what must be done now: `tools`, `done` or `error`.
    """
    thoughts = turn.thoughts.parts
    usage = turn.usage
    return {
        "state": str(turn.state),
        "text": turn.text,
        "reasoning": thoughts[0] if len(thoughts) == 1 else "",
        "reasoning_parts": thoughts,
        "refusal": turn.refusal or None,
        "tool_calls": [call.record() for call in turn.tool_calls if not call.server],
        "approvals": [call.record() for call in turn.tool_calls if call.server],
        "finish_reason": turn.finish_reason,
        "incomplete_reason": turn.incomplete_reason,
        "usage": dict(usage.raw) if usage is not None and usage.raw else None,
        "tokens": usage.tokens() if usage is not None else None,
        "cost_usd": usage.cost_usd if usage is not None else None,
        "estimated_usd": usage.estimated_usd if usage is not None else None,
        "server_calls": usage.server_calls if usage is not None else None,
        "sources": usage.sources if usage is not None else None,
        "images": [turn.images[index] for index in sorted(turn.images)],
        "citations": [citation.url or citation.title for citation in turn.citations],
        "citation_marks": [structs.asdict(mark) for mark in turn.marks],
        "model": turn.answered_by or None,
        "response_id": turn.response_id or None,
        "items": [dict(item) for _, item in sorted(turn.items.items())],
        "server_tools": [dict(item) for _, item in sorted(turn.server_tools.items())],
        "oddities": turn.oddity_count,
        "next": turn.next,
        "error": None if turn.error is None else turn.error.record(),
        "timing": turn.timing.record(),
    }
