"""Statistics as lines: a row for each model and day, as wide as there is room."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tui.chat.stats import Stat, ninth
from tui.domain.quantity import describe_rate, describe_seconds
from tui.page.line import Line, pad, width_of
from tui.page.wording import money

_COLUMNS = ("turns", "time", "first token", "p90", "duration", "gap", "rate", "in", "out", "cost", "endings")


def stat_heading(width: int, *, has_day: bool = True, has_model: bool = True) -> Line:
    """The names of the columns."""
    cells = {name: name for name in _COLUMNS}
    return _row("day", "model", cells, width, has_day=has_day, has_model=has_model, tone="muted")


def stat_line(stat: Stat, width: int, *, has_day: bool = True, has_model: bool = True) -> Line:
    """A row of the table."""
    cells = {
        "turns": f"{stat.turns:,}",
        "time": describe_seconds(sum(stat.durations)) if stat.durations else "–",
        "first token": describe_seconds(median(stat.latencies)) if stat.latencies else "–",
        "p90": describe_seconds(ninth(stat.latencies)) if stat.latencies else "–",
        "duration": describe_seconds(median(stat.durations)) if stat.durations else "–",
        "gap": describe_seconds(median(stat.gaps)) if stat.gaps else "–",
        "rate": describe_rate(median(stat.rates)).removesuffix(" tok/s") + "/s" if stat.rates else "–",
        "in": _count(stat.input) if stat.input or stat.output else "–",
        "out": _count(stat.output) if stat.input or stat.output else "–",
        "cost": cost_words(stat),
        "endings": _endings(stat, max(_LEAST, width - 34 - sum(_WIDTHS.values()))),
    }
    return _row(stat.day, stat.model, cells, width, has_day=has_day, has_model=has_model)


def cost_words(stat: Stat) -> str:
    """The cost, marked where a part of it was worked out from a price list, or where a part is not known: it is more, then."""
    if not stat.has_cost:
        return "no price" if stat.unpriced else "–"
    mark = ("≥" if stat.unpriced else "") + ("~" if stat.estimated else "")
    return f"{mark}{money(stat.cost)}"


def _endings(stat: Stat, width: int) -> str:
    """How replies ended: what did not end well first, for the rest can be told from it."""
    complete = stat.endings.get("complete", 0)
    words = [f"{count:,} {word}" for word, count in stat.endings.most_common() if word != "complete"]
    if not words:
        return "all complete" if complete else ""
    whole = ", ".join([*words, *([f"{complete:,} complete"] if complete else [])])
    return whole if len(whole) <= width else ", ".join(words)


def _count(number: int) -> str:
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1000:,.0f}k" if number < 10_000_000 else f"{number / 1_000_000:,.0f}M"


_WIDTHS = {
    "turns": 6,
    "time": 12,
    "first token": 12,
    "p90": 9,
    "duration": 10,
    "gap": 9,
    "rate": 9,
    "in": 8,
    "out": 8,
    "cost": 10,
}
_LEAST = 16
_DROPPED = ("p90", "in", "out", "gap", "rate", "duration", "time")
"""What gives way first where there is no room."""


def _row(
    day: str, model: str, cells: dict[str, str], width: int, *, has_day: bool, has_model: bool, tone: str = ""
) -> Line:
    shown = list(_WIDTHS)
    fixed = (12 if has_day else 0) + (20 if has_model else 0)
    for name in _DROPPED:
        if fixed + sum(_WIDTHS[each] for each in shown) + _LEAST > width:
            shown.remove(name)
    line: Line = [(pad(day, 12), tone or "muted")] if has_day else []
    if has_model:
        line.append((pad(model, 20), tone or "strong"))
    line += [(pad(cells[name], _WIDTHS[name], right=True), tone) for name in shown]
    room = width - width_of(line) - 2
    return [*line, (f"  {pad(cells['endings'], room).rstrip()}" if room > 3 else "", tone or "muted")]


def plain(line: Sequence[tuple[str, str]]) -> str:
    """A line without its styles."""
    return "".join(text for text, _ in line).rstrip()
