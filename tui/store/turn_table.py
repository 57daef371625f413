"""The table of turns: written before the request goes out, and once more when the turn has ended."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from tui.domain.error import StoreError
from tui.domain.extent import Extent
from tui.domain.session import title_from_prompt
from tui.domain.tape import Read, SentRequest
from tui.domain.turn import Prompt, Standing, Turn, TurnState
from tui.store.connection import Connection, Row, Table, written
from tui.store.extent import read_extents, read_said
from tui.store.owner import is_alive, this_owner
from tui.store.row import (
    opening_from,
    opening_record,
    reply_record,
    restore_reply,
    schema_from,
    schema_record,
)
from tui.store.said import texts
from tui.store.search import SearchTable
from tui.store.session_table import SessionTable
from tui.store.string_pool import pack_record, read_long_strings, to_json, unpack_record
from tui.store.tape_list import put_line
from tui.store.tape_table import TapeTable

_TURN = "SELECT session_id, id, number, parent, model, endpoint, dialect, state, standing, opening, reply FROM turn"
_NAMED = "id IN (SELECT value FROM json_each(?))"

OUTLINED = 1024
"""So many turns of an outline are read at a time."""

_OUTLINE = (
    "SELECT number, parent, standing = 'aside' FROM turn WHERE session_id = ? AND number > ? ORDER BY number LIMIT ?"
)

PACKED_AT_ONCE = 2 << 20
"""Bytes of reads that are put into blocks as soon as a turn ends, in some 50 ms; more wait until nothing else is written."""

LEAVING_SECONDS = 1.0
"""So long whoever leaves may be kept for the tapes that are left to be packed: some 40 MB of reads."""

_STATES = {state.value: state for state in TurnState}
_STANDINGS: dict[str, Standing] = {"out": "out", "aside": "aside"}


class TurnTable(Table):
    """Turns, as a tree in each session. A turn that begins also changes its session and its tape."""

    def __init__(
        self,
        connection: Connection,
        sessions: SessionTable,
        tapes: TapeTable,
        full_text: SearchTable,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Use a connection and what else is kept there; the clock is the wall's."""
        super().__init__(connection, clock)
        self._sessions = sessions
        self._tapes = tapes
        self._full_text = full_text
        self._pack: Callable[[], bool] | None = None

    def begin(self, session_id: str, turn: Turn, request: SentRequest | None = None) -> None:
        """Write a turn down before it is sent: give it its number and id, and let the session stand at it.

        The first prompt names a session that has no title. A turn that cannot be saved keeps the id it had.

        Raises:
            StoreError: If it was not saved; then nothing of it was.
        """
        turn.id, turn.number = self._put_turn(session_id, turn, request)

    @written(lambda _table, _session_id, turn, _request: id(turn))
    def _put_turn(self, session_id: str, turn: Turn, request: SentRequest | None) -> tuple[str, int]:
        with self._connection.writing():
            self._check_parent(session_id, turn)
            row = self._connection.row("SELECT coalesce(max(number), 0) + 1 FROM turn WHERE session_id = ?", session_id)
            number = int(row[0]) if row else 1
            turn_id = f"{session_id}.{number}"
            asked = {**opening_record(turn.opening), **schema_record(turn.schema)}
            if turn.system:
                asked["system"] = turn.system  # a long one is in the pool of the session, once
            opening, size = pack_record(self._connection, session_id, asked)
            self._connection.run(
                """INSERT INTO turn (id, session_id, number, parent, created_at, model, endpoint, dialect, state,
                    size_bytes, owner, standing, opening) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                turn_id,
                session_id,
                number,
                turn.parent,
                self._clock(),
                turn.model,
                turn.endpoint,
                turn.dialect,
                str(turn.state),
                size,
                this_owner(),
                turn.standing,
                opening,
            )
            if request is not None:
                self._tapes.put_request(session_id, turn_id, request)
            if isinstance(turn.opening, Prompt):
                title = title_from_prompt(turn.opening.text)
                self._connection.run("UPDATE session SET title = ? WHERE id = ? AND title = ''", title, session_id)
            if turn.standing != "aside":
                self._sessions.set_head(session_id, turn_id)
            self._sessions.touch(session_id)
        return turn_id, number

    def end(self, turn: Turn) -> None:
        """Write down how a turn ended and all its reply brought. Nobody owns it from then on.

        It may be written again, when more is known of what became of its calls.

        Raises:
            StoreError: If it was not saved, or was never begun.
        """
        record = reply_record(turn)
        self._put_ending(turn.id, str(turn.state), turn.dialect, record, texts(opening_record(turn.opening), record))

    @written()
    def _put_ending(self, turn_id: str, state: str, dialect: str, record: dict[str, Any], said: Sequence[str]) -> None:
        session_id = turn_id.rpartition(".")[0]
        reads: list[Read] = []
        is_long = self._tapes.is_longer(turn_id, PACKED_AT_ONCE)
        with suppress(StoreError):  # what cannot be read stays as it is
            reads = [] if is_long else self._tapes.flushed(turn_id)
        with self._connection.writing():
            reply, size = pack_record(self._connection, session_id, record)
            changed = self._connection.run(
                """UPDATE turn SET state = ?1, owner = NULL, reply = ?2, dialect = ?5,
                    size_bytes = size_bytes - coalesce(length(CAST(reply AS BLOB)), 0) + ?3 WHERE id = ?4""",
                state,
                reply,
                size,
                turn_id,
                dialect,
            )
            if not changed:
                raise StoreError(f"turn {turn_id} is no longer there: its session has been deleted")
            if reads:
                self._tapes.pack_blocks(turn_id, reads)
            put_line(self._connection, turn_id)
            self._sessions.touch(session_id)
        self._full_text.index(turn_id, said)
        if not is_long:
            return
        from tui.store.late_packing import LatePacking  # which a start does not need

        pack = LatePacking(self._connection, self._tapes).step
        if (writer := self._connection.writer) is not None:
            writer.later = pack
        else:
            self._pack = pack

    def pack_late(self) -> None:
        """Pack what no writer packs behind, for as long as whoever leaves may be kept; the rest waits for the screen."""
        until = time.monotonic() + LEAVING_SECONDS
        pack, self._pack = self._pack, None
        with suppress(StoreError):
            while pack is not None and time.monotonic() < until and pack():
                pass

    def set_standing(self, turn: Turn) -> None:
        """Keep how a turn takes part in its conversation."""
        self._connection.run("UPDATE turn SET standing = ? WHERE id = ?", turn.standing, turn.id)

    def set_dialect(self, turn: Turn) -> None:
        """Keep the dialect in which a turn is answered, as soon as that is another than it was asked in."""
        self._connection.run("UPDATE turn SET dialect = ? WHERE id = ?", turn.dialect, turn.id)

    def _check_parent(self, session_id: str, turn: Turn) -> None:
        """Refuse a turn that follows one which is not saved: the next number might make it its own parent."""
        if turn.parent is None:
            return
        if not self._connection.row("SELECT 1 FROM turn WHERE id = ? AND session_id = ?", turn.parent, session_id):
            raise StoreError("the turn above is not saved, or its session has been deleted", "Start a new one.")

    def _older_parent(self, session_id: str, number: int, parent: str | None) -> str | None:
        """The parent of a turn, if it is an older turn; else the turn before it, and the file is mended.

        A parent that is not older leads round in a circle.
        """
        if parent is None or _is_older(parent, session_id, number):
            return parent
        before = "SELECT id FROM turn WHERE session_id = ? AND number < ? ORDER BY number DESC LIMIT 1"
        (older,) = self._connection.row(before, session_id, number) or (None,)
        with suppress(StoreError):  # what cannot be written is mended again when it is next read
            mended = "UPDATE turn SET parent = ? WHERE session_id = ? AND number = ?"
            self._connection.run(mended, older, session_id, number)
        return None if older is None else str(older)

    def read(self, turn_id: str) -> Turn:
        """One turn.

        Raises:
            StoreError: If there is none, or it cannot be read.
        """
        row = self._connection.row(f"{_TURN} WHERE id = ?", turn_id)
        if row is None:
            raise StoreError(f"there is no turn {turn_id}")
        return self._turn_from(row)

    def of_session(self, session_id: str, *, below: int = sys.maxsize, most: int = -1) -> list[Turn]:
        """The turns of a session, every branch, in the order in which they were begun.

        Args:
            session_id: The session.
            below: Only those whose number is lower.
            most: Only the newest of those, at most so many; all if negative.

        Raises:
            StoreError: If one cannot be read.
        """
        newest_first = f"{_TURN} WHERE session_id = ? AND number < ? ORDER BY number DESC LIMIT ?"
        rows = self._connection.rows(newest_first, session_id, below, most)
        return self._turns_from(rows[::-1])

    def of_ids(self, turn_ids: Sequence[str]) -> list[Turn]:
        """Those of the turns that there are, in the order in which they were begun.

        Raises:
            StoreError: If one cannot be read.
        """
        named = f"{_TURN} WHERE {_NAMED} ORDER BY number"
        return self._turns_from(self._connection.rows(named, to_json(turn_ids)))

    def outline(self, session_id: str) -> Iterator[tuple[int, int, bool]]:
        """The number of every turn of a session, oldest first, that of the turn it follows, and whether it is an aside.

        A turn that follows none has 0 for the number above. Its id is that of the session, a dot, and its number.

        Raises:
            StoreError: If they cannot be read.
        """
        number = before = 0
        begin, id_before = len(session_id) + 1, ""
        while rows := self._connection.rows(_OUTLINE, session_id, number, OUTLINED):
            for number, parent, is_aside in rows:
                if parent is None:
                    above = 0
                elif parent == id_before or not _is_older(parent, session_id, number):
                    above = before  # where a parent is none, the turn before stands for it
                else:
                    above = int(parent[begin:])
                yield number, above, bool(is_aside)
                before, id_before = number, f"{session_id}.{number}"

    def following(self, session_id: str, turn_id: str) -> list[tuple[int, str]]:
        """The numbers and ids of the turns that follow directly on one, without asides, oldest first.

        Raises:
            StoreError: If they cannot be read.
        """
        asked = (
            "SELECT number, id FROM turn WHERE session_id = ? AND number > ? AND parent = ? AND standing <> 'aside'"
            " ORDER BY number"
        )
        digits = turn_id.rpartition(".")[2]  # a parent is always an older turn, so those before it are not looked at
        above = int(digits) if digits.isascii() and digits.isdecimal() else 0
        return [(int(number), str(each)) for number, each in self._connection.rows(asked, session_id, above, turn_id)]

    def extents(self, session_id: str, turn_ids: Sequence[str]) -> dict[str, Extent]:
        """How much is written in turns of a session; one that cannot be read is not among them.

        Raises:
            StoreError: If none can be.
        """
        return read_extents(self._connection, session_id, turn_ids)

    def said(self, session_id: str, turn_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """What was asked in turns of a session, and what was replied; one that cannot be read is not among them.

        Raises:
            StoreError: If none can be.
        """
        return read_said(self._connection, session_id, turn_ids)

    def may_say(self, session_id: str, words: str) -> set[str] | None:
        """The turns of a session without which none holds these words; `None` where that is not known, or they are many.

        Raises:
            StoreError: If they cannot be read.
        """
        return self._full_text.may_say(session_id, words)

    def longest(self, turn_ids: Sequence[str]) -> float:
        """How long that of the turns took that took longest, in seconds; 0 where none says how long it took.

        Raises:
            StoreError: If they cannot be read.
        """
        asked = f"SELECT max(json_extract(reply, '$.timing.duration')) FROM turn WHERE {_NAMED} AND json_valid(reply)"  # noqa: S608
        (longest,) = self._connection.row(asked, to_json(turn_ids)) or (None,)
        return float(longest) if isinstance(longest, int | float) else 0.0

    def calling(self, turn_ids: Sequence[str]) -> set[str]:
        """Those of the turns that asked for calls of tools.

        Raises:
            StoreError: If they cannot be read.
        """
        asked = f"SELECT id FROM turn WHERE {_NAMED} AND instr(reply, '\"tool_calls\":[')"  # noqa: S608  # a constant
        return {str(turn_id) for (turn_id,) in self._connection.rows(asked, to_json(turn_ids))}

    def newest_number(self, session_id: str) -> int:
        """The number of the turn that was begun last in a session, by whichever rillet; 0 where there is none."""
        (number,) = self._connection.row("SELECT max(number) FROM turn WHERE session_id = ?", session_id) or (None,)
        return number or 0

    @written(lambda _table: ())
    def interrupted(self) -> list[Turn]:
        """The turns that were streaming when their process died; this process owns them from now on.

        Taking them over keeps a second rillet that starts at the same time from mending them too. Those of
        a process that lives, this one included, are left alone.

        Raises:
            StoreError: If they cannot be read, or not be taken over.
        """
        owners = self._connection.rows("SELECT DISTINCT owner FROM turn WHERE owner IS NOT NULL")
        dead = [str(owner) for (owner,) in owners if not is_alive(owner)]
        if not dead:
            return []
        taken: list[Turn] = []
        with self._connection.writing():
            for owner in dead:
                rows = self._connection.rows(f"{_TURN} WHERE owner = ? ORDER BY key", owner)
                for row in rows:
                    with suppress(StoreError):  # one that cannot be read must not keep the others from being mended
                        taken.append(self._turn_from(row))
                self._connection.run("UPDATE turn SET owner = ? WHERE owner = ?", this_owner(), owner)
        return taken

    def _turns_from(self, rows: Sequence[Row]) -> list[Turn]:
        """Turns of rows of one session, the long strings of all of them read at once."""
        if not rows:
            return []
        packed = (text for row in rows for text in row[-2:] if isinstance(text, str))
        long_strings = read_long_strings(self._connection, rows[0][0], packed)
        return [self._turn_from(row, long_strings) for row in rows]

    def _turn_from(self, row: Row, long_strings: Mapping[str, str] | None = None) -> Turn:
        session_id, turn_id, number, parent, model, endpoint, dialect, state, standing, opening, reply = row
        parent = self._older_parent(session_id, number, parent)
        try:
            asked = unpack_record(self._connection, session_id, opening, long_strings=long_strings)
            began = opening_from(asked)
            turn = Turn(began, turn_id, number, parent, model, endpoint, dialect, schema_from(asked))
            turn.system = system if isinstance(system := asked.get("system"), str) else None
            turn.standing = _STANDINGS.get(standing, "")
            if reply is not None:
                replied = unpack_record(self._connection, session_id, reply, long_strings=long_strings)
                restore_reply(turn, _STATES[state], replied)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StoreError(f"turn {turn_id} cannot be read: the sessions file is damaged") from error
        return turn


def _is_older(turn_id: str, session_id: str, number: int) -> bool:
    """Whether an id is that of an older turn of a session."""
    of, _, digits = turn_id.rpartition(".")
    return of == session_id and digits.isascii() and digits.isdecimal() and int(digits) < number
