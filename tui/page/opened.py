"""Opened: the reads of a compressed stream as they were before they were compressed, from any of a number on."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tui.domain.joined_reads import JoinedReads
from tui.domain.tape import Head, Read
from tui.page.framing import EVENT_STREAM
from tui.wire.compression import Inflater, Resumption

TOGETHER = 1000
"""Reads that are opened together: compressed, thousands of them may be fetched at once."""
POINT_BYTES = 128 << 10
"""Bytes of the opened stream from one place that is remembered to the next, at least."""
_FAR = 16 * POINT_BYTES
"""A stretch of so many bytes without such a place is too long to be opened for a look at its end."""
_ENCODINGS = frozenset(("gzip", "x-gzip", "deflate"))


class OpenedPoint(NamedTuple):
    """A place from which a stream can be opened: the read that begins there, and what must be known, packed."""

    read: int
    trailer: int
    window: bytes


def opened_head(head: Head) -> Head | None:
    """The head of a stream that is compressed as if it were not; `None` where it is none."""
    media = head.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = head.headers.get("content-encoding", "").strip().lower()
    if head.status >= 300 or media != EVENT_STREAM or encoding not in _ENCODINGS:
        return None
    headers = {name: value for name, value in head.headers.items() if name != "content-encoding"}
    return replace(head, headers=headers)


def joined(reads: Sequence[Read]) -> JoinedReads:
    """Reads in one piece."""
    return (
        reads if isinstance(reads, JoinedReads) else _join([each.at for each in reads], [each.data for each in reads])
    )


class Opened:
    """Opens the reads of a tape, once from its beginning on; where it stood then it can go on from.

    Attributes:
        points: The places that are remembered.
        is_known: Whether there are such places as often as they are wanted: a server that does not flush leaves none.
    """

    def __init__(self, head: Head, pieces_from: Callable[[int], Iterable[Sequence[Read]]]) -> None:
        """Take the head, and how the reads from one of a number on are fetched, some at a time."""
        self._encoding = head.headers.get("content-encoding", "")
        self._pieces_from = pieces_from
        self._inflater = Inflater(self._encoding)
        self._window = b""
        self._since = 0
        self.is_known = True
        self.points: list[OpenedPoint] = []

    def take(self, reads: Sequence[Read], number: int) -> JoinedReads:
        """The next reads, opened; the first has this number.

        Raises:
            RilletError: If they cannot be opened.
        """
        opened = _open(self._inflater, reads)
        self._window = (self._window + opened.data)[-_WINDOW_BYTES:]
        self._since += len(opened.data)
        if self._since >= POINT_BYTES:
            resumption = self._inflater.resumption(reads[-1].data, self._window)
            self.is_known &= resumption is not None or self._since < _FAR
            if resumption is not None:
                packed = zlib.compress(resumption.window, 1)
                self.points.append(OpenedPoint(number + len(reads), resumption.trailer, packed))
                self._since = 0
        return opened

    def pieces_from(self, number: int) -> Iterator[Sequence[Read]]:
        """The reads from one of a number on, opened, some at a time.

        Raises:
            RilletError: If they cannot be opened.
        """
        at = bisect_right(self.points, number, key=lambda point: point.read) - 1
        inflater, read = Inflater(self._encoding), 0
        if at >= 0:
            read, trailer, window = self.points[at]
            inflater.resume(Resumption(trailer, zlib.decompress(window)))
        for fetched in self._pieces_from(read):
            for start in range(0, len(fetched), TOGETHER):
                piece = fetched[start : start + TOGETHER]
                opened = _open(inflater, piece)
                if read + len(piece) > number:
                    yield opened[max(0, number - read) :]
                read += len(piece)


_WINDOW_BYTES = 32 << 10
"""So far back the packed bytes may refer."""


def _open(inflater: Inflater, reads: Sequence[Read]) -> JoinedReads:
    return _join([read.at for read in reads], [b"".join(inflater.feed(read.data)) for read in reads])


def _join(ats: Sequence[float], texts: Sequence[bytes]) -> JoinedReads:
    ends: list[int] = []
    end = 0
    for text in texts:
        end += len(text)
        ends.append(end)
    return JoinedReads(b"".join(texts), ends, ats)
