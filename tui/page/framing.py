"""Framing: what was read, opened and cut into frames, for whoever shows all of it."""

from __future__ import annotations

from collections.abc import Iterator

from tui.domain.tape import Head
from tui.wire.compression import Inflater
from tui.wire.sse import Begun, Frame, FrameReader

EVENT_STREAM = "text/event-stream"
PREVIEW_CHARS = 160
"""Characters of a frame or a body that are held to be shown in a line."""

_BLANK = b" \t\r\n\xef\xbb\xbf"


def is_plain_stream(head: Head | None) -> bool:
    """Whether a body is a stream as it stands there: nothing of it need be known to cut what comes later."""
    if head is None or head.status >= 300 or head.headers.get("content-encoding", "identity") != "identity":
        return False
    return head.headers.get("content-type", "").partition(";")[0].strip().lower() == EVENT_STREAM


class Framing:
    """Cuts what was read into frames, opened where it was compressed; a body that is no stream is left whole.

    It shows more than `wire.reply.Reply` takes: frames after the end of a reply, and after an error in it.
    """

    def __init__(self, head: Head, begun: Begun | None = None) -> None:
        """Start after a head, or where another stood with it; what that one has counted is not known then."""
        self._media = head.headers.get("content-type", "").partition(";")[0].strip().lower()
        self._encoding = head.headers.get("content-encoding", "")
        self._inflater: Inflater | None = None
        self._reader = FrameReader(takes_error_field=True)
        self._is_known = self.is_body = head.status >= 300
        if begun is not None:
            self._is_known = not begun.at_start
            self._reader.resume(begun)
        self.body_bytes = 0
        self.body_start = b""

    @property
    def comments(self) -> int:
        """How many comment lines came."""
        return self._reader.comments

    @property
    def unframed_lines(self) -> list[str]:
        """The lines that belong to no frame."""
        return self._reader.unframed

    @property
    def unframed(self) -> str:
        """What was written into the stream without framing."""
        return "\n".join(self._reader.unframed).strip()

    def open(self, data: bytes) -> Iterator[bytes]:
        """The bytes of one read as they were before they were compressed."""
        if self._inflater is None:
            self._inflater = Inflater(self._encoding)
        return self._inflater.feed(data)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that the bytes of one read complete.

        Raises:
            StreamError: If they cannot be read.
        """
        for piece in self.open(data):
            if not self._is_known and (start := piece.lstrip(_BLANK)):
                self._is_known = True
                self.is_body = self._media != EVENT_STREAM and start[:1] in (b"{", b"[", b"<")
            if self.is_body:
                self.body_bytes += len(piece)
                self.body_start = (self.body_start + piece[:PREVIEW_CHARS])[:PREVIEW_CHARS]
                continue
            yield from self._reader.feed(piece)
            if self._reader.limit_error is not None:
                raise self._reader.limit_error

    def feed_whole(self, data: bytes) -> Frame | None:
        """The frame that a read is, where that is told at a glance; else `None`, and nothing is taken."""
        if not self._is_known or self.is_body or self._encoding:
            return None
        return self._reader.feed_whole(data)

    @property
    def begun(self) -> Begun | None:
        """How it stands, in a few bytes; `None` where that cannot be said so."""
        is_plain = self._encoding in ("", "identity") and self._media == EVENT_STREAM and not self.is_body
        return self._reader.begun if is_plain and self._reader.limit_error is None else None

    @property
    def last_id(self) -> str:
        """The id that frames without one of their own have."""
        return self._reader.last_id

    @property
    def stands_plain(self) -> bool:
        """Whether it stands where a frame of a stream may begin, and nothing is compressed."""
        return self.begun is not None and self._reader.may_begin

    def pass_by(self) -> None:
        """Frames were cut by somebody else, from where a frame may begin to where another may."""
        self._is_known = True
        self._reader.pass_by()

    @property
    def is_between_frames(self) -> bool:
        """Whether the next byte begins a frame."""
        return self._reader.is_between_frames

    def close(self) -> Frame | None:
        """The frame that was begun and never ended."""
        return self._reader.close()
