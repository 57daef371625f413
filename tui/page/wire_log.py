"""The wire log: what the wire said in one turn, row by row, read on from the tape as it grows and bounded in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from copy import deepcopy

from msgspec import Struct

from tui.domain.delta import Delta, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta
from tui.domain.error import LimitError, RilletError
from tui.domain.tape import Head, Read, SentRequest, Tape, TapeEnd
from tui.page.frame_kind import TONES, describe_frame
from tui.page.framing import PREVIEW_CHARS, Framing
from tui.page.oddity import Oddity, OddityWatch
from tui.page.origin import FrameAccount, Origins
from tui.page.timeline import Timeline
from tui.wire.dialect import dialect_named, is_dialect
from tui.wire.json_text import write_json
from tui.wire.sse import Frame

MOST_ROWS = 20_000
"""Rows that are kept at most, but for a slack; what was before them stays on the tape."""
SLACK_ROWS = 1_000
LONGEST_BODY = 8 << 20
"""Bytes of a reply in one piece that are read again to say what it brought."""
MARK_FRAMES = 500
MARK_BYTES = 1 << 20
"""Frames or bytes between two places from which one frame is found again."""

TapeSince = Callable[[int | None], tuple[Tape, int]]
"""Gives the next piece of the tape after a row: see `Database.tape_since`."""


class WireRow(Struct, frozen=True):
    """One thing that the wire said: a frame, the head, or the end. `text` is held where there is no frame to fetch."""

    at: float
    gap: float
    kind: str
    tone: str
    size_bytes: int
    preview: str
    text: str = ""
    frame: int = -1
    """Its number among the frames, from 0 on; -1 for anything else."""
    odd: tuple[Oddity, ...] = ()
    """What is odd about it."""


class WireLog:
    """The rows of one turn's tape, in the order of time. Each byte is framed once, however often one looks.

    Attributes:
        rows: What there is to show; the same list for good, it only grows at its end and loses from its top.
        pinned: How many rows at the top are never lost: the request and the head.
        gone: How many places the rows after those have moved up, all told.
        dropped: How many rows are no longer kept.
        starts: How often the tape was begun anew, because the request was sent again.
        size_bytes: Bytes of all reads.
        timeline: When what happened.
        odd_count: How many rows are odd.
    """

    def __init__(
        self,
        tape_since: TapeSince,
        clock: Callable[[], float] = time.perf_counter,
        dialect: Callable[[], str] = lambda: "chat",
    ) -> None:
        self._tape_since = tape_since
        self._clock = clock
        self._dialect = dialect
        self.rows: list[WireRow] = []
        self.starts = 0
        self._begin()

    def _begin(self) -> None:
        self.rows.clear()
        self.pinned = self.gone = self.dropped = self.size_bytes = 0
        self.timeline = Timeline()
        self.odd_count = 0
        self._watch = OddityWatch()
        self._in_read = 0
        self._has_done = False
        self._account = FrameAccount(self._dialect())
        self._row: int | None = None
        self._pending: Iterator[WireRow | None] = iter(())
        self._request: SentRequest | None = None
        self._head: Head | None = None
        self._end: TapeEnd | None = None
        self._is_closed = self._is_broken = False
        self._framing = Framing(Head(200, {}))
        self._frames = 0
        self._comments = 0
        self._before = 0.0
        self._marks: list[_Mark] = []

    def advance(self, budget: float, *, is_over: bool) -> bool:
        """Read on for some seconds; whether all that is written was read. `is_over` says that no more will be.

        Raises:
            StoreError: If the tape cannot be read.
        """
        until = self._clock() + budget
        while True:
            for row in self._pending:
                if row is not None:
                    self._keep(row)
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
            request = self._tape_since(None)[0].request
            return row.preview if request is None else _request_text(request)
        if row.kind == "body" and not row.text:
            return self._body()
        if row.frame < 0:
            return row.text
        frame = self._frame(row.frame)
        if frame is None:
            return row.preview
        return frame.data if frame.event == "message" else f"event: {frame.event}\n{frame.data}"

    def _body(self) -> str:
        framing = Framing(self._head or Head(200, {}))
        reads = (piece for read in self._reads_after(None) for piece in framing.open(read.data))
        try:
            return b"".join(reads).decode(errors="replace")
        except RilletError as error:
            return error.message

    def reads_of(self, row: WireRow) -> list[Read]:
        """The reads that brought a row; for what is no frame, the first ones of the tape.

        Raises:
            StoreError: If the tape cannot be read.
        """
        if row.frame < 0:
            return list(self._tape_since(None)[0].reads[:1])
        return self._find(row.frame)[1]

    # -- reading on -----------------------------------------------------------------------------------------

    def _fetch(self, *, is_over: bool) -> bool:
        """Take the next piece of the tape; whether there was any."""
        piece, row = self._tape_since(self._row)
        is_other_head = self._head is not None and piece.response != self._head
        if is_other_head or (self._end is not None and piece.end != self._end):
            self._begin()
            self.starts += 1
            piece, row = self._tape_since(None)
        self._take_start(piece)
        if self._row is None and self._request is None and self._head is None:
            return False
        has_more = row != (self._row or 0)
        if has_more:
            self._mark()
            self._row = row
            self._pending = self._read(piece.reads)
            return True
        self._row = row
        if not self._is_closed and (piece.end is not None or is_over):
            self._is_closed, self._end = True, piece.end
            if piece.end is not None:
                self.timeline.end(piece.end.at, piece.end.kind)
            self._pending = self._close(piece.end)
            return True
        return False

    def _take_start(self, piece: Tape) -> None:
        if self._request is None and piece.request is not None:
            request = piece.request
            self._request = SentRequest(request.method, request.url, {}, {})
            words = f"{request.method} {request.url}"
            self._pin(WireRow(0.0, 0.0, "request", "strong", len(_body_of(request).encode()), words))
        if self._head is None and piece.response is not None:
            head = self._head = piece.response
            self._framing = Framing(head)
            headers = "\n".join(f"{name}: {value}" for name, value in head.headers.items())
            tone = "success" if head.status < 400 else "error"
            kind = head.headers.get("content-type", "")[:PREVIEW_CHARS]
            text = write_json({"status": head.status, "headers": dict(head.headers)})
            self._watch = OddityWatch(head)
            odd = self._watch.at_head
            self.odd_count += bool(odd)
            self._pin(WireRow(head.at, head.at, f"head {head.status}", tone, len(headers), kind, text, odd=odd))
            self._before = head.at
            self.timeline.head(head.at, head.phases)
            self._account = FrameAccount(self._dialect())

    @property
    def origins(self) -> Origins:
        """Which frame brought what, as far as the tape was read."""
        return self._account.origins

    def _read(self, reads: list[Read]) -> Iterator[WireRow | None]:
        for read in reads:
            self.size_bytes += len(read.data)
            self.timeline.read(read.at, len(read.data))
            self._in_read = 0
            if not self._is_broken:
                try:
                    for frame in self._framing.feed(read.data):
                        if self._framing.comments > self._comments:
                            yield self._comment(read)
                        yield self._frame_row(frame, read.at)
                    if self._framing.comments > self._comments:
                        yield self._comment(read)
                except RilletError as error:
                    self._is_broken = True
                    kind = "limit" if isinstance(error, LimitError) else "broken"
                    yield WireRow(
                        read.at, self._gap(read.at), kind, "error", len(read.data), error.message, error.message
                    )
            self._watch.of_read(read.data)
            yield None

    def _comment(self, read: Read) -> WireRow:
        self._comments = self._framing.comments
        self.timeline.comment(read.at)
        return WireRow(read.at, self._gap(read.at), "comment", "muted", len(read.data), "keep-alive")

    def _frame_row(self, frame: Frame, at: float) -> WireRow:
        number, self._frames = self._frames, self._frames + 1
        deltas = self._account.take(frame, number)
        self.timeline.frame(at)
        if len(deltas) == 1 and isinstance(delta := deltas[0], TextDelta) and delta.text:
            kind, preview = "text", delta.text
            tone = TONES[kind]
            self.timeline.wrote(at, kind, len(preview))
        else:
            kind, tone, preview = describe_frame(frame)
            for said, count in _written(deltas):
                self.timeline.wrote(at, said, count)
        size = len(frame.data) if frame.data.isascii() else len(frame.data.encode(errors="replace"))
        gap, self._before = at - self._before, at
        self._in_read += 1
        odd = self._watch.of_frame(deltas, gap, self._in_read)
        self.odd_count += bool(odd)
        self._has_done = self._has_done or kind == "done"
        return WireRow(at, gap, kind, tone, size, preview[:PREVIEW_CHARS], "", number, odd)

    def _close(self, end: TapeEnd | None) -> Iterator[WireRow]:
        framing, before = self._framing, self._before
        if (frame := framing.close()) is not None and not self._is_broken:
            yield self._frame_row(frame, before)
        if framing.body_bytes:
            preview = framing.body_start.decode(errors="replace")
            if framing.body_bytes <= LONGEST_BODY and self._head is not None and self._head.status < 300:
                self._account.take_whole(self._body())
            yield WireRow(before, 0.0, "body", "", framing.body_bytes, preview)
        elif words := framing.unframed:
            yield WireRow(before, 0.0, "body", "", len(words), words[:PREVIEW_CHARS], words)
        self._account.close(max(0, self._frames - 1))
        odd = self._watch.of_end(
            end, self.origins, is_stream=bool(self._frames), has_done=self._has_done, needs_done=self._needs_done()
        )
        if end is not None or odd:
            kind, at, message = (end.kind, end.at, end.message) if end is not None else ("end", before, "")
            tone = "muted" if kind == "eof" else "warning"
            self.odd_count += bool(odd)
            yield WireRow(at, at - before, kind, tone, 0, message, message, odd=odd)

    def _needs_done(self) -> bool:
        name = self._dialect()
        return is_dialect(name) and dialect_named(name).needs_done

    def _gap(self, at: float) -> float:
        gap, self._before = at - self._before, at
        return gap

    # -- keeping little -------------------------------------------------------------------------------------

    def _pin(self, row: WireRow) -> None:
        self.rows.append(row)
        self.pinned += 1

    def _keep(self, row: WireRow) -> None:
        rows = self.rows
        rows.append(row)
        over = len(rows) - MOST_ROWS
        if over <= SLACK_ROWS:
            return
        first = self.pinned + (1 if self.dropped else 0)
        self.dropped += over
        last = rows[first + over - 1]
        words = f"{self.dropped:,} rows came before; the tape has them"
        rows[self.pinned : first + over] = [WireRow(last.at, 0.0, "…", "muted", 0, words, words)]
        self.gone += first + over - self.pinned - 1
        oldest = next((row.frame for row in rows[self.pinned :] if row.frame >= 0), self._frames)
        while len(self._marks) > 1 and self._marks[1].frames <= oldest:
            self._marks.pop(0)

    def _mark(self) -> None:
        last = self._marks[-1] if self._marks else None
        if (
            last is None
            or self._frames - last.frames >= MARK_FRAMES
            or (self.size_bytes - last.size_bytes >= MARK_BYTES and self._frames > last.frames)
        ):
            self._marks.append(_Mark(self._frames, self.size_bytes, self._row, deepcopy(self._framing)))

    def _frame(self, number: int) -> Frame | None:
        return self._find(number)[0]

    def _find(self, number: int) -> tuple[Frame | None, list[Read]]:
        """Find one frame again, from the last mark before it, and the reads that brought it."""
        mark = next((mark for mark in reversed(self._marks) if mark.frames <= number), None)
        if mark is None:
            return None, []
        framing, at = deepcopy(mark.framing), mark.frames
        held: list[Read] = []
        try:
            for read in self._reads_after(mark.row):
                held.append(read)
                for frame in framing.feed(read.data):
                    if at == number:
                        return frame, held
                    at += 1
                    held = [read]
                if framing.is_between_frames:
                    held = []
        except RilletError:
            return None, held
        return framing.close(), held

    def _reads_after(self, row: int | None) -> Iterator[Read]:
        while True:
            piece, last = self._tape_since(row)
            if last == (row or 0):
                return
            yield from piece.reads
            row = last


class _Mark(Struct, frozen=True):
    """How the framing stood between two flushes."""

    frames: int
    size_bytes: int
    row: int | None
    framing: Framing


def _written(deltas: list[Delta]) -> Iterator[tuple[str, int]]:
    """What there is to read in the deltas of a frame: its kind, and how many characters."""
    for delta in deltas:
        match delta:
            case TextDelta(text=text, replaces=False):
                yield "text", len(text)
            case ReasoningDelta(text=text, replaces=False):
                yield "thinking", len(text)
            case RefusalDelta(text=text, replaces=False):
                yield "refusal", len(text)
            case ToolCallDelta(name=name, arguments=arguments, replaces=False):
                yield "arguments", len(name) + len(arguments)
            case _:
                pass


def _request_text(request: SentRequest) -> str:
    """A request as one JSON object: its line, its headers without a key, its body."""
    about = {"method": request.method, "url": request.url, "headers": dict(request.headers), "body": request.body}
    return write_json(about)


def _body_of(request: SentRequest) -> str:
    import json

    return json.dumps(request.body, ensure_ascii=False)
