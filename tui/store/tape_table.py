"""The table of tapes: requests, response heads, and reads packed a flush at a time."""

from __future__ import annotations

import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from itertools import accumulate

from msgspec import Struct

from tui.domain.error import StoreError
from tui.domain.joined_reads import JoinedReads
from tui.domain.tape import (
    FailedAttempt,
    Head,
    LongReads,
    Read,
    SentRequest,
    Tape,
    TapeEnd,
    attempt_records,
    attempts_of,
)
from tui.store.connection import Connection, Table, written
from tui.store.reads import DAMAGE, blocks_of, pack_block, pack_reads, unpack_block, unpack_reads
from tui.store.sent import harmless, is_whole, pack_request, unpack_request, unpacking
from tui.store.string_pool import from_json, to_json

BLOCK_BITS = 20
"""The key of a block is that of its turn, then in so many bits its number."""

MANY_ENTRIES = 1000
"""A request that repeats more of the conversation is put together only for whoever wants all of it."""

FOLLOWED = 10_000
"""So many places in tapes that grow are remembered."""


LONG_BLOCKS = 64
"""A tape in so many blocks is long: some 16 MB of reads."""

INDEXED = 16
"""Of so many tapes it is remembered which read is in which block."""


class _Blocks(Struct):
    """The blocks of a tape: their keys, and how many reads stand before each, and before the end."""

    keys: list[int]
    ends: list[int]


class TapeTable(Table):
    """Tapes, grown while a turn streams. Each call is one commit: some 0.2 ms on an SSD, the disk's own pace elsewhere."""

    def __init__(self, connection: Connection, clock: Callable[[], float] = time.time) -> None:
        """Use a connection; the clock is the wall's."""
        super().__init__(connection, clock)
        self._followed: dict[tuple[str, int], tuple[int, int]] = {}
        self._blocks: dict[str, _Blocks] = {}
        self._unpacked: dict[int, JoinedReads] = {}

    @written()
    def record_request(self, turn_id: str, request: SentRequest, attempts: Sequence[FailedAttempt] = ()) -> None:
        """Write down what is about to be sent, and the attempts before it; what else those brought is dropped.

        Raises:
            StoreError: If it was not saved.
        """
        with self._connection.writing():
            self.put_request(turn_id.rpartition(".")[0], turn_id, request)
            if attempts:
                records = to_json(attempt_records(attempts, request))
                self._connection.run("UPDATE tape SET attempts = ? WHERE turn_id = ?", records, turn_id)
                self._grow(turn_id, len(records.encode()))

    def put_request(self, session_id: str, turn_id: str, request: SentRequest) -> None:
        """Write a request down, within a transaction of the caller's."""
        packed, size = pack_request(self._connection, session_id, turn_id, request)
        dropped = self._tape_size(turn_id)
        self._drop_reads(turn_id)
        self._connection.run("INSERT OR REPLACE INTO tape (turn_id, request, size) VALUES (?, ?, 0)", turn_id, packed)
        self._grow(turn_id, size - dropped)

    def _tape_size(self, turn_id: str) -> int:
        """How many bytes the request and the reads of a turn take."""
        first, end = self._block_keys(turn_id)
        (size,) = self._connection.row(
            """SELECT coalesce((SELECT sum(length(packed)) FROM flush WHERE turn_id = ?1), 0)
                + coalesce((SELECT sum(length(packed)) FROM block WHERE key >= ?2 AND key < ?3), 0)
                + coalesce((SELECT length(CAST(request AS BLOB)) + coalesce(length(CAST(attempts AS BLOB)), 0)
                    FROM tape WHERE turn_id = ?1), 0)""",
            turn_id,
            first,
            end,
        ) or (0,)
        return int(size)

    def _drop_reads(self, turn_id: str) -> None:
        self._blocks.pop(turn_id, None)
        self._unpacked.clear()
        self._connection.run("DELETE FROM flush WHERE turn_id = ?", turn_id)
        self._connection.run("DELETE FROM block WHERE key >= ? AND key < ?", *self._block_keys(turn_id))

    def _block_keys(self, turn_id: str) -> tuple[int, int]:
        """Where the keys of a turn's blocks begin, and where they end."""
        (key,) = self._connection.row("SELECT key FROM turn WHERE id = ?", turn_id) or (-1,)
        return key << BLOCK_BITS, (key + 1) << BLOCK_BITS

    def record_head(self, turn_id: str, head: Head) -> None:
        """Write the response head down.

        Raises:
            StoreError: If it was not saved.
        """
        value = to_json([head.status, harmless(head.headers), head.at, *([head.phases] if head.phases else [])])
        self._connection.run("UPDATE tape SET head = ? WHERE turn_id = ?", value, turn_id)

    @written(lambda _table, _turn_id, reads: id(reads))
    def append_reads(self, turn_id: str, reads: Sequence[Read]) -> None:
        """Write reads down, in one commit.

        Raises:
            StoreError: If they were not saved; then none of them was.
        """
        packed = pack_reads(reads)
        with self._connection.writing():
            self._connection.run("INSERT INTO flush (turn_id, packed) VALUES (?, ?)", turn_id, packed)
            came = sum(len(read.data) for read in reads)
            self._connection.run("UPDATE tape SET size = size + ? WHERE turn_id = ?", came, turn_id)
            self._grow(turn_id, len(packed))

    def flushed(self, turn_id: str) -> list[Read]:
        """The reads that are not in blocks yet.

        Raises:
            StoreError: If they cannot be read.
        """
        flushes = self._connection.rows("SELECT packed FROM flush WHERE turn_id = ? ORDER BY key", turn_id)
        try:
            return [read for (packed,) in flushes for read in unpack_reads(packed)]
        except DAMAGE as error:
            raise StoreError(f"the tape of turn {turn_id} cannot be read: the sessions file is damaged") from error

    def is_longer(self, turn_id: str, size: int) -> bool:
        """Whether more than so many bytes came in a turn."""
        row = self._connection.row("SELECT 1 FROM tape WHERE turn_id = ? AND size > ?", turn_id, size)
        return row is not None

    def pack_blocks(self, turn_id: str, reads: Sequence[Read], last: int = sys.maxsize) -> None:
        """Put the reads of the flushes up to a key into blocks, which take a tenth of what those of a fast stream do."""
        (flushed,) = self._connection.row(
            "SELECT sum(length(packed)) FROM flush WHERE turn_id = ? AND key <= ?", turn_id, last
        ) or (0,)
        first, end = self._block_keys(turn_id)
        (key,) = self._connection.row(
            "SELECT coalesce(max(key), ?1 - 1) + 1 FROM block WHERE key >= ?1 AND key < ?2", first, end
        ) or (first,)
        grown = 0
        for block in blocks_of(reads):
            packed = pack_block(block)
            put = "INSERT INTO block (key, reads, began_at, packed) VALUES (?, ?, ?, ?)"
            self._connection.run(put, key, len(block), block[0].at, packed)
            key, grown = key + 1, grown + len(packed)
        self._connection.run("DELETE FROM flush WHERE turn_id = ? AND key <= ?", turn_id, last)
        self._grow(turn_id, grown - (flushed or 0))

    def record_end(self, turn_id: str, end: TapeEnd) -> None:
        """Write down how the exchange ended.

        Raises:
            StoreError: If it was not saved.
        """
        value = to_json([end.at, end.kind, end.message])
        self._connection.run("UPDATE tape SET end = ? WHERE turn_id = ?", value, turn_id)

    def pack_tape(self, session_id: str, turn_id: str) -> None:
        """Write a tape of a turn that has ended as those of today are; within a transaction.

        Raises:
            StoreError: If it cannot be read; then nothing is changed.
        """
        row = self._connection.row("SELECT request, size FROM tape WHERE turn_id = ?", turn_id)
        if row is None:
            return
        text, size = row
        reads = self.flushed(turn_id)
        if is_whole(text):
            request = unpack_request(self._connection, session_id, text)
            packed, grown = pack_request(self._connection, session_id, turn_id, request)
            self._connection.run("UPDATE tape SET request = ? WHERE turn_id = ?", packed, turn_id)
            self._grow(turn_id, grown - len(text.encode()))
        if size is None:
            came = sum(len(read.data) for read in reads)
            self._connection.run("UPDATE tape SET size = ? WHERE turn_id = ?", came, turn_id)
        if reads:
            self.pack_blocks(turn_id, reads)

    def tape(self, turn_id: str, *, is_held: bool = True) -> Tape:
        """The tape of a turn, as far as it was written; an empty one where nothing was sent.

        The reads of a long one that need not be held are fetched when they are looked at; that may raise a `StoreError` too.

        Raises:
            StoreError: If there is no such turn, or the tape cannot be read.
        """
        about = self._connection.row("SELECT dialect, model, endpoint, session_id FROM turn WHERE id = ?", turn_id)
        if about is None:
            raise StoreError(f"there is no turn {turn_id}")
        dialect, model, endpoint, session_id = about
        tape = Tape(dialect, model, endpoint)
        row = self._connection.row(
            "SELECT request, head, end, attempts FROM tape WHERE turn_id = ? AND size IS NOT -1", turn_id
        )
        try:
            if row is not None:
                request, head, end, attempts = row
                tape.request = unpack_request(self._connection, session_id, request)
                tape.response = None if head is None else Head(*from_json(head))
                tape.end = None if end is None else TapeEnd(*from_json(end))
                tape.attempts = attempts_of(from_json(attempts), tape.request) if attempts else []
            if not is_held and (reads := self._long_reads(turn_id)) is not None:
                tape.reads = reads
                return tape
            with self._connection.reading():  # what is flushed may be put into a block meanwhile
                blocks = self._connection.rows(
                    "SELECT packed FROM block WHERE key >= ? AND key < ? ORDER BY key", *self._block_keys(turn_id)
                )
                flushed = self.flushed(turn_id)
            tape.reads = [read for (packed,) in blocks for read in unpack_block(packed)]
        except DAMAGE as error:
            raise StoreError(f"the tape of turn {turn_id} cannot be read: the sessions file is damaged") from error
        tape.reads += flushed
        return tape

    def _long_reads(self, turn_id: str) -> LongReads | None:
        """The reads of a tape that is in many blocks, and nowhere else."""
        counts = [count for count, _ in self.stretches(turn_id)]
        if len(counts) < LONG_BLOCKS or self._connection.row("SELECT 1 FROM flush WHERE turn_id = ? LIMIT 1", turn_id):
            return None
        return LongReads(sum(counts), lambda at: self._reads_after(turn_id, at))

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
        tape.reads = reads = list[Read]()
        with suppress(StoreError, *DAMAGE):
            first, end_key = self._block_keys(turn_id)
            for (key,) in self._connection.rows("SELECT key FROM block WHERE key >= ? AND key < ?", first, end_key):
                (packed,) = self._connection.row("SELECT packed FROM block WHERE key = ?", key) or (b"",)
                reads += unpack_block(packed)
            for (key,) in self._connection.rows("SELECT key FROM flush WHERE turn_id = ? ORDER BY key", turn_id):
                (packed,) = self._connection.row("SELECT packed FROM flush WHERE key = ?", key) or (b"",)
                reads += unpack_reads(packed)
        if tape.reads and tape.response is None:
            tape.response = Head(200, {}, tape.reads[0].at, is_supposed=True)
        return tape

    def tape_since(self, turn_id: str, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of a tape that may still grow: its head and its end so far, and some reads.

        From the start, where `row` is `None`, the request comes too, without the conversation in it where that is long; as long
        as no read was passed, the attempts before it.

        Returns:
            The piece, and how many reads there are up to its end: the `row` to go on after, which is the one given
            where nothing more is written yet.

        Raises:
            StoreError: If it cannot be read.
        """
        piece = Tape()
        # Before the reads: where there is an end, every read is written.
        about = self._connection.row("SELECT head, end, attempts FROM tape WHERE turn_id = ?", turn_id)
        try:
            if about is not None:
                head, end, attempts = about
                piece.request = self.request(turn_id, MANY_ENTRIES) if row is None else None
                if attempts and not row:
                    piece.attempts = attempts_of(from_json(attempts), piece.request)
                piece.response = None if head is None else Head(*from_json(head))
                piece.end = None if end is None else TapeEnd(*from_json(end))
            piece.reads = self._reads_after(turn_id, row or 0)
        except DAMAGE as error:
            raise StoreError(f"the tape of turn {turn_id} cannot be read: the sessions file is damaged") from error
        return piece, (row or 0) + len(piece.reads)

    def stretches(self, turn_id: str) -> list[tuple[int, float]]:
        """The blocks of a tape: how many reads each has, and when its first came.

        Raises:
            StoreError: If they cannot be read.
        """
        blocks = "SELECT reads, began_at FROM block WHERE key >= ? AND key < ? ORDER BY key"
        return [(count, began_at) for count, began_at in self._connection.rows(blocks, *self._block_keys(turn_id))]

    def survey(self, turn_id: str) -> bytes | None:
        """What was kept about a tape after it had been read through; `None` for nothing.

        Raises:
            StoreError: If it cannot be read.
        """
        statement = "SELECT packed FROM survey WHERE key = (SELECT key FROM turn WHERE id = ?)"
        (packed,) = self._connection.row(statement, turn_id) or (None,)
        return packed if isinstance(packed, bytes) else None

    @written()
    def keep_survey(self, turn_id: str, survey: bytes) -> None:
        """Keep what was found out about a tape, as long as no reads are added to it and none of them go.

        Raises:
            StoreError: If it was not saved.
        """
        with self._connection.writing():
            self._connection.run("DELETE FROM survey WHERE key = (SELECT key FROM turn WHERE id = ?)", turn_id)
            self._connection.run("INSERT INTO survey SELECT key, ? FROM turn WHERE id = ?", survey, turn_id)

    def _reads_after(self, turn_id: str, passed: int) -> Sequence[Read]:
        """The reads of one block or flush, after so many; where those stop within one, the rest of it."""
        with self._connection.reading():
            return self._next_reads(turn_id, passed)

    def _next_reads(self, turn_id: str, passed: int) -> Sequence[Read]:
        blocks = self._blocks.get(turn_id)
        if blocks is None or passed >= blocks.ends[-1]:
            rows = self._connection.rows(
                "SELECT key, reads FROM block WHERE key >= ? AND key < ? ORDER BY key", *self._block_keys(turn_id)
            )
            blocks = _Blocks([key for key, _ in rows], list(accumulate((count for _, count in rows), initial=0)))
            if len(self._blocks) >= INDEXED:
                self._blocks.clear()
            if rows:
                self._blocks[turn_id] = blocks
        if passed < blocks.ends[-1]:
            number = bisect_right(blocks.ends, passed) - 1
            return self._block(blocks.keys[number])[passed - blocks.ends[number] :]
        before = blocks.ends[-1]
        # Whoever follows a stream comes back at the end of a flush that was given, and need not read those before it.
        at, before = self._followed.get((turn_id, passed), (0, before))
        statement = "SELECT key, packed FROM flush WHERE turn_id = ? AND key > ? ORDER BY key LIMIT 1"
        while (flush := self._connection.row(statement, turn_id, at)) is not None:
            at, packed = flush
            reads = list(unpack_reads(packed))
            before += len(reads)
            if before > passed:
                if len(self._followed) > FOLLOWED:
                    self._followed.clear()
                self._followed[turn_id, before] = (at, before)
                return reads[len(reads) - (before - passed) :]
        return []

    def _block(self, key: int) -> JoinedReads:
        """The reads of a block. The last two are remembered: whoever goes through a tape comes back to where two of them meet."""
        reads = self._unpacked.get(key)
        if reads is None:
            (packed,) = self._connection.row("SELECT packed FROM block WHERE key = ?", key) or (b"",)
            reads = unpack_block(packed)
            while len(self._unpacked) > 1:
                del self._unpacked[next(iter(self._unpacked))]
            self._unpacked[key] = reads
        return reads

    def request(self, turn_id: str, most: int | None = None) -> SentRequest | None:
        """What was sent in a turn, `None` for nothing; without its conversation where that has more than `most` entries.

        Raises:
            StoreError: If it cannot be read.
        """
        (request,) = self._connection.row("SELECT request FROM tape WHERE turn_id = ?", turn_id) or (None,)
        return request and unpack_request(self._connection, turn_id.rpartition(".")[0], request, most)

    def requesting(self, turn_id: str) -> Generator[None, None, SentRequest | None]:
        """The same, all of it, in steps of some milliseconds; see `request`."""
        (request,) = self._connection.row("SELECT request FROM tape WHERE turn_id = ?", turn_id) or (None,)
        if not request:
            return None
        return (yield from unpacking(self._connection, turn_id.rpartition(".")[0], request))

    def _grow(self, turn_id: str, size: int) -> None:
        self._connection.run("UPDATE turn SET size_bytes = size_bytes + ? WHERE id = ?", size, turn_id)
