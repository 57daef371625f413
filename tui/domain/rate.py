"""How fast a reply comes, in tokens a second."""

from __future__ import annotations

from tui.domain.turn import Turn

CHARACTERS_PER_TOKEN = 4
"""A rough measure, used only where the endpoint has not counted yet."""

SHORTEST = 0.2
"""Seconds of a reply below which a rate says nothing."""


def rate_of(turn: Turn, now: float | None = None) -> tuple[float, bool] | None:
    """Tokens a second until the reply's end, or until `now`, and whether the endpoint counted them.

    `None` where there is nothing to go by.
    """
    usage, timing = turn.usage, turn.timing
    if usage is not None and usage.rate:
        return usage.rate, True
    until = timing.ended_at or timing.progress_at if now is None else timing.ended_at or now
    if timing.first_delta_at is None or until is None or (span := until - timing.first_delta_at) < SHORTEST:
        return None
    if usage is not None and usage.output:
        return usage.output / span, turn.state.is_over
    grown = turn.body.size + turn.thoughts.size
    return (grown / CHARACTERS_PER_TOKEN / span, False) if grown else None
