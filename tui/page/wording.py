"""Wording: how a turn stands, what it took and how it ended, as runs of text."""

from __future__ import annotations

import math

from tui.domain.delta import RetryDelta
from tui.domain.endpoint import Endpoint
from tui.domain.quantity import describe_rate, describe_seconds
from tui.domain.rate import rate_of
from tui.domain.turn import Turn, TurnState
from tui.domain.usage import Usage
from tui.page.line import Line, width_of


def count(number: int) -> str:
    """A number with its thousands set apart."""
    return f"{number:,}"


def money(dollars: float) -> str:
    """An amount of dollars with as many places as it needs: the sum of two small ones is not the same again."""
    if dollars >= 1 or not dollars:
        return f"${dollars:,.2f}"
    places = 4 if dollars >= 0.01 else min(12, 1 - math.floor(math.log10(dollars)))
    return f"${dollars:.{places}f}"


def cost_words(usage: Usage | None) -> str:
    """What a reply cost, marked where that is by a price list; empty where nobody says."""
    if usage is None:
        return ""
    if usage.cost_usd is not None:
        return money(usage.cost_usd)
    return f"~{money(usage.estimated_usd)}" if usage.estimated_usd is not None else ""


def place(endpoint: Endpoint) -> str:
    """Where an endpoint's models run, in a word or two."""
    return "built in" if endpoint.is_local else endpoint.title or endpoint.name


def model_and_place(model: str, endpoint: Endpoint) -> str:
    """A model and where it is, as it is said aloud: `grok-4 at xAI`, `smollm2-135m, built in`."""
    return f"{model}, built in" if endpoint.is_local else f"{model} at {place(endpoint)}"


def figures(turn: Turn, now: float, room: int, account: Line) -> Line:
    """What matters of a turn while it runs, and how the conversation stands; as many of these as fit whole."""
    timing = turn.timing
    parts: list[str] = []
    if not turn.state.is_over:  # afterwards they stand below the reply
        if timing.latency is not None:
            parts.append(f"first token {describe_seconds(timing.latency)}")
        if timing.sent_at is not None and timing.first_delta_at is not None:
            parts.append(describe_seconds(now - timing.sent_at))
        if (speed := rate_of(turn, now)) is not None:
            parts.append(describe_rate(speed[0], is_exact=speed[1]))
    line: Line = [("  ".join(parts), "muted")] if parts else []
    if line and width_of(line) > room:
        return []
    for run in account:
        more: Line = [*line, ("  " if line else "", ""), run]
        line = more if width_of(more) <= room else line
    return line


def usage_figures(usage: Usage) -> list[str]:
    """The tokens and the money of a reply."""
    tokens = [
        (usage.input, "in"),
        (usage.cached or None, "cached"),
        (usage.output, "out"),
        (usage.reasoning or None, "thinking"),
    ]
    parts = [f"{count(number)} {word}" for number, word in tokens if number is not None]
    if cost := cost_words(usage):
        parts.append(cost)
    return parts


def account_line(
    used: int,
    window: int,
    dollars: float,
    *,
    is_exact: bool,
    is_estimate: bool,
    prices_of: str = "",
    is_unpriced: bool = False,
) -> Line:
    """How full the context is, and what a conversation has cost, each where it is known; and that nobody says what it costs."""
    line: Line = []
    if used:
        about = "" if is_exact else "~"
        words = f"context {about}{short_count(used)}"
        share = used / window if window else 0.0
        words += f" of {short_count(window)} ({share:.0%})" if window else " of ?"
        line.append((words, "warning" if share >= 0.85 else "muted"))
    if dollars:
        line.append((f"{'~' if is_estimate else ''}{money(dollars)} in all", "muted"))
    if dollars and prices_of:
        line.append((f"prices of {prices_of}", "muted"))
    if used and is_unpriced:
        line.append(("price unknown", "muted"))
    return line


def short_count(number: int) -> str:
    """A number of tokens in few characters: 940, 12.3k, 1M."""
    if number < 1000:
        return str(number)
    value, unit = (number / 1000, "k") if number < 999_500 else (number / 1_000_000, "M")
    return f"{value:.1f}".removesuffix(".0") + unit if value < 100 else f"{value:.0f}{unit}"


def server_figures(usage: Usage) -> list[str]:
    """How often the endpoint ran tools of its own, and what they found, in words; nothing where it did not."""
    figures = ((usage.server_calls, "tool call there", "tool calls there"), (usage.sources, "source", "sources"))
    return [f"{count(number)} {one if number == 1 else many}" for number, one, many in figures if number]


def ending(turn: Turn) -> Line:
    """How a turn ended: a symbol and words."""
    error = turn.error
    match turn.state:
        case TurnState.COMPLETE:
            finish = turn.finish
            if finish.is_plain:
                return [("✓ ", "success"), (finish.words, "")]
            return [(f" {'✂' if finish.is_cut else '!'} {finish.words} ", "loud")]
        case TurnState.STOPPED:
            return [("■ ", "warning"), (error.message.rstrip(".") if error else "stopped by you", "")]
        case TurnState.TRUNCATED:
            return [(" ✂ ended early ", "loud"), (f" {error.message}" if error else "", "warning")]
        case TurnState.LIMIT:
            return [(" ✖ limit ", "loud"), (f" {error.message}" if error else "", "warning")]
        case _:
            return [("✖ failed ", "error"), (f" {error.message}" if error else "", "error")]


def retry_words(turn: Turn, status: int = 0) -> str:
    """What a turn lost by retries so far, or that it waits for one; empty where there was none.

    `status` is that of the answer it got; 0 where there was none.
    """
    if turn.retry is not None and turn.awaits_retry:
        what = f"refused ({status})" if status else "no answer"
        return f"{what}: waits {describe_seconds(turn.retry.wait)} for the retry"
    return f"retried after {describe_seconds(turn.timing.lost_to_retries)}" if turn.timing.lost_to_retries else ""


def countdown(retry: RetryDelta, left: float) -> Line:
    """A retry that is about to happen."""
    return [
        ("↻ ", "warning"),
        (f"again in {describe_seconds(round(max(0.0, left)))}, attempt {retry.attempt} of {retry.of}", "warning"),
        (f"  {retry.reason}", "muted"),
    ]
