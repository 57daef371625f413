"""What a stream is, seen from its beginning: the dialect of its first telling frame, or of a reply in one piece."""

from __future__ import annotations

from tui.domain.endpoint_word import DialectName
from tui.domain.error import FrameError, LimitError
from tui.wire.dialect import recognise_frame
from tui.wire.json_text import parse_json
from tui.wire.sse import Frame, FrameReader


class Recogniser:
    """Takes the first bytes of a stream, read by read, until a frame tells the dialect."""

    def __init__(self) -> None:
        """Start at the beginning of a stream."""
        self._reader = FrameReader()
        self.head = b""

    def feed(self, data: bytes) -> DialectName | None:
        """Take a read; the dialect, once it is known."""
        self.head += data
        try:
            frames = self._reader.feed(data)
        except LimitError:
            return None
        return next((name for frame in frames if (name := dialect_of_frame(frame)) is not None), None)

    def close(self) -> DialectName | None:
        """The dialect of what was read, where it is a reply in one piece or a frame without its blank line."""
        last = self._reader.close()
        if last is not None and (name := dialect_of_frame(last)) is not None:
            return name
        try:
            dialect = recognise_frame("", parse_json(self.head.decode("utf-8", "replace").strip()))
        except FrameError:
            return None
        return dialect.name if dialect is not None else None


def dialect_of_frame(frame: Frame) -> DialectName | None:
    """The dialect that a frame is in; `None` where it could be any."""
    try:
        value = parse_json(frame.data)
    except FrameError:
        value = None
    dialect = recognise_frame(frame.event, value)
    return dialect.name if dialect is not None else None


def recognise_stream(data: bytes) -> DialectName | None:
    """The dialect of a stream of which the beginning is there; `None` where nothing tells it."""
    recogniser = Recogniser()
    return recogniser.feed(data) or recogniser.close()
