"""Kinds of turns: how many of a session are of which model, endpoint and state, kept by triggers as they come and go."""

from __future__ import annotations

from tui.store.connection import Connection

AT_ONCE = 512
"""So many turns are counted in one step, or those of one session: that takes some milliseconds."""

_MOST_SESSIONS = 64


def are_counted(connection: Connection) -> bool:
    """Whether the turns of all sessions have been counted; those of an earlier rillet are, behind."""
    return connection.row("SELECT 1 FROM progress WHERE name = 'kinds'") is None


def count_some(connection: Connection, count: int = AT_ONCE) -> bool:
    """Count the turns of some sessions of an earlier rillet, in one transaction; whether there may be more.

    Raises:
        StoreError: If it cannot be written; then nothing is changed.
    """
    with connection.writing():
        row = connection.row("SELECT at FROM progress WHERE name = 'kinds'")
        if row is None:
            return False
        sessions = connection.rows(
            """SELECT place.key, id, turns FROM place JOIN session ON id = session_id
               WHERE place.key > ? ORDER BY place.key LIMIT ?""",
            row[0],
            _MOST_SESSIONS,
        )
        if not sessions:
            connection.run("DELETE FROM progress WHERE name = 'kinds'")
            return False
        for key, session_id, turns in sessions:
            # Since the file was brought up to date, some may have been counted as they came.
            connection.run("DELETE FROM kind WHERE session_id = ?", session_id)
            connection.run(
                """INSERT INTO kind SELECT session_id, model, endpoint, state, count(*) FROM turn
                   WHERE session_id = ? GROUP BY model, endpoint, state""",
                session_id,
            )
            connection.run("UPDATE progress SET at = ? WHERE name = 'kinds'", key)
            count -= turns
            if count <= 0:
                break
    return True
