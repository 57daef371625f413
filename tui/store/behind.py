"""Work on all that is in the file, done behind: in small steps, and on from where it was left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from tui.store.connection import Connection, Row


class Behind(Struct, frozen=True):
    """One kind of such work. A row of `progress` with its name says how far it has come; no row, that none is left.

    Attributes:
        name: Its name in `progress`.
        table: Whose keys it walks along.
        rows: Selects some rows after a key, in the order of their keys; the key comes last.
        work: Does it for these rows, within a transaction.
        at_once: So many rows are taken in one step, which takes some milliseconds: nobody waits long for the disk meanwhile.
    """

    name: str
    table: str
    rows: str
    work: Callable[[Connection, Sequence[Row]], object]
    at_once: int

    def step(self, connection: Connection, count: int = 0) -> bool:
        """Take one step, in one transaction; whether there may be more.

        Raises:
            StoreError: If it cannot be written; then nothing is changed.
        """
        if self._at(connection) is None:
            return False
        with connection.writing():
            at = self._at(connection)  # another rillet may have come here first
            if at is None:
                return False
            rows = connection.rows(self.rows, at, count or self.at_once)
            if not rows:
                connection.run("DELETE FROM progress WHERE name = ?", self.name)
                return False
            self.work(connection, rows)
            connection.run("UPDATE progress SET at = ? WHERE name = ?", rows[-1][-1], self.name)
        return True

    def steps_left(self, connection: Connection) -> float:
        """How many steps there may be still to take: keys that are given to nobody any more count too, but none is read for it."""
        at = self._at(connection)
        if at is None:
            return 0.0
        (last,) = connection.row(f"SELECT max(key) FROM {self.table}") or (None,)  # noqa: S608  # one of ours
        return max(0, (last or 0) - at) / self.at_once

    def _at(self, connection: Connection) -> int | None:
        row = connection.row("SELECT at FROM progress WHERE name = ?", self.name)
        return None if row is None else int(row[0])
