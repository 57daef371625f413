"""One HTTP/1.1 response, read as its bytes come: the head, then the body in pieces, exactly as it was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

HttpFault = Literal["hung_up", "cut", "too_long", "not_http"]
"""What is wrong: no head came, the body is not whole, the head has no end, or it breaks the rules."""

_HEAD_BYTES = 100 << 10
_LINE_BYTES = 4 << 10
_DIGITS = 20
_TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HEX = b"0123456789abcdefABCDEF"
_CONTROL = bytes(byte for byte in (*range(0x20), 0x7F) if byte != 0x09)


class HttpError(Exception):
    """What came is not a whole response; `fault` says why not."""

    def __init__(self, fault: HttpFault, words: str = "") -> None:
        """Keep what is wrong, and a word more about it."""
        super().__init__(words or fault)
        self.fault: HttpFault = fault


class HttpReply:
    """The response to one request.

    Attributes:
        status: Its status; 0 until the head is whole.
        reason: What stands beside the status.
        headers: Names in small letters, and values.
        is_over: Whether the whole body has come.
        error: What is wrong with it; nothing more is read then.
        leaves_open: Whether the connection may be used again after it.
    """

    def __init__(self, *, is_tunnel: bool = False) -> None:
        """Await a response; that which opens a tunnel has no body."""
        self.status = 0
        self.reason = ""
        self.headers: list[tuple[str, str]] = []
        self.is_over = self.leaves_open = False
        self.error: Exception | None = None
        self._is_tunnel = is_tunnel
        self._held = b""
        self._left = self._trailer_bytes = 0
        self._ends_chunk = self._ends_with_connection = False
        self._read: Callable[[bytes, list[bytes]], None] = self._read_head

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes; returns what of the body is in them, up to where they break the rules."""
        pieces: list[bytes] = []
        if self.is_over:
            self.leaves_open = False  # nobody asked for that
        elif self.error is None:
            try:
                self._read(data, pieces)
            except HttpError as error:
                self.error = error
        return pieces

    def end(self) -> None:
        """The other side has said all that it will."""
        if self._ends_with_connection:
            self.is_over = True
        if not self.is_over and self.error is None:
            self.error = HttpError("cut" if self.status else "hung_up")

    # -- the head

    def _read_head(self, data: bytes, pieces: list[bytes]) -> None:
        before = len(self._held)
        self._held += data
        while True:
            if not self._held.startswith(b"HTTP/"[: len(self._held)]):
                raise HttpError("not_http")
            end, after = _end_of_head(self._held, max(0, before - 3))
            if end < 0 or end > _HEAD_BYTES:
                if len(self._held) > _HEAD_BYTES:
                    raise HttpError("too_long")
                return
            head, rest = self._held[:end], self._held[after:]
            before, self._held = 0, rest
            if not self._take_head(head):
                continue  # it was only on the way
            self._held = b""
            self._begin_body()
            if rest and self.is_over:
                self.leaves_open = False  # nobody asked for that
            elif rest:
                self._read(rest, pieces)
            return

    def _take_head(self, head: bytes) -> bool:
        """Read a head; whether it is that of the answer, and not of one on the way to it."""
        first, *lines = [line.removesuffix(b"\r") for line in head.split(b"\n")]
        version, _, rest = first.partition(b" ")
        status, _, reason = rest.partition(b" ")
        if len(version) != 8 or not (len(status) == 3 and status.isdigit() and status[0] in b"12345"):
            raise HttpError("not_http", "no status line")
        if status[0] == ord("1"):
            if status == b"101":  # nobody asked to speak anything else
                raise HttpError("not_http", "another protocol")
            return False
        pairs: list[tuple[bytes, bytes]] = []
        for line in lines:
            if line[:1] in (b" ", b"\t") and pairs:
                name, value = pairs.pop()
                value += b" " + line.strip(b" \t")
            else:
                name, colon, value = line.partition(b":")
                if not colon or not name or name.translate(None, _TOKEN):
                    raise HttpError("not_http", "no header")
            value = value.strip(b" \t")
            if len(value.translate(None, _CONTROL)) != len(value):
                raise HttpError("not_http", "a header holds what none may hold")
            pairs.append((name.lower(), value))
        self.status, self.reason = int(status), reason.decode("latin-1")
        self.headers = [(name.decode("ascii"), value.decode("utf-8", "replace")) for name, value in pairs]
        self.leaves_open = version == b"HTTP/1.1" and "close" not in self._words("connection")
        return True

    def _begin_body(self) -> None:
        """Find out how the body ends."""
        codings, lengths = self._words("transfer-encoding"), set(self._words("content-length"))
        if self.status in (204, 304) or (self._is_tunnel and self.status < 300):
            self.is_over = True
        elif codings:
            if codings != ["chunked"]:
                raise HttpError("not_http", "a transfer encoding that nobody asked for")
            self._read = self._read_chunks
        elif lengths:
            length = lengths.pop()
            if lengths or not (length.isascii() and length.isdigit() and len(length) <= _DIGITS):
                raise HttpError("not_http", "no length")
            self._left = int(length)
            self.is_over = not self._left
            self._read = self._read_length
        else:
            self.leaves_open, self._ends_with_connection = False, True
            self._read = self._read_all

    def _words(self, name: str) -> list[str]:
        """What the headers of a name list, in small letters."""
        return [word.strip().lower() for each, value in self.headers if each == name for word in value.split(",")]

    # -- the body

    def _read_all(self, data: bytes, pieces: list[bytes]) -> None:
        pieces.append(data)

    def _read_length(self, data: bytes, pieces: list[bytes]) -> None:
        if len(data) > self._left:
            data = data[: self._left]
            self.leaves_open = False  # what follows was not asked for
        self._left -= len(data)
        self.is_over = not self._left
        pieces.append(data)

    def _read_chunks(self, data: bytes, pieces: list[bytes]) -> None:
        if not (self._held or self._left or self._ends_chunk) and (end := data.find(b"\r\n", 0, _DIGITS)) > 0:
            size = _size_of_chunk(data[:end])
            if size and len(data) == end + size + 4 and data.endswith(b"\r\n"):  # one whole chunk, as most reads are
                pieces.append(data[end + 2 : -2])
                return
        if self._held:
            data, self._held = self._held + data, b""
        at, size = 0, len(data)
        while at < size:
            if self._left:
                piece = data[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                self._ends_chunk = True
                continue
            end = data.find(b"\r\n", at, at + _LINE_BYTES)
            if end < 0:
                if size - at >= _LINE_BYTES or (self._ends_chunk and data[at:] != b"\r"):
                    raise HttpError("not_http", "no end of a chunk")
                self._held = data[at:]
                break
            line, at = data[at:end], end + 2
            if self._ends_chunk:
                if line:
                    raise HttpError("not_http", "no end of a chunk")
                self._ends_chunk = False
                continue
            self._left = _size_of_chunk(line)
            if not self._left:
                self._read = self._read_trailer
                self._read_trailer(data[at:], pieces)
                break

    def _read_trailer(self, data: bytes, pieces: list[bytes]) -> None:
        """What may follow the last chunk, up to an empty line; nobody needs it."""
        del pieces
        self._held += data
        while (end := self._held.find(b"\r\n")) >= 0:
            line, self._held = self._held[:end], self._held[end + 2 :]
            if not line:
                self.is_over = True
                if self._held:
                    self.leaves_open = False
                break
            self._trailer_bytes += len(line)
        if self._trailer_bytes + len(self._held) > _HEAD_BYTES and not self.is_over:
            raise HttpError("not_http", "no end of the trailer")


def _end_of_head(data: bytes, begin: int) -> tuple[int, int]:
    """Where a head ends, and where what follows begins; -1 where it has no end yet."""
    whole, bare = data.find(b"\n\r\n", begin), data.find(b"\n\n", begin)
    if bare >= 0 and not 0 <= whole < bare:  # not every server writes carriage returns
        return bare, bare + 2
    return whole, whole + 3


def _size_of_chunk(line: bytes) -> int:
    digits = line.partition(b";")[0].rstrip(b" \t")
    if not digits or len(digits) > _DIGITS or digits.translate(None, _HEX):
        raise HttpError("not_http", "no size of a chunk")
    return int(digits, 16)
