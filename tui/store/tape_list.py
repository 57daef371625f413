"""The list of tapes: a line for each turn, made when it has ended. To make them all, every turn would have to be read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from tui.domain.error import StoreError
from tui.store.connection import Connection, Row
from tui.store.string_pool import unpack_record
from tui.store.tape_table import TapeTable
from tui.wire.printable import printable

AT_ONCE = 64
"""So many lines are made in one step, which takes some milliseconds: nobody waits long for the disk meanwhile."""

_TAPED = """SELECT turn.key, session_id, turn.id, state, tape.size, model, opening, tape.turn_id IS NULL
    FROM turn LEFT JOIN tape ON tape.turn_id = turn.id"""
_MISSING = "owner IS NULL AND NOT EXISTS (SELECT 1 FROM listed WHERE listed.key = turn.key)"


class _Asked(msgspec.Struct):
    """Of what began a turn, what a list shows."""

    prompt: Any = None
    results: list[Any] = []
    summarises: Any = None


_decode_asked = msgspec.json.Decoder(_Asked).decode


def tape_list(connection: Connection) -> list[str]:
    """A line for each turn, those of the session used last first: address, state, bytes that came, model, prompt.

    A turn that cannot be read has none.

    Raises:
        StoreError: If they cannot be read.
    """
    lines: dict[str, list[str]] = {}
    with suppress(StoreError):  # what is damaged is made anew
        begins, here = "\n", []
        for (line,) in connection.rows("SELECT line FROM listed ORDER BY key"):
            if not line.startswith(begins):  # mostly, one turn of a session follows the other
                session_id = line.partition(".")[0]
                begins, here = f"{session_id}.", lines.setdefault(session_id, [])
            here.append(line)
    listed: list[str] = []
    sessions = "SELECT id, turns FROM session WHERE deleted_at IS NULL AND turns > 0 ORDER BY touched DESC"
    for session_id, turns in connection.rows(sessions):
        here = lines.get(session_id, [])
        if len(here) != turns:  # one of its turns has not ended, or an earlier rillet wrote it
            taped = connection.rows(f"{_TAPED} WHERE session_id = ? ORDER BY number", session_id)
            here = [line for row in taped if (line := _line_of(connection, row))]
        listed += here
    return listed


def put_line(connection: Connection, turn_id: str) -> None:
    """Keep the line of a turn that has ended, within a transaction of the caller's."""
    for row in connection.rows(f"{_TAPED} WHERE turn.id = ?", turn_id):
        if line := _line_of(connection, row):
            connection.run("INSERT OR REPLACE INTO listed (key, line) VALUES (?, ?)", row[0], line)


def list_some(connection: Connection, after: int = 0, count: int = AT_ONCE) -> int | None:
    """Make lines that are missing, in one transaction; the key to go on after, `None` at the end.

    Raises:
        StoreError: If they cannot be written; then none of them is.
    """
    if not after:
        (turns, listed) = connection.row(
            """SELECT (SELECT count(*) FROM turn) - (SELECT count(*) FROM turn WHERE owner IS NOT NULL),
                   (SELECT count(*) FROM listed)"""
        ) or (0, 0)
        if turns == listed:
            return None
    with connection.writing():
        rows = connection.rows(f"{_TAPED} WHERE turn.key > ? AND {_MISSING} ORDER BY turn.key LIMIT ?", after, count)
        for row in rows:
            if line := _line_of(connection, row):
                connection.run("INSERT OR REPLACE INTO listed (key, line) VALUES (?, ?)", row[0], line)
    return int(rows[-1][0]) if len(rows) == count else None


def _line_of(connection: Connection, row: Row) -> str:
    """The line of a turn; empty where it cannot be read."""
    _, session_id, turn_id, state, size, model, opening, has_none = row
    try:
        asked = _decode_asked(opening)
        if not isinstance(asked.prompt, str | None):
            asked = _Asked(unpack_record(connection, session_id, opening)["prompt"])
        if size is None and not has_none:  # an earlier rillet did not keep it
            size = sum(len(read.data) for read in TapeTable(connection).tape(turn_id).reads)
    except (StoreError, msgspec.DecodeError, UnicodeEncodeError, KeyError, TypeError):
        return ""
    if asked.prompt is not None:
        said = _on_one_line(str(asked.prompt)[:200])[:48]
    elif asked.results:
        said = "(the results of its tool calls)" if len(asked.results) > 1 else "(the result of its tool call)"
    else:
        is_summary = asked.summarises is not None
        said = "(a summary of the turns above)" if is_summary else "(the rest of a reply that was cut)"
    return f"{turn_id:<14} {state:<10} {max(0, size or 0):>10,} B  {_on_one_line(model):<24} {said}"


def _on_one_line(text: str) -> str:
    return " ".join(printable(text).split())
