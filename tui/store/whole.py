"""Whole sessions: read to be taken along, and put among the others, without doubles."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tui.domain.error import StoreError
from tui.domain.session import NO_TIME, Sheet, WholeSession, WholeTurn
from tui.domain.turn import Turn, TurnState
from tui.store.connection import Connection, Table, written
from tui.store.row import opening_record, reply_record, schema_record
from tui.store.said import texts
from tui.store.search import SearchTable
from tui.store.session_table import ALPHABET, ID_LENGTH, SessionTable
from tui.store.string_pool import pack_record, to_json
from tui.store.tape_list import put_line
from tui.store.turn_table import TurnTable

_AT_ONCE = 512
"""So many turns are read by one statement."""

COPIED = 64
"""So many turns are copied by one transaction: others that write wait no longer."""

_BEGAN = "SELECT number, created_at FROM turn WHERE id IN (SELECT value FROM json_each(?))"

Fate = Literal["new", "grown", "same", "deleted"]


class Put(Struct, frozen=True):
    """What became of a session that was put: it is new here, has more turns than before, the same, or is in the bin."""

    session_id: str
    fate: Fate
    turns: int = 0


class WholeSessions(Table):
    """Takes whole sessions out of the database, and puts them into it."""

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], float],
        sessions: SessionTable,
        turns: TurnTable,
        full_text: SearchTable,
    ) -> None:
        """Use a connection, and what else is kept there."""
        super().__init__(connection, clock)
        self._sessions = sessions
        self._turns = turns
        self._full_text = full_text

    def read(self, session_id: str, tell: Callable[[float], None] = lambda _share: None) -> WholeSession:
        """Everything of a session but its recordings; `tell` is told the share that is read.

        Raises:
            StoreError: If there is none, or it cannot be read.
        """
        whole = self._head_of(session_id)
        began: dict[int, float] = dict(
            self._connection.rows("SELECT number, created_at FROM turn WHERE session_id = ?", session_id)
        )
        turns: list[Turn] = []  # newest first
        while piece := self._turns.of_session(
            session_id, below=turns[-1].number if turns else sys.maxsize, most=_AT_ONCE
        ):
            turns += reversed(piece)
            tell(min(1.0, len(turns) / max(1, len(began))))
        turns.reverse()
        head = self._sessions.head(session_id)
        for turn in turns:
            if not turn.state.is_over:  # it runs elsewhere, and what is taken along does not run
                turn.state = TurnState.STOPPED
        return replace(
            whole,
            head=next((turn.number for turn in turns if turn.id == head), None),
            turns=[WholeTurn(turn, _number(turn.parent), began.get(turn.number, NO_TIME)) for turn in turns],
        )

    def _head_of(self, session_id: str) -> WholeSession:
        """A session without its turns."""
        summary = self._sessions.summary(session_id)
        return WholeSession(
            summary.id,
            summary.title,
            self._sessions.system(session_id),
            self._sessions.effort(session_id),
            self._sessions.sheet(session_id),
            summary.created_at,
            summary.updated_at,
            summary.is_pinned,
            summary.archived_at,
            summary.source,
            summary.tags,
        )

    def copy_branch(
        self, session_id: str, turn_ids: Sequence[str], title: str, tell: Callable[[float], None] = lambda _share: None
    ) -> str:
        """Copy a branch, some turns a transaction, into a session of its own, and give its id.

        Until all of it is there, it is among the deleted ones, where nobody lists it; of one that is given up, nothing
        is left after the next start.

        Args:
            session_id: The session.
            turn_ids: The turns from the root to the last one, all of that session.
            title: What the copy is called.
            tell: Is told the share that is copied; what it raises gives the copy up.

        Raises:
            StoreError: If a turn cannot be read, or the copy cannot be saved.
        """
        whole = self._head_of(session_id)
        with self._connection.writing():
            copy = self._put_new(replace(whole, id="", source="", title=title, is_pinned=False)).session_id
            self._sessions.delete(copy)
        parent: str | None = None
        try:
            for start in range(0, len(turn_ids), COPIED):
                asked = turn_ids[start : start + COPIED]
                turns = self._turns.of_ids(asked)
                if len(turns) < len(asked):
                    raise StoreError("some turns of the branch are gone", "Nothing was copied.")
                times: dict[int, float] = dict(self._connection.rows(_BEGAN, to_json(asked)))
                with self._connection.writing():
                    for turn in turns:
                        began_at = times.get(turn.number, NO_TIME)
                        parent = self._insert(copy, turn.number, parent, WholeTurn(turn, began_at=began_at))
                self._full_text.settle()
                tell(min(1.0, (start + COPIED) / len(turn_ids)))
        except BaseException:
            with suppress(StoreError):
                self._connection.run("UPDATE session SET deleted_at = 0 WHERE id = ?", copy)
            raise
        with self._connection.writing():
            self._sessions.set_head(copy, parent)
            self._place_in_time(copy, whole.updated_at)
            self._connection.run("UPDATE session SET deleted_at = NULL WHERE id = ?", copy)
        return copy

    @written(lambda _table, session: (session.source, session.id, session.title, len(session.turns)))
    def put(self, session: WholeSession) -> Put:
        """Put a session among the others, all of it or nothing; of one that is there already, only what is new.

        It is known by where it comes from, or where it is one of our own, by its id. Turns are known by what they say.

        Raises:
            StoreError: If it cannot be saved.
        """
        with self._connection.writing():
            put = self._put(session)
        self._full_text.settle()
        return put

    def _put(self, session: WholeSession) -> Put:
        stored = self._known(session)
        if stored is None:
            return self._put_new(session)
        session_id, deleted_at = stored
        if deleted_at is not None:
            return Put(session_id, "deleted")
        added, by_number = self._merge(session_id, session.turns)
        if not added:
            return Put(session_id, "same")
        was_at = self._sessions.head(session_id)
        head = by_number.get(session.head) if session.head is not None else None
        if head is not None and was_at in by_number.values():  # nobody went on from it here
            self._sessions.set_head(session_id, head)
        now = max(session.updated_at, self._sessions.summary(session_id).updated_at)
        self._connection.run("UPDATE session SET updated_at = ? WHERE id = ?", now, session_id)
        self._place_in_time(session_id, now)
        return Put(session_id, "grown", added)

    def _known(self, session: WholeSession) -> tuple[str, float | None] | None:
        if session.source:
            # The index holds those only that have come from elsewhere, which must be said for it to be used.
            where = "SELECT id, deleted_at FROM session WHERE source = ? AND source <> ''"
            row = self._connection.row(where, session.source)
            if row is not None:
                return str(row[0]), row[1]
        row = self._connection.row(
            "SELECT id, deleted_at FROM session WHERE id = ? AND source = ? AND turns > 0", session.id, session.source
        )
        return None if row is None else (str(row[0]), row[1])

    def _put_new(self, session: WholeSession) -> Put:
        session_id = self._sessions.create(session.title, session.system)
        if _is_id(session.id) and not self._connection.row("SELECT 1 FROM session WHERE id = ?", session.id):
            self._connection.run("DELETE FROM session WHERE id = ?", session_id)
            session_id = session.id
            self._connection.run(
                """INSERT INTO session (id, title, touched, created_at, updated_at, system)
                   VALUES (?, ?, 0, 0, 0, ?)""",
                session_id,
                session.title,
                session.system,
            )
        self._connection.run(
            """UPDATE session SET effort = ?, created_at = ?, updated_at = ?, pinned = ?, archived_at = ?, source = ?
               WHERE id = ?""",
            session.effort,
            session.created_at,
            session.updated_at,
            session.is_pinned,
            session.archived_at,
            session.source,
            session_id,
        )
        if session.sheet != Sheet():
            self._sessions.set_sheet(session_id, session.sheet)
        for tag in session.tags:
            self._connection.run("INSERT OR IGNORE INTO tag VALUES (?, ?)", session_id, tag)
        ids: dict[int | None, str | None] = {None: None}
        for whole in session.turns:
            if whole.above not in ids:
                raise StoreError(f"turn {whole.turn.number} follows turn {whole.above}, which is not there before it")
            ids[whole.turn.number] = self._insert(session_id, whole.turn.number, ids[whole.above], whole)
        self._sessions.set_head(session_id, ids.get(session.head) or next(reversed(ids.values()), None))
        self._place_in_time(session_id, session.updated_at)
        return Put(session_id, "new", len(session.turns))

    def _place_in_time(self, session_id: str, at: float) -> None:
        """Let a session stand in the list where its time puts it, not before what was used later."""
        self._connection.run(
            """UPDATE session SET touched = coalesce(
                   (SELECT touched FROM session WHERE updated_at <= ? AND id <> ?
                    ORDER BY updated_at DESC, touched DESC LIMIT 1), 0)
               WHERE id = ?""",
            at,
            session_id,
            session_id,
        )

    def _merge(self, session_id: str, turns: list[WholeTurn]) -> tuple[int, dict[int, str]]:
        """Add the turns that are not there; how many, and the ids of all of them by their numbers."""
        there = self._turns.of_session(session_id)
        below: dict[str | None, list[Turn]] = defaultdict(list)
        for turn in there:
            below[turn.parent].append(turn)
        next_number = max((turn.number for turn in there), default=0) + 1
        ids: dict[int, str] = {}
        added = 0
        for whole in turns:
            parent = ids.get(whole.above) if whole.above is not None else None
            match = next((turn for turn in below[parent] if _is_same(turn, whole.turn)), None)
            if match is None:
                match = next((turn for turn in below[parent] if _is_begun(turn, whole.turn)), None)
                if match is not None:  # it had no reply then
                    self._give_reply(match, whole.turn)
                    added += 1
            if match is not None:
                ids[whole.turn.number] = match.id
                below[parent].remove(match)  # the same may have been said twice
                continue
            ids[whole.turn.number] = self._insert(session_id, next_number, parent, whole)
            next_number += 1
            added += 1
        return added, ids

    def _insert(self, session_id: str, number: int, parent: str | None, whole: WholeTurn) -> str:
        turn = whole.turn
        asked = {**opening_record(turn.opening), **schema_record(turn.schema)}
        if turn.system:
            asked["system"] = turn.system
        opening, size = pack_record(self._connection, session_id, asked)
        replied = reply_record(turn)
        reply, more = pack_record(self._connection, session_id, replied)
        turn_id = f"{session_id}.{number}"
        state = turn.state if turn.state.is_over else TurnState.STOPPED
        self._connection.run(
            """INSERT INTO turn (id, session_id, number, parent, created_at, model, endpoint, dialect, state,
                size_bytes, owner, standing, opening, reply) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?)""",
            turn_id,
            session_id,
            number,
            parent,
            whole.began_at,
            turn.model,
            turn.endpoint,
            turn.dialect,
            str(state),
            size + more,
            turn.standing,
            opening,
            reply,
        )
        put_line(self._connection, turn_id)
        self._full_text.note(turn_id, texts(opening_record(turn.opening), replied))
        return turn_id

    def _give_reply(self, match: Turn, turn: Turn) -> None:
        session_id = match.id.rpartition(".")[0]
        replied = reply_record(turn)
        reply, size = pack_record(self._connection, session_id, replied)
        self._connection.run(
            """UPDATE turn SET reply = ?, state = ?, model = ?, endpoint = ?, size_bytes = size_bytes + ?
               WHERE id = ?""",
            reply,
            str(turn.state),
            turn.model,
            turn.endpoint,
            size,
            match.id,
        )
        put_line(self._connection, match.id)
        self._full_text.owe(match.id)
        self._full_text.note(match.id, texts(opening_record(turn.opening), replied))


def _is_same(one: Turn, other: Turn) -> bool:
    return one.opening == other.opening and _said(one) == _said(other)


def _is_begun(one: Turn, other: Turn) -> bool:
    """Whether one is the other before its reply came."""
    return bool(one.source) and one.opening == other.opening and _said(one) == ("", "", "", ())


def _said(turn: Turn) -> tuple[str, str, str, tuple[str, ...]]:
    return turn.text, turn.reasoning, turn.refusal, tuple(call.name + call.arguments for call in turn.tool_calls)


def _number(turn_id: str | None) -> int | None:
    return None if turn_id is None else int(turn_id.rpartition(".")[2])


def _is_id(word: str) -> bool:
    return len(word) == ID_LENGTH and set(word) <= set(ALPHABET)
