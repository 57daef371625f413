"""Kinds of turns: how many of a session are of which model, endpoint and state, kept by triggers as they come and go."""

from __future__ import annotations

from collections.abc import Sequence

from tui.store.behind import Behind
from tui.store.connection import Connection, Row

AT_ONCE = 512
"""So many turns are counted in one step, or those of one session: that takes some milliseconds."""


def are_counted(connection: Connection) -> bool:
    """Whether the turns of all sessions have been counted; those of an earlier rillet are, behind."""
    return connection.row("SELECT 1 FROM progress WHERE name = 'kinds'") is None


def _count(connection: Connection, sessions: Sequence[Row]) -> None:
    for session_id, _key in sessions:
        # Since the file was brought up to date, some may have been counted as they came.
        connection.run("DELETE FROM kind WHERE session_id = ?", session_id)
        connection.run(
            """INSERT INTO kind SELECT session_id, model, endpoint, state, count(*) FROM turn
               WHERE session_id = ? GROUP BY model, endpoint, state""",
            session_id,
        )


_SESSIONS = f"""SELECT id, key FROM (SELECT id, key, sum(turns) OVER (ORDER BY key) - turns AS before FROM (
        SELECT id, place.key AS key, turns FROM place JOIN session ON id = session_id WHERE place.key > ?
        ORDER BY place.key LIMIT ?))
    WHERE before < {AT_ONCE} ORDER BY key"""  # noqa: S608  # a constant

COUNTING = Behind("kinds", "place", _SESSIONS, _count, 64)
"""The turns of an earlier rillet are counted, session by session."""
