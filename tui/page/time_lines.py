"""Time, drawn: an exchange as one line, its speed as a chart, a gap as a bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tui.domain.quantity import describe_rate, describe_seconds
from tui.domain.rate import CHARACTERS_PER_TOKEN, FASTEST
from tui.page.line import Line
from tui.page.time_parts import Gap, Lost, Slot
from tui.page.timeline import Timeline

BLOCKS = "▁▂▃▄▅▆▇█"
BARS = "▏▎▍▌▋▊▉█"
KEEP_ALIVE, NOTHING, WAITING, SILENCE = "•", "╌", "─", "╍"
KIND_KEYS = {"text": "accent", "thinking": "kw", "arguments": "num", "refusal": "warning", "": "muted"}
ENDS = {"eof": ("■", "success"), "stopped": ("■", "warning"), "": ("▸", "accent")}
SEPARATOR = " · "
SMOOTH = 0.5
"""Seconds that a rate is the mean of, where the exchange is long enough."""
Cell = tuple[str, str]
"""A sign and the key of its style."""
_AHEAD = ("connected", "secured", "sent", "head", "byte")


class Ruler(NamedTuple):
    """Which column of a line stands for which instant."""

    columns: int
    span: float

    def column(self, at: float) -> int:
        """The column of an instant."""
        return max(0, min(self.columns - 1, int(at / self.span * self.columns))) if self.span > 0 else 0

    def instant(self, column: int) -> float:
        """The instant that a column begins at."""
        return column / max(1, self.columns) * self.span


def time_line(timeline: Timeline, width: int, *, now: float | None = None, cursor: float | None = None) -> Line:
    """The whole exchange on one line: what was waited for, what came, where nothing did."""
    span = timeline.span if now is None else max(now, timeline.span)
    ruler = Ruler(max(1, width - 1), span)
    return cells_line(time_cells(timeline, ruler), None if cursor is None else ruler.column(cursor))


def cells_line(cells: Sequence[Cell], cursor: int | None) -> Line:
    """Cells as a line, with a cursor on one of them."""
    if cursor is None:
        return _joined(cells)
    return _joined([*cells[:cursor], (cells[cursor][0], "selection"), *cells[cursor + 1 :]])


def time_cells(timeline: Timeline, ruler: Ruler) -> list[Cell]:
    """The cells of the line of time, one for each column and one for the end."""
    cells = _cells(timeline, ruler)
    end, key = ENDS.get(timeline.end_kind, ("✖", "error"))
    if (
        "end" in timeline.phases and timeline.span < ruler.span
    ):  # on a scale that goes on, after what is compared with it
        at = ruler.column(timeline.span) + 1
        cells[at:] = [(end, key), *[(" ", "")] * (len(cells) - at)]
    else:
        cells.append((end, key))
    return cells


def _cells(timeline: Timeline, ruler: Ruler) -> list[Cell]:
    slots = list(timeline.columns(ruler.columns, 0.0, ruler.span))
    most = max((_height(slot) for slot in slots), default=0) or 1
    unread = max((slot.unread for slot in slots), default=0.0)
    cells = [_cell(slot, most) if not slot.unread else _unread_cell(slot.unread, unread) for slot in slots]
    phases = timeline.phases
    first = ruler.column(phases.get("delta", ruler.span))
    made = ruler.column(timeline.made) if timeline.awaits in ("", "head") else len(cells)
    for column in range(min(len(cells), first + ("delta" not in phases))):
        if not slots[column].comments and not slots[column].unread:
            cells[column] = (WAITING, "warning" if column >= made else "muted")
    for phase in _AHEAD:
        if phase in phases and (at := ruler.column(phases[phase])) < first:
            cells[at] = ("┬" if phase in ("head", "byte") else "╷", "muted")
    for lost in timeline.lost:
        _put_lost(cells, lost, ruler)
    begin = phases.get("delta", 0.0)
    for gap in timeline.unusual_gaps():
        if gap.begin >= begin:
            _put_gap(cells, slots, gap, ruler)
    last, end = max(timeline.last_written or 0.0, begin), phases.get("end", ruler.span)
    if not unread and begin and end - last > timeline.usual:
        _put_gap(cells, slots, Gap(end - last, last), ruler)
    if phases.get("delta", 0.0) - timeline.lead > timeline.usual:
        sent = ruler.column(timeline.lead)
        _put_label(cells, sent, first, describe_seconds(phases["delta"] - timeline.lead), "warning")
    return cells


def _put_lost(cells: list[Cell], lost: Lost, ruler: Ruler) -> None:
    """An attempt that came to nothing, up to the cross where it ended, and the wait behind it, as long as it was."""
    end, next_one = ruler.column(lost.end), ruler.column(lost.end + lost.wait)
    cells[end:next_one] = [(NOTHING, "warning")] * (next_one - end)
    _put_label(cells, end + 1, next_one, f"waited {describe_seconds(lost.wait)}", "warning")
    cells[end] = ("✖", "error")


def _height(slot: Slot) -> int:
    return sum(slot.characters) or (1 if slot.reads > slot.comments else 0)


def _cell(slot: Slot, most: int) -> Cell:
    if height := _height(slot):
        return BLOCKS[min(7, int(7.99 * height / most))], KIND_KEYS[slot.kind]
    if slot.comments:
        return KEEP_ALIVE, "muted"
    return NOTHING, "rule"


def _unread_cell(reads: float, most: float) -> Cell:
    return BLOCKS[min(7, int(7.99 * reads / most))], "rule"


def _put_gap(cells: list[Cell], slots: Sequence[Slot], gap: Gap, ruler: Ruler) -> None:
    """A stretch in which nothing came as a bar, with its length where there is room."""
    first = ruler.column(gap.begin) + 1
    last = ruler.column(gap.end)
    if last <= first:
        last = first + 1 if first < len(cells) and not _height(slots[first]) else first
    for column in range(first, last):
        if not slots[column].comments:
            cells[column] = (SILENCE, "error")
    _put_label(cells, first, last, describe_seconds(gap.length), "error")


def _put_label(cells: list[Cell], first: int, last: int, words: str, key: str) -> None:
    text = f" {words} "
    places = range(first + 1, last - len(text))
    if places:
        middle = first + (last - first - len(text)) // 2
        hidden = {at: sum(cell == KEEP_ALIVE for cell, _ in cells[at : at + len(text)]) for at in places}
        at = min(places, key=lambda at: (hidden[at], abs(at - middle)))
        cells[at : at + len(text)] = [(letter, key) for letter in text]


def label_line(timeline: Timeline, width: int, *, now: float | None = None) -> Line:
    """What the marks on the line of time are, each below its place as far as there is room."""
    ruler = Ruler(max(1, width - 1), timeline.span if now is None else max(now, timeline.span))
    phases = timeline.phases
    names = {
        "delta": "first token",
        "end": timeline.end_kind if timeline.end_kind not in ("", "eof") else "end",
        "text": "text",
        "head": "head",
        "secured": "TLS",
        "connected": "connected",
        "sent": "sent",
    }
    if "thinking" not in phases:
        del names["text"]
    row = [" "] * width
    for lost in timeline.lost:
        at = ruler.column(lost.end)
        if at + len(lost.answer) <= width and all(
            letter == " " for letter in row[max(0, at - 2) : at + len(lost.answer) + 2]
        ):
            row[at : at + len(lost.answer)] = lost.answer
    for phase, name in names.items():
        if phase not in phases:
            continue
        since = phases[phase] - (0.0 if phase == "end" else timeline.lead)
        for words in (f"{name} {describe_seconds(since)}", name):
            at = ruler.column(phases[phase])
            if phase == "end" or at + len(words) > width:
                at = width - len(words)
            if at >= 0 and all(letter == " " for letter in row[max(0, at - 2) : at + len(words) + 2]):
                row[at : at + len(words)] = words
                break
    return [("".join(row).rstrip(), "muted")]


def bar(length: float, most: float, width: int) -> str:
    """A length as a bar, of at most so many cells; anything at all shows."""
    if length <= 0 or most <= 0 or width <= 0:
        return ""
    eighths = max(1, round(min(1.0, length / most) * width * 8))
    return "█" * (eighths // 8) + (BARS[eighths % 8 - 1] if eighths % 8 else "")


def speed_lines(timeline: Timeline, width: int, height: int, *, now: float | None = None) -> list[Line]:
    """Tokens a second over the time of the exchange: rows of blocks, in the colour of what most of it was."""
    span = timeline.span if now is None else max(now, timeline.span)
    slots = list(timeline.columns(width, 0.0, span))
    each = span / max(1, width)
    if not height or each <= 0 or not any(slot.characters for slot in slots):
        return [[] for _ in range(height)]
    reach = max(0, round(min(SMOOTH, span / 16) / each / 2))
    counts = [sum(slot.characters) for slot in slots]
    rates = []
    for at in range(width):
        window = counts[max(0, at - reach) : at + reach + 1]
        rates.append(sum(window) / len(window))
    most = max(rates)
    levels = [max(1, round(rate / most * height * 8)) if rate else 0 for rate in rates]
    keys = [KIND_KEYS[slot.kind or "text"] for slot in slots]
    lines = []
    for row in reversed(range(height)):
        parts = [max(0, min(8, level - 8 * row)) for level in levels]
        lines.append(_joined([(BLOCKS[part - 1] if part else " ", key) for part, key in zip(parts, keys, strict=True)]))
    rate = most / each / CHARACTERS_PER_TOKEN
    peak = describe_rate(rate, is_exact=False)
    for words in (f"at most {peak}", peak) if rate <= FASTEST and timeline.comes_in != "one" else ():
        if (labelled := _labelled(lines[0], words, width)) != lines[0]:
            lines[0] = labelled
            break
    return lines


def _labelled(line: Line, words: str, width: int) -> Line:
    """The line with words where it is empty, as far left as there is room."""
    cells = [(letter, key) for piece, key in line for letter in piece]
    text = "".join(letter for letter, _ in cells)
    at = (" " + text + " ").find(" " * (len(words) + 2))
    if at >= 0:
        cells[at : at + len(words)] = [(letter, "muted") for letter in words]
    return _joined(cells[:width])


def figure_line(timeline: Timeline, width: int) -> Line:
    """The gaps between reads in figures, and how many bytes a visible character took."""
    parts: list[tuple[int, str]] = []
    ranks = () if timeline.is_untimed else ((0, "gaps p50", 0.5), (1, "p95", 0.95), (4, "p99", 0.99))
    for rank, name, share in ranks:
        if (gap := timeline.percentile(share)) is not None:
            parts.append((rank, f"{name} {describe_seconds(gap)}"))
    if parts:
        parts.append((2, f"longest {describe_seconds(timeline.longest_silence or timeline.longest_gap)}"))
    if characters := sum(timeline.characters):
        parts.append((3, f"{timeline.body_bytes / characters:.0f} B a character"))
    reads = "1 read" if timeline.reads == 1 else f"{timeline.reads:,} reads"
    frames = "1 frame" if timeline.frames == 1 else f"{timeline.frames:,} frames"
    parts.append((5, f"{frames} in {reads}"))
    while len(parts) > 1 and len(SEPARATOR.join(words for _, words in parts)) > width:
        parts.remove(max(parts))
    return [(SEPARATOR.join(words for _, words in parts), "muted")]


def _joined(cells: Sequence[Cell]) -> Line:
    """Cells as runs: neighbours of one style are one."""
    line: Line = []
    for text, key in cells:
        if line and line[-1][1] == key:
            line[-1] = (line[-1][0] + text, key)
        else:
            line.append((text, key))
    return line
