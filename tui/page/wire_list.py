"""The rows of a wire log that are listed: all of them, or those that fit a filter."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from tui.chat.tape_frames import Point
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.quantity import describe_seconds, describe_size
from tui.domain.tape import SentRequest, Tape
from tui.domain.turn import Turn
from tui.page.line import Line, width_of
from tui.page.time_lines import Ruler
from tui.page.wire_log import WireLog
from tui.page.wire_row import WireRow
from tui.page.wire_words import held_text

if TYPE_CHECKING:
    from tui.chat.replies import Replies

MOST_FOUND = 20_000
"""Rows that are found at most."""

_NULL = LazyPattern(r'"[^"\\]*"\s*:\s*null\b')
"""A field that says nothing: with it every frame would have a usage, a finish reason and an error."""


class WireList:
    """What of a wire log is listed, and at which place what stands.

    Attributes:
        log: The wire log.
        words: What rows must hold to be listed; all are where there are none.
    """

    def __init__(self, log: WireLog, words: Sequence[str] = ()) -> None:
        """List what fits these words."""
        self.log = log
        self.words = list(words)
        self._fitting: list[WireRow] = []
        self._searched = 0
        self._starts = 0
        self._looks_inside = False

    @property
    def rows(self) -> Sequence[WireRow]:
        """What is listed."""
        return self._fitting if self.words else self.log.rows

    @property
    def points(self) -> list[Point]:
        """Places of the tape between two frames, by the clock of the last request."""
        lead = self.log.timeline.lead
        if self.log.is_compressed:
            return []  # what stands there is not to be read without what stands before it
        return [
            Point(each.mark.frames, each.read, each.mark.before - lead)
            for each in self.log.rows.points
            if each.mark.frames > 0
        ]

    @property
    def count_words(self) -> str:
        """How many rows are listed, and of how many where not all are."""
        count = f"{len(self.log.rows):,} {'row' if len(self.log.rows) == 1 else 'rows'}"
        inside = " in full" if self._looks_inside and self._fitting else ""
        return f"{len(self._fitting):,} of {count}{inside}" if self.words else count

    def narrow(self, words: Sequence[str]) -> None:
        """List the rows that hold all of these words, in small letters; their kind and `odd` count.

        Where no row shows them, those are listed that hold them in full.
        """
        self.words = list(words)
        self._searched = 0
        self._looks_inside = False

    @property
    def is_searching(self) -> bool:
        """Whether there are rows that were not looked at for the filter."""
        return bool(self.words) and self._searched < len(self.log.rows) and len(self._fitting) < MOST_FOUND

    def search(self, seconds: float) -> None:
        """Look on for rows that fit, for a moment; where the tape began anew, from its beginning."""
        if self.log.starts != self._starts:
            self._starts, self._searched = self.log.starts, 0
        if not self.words:
            return
        until = perf_counter() + seconds
        if not self._searched:
            self._fitting = []
        rows = self.log.rows
        while self._searched < (len(rows) if not rows.ahead else rows.read_through) and len(self._fitting) < MOST_FOUND:
            row = rows[self._searched]
            self._searched += 1
            if self._fits(row):
                self._fitting.append(row)
            if perf_counter() >= until:
                break
        if self._searched >= len(rows) and not self._fitting and not self._looks_inside:
            self._looks_inside, self._searched = True, 0
            self.search(until - perf_counter())

    def _fits(self, row: WireRow) -> bool:
        text = f"{row.kind} {'odd' if row.odd else ''} {row.preview}"
        if self._looks_inside:
            text += f" {_NULL.sub('', held_text(row))}"
        text = text.lower()
        return all(word in text for word in self.words)

    def place_at(self, instant: float) -> int:
        """The place of the first row from an instant on."""
        if not self.words:
            return self.log.rows.place_at(instant)
        later = (at for at, row in enumerate(self._fitting) if row.at >= instant)
        return next(later, len(self._fitting) - 1)

    def place_of_frame(self, frame: int | None) -> int | None:
        """Where a frame is listed; a reply in one piece counts as frame 0."""
        if frame is None:
            return None
        if self.words:
            return next((at for at, row in enumerate(self._fitting) if row.frame == frame), None)
        rows = self.log.rows
        if (place := rows.place_of_frame(frame)) is not None:
            return place
        return next((at for at in range(max(0, len(rows) - 3), len(rows)) if rows[at].kind == "body"), None)

    def odd_after(self, place: int) -> int | None:
        """The place of the next row that is odd; after the last comes the first."""
        if not self.words:
            return _odd_after(self.log, place)
        odd = [at for at, row in enumerate(self._fitting) if row.odd]
        return next((at for at in odd if at > place), odd[0] if odd else None)

    def place_beside(self, place: int, ruler: Ruler, step: int, columns: Iterable[int], *, here: int) -> int | None:
        """The place before or behind one that stands in another column of the line of time.

        Args:
            place: From where.
            ruler: What the columns stand for.
            step: 1 to go on, -1 to go back.
            columns: Those in that direction at which something came, the nearest first.
            here: The column of the place.
        """
        if self.words:
            beyond = range(place + step, len(self._fitting) if step > 0 else -1, step)
            return next((at for at in beyond if ruler.column(self._fitting[at].at) != here), None)
        places = (self.log.rows.place_at(ruler.instant(column)) for column in columns)
        return next((at for at in places if at != place and (at > place) == (step > 0)), None)

    def lasted(self, turn: Turn, now: float) -> float | None:
        """Seconds since the first attempt, while the turn runs; `None` afterwards."""
        return None if turn.state.is_over else self.log.timeline.lead + turn.timing.waited(now)

    def heading(self, title: str, turn: Turn, playing: str, width: int) -> tuple[Line, Line]:
        """What the log is of, and its figures; or how it is played again, where it is."""
        left: Line = [(title, "title"), (f"  turn {turn.number}", "muted")]
        if playing:
            words = playing + (f" of {self.log.timeline.frames:,}" if not self.log.rows.ahead else "")
            briefer = [each.replace("frame ", "") for each in (words, playing)]
            return left, [(_that_fits(width - width_of(left) - 2, words, *briefer), "accent")]
        if odd := self.log.odd.count:
            left.append((f"  {odd:,} {'oddity' if odd == 1 else 'oddities'}", "warning@wire.odd"))
        words = f"{self.count_words}  {describe_size(self.log.size_bytes)}"
        longest = self.log.timeline.longest_silence
        gaps = [f"longest gap {describe_seconds(longest)}  {words}"] if longest else []
        return left, [(_that_fits(width - width_of(left) - 2, *gaps, words, self.count_words), "muted")]


def _that_fits(room: int, *words: str) -> str:
    """The first of these for which there is room, else the last."""
    return next((each for each in words if len(each) <= room), words[-1])


def log_of(replies: Replies, turn: Turn) -> WireLog:
    """The wire log of a turn, as its tape grows."""
    return WireLog(
        partial(replies.tape_since, turn),
        dialect=lambda: turn.dialect,
        stretches=partial(replies.stretches, turn),
        turn=lambda: turn,
        shelf=_Shelf(replies, turn),
        request=partial(replies.request, turn),
    )


def times_of(replies: Replies, turn: Turn) -> WireLog:
    """The same for the times alone: its request is not read, which repeats the whole conversation."""

    def tape_since(row: int | None) -> tuple[Tape, int]:
        piece, after = replies.tape_since(turn, row or 0)
        if row is None and (piece.response is not None or piece.end is not None or piece.attempts or piece.reads):
            piece.request = SentRequest("POST", "", {}, {})
        return piece, after

    return WireLog(
        tape_since,
        dialect=lambda: turn.dialect,
        stretches=partial(replies.stretches, turn),
        turn=lambda: turn,
        shelf=_Shelf(replies, turn, is_whole=False),
    )


class _Shelf:
    """Where the survey of a turn's tape is kept; what was not read whole is not put there."""

    def __init__(self, replies: Replies, turn: Turn, *, is_whole: bool = True) -> None:
        self.survey = partial(replies.survey, turn)
        self.keep_survey: Callable[[bytes], None] = partial(replies.keep_survey, turn) if is_whole else _drop


def _drop(_survey: bytes) -> None:
    """Keep nothing."""


def _odd_after(log: WireLog, place: int) -> int | None:
    """The next row that is odd, after the last the first; `None` where none is."""
    rows, marked = log.rows, log.odd.frames
    at = min(place, len(rows) - len(rows.tail) - 1)
    while at >= len(rows.pinned) and rows[at].frame < 0:
        at -= 1
    frame = rows[at].frame if at >= len(rows.pinned) else -1
    head = [number for number, row in enumerate(rows.pinned) if row.odd]
    end = [len(rows) - len(rows.tail) + number for number, row in enumerate(rows.tail) if row.odd]
    after = marked[bisect_right(marked, frame) :][:1]
    places = (
        *(each for each in head if each > place),
        *map(rows.place_of_frame, after if place < len(rows) - len(rows.tail) else ()),
        *(each for each in end if each > place),
        *head[:1],
        *map(rows.place_of_frame, marked[:1]),
        *end[:1],
    )
    return next((each for each in places if each is not None), None)
