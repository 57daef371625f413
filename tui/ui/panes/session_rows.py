"""How a session is shown in the list of sessions, and what is shown of it beside the list."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from msgspec import Struct

from tui.domain.quantity import describe_size, describe_turns
from tui.domain.session import SessionSummary
from tui.domain.turn import Prompt, Turn
from tui.page.block import cut_line
from tui.page.line import Line, pad, width_of
from tui.store.excerpt import word_start
from tui.store.search import Hit
from tui.ui.line import Lines
from tui.wire.printable import printable_line

ABOUT = 37
"""Cells for what is told about a session beside its title and its time."""
_PREVIEWED = 4
"""So many turns of a session are read for what is shown beside the list."""


class Day(Struct, frozen=True):
    """A heading in the list: a day, or “Pinned”."""

    words: str


def with_days(sessions: Iterable[SessionSummary], now: float | None = None) -> list[SessionSummary | Day]:
    """The sessions, a heading above each day; those that are pinned have one of their own."""
    rows: list[SessionSummary | Day] = []
    last = ""
    for session in sessions:
        words = "Pinned" if session.is_pinned else day_of(session.updated_at, now)
        if words != last:
            rows.append(Day(words))
            last = words
        rows.append(session)
    return rows


def day_of(at: float, now: float | None = None) -> str:
    """A day as people name it: today, yesterday, a weekday of the last week, else its date."""
    if not at:
        return "Without a time"
    then, today = time.localtime(at), time.localtime(now)
    days = (_noon(today) - _noon(then)) // 86400
    if days in (0, 1):
        return ("Today", "Yesterday")[int(days)]
    if 1 < days < 7:
        return time.strftime("%A", then)
    return time.strftime("%A, %-d %B" if then.tm_year == today.tm_year else "%-d %B %Y", then)


def _noon(day: time.struct_time) -> float:
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 12, 0, 0, 0, 0, -1))


def when(at: float, now: float | None = None) -> str:
    """A moment, as far back as it is: a time today, a day this year, else a date."""
    if not at:
        return ""
    then, today = time.localtime(at), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M", then)
    return time.strftime("%d %b" if then.tm_year == today.tm_year else "%Y-%m-%d", then)


def row_of(session: SessionSummary, width: int, *, is_here: bool, hit: Hit | None) -> Line:
    """A session as a row: what it is called, when it was used, and what was said in it or what is told about it."""
    is_narrow = width < 78
    about = 0 if is_narrow and hit is None else ABOUT
    room = max(12, width - 17 - about)
    moment = when(session.updated_at if session.deleted_at is None else session.deleted_at)
    tags = "".join(f" #{tag}" for tag in session.tags)
    mark = "● " if is_here else "★ " if session.is_pinned else "▫ " if session.archived_at is not None else "  "
    title = cut_line([(printable_line(session.title) or "Untitled", ""), (printable_line(tags), "muted")], room)
    line: Line = [
        (mark, "accent" if is_here else "muted"),
        *title,
        (" " * (room - width_of(title) + 2), ""),
        (pad(moment, 12), "muted"),
    ]
    if about:
        line += [(" ", ""), *(_said(hit) if hit is not None else _about(session))]
    return line


def _turns(session: SessionSummary) -> str:
    return describe_turns(session.turns)


def _about(session: SessionSummary) -> Line:
    turns = _turns(session)
    size = describe_size(session.size_bytes)
    return [(pad(session.model, 19) + pad(turns, 10, right=True) + pad(size, 8, right=True), "muted")]


def _said(hit: Hit) -> Line:
    """What was said, with just what matches marked; in the room of what is otherwise told about a session."""
    begin = hit.spans[0][0] if hit.spans else 0
    line = [("said: ", "muted"), *marked(hit, word_start(hit.excerpt, max(0, begin - 8), begin))]
    line = cut_line(line, ABOUT)
    return [*line, (" " * (ABOUT - width_of(line)), "")]


def marked(hit: Hit, start: int = 0) -> Line:
    """The text around a hit from a place on, on one line, what matches in the accent."""
    line: Line = [("…", "muted")] if start else []
    at = start
    for begin, end in hit.spans:
        if begin >= at:
            line += [(_flat(hit.excerpt[at:begin]), "muted"), (_flat(hit.excerpt[begin:end]), "accent")]
            at = end
    return [*line, (_flat(hit.excerpt[at:]), "muted")]


def _flat(text: str) -> str:
    return printable_line(text.replace("\n", " "))


class Preview(Lines):
    """What a session is about, beside the list: what is told of it, where it was found, how it begins and ends."""

    DEFAULT_CSS = """
    Preview { width: 2fr; height: 1fr; padding: 0 0 0 2; border-left: solid $rule; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._session: SessionSummary | None = None
        self._hit: Hit | None = None
        self._turns: Sequence[Turn] = ()

    def tell(self, session: SessionSummary | None, hit: Hit | None, turns: Sequence[Turn]) -> None:
        """Show this session."""
        self._session, self._hit, self._turns = session, hit, turns[-_PREVIEWED:]
        self.refresh()

    def lines(self, width: int) -> list[Line]:
        """The lines at a width."""
        session = self._session
        if session is None:
            return []
        lines: list[Line] = [[(text, "title")] for text in wrapped(session.title or "Untitled", width)]
        facts = [
            session.model,
            _turns(session),
            session.source.partition(":")[0],
            *(f"#{tag}" for tag in session.tags),
        ]
        lines += [[(text, "muted")] for text in wrapped(" · ".join(filter(None, facts)), width)]
        if self._hit is not None:
            lines += [[], *_wrapped_hit(self._hit, width)]
        for turn in self._turns:
            lines.append([])
            if isinstance(turn.opening, Prompt):
                lines += [[("› ", "accent"), (text, "")] for text in wrapped(turn.opening.text, width - 2)[:3]]
            lines += [[(text, "muted")] for text in wrapped(turn.prose or turn.refusal, width)[:4]]
        return lines


def _wrapped_hit(hit: Hit, width: int) -> list[Line]:
    """The text around a hit in lines, what matches in the accent."""
    lines: list[Line] = []
    at = 0
    for text in wrapped(hit.excerpt, width):
        start = hit.excerpt.find(text[:8], at) if text else at
        start = at if start < 0 else start
        line: Line = []
        here = start
        for begin, end in hit.spans:
            left, right = max(begin, here), min(end, start + len(text))
            if left < right:
                line += [(hit.excerpt[here:left], "muted"), (hit.excerpt[left:right], "accent")]
                here = right
        lines.append(
            [(part.replace("\n", " "), key) for part, key in [*line, (hit.excerpt[here : start + len(text)], "muted")]]
        )
        at = start + len(text)
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most so many cells, broken between words where there are any."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            joined = f"{line} {word}" if line else word
            if width_of([(joined, "")]) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            line = word
            while width_of([(line, "")]) > width > 0:
                at = next(n for n in range(1, len(line) + 1) if width_of([(line[: n + 1], "")]) > width)
                lines.append(line[:at])
                line = line[at:]
        if line:
            lines.append(line)
        if len(lines) > 60:
            break
    return lines
