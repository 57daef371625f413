"""The checker: takes an exchange as it comes, and says at any time what is odd about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from tui.chat.checking.chat_rules import ChatRules
from tui.chat.checking.ending import check_ending, note_oddity
from tui.chat.checking.frames import LARGE, LONG_TEXT, FrameRules
from tui.chat.checking.messages_rules import MessagesRules
from tui.chat.checking.note import Notes
from tui.chat.checking.raw import ByteRules, check_head
from tui.chat.checking.responses_rules import ResponsesRules
from tui.chat.checking.rule import Finding
from tui.chat.checking.time import TimeRules
from tui.domain.delta import OddityDelta
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import EndpointError, FrameError, RilletError
from tui.domain.joined_reads import JoinedReads
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.tape import Head, Read, SentRequest
from tui.domain.turn import Turn, TurnState
from tui.wire.compression import Inflater
from tui.wire.dialect import dialect_named, is_dialect
from tui.wire.json_text import parse_json
from tui.wire.sse import Frame, FrameReader

_BLANK = b" \t\r\n\xef\xbb\xbf"


_VARYING = LazyPattern(r'"(?:sequence_number|obfuscation)": ?(?:\d+|"[^"\\]*")')
"""Members that differ from frame to frame, and about which there is no rule but that of their order."""
_TEXT_KEYS = (
    '"reasoning_content":"',
    '"reasoning_content": "',
    '"content":"',
    '"content": "',
    '"delta":"',
    '"delta": "',
    '"text":"',
    '"text": "',
)
_AT_ONCE = 40
"""Frames in one read that no model writes at once."""


CutFrame = tuple[Frame, str, bool]
"""A frame, the piece that it brings and nothing else, and whether that is text; without one, it is looked at whole."""


class _Shape(NamedTuple):
    """What stands around the text of a frame that was looked at; what varies is left out of the second pair."""

    before: str
    after: str
    rest_before: str
    rest_after: str


def _shape_of(data: str, text: str) -> _Shape | None:
    """The shape of a frame with a text; `None` where that is not to be seen without a doubt."""
    for key in _TEXT_KEYS:
        at = data.find(key)
        if at >= 0 and data.startswith(f'{text}"', at + len(key)) and "\\" not in data:
            before, after = data[: at + len(key)], data[at + len(key) + len(text) :]
            return _Shape(before, after, _VARYING.sub("", before), _VARYING.sub("", after))
    return None


class _DialectRules(Protocol):
    @property
    def is_finished(self) -> bool:
        """Whether the reply said how it ends."""

    def take_text(self, text: str, number: int) -> None:
        """Take a frame that brings a text, and is like the one before it in all else."""

    def take_texts(self, texts: Sequence[str], number: int) -> None:
        """Take some of them, from one of a number on."""

    def feed(self, frame: Frame, value: Any, number: int) -> None:
        """Take the JSON of a frame."""

    def close(self) -> None:
        """Look at the whole."""


_RULES: dict[str, Callable[[Notes], _DialectRules]] = {
    "chat": ChatRules,
    "responses": ResponsesRules,
    "messages": MessagesRules,
}


class Checker:
    """Follows one exchange: head, reads, end. Each byte is looked at once, so it can run while the reply comes.

    Attributes:
        is_body: Whether the body is no stream, but one JSON object, a page, or a refusal.
    """

    def __init__(self, dialect: str = "", request: SentRequest | None = None, model: str = "") -> None:
        """Start before the response; without a request the exchange is a raw stream, of which no head and no time is known."""
        self._dialect = dialect_named(dialect if is_dialect(dialect) else DIALECT_NAMES[0])
        self._request, self._model = request, model
        self._notes = Notes()
        self._frame_rules = FrameRules(self._dialect, self._notes)
        self._rules: _DialectRules = _RULES[self._dialect.name](self._notes)
        self._bytes = ByteRules(self._notes)
        self._time = TimeRules(self._notes)
        self._reader = FrameReader(takes_error_field=True)
        self._inflater: Inflater | None = None
        self._head: Head | None = None
        self._is_known = self._is_broken = False
        self._number = self._comments = 0
        self._size = 0
        self._shape: _Shape | None = None
        self._event = self._text = ""
        self._heard: set[str] = set()
        self.is_body = False

    @property
    def findings(self) -> list[Finding]:
        """What was found so far, in the order of the rules."""
        return self._notes.findings

    @property
    def frames(self) -> int:
        """How many frames came so far."""
        return self._number

    @property
    def notes(self) -> Notes:
        """What was noted so far."""
        return self._notes

    @property
    def marks(self) -> dict[int, list[str]]:
        """The codes of what is odd about a frame, by its number from 0 on."""
        return {number: list(codes) for number, codes in self._notes.marked.items()}

    def head(self, head: Head) -> None:
        """Take the head of the response."""
        self._head = head
        self.is_body = self._is_known = head.status >= 300
        self._time.head(head)

    def read(self, read: Read) -> None:
        """Take a read."""
        head = self._head or Head(200, {})
        self._time.read(read.at, len(read.data), self._number)
        if self._is_broken:
            return
        if self._inflater is None:
            try:
                self._inflater = Inflater(head.headers.get("content-encoding", ""))
            except RilletError:
                self._is_broken = True
                return
        before = self._number
        try:
            for piece in self._inflater.feed(read.data):
                self._take(piece, read.at)
        except RilletError:
            self._is_broken = True  # the turn ends with the same error, and tells it
        self.end_read(self._number - before)
        if self._reader.comments > self._comments:
            self._comments = self._reader.comments
            if self._number == before:
                self._time.comments(read.at, self._number)

    def _take(self, data: bytes, at: float) -> None:
        self._size += len(data)
        if not self._is_known and (start := data.lstrip(_BLANK)):
            self._is_known = True
            media = self._head.headers.get("content-type", "") if self._head is not None else ""
            is_stream = media.partition(";")[0].strip().lower() == "text/event-stream"
            self.is_body = not is_stream and start[:1] in (b"{", b"[", b"<")
        if self.is_body:
            return
        self._bytes.feed(data, self._number, is_timed=at > 0)
        for frame in self._reader.feed(data):
            self._take_frame(frame, at)

    # -- what somebody else has cut -------------------------------------------------------------------------

    def cut_read(self, read: Read, frames: Sequence[CutFrame], comments: int, *, is_body: bool) -> None:
        """Take a read that was cut into frames already, with how many comments came in it.

        A frame that is known to bring a piece of text or reasoning and nothing else comes with that: where it is
        otherwise like the one before it, it is not looked at again.
        """
        self._time.read(read.at, len(read.data), self._number)
        self._size += len(read.data) if self._is_plain or frames or is_body else 0
        self.is_body = is_body
        if self._is_plain and not is_body:
            self._bytes.feed(read.data, self._number, is_timed=read.at > 0)
        for frame, text, is_text in frames:
            if not text or not self._take_alike(frame, text, read.at, is_text=is_text):
                self._take_frame(frame, read.at)
                self._shape = _shape_of(frame.data, text) if text else None
                self._event = frame.event
            self._text = text
        self.end_read(len(frames))
        if comments and not frames:
            self._time.comments(read.at, self._number)

    def can_take(self, reads: JoinedReads, texts: Sequence[str]) -> bool:
        """Whether reads with a frame each, which are like the last in all but their texts, need not be looked at one by one."""
        sizes = max(map(len, texts))
        pairs = zip(texts, (self._text, *texts), strict=False) if sizes >= LONG_TEXT else ()
        is_twice = any(text == before and len(text) >= LONG_TEXT for text, before in pairs)
        is_known = self._shape is not None and not (self._rules.is_finished or self._frame_rules.is_done)
        is_plain = (self._bytes.is_plain or not self._is_plain) and not self.is_body
        return is_known and is_plain and not is_twice and sizes < LARGE // 2 and self._time.can_take(reads.ats)

    def take_texts(self, reads: JoinedReads, texts: Sequence[str], last: Frame) -> None:
        """Take them; the last is this frame."""
        number = self._number
        sizes = [after - before for before, after in pairwise((0, *reads.ends))]
        self._time.texts(reads.ats, sizes, number)
        if self._is_plain:
            self._bytes.pass_by(reads.data)
        self._rules.take_texts(texts, number)
        self._frame_rules.pass_by(last)
        self._size += len(reads.data)
        self._number += len(texts)
        self._text = texts[-1]

    @cached_property
    def _is_plain(self) -> bool:
        encoding = self._head.headers.get("content-encoding", "") if self._head is not None else ""
        return encoding in ("", "identity")

    def _take_alike(self, frame: Frame, text: str, at: float, *, is_text: bool) -> bool:
        """Take a frame that differs from the last in nothing but its text; whether it does."""
        shape, data = self._shape, frame.data
        if shape is None or text == self._text or frame.event != self._event or self._rules.is_finished:
            return False
        end = len(data) - len(shape.after)
        if end - len(shape.before) != len(text) or not (data.startswith(shape.before) and data.endswith(shape.after)):
            other = _shape_of(data, text)
            if other is None or (other.rest_before, other.rest_after) != (shape.rest_before, shape.rest_after):
                return False
        if self._frame_rules.is_done:
            return False
        self._time.frame(self._number, at)
        if is_text:
            self._rules.take_text(text, self._number)
        self._frame_rules.pass_by(frame)
        self._number += 1
        return True

    def hear(self, oddity: OddityDelta, number: int) -> None:
        """Take what reading the frame of a number found odd."""
        if code := note_oddity(oddity, self._notes, number):
            self._heard.add(code)

    def end_read(self, frames: int) -> None:
        """A read is over, which brought so many frames."""
        if frames >= _AT_ONCE and self._number > frames and self._time.last_at:  # of a raw stream no times are known
            self._notes.add("burst", f"{frames} frames came in one read", self._number - 1)

    def _take_frame(self, frame: Frame, at: float) -> None:
        number, self._number = self._number, self._number + 1
        if not number and self._head is not None:
            check_head(self._head, self._notes, is_stream=True, is_foreign=self._request is None)
        self._time.frame(number, at)
        value = self._frame_rules.feed(frame, number)
        if value is not None:
            self._rules.feed(frame, value, number)

    def close(self, turn: Turn | None, last: Frame | None = None, unframed: Sequence[str] | None = None) -> None:
        """The exchange is over, and the turn that it came to; without one, that is not looked at.

        Whoever cut the reads gives the frame that was begun and not ended, and the lines that belong to none.
        """
        head, notes = self._head, self._notes
        if head is None:
            words = turn.error.message if turn is not None and turn.error is not None else "the request was sent"
            notes.add("no-answer", f"no answer came: {words}")
            return
        if head.status >= 300:
            words = turn.error.message if turn is not None and turn.error is not None else "no reason was given"
            notes.add("refused", f"the endpoint refused with status {head.status}: {words}")
            return
        if last is None and unframed is None:
            last, unframed = (None if self._is_broken else self._reader.close()), self._reader.unframed
        self._close_frames(last, unframed or ())
        is_stream = self._number > 0
        if not is_stream:
            check_head(head, notes, is_stream=False, is_foreign=self._request is None)
        if not is_stream and self._size:
            notes.add("no-stream", "the answer came in one piece, and not as a stream of frames")
        if is_stream and self._dialect.needs_done and not self._frame_rules.has_done and not _was_left(turn):
            notes.add("no-done", "[DONE] did not come")
        self._time.close(is_stream=is_stream)
        if is_stream:
            self._rules.close()
        if turn is not None:
            check_ending(turn, self._request, self._model, notes, self._heard)

    def _close_frames(self, last: Frame | None, unframed: Sequence[str]) -> None:
        if last is not None and (last.data.strip() == "[DONE]" or is_json(last.data)):
            self._notes.add("last-frame", f"“{last.data[:40]}” ends without a blank line", self._number)
            self._take_frame(last, self._time.last_at)  # whole without its blank line, and taken as that
        if unframed:
            count = len(unframed)
            belongs = "line belongs" if count == 1 else "lines belong"
            self._notes.add("unframed", f"{count} {belongs} to no frame: “{unframed[0][:60]}”")


def _was_left(turn: Turn | None) -> bool:
    """Whether the stream ended because nobody read on, and more of it might have come."""
    if turn is None or turn.has_finished:
        return False
    is_held_back = turn.state in (TurnState.STOPPED, TurnState.LIMIT)
    return is_held_back or isinstance(turn.error, FrameError | EndpointError)


def is_json(text: str) -> bool:
    """Whether a text is a JSON object."""
    try:
        return isinstance(parse_json(text), dict)
    except FrameError:
        return False
