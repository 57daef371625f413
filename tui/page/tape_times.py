"""The times of two exchanges, drawn one below the other on one scale."""

from __future__ import annotations

from msgspec.structs import replace

from tui.domain.tape import Tape
from tui.page.line import Line, cut, pad
from tui.page.time_lines import time_line
from tui.page.time_words import UNTIMED, words_of
from tui.page.timeline import Timeline
from tui.page.wire_log import WireLog

NAMED = 24
"""Columns of the name before a line of time."""


def timeline_of(tape: Tape) -> Timeline:
    """When what of a tape happened."""

    def since(row: int | None) -> tuple[Tape, int]:
        return (replace(tape, reads=[]) if row else tape), len(tape.reads)

    log = WireLog(since, dialect=lambda: tape.dialect)
    while not log.advance(1.0, is_over=True):
        pass
    return log.timeline


def times_beside(named: list[tuple[str, Tape]], width: int) -> list[Line]:
    """For each tape its name, its line of time on the scale of the longest, and below it why it took that."""
    timelines = [(name, timeline_of(tape)) for name, tape in named]
    untimed = {name for name, tape in named if tape.is_untimed}
    span = max(timeline.span for _, timeline in timelines)
    room = max(20, width - NAMED - 1)
    lines: list[Line] = []
    for name, timeline in timelines if span > 0 else ():
        lines.append([(pad(cut(name, NAMED), NAMED), ""), (" ", ""), *time_line(timeline, room, now=span)])
        words: Line = [(UNTIMED, "muted")] if name in untimed else words_of(timeline, room)
        lines.append([(" " * (NAMED + 1), ""), *words])
    return lines
