"""The table of tapes: requests, response heads, and reads packed a flush at a time."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from tui.domain.error import StoreError
from tui.domain.tape import Head, Read, SentRequest, Tape, TapeEnd
from tui.store.connection import Table
from tui.store.kept import from_json, pack_record, to_json, unpack_record

LOST = "(this text could not be read: the sessions file was damaged)"
"""What stands in a request for a text that is gone."""

_READ = struct.Struct("<dI")
_CREDENTIALS = {"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "set-cookie"}


class TapeTable(Table):
    """Tapes, grown while a turn streams. Each call is one commit: some 0.2 ms on an SSD, the disk's own pace elsewhere."""

    def record_request(self, turn_id: str, request: SentRequest) -> None:
        """Write down what is about to be sent; what an earlier try brought is dropped.

        Raises:
            StoreError: If it was not saved.
        """
        with self._connection.writing():
            self._put_request(turn_id.rpartition(".")[0], turn_id, request)

    def _put_request(self, session_id: str, turn_id: str, request: SentRequest) -> None:
        packed, size = pack_record(
            self._connection,
            session_id,
            [request.method, request.url, _harmless(request.headers), dict(request.body), request.sent_at],
        )
        (dropped,) = self._connection.row(
            """SELECT coalesce((SELECT sum(length(packed)) FROM flush WHERE turn_id = ?1), 0)
                + coalesce((SELECT length(CAST(request AS BLOB)) FROM tape WHERE turn_id = ?1), 0)""",
            turn_id,
        ) or (0,)
        self._connection.run("DELETE FROM flush WHERE turn_id = ?", turn_id)
        self._connection.run("INSERT OR REPLACE INTO tape (turn_id, request) VALUES (?, ?)", turn_id, packed)
        self._grow(turn_id, size - dropped)

    def record_head(self, turn_id: str, head: Head) -> None:
        """Write the response head down.

        Raises:
            StoreError: If it was not saved.
        """
        value = to_json([head.status, _harmless(head.headers), head.at])
        self._connection.run("UPDATE tape SET head = ? WHERE turn_id = ?", value, turn_id)

    def append_reads(self, turn_id: str, reads: Sequence[Read]) -> None:
        """Write reads down, in one commit.

        Raises:
            StoreError: If they were not saved; then none of them was.
        """
        packed = pack_reads(reads)
        with self._connection.writing():
            self._connection.run("INSERT INTO flush (turn_id, packed) VALUES (?, ?)", turn_id, packed)
            self._grow(turn_id, len(packed))

    def record_end(self, turn_id: str, end: TapeEnd) -> None:
        """Write down how the exchange ended.

        Raises:
            StoreError: If it was not saved.
        """
        value = to_json([end.at, end.kind, end.message])
        self._connection.run("UPDATE tape SET end = ? WHERE turn_id = ?", value, turn_id)

    def tape(self, turn_id: str) -> Tape:
        """The tape of a turn, as far as it was written; an empty one where nothing was sent.

        Raises:
            StoreError: If there is no such turn, or the tape cannot be read.
        """
        about = self._connection.row("SELECT dialect, model, endpoint, session_id FROM turn WHERE id = ?", turn_id)
        if about is None:
            raise StoreError(f"there is no turn {turn_id}")
        dialect, model, endpoint, session_id = about
        tape = Tape(dialect, model, endpoint)
        row = self._connection.row("SELECT request, head, end FROM tape WHERE turn_id = ?", turn_id)
        flushes = self._connection.rows("SELECT packed FROM flush WHERE turn_id = ? ORDER BY key", turn_id)
        try:
            if row is not None:
                request, head, end = row
                tape.request = SentRequest(*unpack_record(self._connection, session_id, request, LOST))
                tape.response = None if head is None else Head(*from_json(head))
                tape.end = None if end is None else TapeEnd(*from_json(end))
            tape.reads = [read for (packed,) in flushes for read in unpack_reads(packed)]
        except (TypeError, ValueError, zlib.error, struct.error) as error:
            raise StoreError(f"the tape of turn {turn_id} cannot be read: the sessions file is damaged") from error
        return tape

    def readable_tape(self, turn_id: str) -> Tape:
        """What can still be read of a tape, of which a part may be damaged: its reads up to the first that cannot be.

        Raises:
            StoreError: If there is no such turn.
        """
        try:
            return self.tape(turn_id)
        except StoreError:
            tape = Tape()
        about = self._connection.row("SELECT dialect, model, endpoint FROM turn WHERE id = ?", turn_id)
        if about is None:
            raise StoreError(f"there is no turn {turn_id}")
        tape.dialect, tape.model, tape.endpoint = about
        with suppress(StoreError, TypeError, ValueError):
            (head,) = self._connection.row("SELECT head FROM tape WHERE turn_id = ?", turn_id) or (None,)
            tape.response = None if head is None else Head(*from_json(head))
        with suppress(StoreError, TypeError, ValueError):
            (end,) = self._connection.row("SELECT end FROM tape WHERE turn_id = ?", turn_id) or (None,)
            tape.end = None if end is None else TapeEnd(*from_json(end))
        with suppress(StoreError, TypeError, ValueError, zlib.error, struct.error):
            for (key,) in self._connection.rows("SELECT key FROM flush WHERE turn_id = ? ORDER BY key", turn_id):
                (packed,) = self._connection.row("SELECT packed FROM flush WHERE key = ?", key) or (b"",)
                tape.reads += unpack_reads(packed)
        if tape.reads and tape.response is None:
            tape.response = Head(200, {}, tape.reads[0].at)
        return tape

    def tape_since(self, turn_id: str, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of a tape that may still grow: its head and its end so far, and the reads of one flush.

        From the start, where `row` is `None`, the request comes too.

        Returns:
            The piece, and the row to go on after: the one given where nothing more is written yet.

        Raises:
            StoreError: If it cannot be read.
        """
        piece = Tape()
        # Before the reads: where there is an end, every read is written.
        about = self._connection.row("SELECT head, end FROM tape WHERE turn_id = ?", turn_id)
        statement = "SELECT key, packed FROM flush WHERE turn_id = ? AND key > ? ORDER BY key LIMIT 1"
        flush = self._connection.row(statement, turn_id, row or 0)
        try:
            if about is not None:
                head, end = about
                piece.request = self._request(turn_id) if row is None else None
                piece.response = None if head is None else Head(*from_json(head))
                piece.end = None if end is None else TapeEnd(*from_json(end))
            piece.reads = [] if flush is None else list(unpack_reads(flush[1]))
        except (TypeError, ValueError, zlib.error, struct.error) as error:
            raise StoreError(f"the tape of turn {turn_id} cannot be read: the sessions file is damaged") from error
        return piece, (row or 0) if flush is None else flush[0]

    def _request(self, turn_id: str) -> SentRequest:
        (request,) = self._connection.row("SELECT request FROM tape WHERE turn_id = ?", turn_id) or ("",)
        return SentRequest(*unpack_record(self._connection, turn_id.rpartition(".")[0], request, LOST))

    def _grow(self, turn_id: str, size: int) -> None:
        self._connection.run("UPDATE turn SET size_bytes = size_bytes + ? WHERE id = ?", size, turn_id)


def pack_reads(reads: Iterable[Read]) -> bytes:
    """Reads as bytes: for each its time (a little-endian double), its length (32 bits) and its bytes; all deflated.

    A stream repeats itself so much that it becomes a tenth of its size.
    """
    return zlib.compress(b"".join(_READ.pack(read.at, len(read.data)) + read.data for read in reads), 1)


def unpack_reads(packed: bytes) -> Iterator[Read]:
    """The reads that were packed."""
    data = zlib.decompress(packed)
    start = 0
    while start < len(data):
        at, length = _READ.unpack_from(data, start)
        start += _READ.size
        yield Read(at, data[start : start + length])
        start += length


def _harmless(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers without those that let someone in; none should hold a key here, and none does."""
    return {name: value for name, value in headers.items() if name.lower() not in _CREDENTIALS}
