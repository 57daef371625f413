"""How fast a reply comes, in tokens a second."""

from __future__ import annotations

from tui.domain.timing import Timing
from tui.domain.turn import Turn

CHARACTERS_PER_TOKEN = 4
"""A rough measure, used only where the endpoint has not counted yet."""

SHORTEST = 0.5
"""Seconds of a reply below which a rate says nothing."""

NOTICEABLE = 0.1
"""Seconds by which the first word must be later than the first token to be a figure of its own."""

FASTEST = 5000.0
"""Tokens a second that no model writes: what came faster had been held back, and its rate is not the model's."""


def rate_of(turn: Turn, now: float | None = None) -> tuple[float, bool] | None:
    """Tokens a second until the last of the reply came, or until `now`, and whether the endpoint counted them.

    Only what streamed counts: what the model thought without showing it took its time before. `None` where there is nothing to go by.
    """
    usage, timing = turn.usage, turn.timing
    if usage is not None and usage.rate:
        return usage.rate, True
    is_over = now is None or timing.ended_at is not None
    until = timing.progress_at or timing.ended_at if is_over else now
    if timing.first_delta_at is None or until is None or (span := until - timing.first_delta_at) < SHORTEST:
        return None
    tokens, is_exact = _streamed(turn)
    rate = tokens / span
    return (rate, is_exact) if 0 < rate <= FASTEST else None


def _streamed(turn: Turn) -> tuple[float, bool]:
    """How many tokens streamed, and whether the endpoint counted them."""
    usage, shown_thoughts = turn.usage, turn.thoughts.size / CHARACTERS_PER_TOKEN
    if usage is None or not usage.output:
        return turn.body.size / CHARACTERS_PER_TOKEN + shown_thoughts, False
    thoughts = usage.reasoning or 0
    if shown_thoughts * 2 >= thoughts:  # all of them, as far as a rough measure can tell
        return usage.output, turn.state.is_over
    is_exact = turn.state.is_over and not shown_thoughts
    return max(0, usage.output - thoughts) + shown_thoughts, is_exact


def first_word(timing: Timing) -> float | None:
    """Seconds to the first word of the answer, where it came noticeably later than the first token; else `None`."""
    latency, to_word = timing.latency, timing.to_first_word
    return to_word if latency is not None and to_word is not None and to_word - latency >= NOTICEABLE else None
