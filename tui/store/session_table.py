"""The table of sessions."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import starmap

import msgspec
from msgspec.structs import replace

from tui.domain.endpoint_word import EFFORTS, Effort
from tui.domain.error import ConfigError, StoreError
from tui.domain.session import SessionSummary, Sheet
from tui.store.connection import Connection, Row, Table, written
from tui.store.kind import are_counted
from tui.store.query import Query
from tui.store.search import Hit, SearchTable
from tui.store.string_pool import to_json

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no i, l, o, u."""
ID_LENGTH = 8
FORGOTTEN_AT_ONCE = 200
"""So many turns are taken out of the index when the file is opened, in some 50 ms."""
_CHANCE = random.SystemRandom()
DELETED_SECONDS = 30 * 86400.0
"""How long a deleted session can be had back."""

_read_sheet = msgspec.json.Decoder(Sheet).decode
_ALIKE = str.maketrans("ilo", "110")
_TOUCHED = "(SELECT coalesce(max(touched), 0) + 1 FROM session)"
# Of nearly every session the last values are NULL: what is not there need not be made, and a list is long.
_SUMMARY = """SELECT id, title, created_at, updated_at, model, turns, bytes, deleted_at, nullif(pinned, 0), archived_at,
    nullif(source, ''), CASE WHEN id IN (SELECT session_id FROM tag) THEN
        (SELECT group_concat(tag, char(10)) FROM (SELECT tag FROM tag WHERE session_id = session.id ORDER BY tag)) END
    FROM session"""
_PLAIN = (None,) * 5
_THERE = "deleted_at IS NULL AND turns > 0"
_LISTED = f"{_THERE} AND archived_at IS NULL"
# A column costs a list of thousands as much as a tenth of all: what nearly no session has is read for those that have it.
_PLAINLY = "SELECT id, title, created_at, updated_at, model, turns, bytes FROM session"
_MORE = """SELECT id FROM session WHERE pinned > 0 AND deleted_at IS NULL
    UNION SELECT id FROM session WHERE source <> '' UNION SELECT session_id FROM tag"""
_HAS_MORE = f"id IN ({_MORE})"
_HAS_MORE_THERE = f"id IN ({_MORE} UNION SELECT id FROM session WHERE archived_at IS NOT NULL)"  # noqa: S608  # constants
# What is asked in a session is in the history too, where a long prompt stands whole.
_FORGET_PROMPTS = """DELETE FROM history WHERE trim(text, char(9, 10, 13, 32)) IN (
    SELECT trim(json_extract(opening, '$.prompt'), char(9, 10, 13, 32)) FROM session JOIN turn ON turn.session_id = session.id
        WHERE deleted_at < ?1 AND json_valid(opening)
    UNION ALL SELECT trim(kept.text, char(9, 10, 13, 32)) FROM session JOIN kept ON kept.session_id = session.id
        WHERE deleted_at < ?1)"""
_ORDER = "ORDER BY pinned DESC, touched DESC, updated_at DESC"


class SessionTable(Table):
    """Sessions: made, listed, named, deleted for a while."""

    def __init__(self, connection: Connection, full_text: SearchTable, clock: Callable[[], float] = time.time) -> None:
        """Use a connection, and the index over all that was said in the sessions; the clock is the wall's."""
        super().__init__(connection, clock)
        self._full_text = full_text

    @written(lambda _table, title="", system=None: (title, system))
    def create(self, title: str = "", system: str | None = None) -> str:
        """Make a session, and return its id. It is listed once it holds a turn."""
        while True:
            session_id = "".join(_CHANCE.choice(ALPHABET) for _ in range(ID_LENGTH))
            now = self._clock()
            made = self._connection.run(
                f"""INSERT OR IGNORE INTO session (id, title, touched, created_at, updated_at, system)
                    VALUES (?, ?, {_TOUCHED}, ?, ?, ?)""",  # noqa: S608  # a constant
                session_id,
                title,
                now,
                now,
                system,
            )
            if made:
                return session_id

    def summary(self, session_id: str) -> SessionSummary:
        """A session as it is listed.

        Raises:
            StoreError: If there is none.
        """
        row = self._connection.row(f"{_SUMMARY} WHERE id = ?", session_id)
        if row is None:
            raise StoreError(f"there is no session {session_id}")
        return _summary(row)

    def summaries(self, words: str = "", *, most: int = -1) -> list[SessionSummary]:
        """The sessions that are not deleted, pinned ones first, then those last used.

        Without words, those that are not archived either, at most so many; with words, those whose title, id or model
        hold them all, or in which `search` finds them.
        """
        if not words.split():
            return self._listed(most)
        return self._saying(self._listed(-1, _THERE, _HAS_MORE_THERE), words)

    def _listed(self, most: int, listed: str = _LISTED, has_more: str = _HAS_MORE) -> list[SessionSummary]:
        """The sessions of which a condition holds; of those of which another holds too, all that is known."""
        rows = self._connection.rows(f"{_PLAINLY} WHERE {listed} {_ORDER} LIMIT ?", most)
        summaries = list(starmap(SessionSummary, rows))
        # One that is changed in between is listed without: whoever changed it has the list made anew.
        more = self._connection.rows(f"{_SUMMARY} WHERE {listed} AND {has_more} {_ORDER} LIMIT ?", most)
        if more:
            by_id = {summary.id: summary for summary in _summaries(more)}
            summaries = [by_id.get(summary.id, summary) for summary in summaries]
        return summaries

    def matching(self, query: Query) -> list[SessionSummary]:
        """The sessions that are not deleted and of which all is so that a query asks, in the order of `summaries`."""
        clauses, values = query.clauses("kind" if are_counted(self._connection) else "turn")
        words = (f"{_SUMMARY} WHERE deleted_at IS NULL AND turns > 0", *clauses)
        rows = self._connection.rows(f"{' AND '.join(words)} {_ORDER}", *values)
        summaries = _summaries(rows)
        return summaries if clauses and not query.words else self._saying(summaries, query.words)

    def hits(self, query: Query, limit: int) -> list[Hit]:
        """The turns that hold the words of a query, in sessions of which all else is so that it asks."""
        if not query.has_filter:
            return self._full_text.search(query.words, limit)
        ids = to_json([summary.id for summary in self.matching(replace(query, words=""))])
        keys = self._connection.rows("SELECT key FROM place WHERE session_id IN (SELECT value FROM json_each(?))", ids)
        return self._full_text.search(query.words, limit, {int(key) for (key,) in keys})

    def _saying(self, summaries: list[SessionSummary], words: str) -> list[SessionSummary]:
        """Those that are not archived; with words, those whose title, id or model hold them, or in which they were said."""
        if not (wanted := words.casefold().split()):
            return [summary for summary in summaries if summary.archived_at is None]
        saying = self._full_text.sessions_saying(words) if summaries else set()
        return [
            summary
            for summary in summaries
            if summary.id in saying
            or all(word in f"{summary.title}\n{summary.id}\n{summary.model}".casefold() for word in wanted)
        ]

    def deleted(self) -> list[SessionSummary]:
        """The deleted sessions that can still be had back, last deleted first."""
        rows = self._connection.rows(f"{_SUMMARY} WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, touched DESC")
        return [summary for summary in _summaries(rows) if summary.turns]

    def archived(self) -> list[SessionSummary]:
        """The sessions that are out of the way, last used first."""
        archived = f"{_SUMMARY} WHERE archived_at IS NOT NULL AND deleted_at IS NULL AND turns > 0 {_ORDER}"
        return _summaries(self._connection.rows(archived))

    def last(self) -> str | None:
        """The session used last; `None` where there is none."""
        row = self._connection.row(
            """SELECT id FROM session WHERE deleted_at IS NULL
               AND turns > 0 ORDER BY touched DESC LIMIT 1"""
        )
        return None if row is None else str(row[0])

    def find(self, prefix: str, *, is_deleted: bool = False) -> str:
        """The id that begins so, among the deleted ones or the others; letters that look like digits are taken for them.

        Raises:
            ConfigError: If no session, or more than one, begins so.
        """
        wanted = prefix.strip().lower().translate(_ALIKE)
        rows = self._connection.rows(
            """SELECT id FROM session WHERE substr(id, 1, length(?1)) = ?1 AND (deleted_at IS NOT NULL) = ?2
               AND turns > 0 ORDER BY touched DESC LIMIT 4""",
            wanted,
            is_deleted,
        )
        ids = [str(row[0]) for row in rows]
        if len(ids) == 1 and wanted:
            return ids[0]
        if (not ids or not wanted) and is_deleted:
            raise ConfigError(
                f"there is no deleted session “{prefix}”",
                "rillet sessions list --deleted shows those that can be had back.",
            )
        if not ids or not wanted:
            raise ConfigError(f"there is no session “{prefix}”", "rillet sessions list shows those there are.")
        more = ", …" if len(ids) > 3 else ""
        raise ConfigError(
            f"more than one session begins with “{prefix}”: {', '.join(ids[:3])}{more}", "Give more of its id."
        )

    def rename(self, session_id: str, title: str) -> None:
        """Give a session another title."""
        self._connection.run("UPDATE session SET title = ? WHERE id = ?", title, session_id)

    def pin(self, session_id: str, *, is_pinned: bool) -> None:
        """Keep a session at the top of the list, or no longer."""
        self._connection.run("UPDATE session SET pinned = ? WHERE id = ?", is_pinned, session_id)

    def archive(self, session_id: str, *, is_archived: bool) -> None:
        """Put a session out of the way, where it is still found, or back into the list."""
        at = self._clock() if is_archived else None
        self._connection.run("UPDATE session SET archived_at = ? WHERE id = ?", at, session_id)

    @written()
    def set_tags(self, session_id: str, tags: Iterable[str]) -> None:
        """Give a session these tags and no others."""
        with self._connection.writing():
            self._connection.run("DELETE FROM tag WHERE session_id = ?", session_id)
            for tag in dict.fromkeys(tags):
                self._connection.run("INSERT OR IGNORE INTO tag VALUES (?, ?)", session_id, tag)

    def effort(self, session_id: str) -> Effort:
        """How hard the model is asked to think in a session; empty where that is left to the endpoint."""
        row = self._connection.row("SELECT effort FROM session WHERE id = ?", session_id)
        return next((word for word in EFFORTS if row is not None and row[0] == word), "")

    def set_effort(self, session_id: str, effort: Effort) -> None:
        """Keep how hard the model is asked to think in a session."""
        self._connection.run("UPDATE session SET effort = ? WHERE id = ?", effort, session_id)

    def sheet(self, session_id: str) -> Sheet:
        """The options of a session, and what else its sheet holds; what cannot be read is as if it was not set."""
        row = self._connection.row("SELECT sheet FROM session WHERE id = ?", session_id)
        try:
            return _read_sheet(row[0]) if row is not None and row[0] else Sheet()
        except msgspec.MsgspecError:
            return Sheet()

    def set_sheet(self, session_id: str, sheet: Sheet) -> None:
        """Keep the options of a session, and what else its sheet holds."""
        text = msgspec.json.encode(sheet).decode()
        self._connection.run("UPDATE session SET sheet = ? WHERE id = ?", text, session_id)

    def system(self, session_id: str) -> str | None:
        """The system prompt of a session, empty where it has none; `None` where that was not kept yet."""
        row = self._connection.row("SELECT system FROM session WHERE id = ?", session_id)
        return None if row is None else row[0]

    def set_system(self, session_id: str, system: str) -> None:
        """Give a session another system prompt."""
        self._connection.run("UPDATE session SET system = ? WHERE id = ?", system, session_id)

    def delete(self, session_id: str) -> None:
        """Delete a session; for thirty days it can be had back."""
        self._connection.run("UPDATE session SET deleted_at = ? WHERE id = ?", self._clock(), session_id)

    def undelete(self, session_id: str) -> None:
        """Have a deleted session back.

        Raises:
            StoreError: If it is gone for good.
        """
        if not self._connection.run("UPDATE session SET deleted_at = NULL WHERE id = ?", session_id):
            raise StoreError(f"session {session_id} is gone for good")

    def purge(self, seconds: float = DELETED_SECONDS) -> bool:
        """Drop for good what was deleted longer ago than that, and what never held a turn for a day; whether a session went.

        Where there is no such thing, nothing is written: whoever has the file locked keeps nobody from opening it.
        """
        now = self._clock()
        (is_due,) = self._connection.row(
            """SELECT EXISTS (SELECT 1 FROM session WHERE deleted_at < ?
                   OR (created_at < ? AND NOT EXISTS (SELECT 1 FROM turn WHERE session_id = session.id)))
               OR EXISTS (SELECT 1 FROM draft WHERE session_id <> '' AND session_id NOT IN (SELECT id FROM session))""",
            now - seconds,
            now - 86400,
        ) or (False,)
        if not is_due:
            return False
        self._forget_deleted(now - seconds)
        self._connection.run(_FORGET_PROMPTS, now - seconds)
        gone = self._connection.run(
            """DELETE FROM session WHERE deleted_at < ?
               OR (created_at < ? AND NOT EXISTS (SELECT 1 FROM turn WHERE session_id = session.id))""",
            now - seconds,
            now - 86400,
        )
        if gone:  # the index holds what was said until it is put in order
            self._connection.run("INSERT OR IGNORE INTO progress VALUES ('forgetting', 0)")
        self._connection.run("DELETE FROM draft WHERE session_id <> '' AND session_id NOT IN (SELECT id FROM session)")
        return gone > 0

    def _forget_deleted(self, before: float) -> None:
        """Take what was deleted before a moment out of the index; where that is much, the index is made anew, behind."""
        doomed = self._connection.rows(
            """SELECT turn.session_id, turn.id, turn.opening, turn.reply FROM session
               JOIN turn ON turn.session_id = session.id WHERE session.deleted_at < ? LIMIT ?""",
            before,
            FORGOTTEN_AT_ONCE + 1,
        )
        if 0 < len(doomed) <= FORGOTTEN_AT_ONCE:
            with suppress(StoreError), self._connection.writing():
                self._full_text.forget(doomed)
                return
        if doomed:
            with self._connection.writing():
                self._connection.run("INSERT INTO found (found) VALUES ('delete-all')")
                self._connection.run("INSERT OR REPLACE INTO progress VALUES ('indexing', 0)")
                self._connection.run("DELETE FROM progress WHERE name = 'placing'")

    def head(self, session_id: str) -> str | None:
        """The turn at which a session stands."""
        row = self._connection.row("SELECT head FROM session WHERE id = ?", session_id)
        return None if row is None else row[0]

    def set_head(self, session_id: str, turn_id: str | None) -> None:
        """Stand at a turn. It costs nothing where the session stands there already."""
        self._connection.run("UPDATE session SET head = ?1 WHERE id = ?2 AND head IS NOT ?1", turn_id, session_id)

    def touch(self, session_id: str) -> None:
        """A session is used now: it goes to the top of the list."""
        self._connection.run(
            f"UPDATE session SET updated_at = ?, touched = {_TOUCHED} WHERE id = ?",  # noqa: S608  # a constant
            self._clock(),
            session_id,
        )


def _summaries(rows: Sequence[Row]) -> list[SessionSummary]:
    return [_summary(row) for row in rows]


def _summary(row: Row) -> SessionSummary:
    session_id, title, created, updated, model, turns, size, deleted, is_pinned, archived, source, tags = row
    if row[7:] == _PLAIN:
        return SessionSummary(session_id, title, created, updated, model, turns, size)
    return SessionSummary(
        session_id,
        title,
        created,
        updated,
        model,
        turns,
        size,
        deleted,
        bool(is_pinned),
        archived,
        source or "",
        tuple(tags.split("\n")) if tags else (),
    )
