"""A race as lines: one for each lane, with medians and spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tui.chat.stats import ending_of
from tui.domain.quantity import describe_rate, describe_seconds
from tui.domain.rate import rate_of
from tui.domain.turn import Turn
from tui.page.line import Line, cut, pad, width_of
from tui.page.time_lines import time_line
from tui.page.timeline import Timeline

_COLUMNS = (("first token", 22), ("duration", 22), ("rate", 20), ("tokens", 14), ("cost", 16), ("ended", 20))


def race_heading(width: int) -> Line:
    """The names of the columns; the first is so wide."""
    return [(pad("", width), "muted"), *((pad(name, size), "muted") for name, size in _COLUMNS)]


def race_line(record: Mapping[str, Any], width: int) -> Line:
    """A lane of a race."""
    cells = (
        _spread(record["first_token"], describe_seconds),
        _spread(record["duration"], describe_seconds),
        _spread(record["rate"], lambda rate: describe_rate(rate).removesuffix(" tok/s") + "/s"),
        _spread(record["output_tokens"], lambda count: f"{count:,.0f}"),
        _spread(record["cost_usd"], lambda cost: f"${cost:,.4f}"),
        ", ".join(f"{count} {word}" for word, count in record["endings"].items()),
    )
    row: Line = [(pad(record["lane"], width), "strong")]
    return row + [(pad(cell, size), "") for cell, (_, size) in zip(cells, _COLUMNS, strict=True)]


def _spread(values: Mapping[str, float] | None, words: Callable[[float], str]) -> str:
    """The median, and in brackets from the least to the most, where they differ."""
    if values is None:
        return "–"
    middle, least, most = (words(values[name]) for name in ("median", "min", "max"))
    return middle if least == most else f"{middle} ({least}–{most})"


def lane_lines(word: str, turn: Turn, timeline: Timeline, width: int, *, span: float, is_chosen: bool) -> list[Line]:
    """The head of a lane: who runs, the time of it on the scale of all, and its figures."""
    mark = "▌" if is_chosen else " "
    name: Line = [(mark, "accent"), (cut(word, width - 1), "title" if is_chosen else "strong")]
    drawn = time_line(timeline, width - 1, now=span) if span > 0 else []
    return [name, [(mark, "accent"), *drawn], [(mark, "accent"), (cut(_figures(turn, width - 1), width - 1), "muted")]]


def _figures(turn: Turn, width: int) -> str:
    """How it ended and what it took, as much of it as there is room for."""
    parts = []
    if turn.timing.latency is not None:
        parts.append(f"first token {describe_seconds(turn.timing.latency)}")
    if (rate := rate_of(turn)) is not None:
        parts.append(describe_rate(rate[0], is_exact=rate[1]))
    if turn.timing.duration is not None:
        parts.append(describe_seconds(turn.timing.duration))
    usage = turn.usage
    if usage is not None and usage.output is not None:
        parts.append(f"{usage.output:,} out")
    if usage is not None and usage.cost_usd is not None:
        parts.append(f"${usage.cost_usd:,.4f}")
    elif usage is not None and usage.estimated_usd is not None:
        parts.append(f"~${usage.estimated_usd:,.4f}")
    if not turn.state.is_over:
        ended = "▸" if parts else "▸ waiting"
    elif turn.error is not None:
        ended = f"✗ {turn.error.message}"
    else:
        ended = _ENDED.get(ending_of(turn), f"■ {ending_of(turn)}")
    parts = [f"{ended} {parts[0]}", *parts[1:]] if parts else [ended]
    while len(parts) > 1 and width_of([(" · ".join(parts), "")]) > width:
        parts.pop()
    return " · ".join(parts)


_ENDED = {"complete": "✓", "cut": "✂ cut ·"}
