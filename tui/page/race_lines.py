"""A race as lines: a table with medians and spread, and the heads of the columns in which the answers are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tui.chat.stats import ending_of
from tui.domain.quantity import describe_rate, describe_seconds
from tui.domain.rate import rate_of
from tui.domain.turn import Turn
from tui.page.line import Line, Run, cut, pad, width_of
from tui.page.time_lines import SEPARATOR, time_line
from tui.page.time_words import sentence
from tui.page.timeline import Timeline
from tui.page.wording import cost_words, money

_NAMES = ("", "first token", "duration", "rate", "tokens", "cost", "ended")
_ENDED = {"complete": "✓", "cut": "✂ cut ·"}


def race_lines(records: Sequence[Mapping[str, Any]]) -> list[Line]:
    """A table of a race: the names of its columns, and a row for each who ran."""
    rows = [_NAMES, *map(_cells, records)]
    widths = [max(width_of([(row[place], "")]) for row in rows) + 2 for place in range(len(_NAMES))]
    return [
        [(pad(cell, width), _tone(number, place)) for place, (cell, width) in enumerate(zip(row, widths, strict=True))]
        for number, row in enumerate(rows)
    ]


def _tone(row: int, place: int) -> str:
    if not row:
        return "muted"
    return "" if place else "strong"


def _cells(record: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        record["name"],
        _spread(record["first_token"], describe_seconds),
        _spread(record["duration"], describe_seconds),
        ("" if record["rate"] is None or record["is_counted"] else "~") + _spread(record["rate"], describe_rate),
        _spread(record["output_tokens"], lambda count: f"{count:,.0f}"),
        ("~" if record["cost_usd"] and record["is_estimate"] else "") + _spread(record["cost_usd"], money),
        ", ".join(f"{count} {word}" for word, count in record["endings"].items()),
    )


def _spread(values: Mapping[str, float] | None, words: Callable[[float], str]) -> str:
    """The median, and in brackets from the least to the most, where they differ; their unit stands once."""
    if values is None:
        return "–"
    middle, least, most = (words(values[name]) for name in ("median", "min", "max"))
    if least == most:
        return middle
    number, _, unit = least.partition(" ")
    has_unit = bool(unit) and all(each.endswith(f" {unit}") for each in (middle, most))
    if has_unit:
        return f"{middle.partition(' ')[0]} ({number}–{most.partition(' ')[0]}) {unit}"
    return f"{middle} ({least}–{most})"


def column_lines(
    names: tuple[str, str],
    turn: Turn,
    timeline: Timeline,
    width: int,
    *,
    rows: int,
    now: float,
    rank: Run = ("", ""),
    is_chosen: bool = False,
    is_one_place: bool = False,
) -> list[Line]:
    """The head of a column in so many rows: who runs, its time on the scale of all, why it took that, and its figures.

    Args:
        names: The model, and the endpoint with its dialect.
        turn: The answer.
        timeline: When what of it came.
        width: The cells that there are.
        rows: Four, or six with two for the reason and two for the figures; two have the figures behind the name and leave the reason out.
        now: Where the scale of all columns ends, in seconds; 0 before anything was sent.
        rank: How it did beside the others.
        is_chosen: Whether it is the one that would be kept.
        is_one_place: Whether all run at the same endpoint, so that its name tells them not apart.
    """
    mark: Run = ("▌" if is_chosen else " ", "accent")
    room = width - 1
    model, place = names
    head: Line = [(cut(model, room), "title" if is_chosen else "strong")]
    spare = room - width_of(head) - (width_of([rank]) + 2 if rank[0] else 0)
    figures = _figures(turn)
    if rows > 2:
        behind: Line = [(f" · {place}", "muted")]
        if width_of(behind) <= spare:
            head += behind
        else:
            figures = [*figures, place] if is_one_place else [place, *figures]
    elif spare > 2:
        head.append(("  " + _fitting(figures, spare - 2), "muted"))
    gap = room - width_of(head) - width_of([rank])
    if rank[0] and gap > 0:
        head += [(" " * gap, ""), rank]
    drawn = time_line(timeline, room, now=now) if now > 0 else []
    lines: list[Line] = [[mark, *head], [mark, *drawn]]
    if rows > 2:
        for_figures = (rows - 2) // 2
        for_reason = rows - 2 - for_figures
        reason = sentence(timeline, room, for_reason, None if turn.state.is_over else now) if now > 0 else []
        reason += [[] for _ in range(for_reason - len(reason))]
        lines += [[mark, *row] for row in reason]
        lines += [[mark, (words, "muted")] for words in _broken(figures, room, for_figures)]
    return lines


def ranks(turns: Sequence[Turn]) -> list[Run]:
    """How each did beside the others: the quickest of those that are complete, and by how much the others were later."""
    took = [turn.timing.duration if ending_of(turn) == "complete" else None for turn in turns]
    least = min((seconds for seconds in took if seconds is not None), default=0.0)
    return [
        ("", "")
        if seconds is None
        else ("quickest", "success")
        if seconds == least
        else (f"+{describe_seconds(seconds - least)}", "muted")
        for seconds in took
    ]


def _figures(turn: Turn) -> list[str]:
    """How it ended and what it took, what matters most first."""
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
    if cost := cost_words(usage):
        parts.append(cost)
    if not turn.state.is_over:
        ended = "▸" if parts else "▸ waiting"
    elif turn.error is not None:
        return [f"✗ {turn.error.message}", *parts]
    else:
        ended = _ENDED.get(ending_of(turn), f"■ {ending_of(turn)}")
    return [f"{ended} {parts[0]}", *parts[1:]] if parts else [ended]


def _broken(parts: Sequence[str], width: int, rows: int) -> list[str]:
    """The parts over so many rows, as many as there is room for; none is broken."""
    left, lines = list(parts), []
    for _ in range(rows):
        line = _fitting(left, width)
        lines.append(line)
        left = left[max(1, line.count(SEPARATOR) + 1) :]
    return lines


def _fitting(parts: Sequence[str], width: int) -> str:
    """As many of the parts as there is room for."""
    shown = list(parts)
    while len(shown) > 1 and width_of([(SEPARATOR.join(shown), "")]) > width:
        shown.pop()
    return cut(SEPARATOR.join(shown), width)
