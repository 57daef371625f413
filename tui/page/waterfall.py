"""The turns of a session one below another on one scale: what each waited for, wrote, cost, and how it ended."""

from __future__ import annotations

from tui.domain.quantity import describe_rate, describe_seconds_in
from tui.domain.rate import rate_of
from tui.domain.turn import Continuation, Prompt, Summary, ToolResults, Turn, TurnState
from tui.page.line import Line, cut, pad
from tui.page.time_lines import time_line
from tui.page.timeline import Timeline
from tui.page.wording import cost_words

MARKS = {
    TurnState.COMPLETE: ("✓", "success"),
    TurnState.STOPPED: ("■", "warning"),
    TurnState.TRUNCATED: ("✂", "error"),
    TurnState.LIMIT: ("✂", "warning"),
    TurnState.FAILED: ("✖", "error"),
}
LEGENDS = ("  waiting ─ writing █ silence ╍", "  waiting ─ writing █", "")
"""What the bars show, as far as there is room to say it."""
LEAST = 12
"""Columns of a bar below which it says nothing."""
COLUMNS = (("first", 9), ("in all", 9), ("gap", 8), ("tok/s", 13), ("cost", 10))
"""The figures and their widths; from the right end on they give way where there is no room."""


def heading(width: int) -> Line:
    """The names of the columns."""
    figures, room = _figures(width)
    named = "".join(pad(name, columns, right=True) for name, columns in COLUMNS[:figures])
    return [
        (pad("    prompt", width - room - len(named)), "muted"),
        (pad(next(words for words in LEGENDS if len(words) <= room), room), "muted"),
        (named, "muted"),
    ]


def lasted(turn: Turn, timeline: Timeline | None) -> float:
    """Seconds from the first attempt to the end, as far as that is known."""
    return (timeline.span if timeline is not None else 0.0) or turn.timing.duration or 0.0


def turn_line(turn: Turn, most: float, timeline: Timeline | None, width: int) -> Line:
    """A turn as a line: its ending and prompt, its time on a scale that ends at `most` seconds, figures.

    Without its timeline, which takes reading its tape, the time is a plain bar.
    """
    figures, room = _figures(width)
    timing, usage = turn.timing, turn.usage
    whole = lasted(turn, timeline)
    gap = timeline.longest_quiet if timeline is not None else 0.0
    speed = rate_of(turn)

    def seconds(length: float | None, column: int) -> str:
        return describe_seconds_in(length, COLUMNS[column][1] - 1) if length is not None else ""

    values = (
        seconds(timing.latency, 0),
        seconds(whole or None, 1),
        seconds(gap or None, 2),
        describe_rate(speed[0], is_exact=speed[1]) if speed is not None else "",
        cost_words(usage),
    )
    cells: Line = [
        (pad(text, columns, right=True), "muted") for text, (_, columns) in zip(values[:figures], COLUMNS, strict=False)
    ]
    used = sum(columns for _, columns in COLUMNS[:figures])
    mark, key = MARKS.get(turn.state, ("●", "accent"))
    match turn.opening:
        case Prompt(text=text):
            prompt = text
        case ToolResults():
            prompt = "↳ results of calls"
        case Continuation():
            prompt = "↳ go on"
        case Summary():
            prompt = "↳ a summary"
    words = pad(cut(" ".join(prompt.split()), width - room - used - 5), width - room - used - 4)
    drawn = time_line(timeline, room, now=most) if timeline is not None and timeline.span else _bar(turn, most, room)
    return [(f"{mark} ", key), (words, ""), ("  ", ""), *drawn, *cells]


def _figures(width: int) -> tuple[int, int]:
    """How many figures there is room for, and the columns of the bar."""
    count = len(COLUMNS)
    while count > 2 and width - sum(columns for _, columns in COLUMNS[:count]) < 2 * LEAST + 10:
        count -= 1
    left = width - sum(columns for _, columns in COLUMNS[:count])
    return count, max(LEAST, left // 2)


def _bar(turn: Turn, most: float, room: int) -> Line:
    timing = turn.timing
    whole = timing.duration or 0.0
    first = min(whole, timing.latency if timing.latency is not None else whole)
    word = min(whole, max(first, timing.to_first_word or first))
    scale = (room - 1) / most if most > 0 else 0.0
    wait, think = round(first * scale), round(word * scale)
    end = max(think, round(whole * scale), 1 if whole else 0)
    return [
        ("─" * wait, "warning"),
        ("█" * (think - wait), "kw"),
        ("█" * (end - think), "accent"),
        (" " * (room - end), ""),
    ]
