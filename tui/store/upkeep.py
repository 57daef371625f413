"""Upkeep: what is done to the file of the sessions as a whole: packed, pruned, put in order, looked through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui.store.connection import Connection, Table

if TYPE_CHECKING:
    from tui.store.keep import Keep


DAY = 86400.0


class Upkeep(Table):
    """The file behind a connection; in memory there is none, and nothing to be done. What it needs is imported then."""

    def __init__(self, connection: Connection, clock: Callable[[], float], path: Path | None) -> None:
        """Take care of the file at a path."""
        super().__init__(connection, clock)
        self._path = path
        self._by: float | None = None

    def look_at_clock(self) -> None:
        """See by which time recordings are old: by the clock, but no more than a day after anything was said here.

        A clock may be a month ahead for one start, so this is done before anything is said. What that start would let go
        of stays; where the clock is right, it goes another day, when something has been said.

        Raises:
            StoreError: If the file cannot be read.
        """
        now = self._clock()
        row = self._connection.row("SELECT max(updated_at) FROM session WHERE updated_at <= ?", now)
        self._by = now if row is None or row[0] is None else min(now, row[0] + DAY)

    def pack_behind(
        self,
        is_wanted: Callable[[], bool],
        keep: Keep | None = None,
        tell: Callable[[float | None], None] = lambda _share: None,
    ) -> None:
        """Pack what an earlier rillet wrote whole, in small steps, while it is wanted, and drop what is not to be kept.

        For a thread of its own: it uses a connection of its own. `tell` is told how much is done, and `None` at the end.
        """
        if self._path is not None:
            from tui.store.packing import pack_behind

            pack_behind(self._path, is_wanted, keep, tell, by=self._by)

    def prune(self, keep: Keep) -> tuple[int, int]:
        """Let go of the tapes that are not to be kept; how many, and the bytes of their reads.

        Raises:
            StoreError: If they cannot be dropped; then the rest of them stays.
        """
        from tui.store.keeping import prune

        return prune(self._connection, keep, self._clock())

    def shrink(self) -> int:
        """Put the file in order and give back what is free in it; how many bytes.

        Raises:
            StoreError: If another rillet is writing, or there is no room for the work.
        """
        if self._path is None:
            return 0
        self._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        before = self._path.stat().st_size
        self._connection.run("INSERT INTO found(found) VALUES ('optimize')")
        self._connection.run("DELETE FROM progress WHERE name = 'forgetting'")
        self._connection.run("PRAGMA auto_vacuum = INCREMENTAL")
        self._connection.run("VACUUM")
        self._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return before - self._path.stat().st_size

    @property
    def indexing_left(self) -> int:
        """How many turns that an earlier rillet wrote cannot be found yet."""
        from tui.store.indexing import indexing_left

        return indexing_left(self._connection)

    @property
    def is_large(self) -> bool:
        """Whether the file is one that is not looked through when it is opened."""
        from tui.store.opening import CHECKED_BYTES

        return self._path is not None and self._path.exists() and self._path.stat().st_size > CHECKED_BYTES

    def find_damage(self) -> str:
        """Look through the whole file, from any thread; what is wrong with it, empty when nothing is."""
        from tui.store.opening import find_damage

        return find_damage(self._path) if self._path is not None else ""
