"""The checker: takes an exchange as it comes, and says at any time what is odd about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tui.chat.checking.chat_rules import ChatRules
from tui.chat.checking.ending import check_ending
from tui.chat.checking.frames import FrameRules
from tui.chat.checking.messages_rules import MessagesRules
from tui.chat.checking.note import Notes
from tui.chat.checking.raw import ByteRules, check_head
from tui.chat.checking.responses_rules import ResponsesRules
from tui.chat.checking.rule import Finding
from tui.chat.checking.time import TimeRules
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import FrameError, RilletError
from tui.domain.tape import Head, Read, SentRequest
from tui.domain.turn import Turn
from tui.wire.compression import Inflater
from tui.wire.dialect import dialect_named, is_dialect
from tui.wire.json_text import parse_json
from tui.wire.sse import Frame, FrameReader

_BLANK = b" \t\r\n\xef\xbb\xbf"


class _DialectRules(Protocol):
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
        frames: The frames so far, each with its time; only where they are to be kept.
        is_body: Whether the body is no stream, but one JSON object, a page, or a refusal.
    """

    def __init__(
        self, dialect: str = "", request: SentRequest | None = None, model: str = "", *, keeps_frames: bool = False
    ) -> None:
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
        self._keeps = keeps_frames
        self._number = self._comments = 0
        self._size = 0
        self.is_body = False
        self.frames: list[Frame] = []

    @property
    def findings(self) -> list[Finding]:
        """What was found so far, in the order of the rules."""
        return self._notes.findings

    @property
    def marks(self) -> dict[int, list[str]]:
        """The codes of what is odd about a frame, by its number from 0 on."""
        return self._notes.marks

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

    def _take_frame(self, frame: Frame, at: float) -> None:
        number, self._number = self._number, self._number + 1
        if self._keeps:
            self.frames.append(frame)
        self._time.frame(number, at)
        value = self._frame_rules.feed(frame, number)
        if value is not None:
            self._rules.feed(frame, value, number)

    def close(self, turn: Turn | None) -> None:
        """The exchange is over, and the turn that it came to; without one, that is not looked at."""
        head, notes = self._head, self._notes
        if head is None:
            words = turn.error.message if turn is not None and turn.error is not None else "the request was sent"
            notes.add("no-answer", f"no answer came: {words}")
            return
        if head.status >= 300:
            words = turn.error.message if turn is not None and turn.error is not None else "no reason was given"
            notes.add("refused", f"the endpoint refused with status {head.status}: {words}")
            return
        self._close_frames()
        is_stream = self._number > 0
        is_foreign = self._request is None
        check_head(head, notes, is_stream=is_stream, is_foreign=is_foreign)
        if not is_stream and self._size:
            notes.add("no-stream", "the answer came in one piece, and not as a stream of frames")
        if is_stream and self._dialect.needs_done and not self._frame_rules.has_done:
            notes.add("no-done", "[DONE] did not come: a client that waits for it waits until the connection ends")
        self._time.close(is_stream=is_stream)
        if is_stream:
            self._rules.close()
        if turn is not None:
            check_ending(turn, self._request, self._model, notes)

    def _close_frames(self) -> None:
        last = None if self._is_broken else self._reader.close()
        if last is not None and (last.data.strip() == "[DONE]" or is_json(last.data)):
            self._notes.add("last-frame", f"“{last.data[:40]}” ends without a blank line", self._number)
            self._take_frame(last, self._time.last_at)  # whole without its blank line, and taken as that
        if unframed := self._reader.unframed:
            count = len(unframed)
            belongs = "line belongs" if count == 1 else "lines belong"
            self._notes.add("unframed", f"{count} {belongs} to no frame: “{unframed[0][:60]}”")


def is_json(text: str) -> bool:
    """Whether a text is a JSON object."""
    try:
        return isinstance(parse_json(text), dict)
    except FrameError:
        return False
