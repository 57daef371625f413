"""Packing the reads of a long tape: in steps once its turn has ended, when nothing else is to be written."""

from __future__ import annotations

from tui.domain.tape import Read
from tui.store.connection import Connection
from tui.store.reads import BLOCK_BYTES, DAMAGE, unpack_reads
from tui.store.tape_table import TapeTable


class LatePacking:
    """Puts what was flushed of turns that have ended into blocks."""

    def __init__(self, connection: Connection, tapes: TapeTable) -> None:
        """Pack the tapes of a database."""
        self._connection = connection
        self._tapes = tapes
        self._unreadable: set[str] = set()

    def step(self) -> bool:
        """Make about one block, in one transaction of some milliseconds; whether there may be more to do.

        Raises:
            StoreError: If it cannot be written; then nothing is changed.
        """
        with self._connection.writing():
            turn_id = self._next_turn()
            if turn_id is None:
                return False
            reads: list[Read] = []
            size, last = 0, -1
            flush = "SELECT key, packed FROM flush WHERE turn_id = ? AND key > ? ORDER BY key LIMIT 1"
            try:
                while size < BLOCK_BYTES and (row := self._connection.row(flush, turn_id, last)) is not None:
                    last, packed = row
                    some = list(unpack_reads(packed))
                    reads += some
                    size += sum(len(read.data) for read in some)
            except DAMAGE:
                self._unreadable.add(turn_id)  # what cannot be read stays as it is
            else:
                self._tapes.pack_blocks(turn_id, reads, last)
        return True

    def _next_turn(self) -> str | None:
        """A turn that has ended and is not all in blocks."""
        ended = "SELECT 1 FROM turn WHERE id = ? AND owner IS NULL"
        for (turn_id,) in self._connection.rows("SELECT DISTINCT turn_id FROM flush"):
            if turn_id not in self._unreadable and self._connection.row(ended, turn_id):
                return str(turn_id)
        return None
