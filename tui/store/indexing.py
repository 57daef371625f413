"""Making the search index anew: in small steps behind everything else, and on from where it was left."""

from __future__ import annotations

from tui.store.behind import Behind
from tui.store.connection import Connection
from tui.store.search import SearchTable

AT_ONCE = 16
"""So many turns are indexed in one step."""

DROPPED_AT_ONCE = 512
"""So many rows of the index that was replaced are dropped in one step."""

_OLD = ("old_found_content", "old_found_data")

_SAID = "SELECT session_id, id, opening, reply, key FROM turn WHERE key > ? ORDER BY key LIMIT ?"

INDEXING = Behind("indexing", "turn", _SAID, lambda connection, rows: SearchTable(connection).index_rows(rows), AT_ONCE)
"""Every turn is put into an index that replaces another."""

PLACING = Behind(
    "placing",
    "turn",
    _SAID,
    lambda connection, rows: SearchTable(connection).index_rows(rows, only_sessions=True),
    AT_ONCE,
)
"""The sessions are put into an index that holds their turns only."""


def index_left_over(connection: Connection, count: int = AT_ONCE) -> bool:
    """Index some of the turns that nobody indexed with their sessions when they ended, in one transaction; whether there may be more.

    Where another rillet is about to do the same, the turn is in the index twice, which changes nothing.

    Raises:
        StoreError: If it cannot be written; then nothing is changed.
    """
    if connection.row("SELECT 1 FROM unfound") is None:
        return False
    with connection.writing():
        turns = connection.rows(
            """SELECT session_id, id, opening, reply, key FROM turn
               WHERE key IN (SELECT key FROM unfound ORDER BY key LIMIT ?)""",
            count,
        )
        SearchTable(connection).index_rows(turns)
        connection.run("DELETE FROM unfound WHERE key IN (SELECT key FROM unfound ORDER BY key LIMIT ?)", count)
    return True


def left_over(connection: Connection) -> float:
    """In how many steps the turns that nobody indexed when they ended are."""
    (count,) = connection.row("SELECT count(*) FROM unfound") or (0,)
    return int(count) / AT_ONCE


def indexing_left(connection: Connection) -> int:
    """How many turns cannot be found yet."""
    row = connection.row("SELECT (SELECT count(*) FROM turn WHERE key > at) FROM progress WHERE name = 'indexing'")
    return 0 if row is None else int(row[0])


def drop_old_index(connection: Connection) -> bool:
    """Drop some of the index that was replaced, its texts first, in one transaction; whether there was anything.

    Raises:
        StoreError: If it cannot be written; then nothing is changed.
    """
    held = {str(name) for (name,) in connection.rows("SELECT name FROM sqlite_master WHERE name LIKE 'old_found%'")}
    for table in _OLD:
        if table in held:
            # The first rows of an index are about the whole of it: with them, it can be opened, and dropped.
            words = ("DELETE FROM", table, "WHERE id IN (SELECT id FROM", table, "WHERE id > 10 LIMIT ?)")
            if connection.run(" ".join(words), DROPPED_AT_ONCE):
                return True
    if "old_found" in held:
        connection.run("DROP TABLE old_found")
        return True
    return False
