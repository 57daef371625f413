"""Server-sent events: bytes to frames, exactly as WHATWG says, within bounds.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import msgspec

from tui.domain.error import LimitError
from tui.domain.quantity import describe_size
from tui.wire.limit import LIMITS, Limits

_BOM = b"\xef\xbb\xbf"


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One record of an event stream, uninterpreted."""

    data: str
    event: str = "message"
    id: str = ""


class Begun(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a frame has come that is not whole yet, and what a reader must know to go on there."""

    unended: bytes = b""
    data: list[bytes] = []
    event: str = ""
    id: str = ""
    at_start: bool = False
    skips_newline: bool = False


class FrameReader:
    """Cuts the bytes of an event stream into frames, however the reads fall.

    Attributes:
        comments: How many comment lines came; they keep a connection alive, and mean something else at mlx only.
        last_comment: The last of them, as far as a line of words is long.
        unframed: Lines that belong to no event stream, as they came, up to the error body limit:
            some servers write a bare JSON error into a stream.
        limit_error: The limit that was reached, if any. Frames before it are handed out first; the next
            call raises it.
    """

    __slots__ = (
        "_at_start",
        "_data",
        "_data_bytes",
        "_event",
        "_id",
        "_limits",
        "_skips_newline",
        "_takes_error_field",
        "_unended",
        "_unended_bytes",
        "_unframed_bytes",
        "comments",
        "last_comment",
        "limit_error",
        "unframed",
    )

    def __init__(self, limits: Limits = LIMITS, *, takes_error_field: bool = False) -> None:
        """Start at the beginning of a stream.

        With `takes_error_field` a field `error` counts as a frame of that event: llama.cpp once wrote so.
        """
        self._limits = limits
        self._takes_error_field = takes_error_field
        self._unended: list[bytes] = []
        self._unended_bytes = 0
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._event = ""
        self._id = ""
        self._at_start = True
        self._skips_newline = False
        self._unframed_bytes = 0
        self.comments = 0
        self.last_comment = b""
        self.unframed: list[str] = []
        self.limit_error: LimitError | None = None

    @property
    def is_between_frames(self) -> bool:
        """Whether the next byte begins a frame: nothing is held back, and no field was set that it would inherit."""
        is_pending = self._unended or self._data or self._event or self._at_start or self._skips_newline
        return not is_pending and self.limit_error is None

    @property
    def may_begin(self) -> bool:
        """The same, or nothing came at all."""
        return self.is_between_frames or (self._at_start and not self._unended and self.limit_error is None)

    @property
    def last_id(self) -> str:
        """The id that frames have which name none."""
        return self._id

    def pass_by(self) -> None:
        """Whole frames without an id were read by somebody else."""
        self._at_start = False

    @property
    def begun(self) -> Begun:
        """How it stands: another reader can `resume` there."""
        return Begun(b"".join(self._unended), [*self._data], self._event, self._id, self._at_start, self._skips_newline)

    def resume(self, begun: Begun) -> None:
        """Go on where another reader stood; what that one has counted is not known here."""
        self._unended = [begun.unended] if begun.unended else []
        self._unended_bytes = len(begun.unended)
        self._data = [*begun.data]
        self._data_bytes = sum(len(line) + 9 for line in begun.data)
        self._event, self._id = begun.event, begun.id
        self._at_start, self._skips_newline = begun.at_start, begun.skips_newline

    def feed(self, data: bytes) -> list[Frame]:
        """Take the bytes of one read; give the frames they complete.

        Raises:
            LimitError: If a line or a frame is longer than allowed and no frame came before it.
        """
        if self.limit_error is not None:
            raise self.limit_error
        if self._skips_newline and data:
            # The CR at the end of the last read has ended its line already.
            self._skips_newline = False
            if data[0] == 0x0A:
                data = data[1:]
        if b"\r" in data:
            self._skips_newline = data[-1] == 0x0D
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = data.split(b"\n")
        rest = lines.pop()
        frames: list[Frame] = []
        try:
            if lines:
                if self._unended:
                    lines[0] = b"".join([*self._unended, lines[0]])
                    self._unended.clear()
                    self._unended_bytes = 0
                if self._at_start:
                    self._at_start = False
                    lines[0] = lines[0].removeprefix(_BOM)
                self._read_lines(lines, frames)
            if rest:
                self._unended.append(rest)
                self._unended_bytes += len(rest)
                self._check("line", self._unended_bytes, self._limits.line_bytes)
        except LimitError as error:
            self.limit_error = error
            self._unended.clear()
            self._data.clear()
            if not frames:
                raise
        return frames

    def feed_whole(self, data: bytes) -> Frame | None:
        """The frame that a read is, where it is just one in its plainest form, as most are; else `None`, and nothing is taken."""
        start, end = 0, len(data) - 2
        event = "message"
        if data.startswith(b"event: ") and (line_end := data.find(b"\n")) > 0:
            start, event = line_end + 1, _decode(data[7:line_end])
        if not data.startswith(b"data: ", start) or data.find(b"\n", start) != end or not data.endswith(b"\n\n"):
            return None
        if end > self._limits.line_bytes or b"\r" in data or not event or not self.is_between_frames:
            return None
        return Frame(_decode(data[start + 6 : end]), event, self._id)

    def close(self) -> Frame | None:
        """End the stream. The frame that was begun and never ended is not dispatched, only shown.

        WHATWG discards it. A dialect may know better: `data: [DONE]` is whole without its blank line.
        """
        line = b"".join(self._unended)
        self._unended.clear()
        if line:
            self._read_lines([line.removeprefix(_BOM) if self._at_start else line], [])
        if self._data:
            return Frame(_decode(b"\n".join(self._data)), self._event or "message", self._id)
        return None

    def _read_lines(self, lines: list[bytes], frames: list[Frame]) -> None:
        line_bytes, frame_bytes = self._limits.line_bytes, self._limits.frame_bytes
        data = self._data
        for line in lines:
            if not line:
                if data:
                    text = _decode(data[0] if len(data) == 1 else b"\n".join(data))
                    frames.append(Frame(text, self._event or "message", self._id))
                    data.clear()
                    self._data_bytes = 0
                self._event = ""
                continue
            size = len(line)
            if size > line_bytes:
                self._check("line", size, line_bytes)
            if line.startswith(b"data:"):
                data.append(line[6:] if line[5:6] == b" " else line[5:])
                # A line of no data still takes a place in a list.
                self._data_bytes += size + 3
                if self._data_bytes > frame_bytes:
                    self._check("frame", self._data_bytes, frame_bytes)
            elif line[0] == 0x3A:
                self.comments += 1
                self.last_comment = line[1:80]
            else:
                self._read_field(line, frames)

    def _read_field(self, line: bytes, frames: list[Frame]) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._data.append(b"")
                self._data_bytes += len(line) + 3
            case b"event":
                self._event = _decode(value)
            case b"id":
                if b"\0" not in value:
                    self._id = _decode(value)
            case b"retry":
                pass  # reconnecting is not ours to do: a reply is never asked for twice behind the user's back
            case b"error" if self._takes_error_field:
                frames.append(Frame(_decode(value), "error", self._id))
            case _:
                self._unframed_bytes += len(line)
                if self._unframed_bytes <= self._limits.error_body_bytes:
                    self.unframed.append(_decode(line))

    @staticmethod
    def _check(limit: str, size: int, most: int) -> None:
        if size > most:
            raise LimitError(
                f"The endpoint sent a {limit} of more than {describe_size(most)}.",
                "Try again; if it happens again, the endpoint is at fault.",
                limit=limit,
            )


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")
