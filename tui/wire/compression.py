"""Compressed bodies, opened a bounded piece at a time: 64 KB on the wire can be 64 MB of nothing."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from tui.domain.error import FrameError, LimitError, TruncatedError
from tui.wire.limit import LIMITS, Limits

_PIECE_BYTES = 64 << 10
_EITHER_HEADER = 32 + zlib.MAX_WBITS
_HEADER_BYTES = 2
_GZIP = frozenset({"gzip", "x-gzip"})
_OTHERS = frozenset(
    {"br", "zstd", "compress", "x-compress", "bzip2", "x-bzip2", "lzma", "xz", "lz4", "snappy", "dcb", "dcz"}
)
"""Ways to compress that are never asked for. Any other word stands where nothing is compressed; some belong elsewhere."""
_OPEN_SIGNS = b"dei:r{[< \r\n\xef"
"""How a text begins, which gzip never does."""


_FLUSHED = b"\0\0\xff\xff"
"""How a packed piece ends that was flushed: what follows begins with a byte of its own."""
_GZIP_SIGN = b"\x1f\x8b"


class Resumption(NamedTuple):
    """What must be known to open what follows a flush: the last bytes that were opened, and how many end the stream."""

    trailer: int
    window: bytes


class Inflater:
    """Opens a body that is gzip or deflate, or passes on one that is neither.

    Raises:
        FrameError: If it is compressed in another way.
    """

    def __init__(self, encoding: str, limits: Limits = LIMITS) -> None:
        """Take the value of `content-encoding`."""
        self._limits = limits
        supported = _GZIP | _OTHERS | {"deflate"}
        codings = [word for part in encoding.split(",") if (word := part.strip().lower()) in supported]
        self._encoding = ", ".join(codings)
        if self._encoding not in _GZIP | {"", "deflate"}:
            raise FrameError(
                f"The endpoint compressed its answer as {self._encoding[:40]!r}, which was not asked for.",
                "A proxy may be in between; ask it for uncompressed answers.",
            )
        self._stream = None if not self._encoding else zlib.decompressobj(_EITHER_HEADER)
        self._begun = b""
        self._taken = self._given = 0
        self._trailer = -1
        self._skips = 0

    @property
    def is_at_work(self) -> bool:
        """Whether what comes is compressed, as far as is known."""
        return self._stream is not None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what the bytes of one read hold, in pieces of at most 64 KB.

        Raises:
            FrameError: If the bytes are damaged.
            LimitError: If they are a bomb.
        """
        if self._stream is None:
            yield data
            return
        if not self._taken and self._encoding in _GZIP and data[:1] in _OPEN_SIGNS:
            self._stream = None  # a proxy has opened it, and left the header as it was
            yield data
            return
        self._taken += len(data)
        if self._trailer < 0:
            self._trailer = 8 if data.startswith(_GZIP_SIGN) else -1 if self._encoding == "deflate" else 4
        if self._encoding == "deflate" and self._taken - len(data) < _HEADER_BYTES:
            # Some servers call a stream without its header deflate; two bytes tell.
            data = self._begun + data
            if len(data) < _HEADER_BYTES:
                self._begun = data
                return
            has_header = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
            self._trailer = 4 if has_header else 0
        while data:
            if self._skips and self._stream.eof:
                data, self._skips = data[self._skips :], max(0, self._skips - len(data))
                continue
            if self._stream.eof:
                # A gzip file may have members, one after the other; what follows the last is padding.
                if self._encoding not in _GZIP or not data.lstrip(b"\0"):
                    return
                self._stream = zlib.decompressobj(_EITHER_HEADER)
            try:
                piece = self._stream.decompress(data, _PIECE_BYTES)
            except zlib.error as error:
                raise FrameError("The endpoint's compressed answer is damaged.", "Try again.") from error
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            self._given += len(piece)
            opened = self._taken - len(data)
            if self._given > self._limits.expanded_bytes and self._given > opened * self._limits.expansion:
                raise LimitError(
                    f"The endpoint's compressed answer grows more than {self._limits.expansion} times when it is opened.",
                    "Try again; if it happens again, the endpoint is at fault.",
                    limit="expansion",
                )
            if piece:
                yield piece

    def resumption(self, last: bytes, window: bytes) -> Resumption | None:
        """What another needs to know to go on here, where the last bytes were these and opened to these; `None` where that is not to be had."""
        if self._stream is None or self._stream.eof or self._trailer < 0 or not last.endswith(_FLUSHED):
            return None
        return Resumption(self._trailer, window)

    def resume(self, resumption: Resumption) -> None:
        """Go on where another stood."""
        self._trailer = self._skips = resumption.trailer
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS, zdict=resumption.window)
        self._taken = _HEADER_BYTES

    def close(self) -> None:
        """End the body.

        Raises:
            TruncatedError: If the compressed stream was cut.
        """
        if self._stream is not None and not self._stream.eof and self._taken:
            raise TruncatedError("The compressed reply was cut before its end.", "Try again.")
