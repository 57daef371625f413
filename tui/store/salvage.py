"""Salvage: everything that can still be read of a damaged sessions file, copied into a new one.

A bad page takes what stands on it along, and nothing else: rows are read by their keys, one by one where that must be.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from tui.domain.error import StoreError
from tui.domain.session import title_from_prompt
from tui.domain.turn import Prompt
from tui.store.connection import Connection
from tui.store.fault import SQLITE_ERRORS, error_name
from tui.store.migration import ADD_SPENDING, ADD_UP, STEPS, migrate
from tui.store.row import opening_record, reply_record
from tui.store.said import texts
from tui.store.search import SearchTable
from tui.store.session_table import SessionTable
from tui.store.sound import TABLES, open_damaged, sound
from tui.store.stray import KINDS, strays
from tui.store.string_pool import to_json
from tui.store.tape_table import BLOCK_BITS, TapeTable
from tui.store.turn_table import TurnTable

BEYOND = 100_000
"""So many keys are tried after the last that was read, where nothing says which is the last."""

PROBED = 32
"""Of so many keys one is looked for, to see whether any can be found."""

TOLD_TURNS = 200
LOST_PROMPT = "(this prompt could not be read: the sessions file was damaged)"
SALVAGED = "salvaged"
"""The owner of a turn whose reply could not be read: it is nobody's, so the reply is folded again from its tape."""

_TYPES: dict[str, type] = {"TEXT": str, "INTEGER": int, "REAL": float, "BLOB": bytes}

_FULL = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")


class Salvage(Struct, frozen=True):
    """What was copied: `turns` of `total`, as far as it can be told how many there were, in `sessions` sessions."""

    turns: int
    total: int
    sessions: int


def salvage(damaged: Path, target: Path, tell: Callable[[str], None] = lambda _words: None) -> Salvage | None:
    """Copy what can be read into a new file; `None` where nothing can. The damaged file is not written to.

    `tell` is told how far that is.

    Raises:
        StoreError: If the new file cannot be written.
    """
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    try:
        with closing(_connect(target)) as copy:
            tell("the sessions file is damaged: what can be read is being copied into a new one")
            total = _copy_whole(damaged, copy)
        if total is None:  # SQLite finds nothing in it
            target.unlink()
            with closing(_connect(target)) as copy:
                _copy_strays(damaged, copy)
        with closing(_connect(target)) as copy:
            migrate(copy, None)
            copy.execute("BEGIN")
            saved = _mend_turns(copy, tell)
            copy.execute("COMMIT")
            copy.execute("PRAGMA journal_mode = WAL")
    except (*SQLITE_ERRORS, OSError) as error:
        if isinstance(error, OSError) or error_name(error).startswith(_FULL):
            raise StoreError(
                f"the sessions file is damaged, and what can be read of it cannot be copied ({error})",
                "Free some space, and start rillet again.",
            ) from error
        return None
    return None if saved.turns == 0 else Salvage(saved.turns, max(total or 0, saved.turns), saved.sessions)


def _copy_whole(damaged: Path, copy: sqlite3.Connection) -> int | None:
    """Copy what SQLite can read; how many turns there were, as far as can be told, or `None` where it finds none."""
    try:
        with sound(damaged) as whole, closing(open_damaged(whole)) as source:
            version = source.execute("PRAGMA user_version").fetchone()[0]
            if not 0 < version <= len(STEPS):
                return None
            migrate(copy, None, STEPS[:version])
            copy.execute("PRAGMA foreign_keys = OFF")
            copy.execute("BEGIN")
            total = _copy_tables(source, copy, whole)
            _drop_orphans(copy)
            copy.execute("COMMIT")
    except SQLITE_ERRORS as error:
        if error_name(error).startswith(_FULL):
            raise
        return None
    return total if copy.execute("SELECT 1 FROM turn").fetchone() else None


def _copy_strays(damaged: Path, copy: sqlite3.Connection) -> None:
    """Copy the rows that are told by how they look: the pages that lead to them are lost, or say nothing."""
    migrate(copy, None)
    copy.execute("PRAGMA foreign_keys = OFF")
    copy.execute("BEGIN")
    for table in KINDS:
        _put_rows(copy, table, strays(damaged, table))
    _drop_orphans(copy)
    copy.execute("COMMIT")


def _connect(target: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(target, isolation_level=None)
    raw.execute("PRAGMA auto_vacuum = INCREMENTAL")
    raw.execute("PRAGMA synchronous = OFF")  # it becomes the sessions file only when it is whole
    raw.execute("PRAGMA foreign_keys = ON")
    return raw


def _copy_tables(source: sqlite3.Connection, copy: sqlite3.Connection, path: Path) -> int:
    """Copy every table but the search index, which is made again; how many turns there were, as far as can be told."""
    for (table,) in copy.execute(TABLES).fetchall():
        columns = [row[1] for row in copy.execute(f"PRAGMA table_info({table})")]
        starts: list[int] | None = None
        if table == "block":  # its keys are far apart: the first of each turn is known
            starts = [key << BLOCK_BITS for (key,) in copy.execute("SELECT key FROM turn ORDER BY key")]
        rows = read_rows(source, table, columns, starts)
        if table in KINDS and not _is_whole(source, table):
            rows = itertools.chain(rows, _strays(source, path, table))
        _put_rows(copy, table, rows)
    total = 0
    with suppress(*SQLITE_ERRORS):
        total = source.execute("SELECT count(*) FROM turn INDEXED BY sqlite_autoindex_turn_1").fetchone()[0]
    return int(total)


def _put_rows(copy: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Put rows, each with its key in front, into a table; one that an older rillet wrote has fewer values."""
    about = copy.execute(f"PRAGMA table_info({table})").fetchall()
    needed = {row[1] for row in about if row[3] and row[4] is None}
    defaults = {row[1] for row in about if row[4] is not None}
    for row in rows:
        # What is not of the column's type is damage too.
        values = {
            each[1]: value if is_right else None
            for each, value in zip(about, row[1:], strict=False)
            if (is_right := isinstance(value, _TYPES.get(each[2], object))) or each[1] not in defaults
        }
        if about[0][2] == "INTEGER" and about[0][5]:  # the key has no value of its own
            values[about[0][1]] = row[0]
        if table == "turn" and values.get("opening") is None:
            values["opening"] = to_json({"prompt": LOST_PROMPT, "images": []})
        if all(values.get(name) is not None for name in needed):
            marks = ", ".join("?" * (len(values) + 1))
            put = " ".join(("INSERT OR IGNORE INTO", table, f"(rowid, {', '.join(values)}) VALUES ({marks})"))
            with suppress(*SQLITE_ERRORS):  # a value that no column takes is damage too
                copy.execute(put, (row[0], *values.values()))


def read_rows(
    source: sqlite3.Connection, table: str, columns: list[str], starts: list[int] | None = None
) -> Iterator[tuple[Any, ...]]:
    """Every row of a table that can be read, its key first; a column that cannot be is `None`.

    Args:
        source: The damaged database.
        table: The table.
        columns: Its columns.
        starts: The keys to go on at after what cannot be read; without them, every key is tried.
    """
    every = _select(["rowid", *columns], table, "WHERE rowid > ? ORDER BY rowid")
    after, last = -1, -1
    while True:
        try:
            for row in source.execute(every, (after,)):
                if row[0] > after:
                    after = row[0]
                    yield row
        except SQLITE_ERRORS:
            pass
        else:
            return
        if last < 0:
            last = _last_key(source, table, after) if starts is None else 0
            if starts is None and not _leads_on(source, table, range(after + 1, last + 1)):
                return
        keys: Iterable[int] = range(after + 1, last + 1)
        if starts is not None:
            keys = [key for key in starts if key > after]
        for key in keys:  # what stands on the bad page is passed by
            after = key
            if (cells := _read_row(source, table, columns, key)) is not None:
                yield cells
                break
        else:
            return


def _leads_on(source: sqlite3.Connection, table: str, keys: range) -> bool:
    """Whether the way to any of many keys can be read: where the first page of a table is lost, none can, in seconds."""
    probe = _select(["rowid"], table, "WHERE rowid = ?")
    for key in keys[::PROBED]:
        with suppress(*SQLITE_ERRORS):
            source.execute(probe, (key,))
            return True
    return not keys


def _is_whole(source: sqlite3.Connection, table: str) -> bool:
    """Whether the way to every row of a table can be read."""
    try:
        source.execute(_select(["max(rowid), count(*)"], table, "NOT INDEXED")).fetchone()
    except SQLITE_ERRORS:
        return False
    return True


def _strays(source: sqlite3.Connection | None, path: Path, table: str) -> Iterator[tuple[Any, ...]]:
    """The rows to which no page leads any more; no turn that was deleted, where the index of their ids can be read."""
    living: set[Any] = set()
    if table == "turn" and source is not None:
        living = {row[0] for row in _rows_of(source, _select(["id"], table, f"INDEXED BY sqlite_autoindex_{table}_1"))}
    return (row for row in strays(path, table) if not living or row[2] in living)


def _read_row(source: sqlite3.Connection, table: str, columns: list[str], key: int) -> tuple[Any, ...] | None:
    """One row, whole or column by column; `None` where not even its first column can be read, or there is none."""
    here = "WHERE rowid = ?"
    try:
        row: tuple[Any, ...] | None = source.execute(_select(["rowid", *columns], table, here), (key,)).fetchone()
    except SQLITE_ERRORS:
        pass
    else:
        return row
    values: list[Any] = []
    for column in columns:
        try:
            one = source.execute(_select([column], table, here), (key,)).fetchone()
        except SQLITE_ERRORS:
            one = (None,)
        if one is None or (not values and one[0] is None):
            return None
        values.append(one[0])
    return (key, *values)


def _last_key(source: sqlite3.Connection, table: str, after: int) -> int:
    """The highest key of a table, from the table or one of its indices; a guess where none can be read."""
    keys = [after]
    with suppress(*SQLITE_ERRORS):
        return max(after, source.execute(_select(["max(rowid)"], table)).fetchone()[0] or 0)
    indices = [row[1] for row in _rows_of(source, f"PRAGMA index_list({table})")]
    for index in indices:
        with suppress(*SQLITE_ERRORS):
            for (key,) in source.execute(_select(["rowid"], table, f"INDEXED BY {index}")):
                keys.append(key)
    return max(keys) if len(keys) > 1 else after + BEYOND


def _select(columns: list[str], table: str, rest: str = "") -> str:
    """A statement made of names of ours, which no placeholder can stand for."""
    return " ".join(("SELECT", ", ".join(columns), "FROM", table, rest))


def _rows_of(source: sqlite3.Connection, statement: str) -> list[Any]:
    with suppress(*SQLITE_ERRORS):
        return source.execute(statement).fetchall()
    return []


def _drop_orphans(copy: sqlite3.Connection) -> None:
    """Make what was copied hang together: a turn whose session is lost gets one, what has no turn goes."""
    copy.execute(
        """INSERT INTO session (id, title, touched, created_at, updated_at)
           SELECT session_id, '', (SELECT coalesce(max(touched), 0) + 1 FROM session), min(created_at), max(created_at)
           FROM turn WHERE session_id NOT IN (SELECT id FROM session) GROUP BY session_id"""
    )
    # The turn before takes the place of a parent that is lost.
    copy.execute(
        """UPDATE turn SET parent = (
               SELECT id FROM turn AS older WHERE older.session_id = turn.session_id AND older.number < turn.number
               ORDER BY older.number DESC LIMIT 1)
           WHERE parent IS NOT NULL AND parent NOT IN (SELECT id FROM turn)"""
    )
    copy.execute(
        """UPDATE session SET head = (SELECT id FROM turn WHERE session_id = session.id ORDER BY number DESC LIMIT 1)
           WHERE head IS NULL OR head NOT IN (SELECT id FROM turn)"""
    )
    if copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'block'").fetchone():
        copy.execute("DELETE FROM block WHERE key >> 20 NOT IN (SELECT key FROM turn)")
    # Until nothing hangs in the air any more: a row may hang on one that goes.
    while orphans := copy.execute("PRAGMA foreign_key_check").fetchall():
        for table, rowid, _parent, _number in orphans:
            words = ["DELETE FROM", table, "WHERE rowid = ?"]
            copy.execute(" ".join(words), (rowid,))


def _mend_turns(copy: sqlite3.Connection, tell: Callable[[str], None]) -> Salvage:
    """Read every turn once: what cannot be is replaced, what can be is put into the search index."""
    connection = Connection(copy)
    full_text = SearchTable(connection)
    table = TurnTable(connection, SessionTable(connection, full_text), TapeTable(connection), full_text)
    turns = 0
    rows = copy.execute("SELECT key, session_id, state FROM turn ORDER BY key").fetchall()
    for key, session_id, state in rows:
        if turns % TOLD_TURNS == 0:
            tell(f"the sessions file is damaged, and is being mended: {turns:,} of {len(rows):,} turns")
        (turn_id,) = copy.execute("SELECT id FROM turn WHERE key = ?", (key,)).fetchone()
        try:
            turn = table.read(turn_id)
        except StoreError:
            copy.execute("UPDATE turn SET reply = NULL, owner = ? WHERE key = ?", (SALVAGED, key))
            try:
                turn = table.read(turn_id)
            except StoreError:
                lost = to_json({"prompt": LOST_PROMPT, "images": []})
                copy.execute("UPDATE turn SET opening = ? WHERE key = ?", (lost, key))
                turn = table.read(turn_id)
        if not turn.state.is_over and state not in ("waiting", "streaming"):
            copy.execute("UPDATE turn SET owner = ? WHERE key = ?", (SALVAGED, key))
        turns += 1
        full_text.note(turn.id, texts(opening_record(turn.opening), reply_record(turn)))
        if isinstance(turn.opening, Prompt):
            title = title_from_prompt(turn.opening.text)
            copy.execute("UPDATE session SET title = ? WHERE id = ? AND title = ''", (title, session_id))
    full_text.settle()
    for statement in (*ADD_UP, *ADD_SPENDING):
        copy.execute(statement)
    (sessions,) = copy.execute("SELECT count(DISTINCT session_id) FROM turn").fetchone()
    return Salvage(turns, turns, sessions)
