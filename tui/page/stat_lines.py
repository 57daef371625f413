"""Statistics as lines: a row for each model and day, as wide as there is room."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tui.chat.stats import Stat, ninth
from tui.domain.quantity import describe_rate, describe_seconds_in
from tui.page.line import Line, pad, width_of
from tui.page.wording import money

_COLUMNS = ("turns", "time", "first token", "p90", "duration", "gap", "rate", "in", "out", "cost", "endings")


def stat_heading(width: int, *, has_day: bool = True, has_model: bool = True) -> Line:
    """The names of the columns."""
    cells = {name: name for name in _COLUMNS}
    return _row("day", "model", cells, width, has_day=has_day, has_model=has_model, tone="muted")


def stat_line(stat: Stat, width: int, *, has_day: bool = True, has_model: bool = True) -> Line:
    """A row of the table, and in it as much of how the replies ended as there is room for."""
    _, room = _layout(width, has_day=has_day, has_model=has_model)
    endings = _told_endings(stat, room)
    first = _fitting(endings, room)
    if len(first) < len(endings) or width_of([(", ".join(first), "")]) > room:
        first = [f"{stat.turns - stat.endings['complete']:,} not complete"]
    return _stat_row(stat, ", ".join(first), width, has_day=has_day, has_model=has_model)


def stat_lines(stat: Stat, width: int, *, has_day: bool = True, has_model: bool = True) -> list[Line]:
    """The same where there may be more rows: endings for which there is no room in one stand below one another."""
    _, room = _layout(width, has_day=has_day, has_model=has_model)
    left, rows = _told_endings(stat, room), list[str]()
    while left or not rows:
        some = _fitting(left, room)
        left = left[len(some) :]
        rows.append(", ".join(some) + ("," if left else ""))
    row = _stat_row(stat, rows[0], width, has_day=has_day, has_model=has_model)
    return [row, *([(" " * (width - room) + words, "muted")] for words in rows[1:])]


def _stat_row(stat: Stat, endings: str, width: int, *, has_day: bool, has_model: bool) -> Line:
    rate = describe_rate(median(stat.rates), is_exact=not stat.uncounted) if stat.rates else ""

    def seconds(name: str, length: float | None) -> str:
        return "–" if length is None else describe_seconds_in(length, _WIDTHS[name] - 1)

    cells = {
        "turns": f"{stat.turns:,}",
        "time": seconds("time", sum(stat.durations) if stat.durations else None),
        "first token": seconds("first token", median(stat.latencies) if stat.latencies else None),
        "p90": seconds("p90", ninth(stat.latencies) if stat.latencies else None),
        "duration": seconds("duration", median(stat.durations) if stat.durations else None),
        "gap": seconds("gap", median(stat.gaps) if stat.gaps else None),
        "rate": rate.removesuffix(" tok/s") + "/s" if rate else "–",
        "in": _count(stat.input) if stat.input or stat.output else "–",
        "out": _count(stat.output) if stat.input or stat.output else "–",
        "cost": cost_words(stat),
        "endings": endings,
    }
    return _row(stat.day, stat.model, cells, width, has_day=has_day, has_model=has_model)


def cost_words(stat: Stat) -> str:
    """The cost, marked where a part of it was worked out from a price list, or where a part is not known: it is more, then."""
    if not stat.has_cost:
        return "no price" if stat.unpriced else "–"
    mark = ("≥" if stat.unpriced else "") + ("~" if stat.estimated else "")
    return f"{mark}{money(stat.cost)}"


def _told_endings(stat: Stat, room: int) -> list[str]:
    """How replies ended: what did not end well first; the rest, which can be told from it, where there is room in one row."""
    complete = stat.endings["complete"]
    words = [f"{count:,} {word}" for word, count in stat.endings.most_common() if word != "complete"]
    if not words:
        return ["all complete"] if complete else []
    whole = [*words, *([f"{complete:,} complete"] if complete else [])]
    return whole if len(", ".join(whole)) <= room else words


def _fitting(words: Sequence[str], room: int) -> list[str]:
    """As many as there is room for in a row, and for a comma behind them; one at least."""
    count = len(words)
    while count > 1 and len(", ".join(words[:count])) + (count < len(words)) > room:
        count -= 1
    return list(words[:count])


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


def _layout(width: int, *, has_day: bool, has_model: bool) -> tuple[list[str], int]:
    """The columns of figures that there is room for, and the cells that are left for the endings."""
    shown = list(_WIDTHS)
    fixed = (12 if has_day else 0) + (20 if has_model else 0)
    for name in _DROPPED:
        if fixed + sum(_WIDTHS[each] for each in shown) + _LEAST > width:
            shown.remove(name)
    return shown, width - fixed - sum(_WIDTHS[each] for each in shown) - 2


def _row(
    day: str, model: str, cells: dict[str, str], width: int, *, has_day: bool, has_model: bool, tone: str = ""
) -> Line:
    shown, room = _layout(width, has_day=has_day, has_model=has_model)
    line: Line = [(pad(day, 12), tone or "muted")] if has_day else []
    if has_model:
        line.append((pad(model, 20), tone or "strong"))
    line += [(pad(cells[name], _WIDTHS[name], right=True), tone) for name in shown]
    return [*line, (f"  {pad(cells['endings'], room).rstrip()}" if room > 1 else "", tone or "muted")]


def plain(line: Sequence[tuple[str, str]]) -> str:
    """A line without its styles."""
    return "".join(text for text, _ in line).rstrip()
