"""Rules about bytes and heads: what is wrong before anything is understood."""

from __future__ import annotations

import codecs

from tui.chat.checking.note import Notes
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.tape import Head

_BOM = b"\xef\xbb\xbf"
_CONTROL = LazyPattern(rb"[\r\n](?:id|retry):")


def check_head(head: Head, notes: Notes, *, is_stream: bool, is_foreign: bool) -> None:
    """Look at the head of a response that is a stream, once its first frame has come."""
    headers = head.headers
    media, _, parameters = headers.get("content-type", "").partition(";")
    if is_stream and media.strip().lower() != "text/event-stream":
        shown = headers.get("content-type") or "missing"
        notes.add("media-type", f"the media type is “{shown}” and should be “text/event-stream”")
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if is_stream and charset not in ("", "utf-8", "utf8"):
        notes.add("charset", f"the charset is told as “{charset}”")
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        words = f"the stream is compressed ({encoding}): whoever compresses must hold bytes back to do it"
        notes.add("compressed", words)
    if not is_stream or is_foreign:
        return
    if length := headers.get("content-length"):
        notes.add("content-length", f"Content-Length says {length} before the stream has begun")
    control = headers.get("cache-control", "").lower()
    if control and not any(word in control for word in ("no-cache", "no-store", "no-transform", "max-age=0")):
        notes.add("cacheable", f"Cache-Control is “{headers['cache-control']}”")


class ByteRules:
    """Looks at each read: where characters and frames are cut, and how lines end."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._start = b""
        self._endings: set[str] = set()
        self._last = b""
        self._tail = b"\n"

    def feed(self, data: bytes, frame: int, *, is_timed: bool) -> None:
        """Take the bytes of a read; `frame` is the number of the frame that they go on with.

        Of a raw stream, which has no times, nobody knows where its reads were cut.
        """
        notes = self._notes
        if len(self._start) < len(_BOM):
            self._start = (self._start + data)[: len(_BOM)]
            if self._start == _BOM:
                words = "the stream begins with a byte order mark; a client that does not expect it loses a frame"
                notes.add("bom", words, frame)
        if not data.isascii() or self._decoder.getstate()[0]:
            held = self._decoder.getstate()[0]
            text = self._decoder.decode(data)
            if "\ufffd" in text and b"\xef\xbf\xbd" not in held + data:
                notes.add("bad-utf8", "", frame)
            if self._decoder.getstate()[0] and is_timed:
                notes.add("split-char", "", frame)
        self._note_endings(data, frame)
        seen = self._tail + data
        if (b"id:" in seen or b"retry:" in seen) and not notes.has("id-field") and _CONTROL.search(seen) is not None:
            notes.add("id-field", "", frame)
        self._tail = seen[-8:]
        if is_timed and not data.endswith((b"\n", b"\r")):
            notes.add("frame-split", "", frame)

    @property
    def is_plain(self) -> bool:
        """Whether whole frames whose lines end with LF are nothing new: no character was begun, and no other line end came last."""
        return "LF" in self._endings and self._last == b"\n" and not self._decoder.getstate()[0]

    def pass_by(self, data: bytes) -> None:
        """Take reads that are whole frames of data, in clean UTF-8."""
        self._tail = data[-8:]

    def _note_endings(self, data: bytes, frame: int) -> None:
        if b"\r" not in data and self._last != b"\r" and "LF" in self._endings:
            self._last = data[-1:]  # as nearly every read
            return
        if self._last == b"\r":  # which may be one half of the end of a line
            data = self._last + data
        self._last = data[-1:]
        if self._last == b"\r":
            data = data[:-1]
        if b"\r" not in data:
            if b"\n" in data:
                self._endings.add("LF")
        else:
            pairs = data.count(b"\r\n")
            if pairs:
                self._endings.add("CRLF")
            if data.count(b"\n") > pairs:
                self._endings.add("LF")
            if data.count(b"\r") > pairs:
                self._endings.add("CR")
        if len(self._endings) > 1 and not self._notes.has("mixed-eol"):
            self._notes.add("mixed-eol", f"lines end with {' and with '.join(sorted(self._endings))}", frame)
