"""The wire log: what the wire said in one turn, row by row, read on from the tape as it grows and bounded in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from msgspec.structs import replace

from tui.chat.checking.checker import Checker
from tui.chat.checking.note import Notes
from tui.domain.error import StoreError
from tui.domain.joined_reads import JoinedReads
from tui.domain.tape import FailedAttempt, Head, Read, SentRequest, Tape, TapeEnd
from tui.domain.turn import Turn
from tui.page.attempt import attempt_rows, attempts_words, later_end, lead_of, lost_by
from tui.page.framing import PREVIEW_CHARS, Framing, is_plain_stream
from tui.page.gathering import Gathering
from tui.page.oddity import Oddities
from tui.page.origin import FrameAccount, Origins
from tui.page.plain_items import plain_items
from tui.page.survey import Shelf, Survey, pack_survey, places_of, survey_on
from tui.page.tape_reads import TapeReads, TapeSince
from tui.page.timeline import Timeline
from tui.page.wire_row import Cutter, Item, WireRow, row_of
from tui.page.wire_rows import Rows
from tui.page.wire_words import comment_text, end_row, held_text, last_rows, request_text, size_of
from tui.page.wording import retry_words
from tui.wire.json_text import write_json

LONGEST_BODY = 8 << 20
"""Bytes of a reply in one piece that are read again to say what it brought."""
STRETCH_FRAMES = 500
STRETCH_BYTES = 1 << 20
"""Frames or bytes between two places from which rows are found again."""
LONG_STRETCHES = 4
"""A tape that is kept in so many stretches is long: its end is shown before all of it was read."""
_LONG_MEMBERS = frozenset(("messages", "input", "system", "instructions"))
"""What of a request is not held: it may be long, and no rule asks for it."""

Stretches = Callable[[], Sequence[tuple[int, float]]]
"""Gives the stretches that a whole tape is kept in: how many reads each has, and when its first came."""


class WireLog:
    """The rows of one turn's tape, in the order of time. Each byte is framed once, but for what is looked at again.

    Attributes:
        rows: What there is to show, as a list: the same for good.
        starts: How often the tape was begun anew, because the request was sent again.
        size_bytes: Bytes of all reads.
        odd: What is odd, as far as it was read.
    """

    def __init__(
        self,
        tape_since: TapeSince,
        clock: Callable[[], float] = time.perf_counter,
        dialect: Callable[[], str] = lambda: "chat",
        stretches: Stretches = lambda: (),
        turn: Callable[[], Turn | None] | None = None,
        *,
        shelf: Shelf | None = None,
        request: Callable[[], SentRequest | None] | None = None,
    ) -> None:
        """Read a tape. With `turn`, which gives the turn that it came to, it is checked on the way; `request` gives all that was sent.

        A long one that was read through is not read again as long as its survey is on the shelf.
        """
        self._shelf, self._whole_request = shelf, request or (lambda: tape_since(None)[0].request)
        self._tape_since = tape_since
        self._stretches = stretches
        self._turn = turn
        self._clock = clock
        self._dialect = dialect
        self._reads = TapeReads(tape_since)
        self.rows = Rows(self._reads.shown)
        self.starts = 0
        self._begin()

    def _begin(self) -> None:
        self.rows.clear()
        self.size_bytes = 0
        self._gathered = Gathering(self._dialect())
        self._take_notes(Notes())
        self._row: int | None = None
        self._pending: Iterator[None] = iter(())
        self._request: SentRequest | None = None
        self._attempts: Sequence[FailedAttempt] = ()
        self._head: Head | None = None
        self._end: TapeEnd | None = None
        self._is_closed = False
        self._owed_to = self._shelf
        self._cutter = Cutter(Framing(Head(200, {})))
        self._frames_at_begin = self._size_at_begin = -1
        self._reads.begin()

    @property
    def is_compressed(self) -> bool:
        """Whether its reads are opened before they are cut."""
        return self._reads.is_compressed

    def advance(self, budget: float, *, is_over: bool) -> bool:
        """Read on for some seconds; whether all that is written was read. `is_over` says that no more will be.

        Raises:
            StoreError: If the tape cannot be read.
        """
        until = self._clock() + budget
        self.rows.settle()
        while True:
            for _ in self._pending:
                if self._clock() >= until:
                    return False
            if not self._fetch(is_over=is_over):
                return True

    def text(self, row: WireRow) -> str:
        """All that a row stands for, from the tape where it is not held.

        Raises:
            StoreError: If the tape cannot be read.
        """
        if row.kind == "request":
            request = self._whole_request()
            return row.preview if request is None else request_text(request)
        if row.kind == "body" and not row.text:
            return self._reads.body(self._head or Head(200, {}))
        if row.kind == "comment":
            return comment_text(self._reads.between(*row.reads, is_shown=True)) or row.preview
        return held_text(row)

    def place_of(self, row: WireRow) -> int:
        """Where a row stands; at the top where that is not known."""
        rows = self.rows
        if row.frame >= 0 and (place := rows.place_of_frame(row.frame)) is not None:
            return place
        near = range(max(0, (at := rows.place_at(row.at)) - 50), min(len(rows), at + 50))
        return next((at for at in near if rows[at] == row), 0)

    def text_before(self, row: WireRow) -> str:
        """What the frame before one said; empty where there is none near by."""
        place = self.place_of(row) if row.said is not None else 0
        rows = (self.rows[at] for at in range(place - 1, max(-1, place - 50), -1))
        return next((self.text(each) for each in rows if each.said is not None), "")

    def reads_of(self, row: WireRow) -> list[Read]:
        """The reads that brought a row; for what no read brought, the first one of the tape.

        Raises:
            StoreError: If the tape cannot be read.
        """
        if row.attempt:
            return [*self._attempts[row.attempt - 1].reads]
        return self._reads.between(*row.reads)

    # -- reading on -----------------------------------------------------------------------------------------

    def _fetch(self, *, is_over: bool) -> bool:
        """Take the next piece of the tape; whether there was any."""
        piece, row = self._tape_since(self._row)
        is_other = self._head is not None and piece.response != self._head
        is_other |= not self._row and self._request is not None and len(piece.attempts) != len(self._attempts)
        if is_other or (self._end is not None and piece.end != self._end):
            self._begin()
            self.starts += 1
            piece, row = self._tape_since(None)
        is_begun = self._head is not None
        self._take_start(piece)
        if (turn := self._turn() if self._turn is not None else None) is not None:
            status = piece.response.status if piece.response is not None else 0
            self.timeline.retry, self.timeline.awaits_retry = retry_words(turn, status), turn.awaits_retry
            self.timeline.ahead(turn.timing)
        if self._row is None and self._request is None and self._head is None:
            return False
        if is_over and not is_begun and self._row is None and self._look_ahead(piece):
            return False
        if row != (self._row or 0):
            self._pending = self._read_parts(piece.reads, self._row or 0)
            self._row = row
            return True
        self._row = row
        if is_over and turn is not None and not turn.state.is_over:
            return False  # it is read from the same tape: what it comes to is not known yet
        if not self._is_closed and (piece.end is not None or is_over):
            self._is_closed, self._end = True, piece.end
            end = later_end(piece.end, self._reads.lead)
            if end is not None:
                self.timeline.end(end.at, end.kind)
            self._close(end)
            return True
        if is_over:
            self._keep()
        return False

    def _look_ahead(self, piece: Tape) -> bool:
        """A long tape that is whole is shown from its end on before it is read through; whether nothing is left to be read."""
        if not is_plain_stream(self.rows.head):
            return False
        stretches = [(count, self._reads.lead + began_at) for count, began_at in self._stretches()]
        if len(stretches) < LONG_STRETCHES:
            return False
        if self._resume(sum(count for count, _ in stretches), piece.end):
            return True
        if self.is_compressed:
            return False  # it can be opened from its beginning alone
        self._begin_stretch(0)
        self.rows.expect(stretches)
        if (end := later_end(piece.end, self._reads.lead)) is not None:
            self.timeline.end(end.at, end.kind)
            gap = end.at - self.rows[len(self.rows) - 1].at
            self.rows.tail.append(end_row(end, gap))
        self.timeline.unread = self.rows.ahead
        return False

    def _resume(self, reads: int, end: TapeEnd | None) -> bool:
        """Know what whoever read it through has kept; whether there is such a thing."""
        survey = survey_on(self._shelf, reads, end) if self._shelf is not None else None
        if survey is None or self._tape_since(reads)[1] > reads:  # or more came since
            return False
        self._row, self._end, self._is_closed, self._owed_to = reads, end, True, None
        self.size_bytes, self._gathered.frames = survey.size_bytes, survey.frames
        self._reads.resume(survey.opened)
        self.rows.resume(survey.stretches)
        self._cutter = survey.stretches[-1].mark.resumed(self.rows.head)
        self.rows.tail += survey.tail
        self.timeline.resume(survey.timeline)
        self._gathered.account.origins.resume(survey.brought)
        self._take_notes(survey.notes)
        self._mark_head()
        return True

    def _keep(self) -> None:
        """Keep what is known of a long tape that was read through now."""
        reads, shelf = self._row or 0, self._owed_to
        counts = [] if shelf is None else [count for count, _ in self._stretches()]
        if shelf is None or sum(counts) != reads:
            return  # some are in no block yet
        self._owed_to = None
        places = places_of(self.rows.marks(reads, self._cutter)) if is_plain_stream(self.rows.head) else None
        opened = self._reads.points
        if places is None or opened is None or len(counts) < LONG_STRETCHES:
            return
        timeline, notes, brought = self.timeline.gathered, self.odd.notes, self.origins.brought_by_all
        survey = Survey(
            reads,
            self._end,
            self.size_bytes,
            self._gathered.frames,
            places,
            timeline,
            notes,
            brought,
            self.rows.tail,
            opened,
        )
        with suppress(StoreError):
            shelf.keep_survey(pack_survey(survey))

    def _take_notes(self, notes: Notes) -> None:
        self.odd = Oddities(notes)
        self.rows.odd_of = self.odd.of

    def _mark_head(self) -> None:
        """Mark the row of the head with what is odd about it."""
        if self.rows.pinned and (odd := self.odd.at_head):
            self.rows.pinned[-1] = replace(self.rows.pinned[-1], odd=odd)

    def _begin_stretch(self, row: int) -> None:
        rows = self.rows
        if rows.ahead and self._frames_at_begin >= 0:
            is_due = row >= rows.ahead[0].read + rows.ahead[0].reads
        else:
            is_due = (
                self._frames_at_begin < 0
                or self._gathered.frames - self._frames_at_begin >= STRETCH_FRAMES
                or (
                    self.size_bytes - self._size_at_begin >= STRETCH_BYTES
                    and self._gathered.frames > self._frames_at_begin
                )
            )
        if is_due:
            self._frames_at_begin, self._size_at_begin = self._gathered.frames, self.size_bytes
            rows.begin(row, self._cutter)

    def _take_start(self, piece: Tape) -> None:
        if self._request is None and piece.request is not None:
            request = piece.request
            body = {name: value for name, value in request.body.items() if name not in _LONG_MEMBERS}
            self._request = SentRequest(request.method, request.url, {}, body)
            self._take_attempts(piece.attempts)
            words = f"{request.method} {request.url}"
            gap = piece.attempts[-1].lasted if piece.attempts else 0.0
            self.rows.pinned.append(WireRow(self._reads.lead, gap, "request", "strong", size_of(request), words))
        if self._head is None and piece.response is not None:
            head = self._head = piece.response
            self.rows.head = self._reads.take_head(head)
            headers = "\n".join(f"{name}: {value}" for name, value in head.headers.items())
            tone = "success" if head.status < 400 else "error"
            kind = head.headers.get("content-type", "")[:PREVIEW_CHARS]
            text = write_json({"status": head.status, "headers": dict(head.headers)})
            if self._turn is not None:
                self._gathered.checker = self._new_checker(head)
                self._take_notes(self._gathered.checker.notes)
            at = self._reads.lead + head.at
            self._cutter = Cutter(Framing(self.rows.head), before=at)
            if not head.is_supposed:
                self.rows.pinned.append(WireRow(at, head.at, f"head {head.status}", tone, len(headers), kind, text))
                self.timeline.head(at, head.phases)
            self._gathered.account = FrameAccount(self._dialect())

    def _take_attempts(self, attempts: Sequence[FailedAttempt]) -> None:
        """What was tried before stands above; from here on all times count from the first attempt on."""
        self._attempts, self._reads.lead = attempts, lead_of(attempts)
        self.rows.pinned += attempt_rows(attempts)
        self.timeline.lost = lost_by(attempts)
        self.timeline.lost_words = attempts_words(attempts) if attempts else ""

    @property
    def timeline(self) -> Timeline:
        """When what happened."""
        return self._gathered.timeline

    @property
    def origins(self) -> Origins:
        """Which frame brought what, as far as the tape was read."""
        return self._gathered.account.origins

    def _new_checker(self, head: Head) -> Checker:
        turn = self._turn() if self._turn is not None else None
        checker = Checker(self._dialect(), self._request, turn.model if turn is not None else "")
        checker.head(head)
        return checker

    def _read_parts(self, recorded: Sequence[Read], number: int) -> Iterator[None]:
        """Take reads of which the first has this number; those that are compressed in parts."""
        size, starts = self._reads.together, self.starts
        for start in range(0, len(recorded), size):
            self._begin_stretch(number + start)
            yield from self._read(recorded[start : start + size], number + start)
            if self.starts != starts:
                return

    def _read(self, recorded: Sequence[Read], number: int) -> Iterator[None]:
        """Take reads of which the first has this number."""
        rows, cutter, gathered = self.rows, self._cutter, self._gathered
        if (opened := self._reads.open(recorded, number)) is None:
            self._begin()
            self.starts += 1
            return
        recorded, reads = opened
        items = plain_items(cutter, reads, number)
        if items is not None and isinstance(recorded, JoinedReads) and items.is_one_each and items.frames >= 0:
            self.size_bytes += len(recorded.data)
            cutter.pass_by(len(items), reads[-1].at, number + len(reads))
            rows.add(items)
            yield from gathered.take_plain(recorded, items)
            self._mark_head()
            return
        for at, (before, read) in enumerate(zip(recorded, reads, strict=True), number):
            self.size_bytes += len(before.data)
            came = cutter.feed(read, at)
            gathered.take_read(before, read.at, came, is_body=cutter.framing.is_body)
            rows.add(came)
            if at == number:
                self._mark_head()
            yield

    def _close(self, end: TapeEnd | None) -> None:
        rows, cutter = self.rows, self._cutter
        framing, before = cutter.framing, cutter.before
        rows.finish(self._row or 0, cutter)
        rows.tail.clear()
        self.timeline.unread = ()
        frame = None if cutter.is_broken else framing.close()
        item = None
        if frame is not None:
            item = Item(before, 0.0, self._gathered.frames, frame, 0, cutter.began, max(0, (self._row or 0) - 1))
            self._gathered.take(item, frame)
        is_answer = self._head is not None and self._head.status < 300
        if is_answer and 0 < framing.body_bytes <= LONGEST_BODY:
            self._gathered.account.take_whole(self._reads.body(self._head or Head(200, {})))
        self._gathered.account.close(max(0, self._gathered.frames - 1))
        if self._gathered.checker is not None:
            turn = self._turn() if self._turn is not None else None
            self._gathered.checker.close(turn, frame, framing.unframed_lines)
            if turn is not None and not turn.state.is_over:
                self._owed_to = None  # what it came to is not known yet
            self.timeline.note_bursts(has_bursts=self.odd.notes.has("bursts"))
            self._mark_head()
        if item is not None:
            rows.tail.append(row_of(item, self.odd.of(item.number)))
        rows.tail += last_rows(framing, before, end, self.odd.at_end)
