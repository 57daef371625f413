"""A row of the wire log as a line: when, after what gap, what it is, and what it says."""

from __future__ import annotations

from collections.abc import Sequence

from tui.domain.quantity import describe_size
from tui.page.line import Line, pad
from tui.page.origin import Range
from tui.page.time_lines import bar
from tui.page.timeline import Timeline
from tui.page.wire_row import WireRow
from tui.typeset.wrap import told_rows

BAR_CELLS = 8
"""Cells of the bar of the longest gap."""
WIDE, MIDDLE = 56, 50
"""Columns from which on the gap stands there as a number too, and the size of the frame."""


def row_line(row: WireRow, timeline: Timeline | None, width: int) -> Line:
    """The line of a row; what is odd about one is told by a mark before its kind."""
    most = max(timeline.longest_gap, timeline.phases.get("head", 0.0)) if timeline is not None else 0.0
    is_long = timeline is not None and row.gap > timeline.usual
    is_timed = timeline is None or not timeline.is_untimed
    at = f"{row.at:.3f}"[:7].rstrip(".") if is_timed else ""  # an hour has no room for milliseconds
    line: Line = [(pad(at, 7, right=True), "muted")]
    if width >= WIDE:
        words = f"+{row.gap * 1000:,.0f}" if row.gap else ""
        line.append((pad(words, 8, right=True), "warning" if is_long else "muted"))
    cells = BAR_CELLS if width >= WIDE else BAR_CELLS // 2
    line += [(" ", ""), (pad(bar(row.gap, most, cells), cells), "error" if is_long else "gap")]
    line += [("!" if row.odd else " ", "warning"), (pad(row.kind, 10), row.tone)]
    if width >= MIDDLE:
        line += [(pad(describe_size(row.size_bytes) if row.size_bytes else "", 7, right=True), "muted"), ("  ", "")]
    return [*line, (row.preview, "")]


def lead_lines(row: WireRow, brought: str, width: int) -> list[Line]:
    """What stands over a row in full: what it brought, and what is odd about it, with what that does to a client."""
    lines: list[Line] = [[(brought, "muted")]] if brought else []
    for oddity in row.odd:
        lines += [
            [("! " if not at else "  ", "warning"), (text, "warning")]
            for at, text in enumerate(told_rows(oddity.words, max(20, width - 2)) or [""])
        ]
        lines += [[("  " + text, "muted")] for text in told_rows(oddity.advice, max(20, width - 2))]
    return [*lines, []] if lines else []


_STRANDS = {"thought": "thinking", "name": "call's name", "finish": "finish reason", "model": "model's name"}
"""What a strand is called, where that is not its own word."""
COMMENT_WORDS = "only keeps the connection alive"
"""What is said of a keep-alive in full."""


def _range_words(each: Range) -> str:
    count = each.end - each.start
    if count < 1:
        return f"the {_STRANDS.get(each.strand, each.strand)}"
    numbers = f"character {each.end:,}" if count == 1 else f"characters {each.start + 1:,}–{each.end:,}"
    return f"{numbers} of the {_STRANDS.get(each.strand, each.strand)}"


def brought_words(ranges: Sequence[Range]) -> str:
    """What a frame brought, in words."""
    words = [_range_words(each) for each in ranges]
    return f"brought {', '.join(words)}" if words else "brought nothing that is shown"
