"""Packing what an earlier rillet wrote whole: in small steps behind everything else, and on from where it was left."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from tui.domain.error import StoreError
from tui.store.backup import back_up_daily, forget_backups
from tui.store.behind import Behind
from tui.store.connection import Connection, Row
from tui.store.fault import SQLITE_ERRORS
from tui.store.indexing import INDEXING, PLACING, drop_old_index, index_left_over, left_over
from tui.store.keep import Keep
from tui.store.keeping import prune_behind
from tui.store.kind import COUNTING
from tui.store.late_packing import LatePacking
from tui.store.leftover import drop_leftovers
from tui.store.spending import ADDING_UP
from tui.store.tape_list import list_some
from tui.store.tape_table import TapeTable

TOLD_SECONDS = 1.0
"""Seconds between two looks at how much has been done."""

WORTH_PAGES = 2048
KEPT_PAGES = 64
GIVEN_AT_ONCE = 128
"""Pages of 4 KB: so many must be free for a file to be written anew, stay free for what is soon said, and are given back
in one step."""

REST = 0.02
"""Seconds between two steps, and at least as long as the last one took."""


def pack_behind(
    path: Path,
    is_wanted: Callable[[], bool],
    keep: Keep | None = None,
    tell: Callable[[float | None], None] = lambda _share: None,
    *,
    by: float | None = None,
) -> None:
    """Pack what is left of a file while it is wanted, on a connection of its own; for a thread of its own.

    Then let go of the tapes that are not to be kept, and of the room that is free in the file. `tell` is told how much
    has been done, from 0 to 1, and `None` at the end. `by` is the time by which tapes are old, if it is not now.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=1.0)) as raw:
            raw.execute("PRAGMA foreign_keys = ON")
            raw.execute("PRAGMA secure_delete = ON")
            raw.execute("PRAGMA synchronous = NORMAL")  # what is packed is there twice until it is on the disk
            connection = Connection(raw)
            _pack_all(connection, is_wanted, tell)
            if forget(connection):
                forget_backups(path)
            if keep is not None and is_wanted():
                prune_behind(connection, keep, time.time() if by is None else by, is_wanted)
            _list_all(connection, is_wanted)
            give_back(connection, is_wanted)
        drop_leftovers(path)
        if is_wanted():
            back_up_daily(path)
        for copy in path.parent.glob(f"{path.name}.v*.bak"):
            copy.unlink(missing_ok=True)  # the copy of a file that has been brought up to date, and found to be well
    except (StoreError, OSError, *SQLITE_ERRORS):
        return  # the disk is busy or full: the next start goes on
    finally:
        tell(None)


def _pack_all(connection: Connection, is_wanted: Callable[[], bool], tell: Callable[[float | None], None]) -> None:
    late = LatePacking(connection, TapeTable(connection))
    total = steps_left(connection)
    told_at = time.monotonic()
    steps = (drop_old_index, *(work.step for work in _ALL), index_left_over)
    while is_wanted():
        began = time.monotonic()
        if not (any(step(connection) for step in steps) or late.step()):
            break
        if began - told_at > TOLD_SECONDS and total:
            told_at = began
            tell(max(0.0, 1 - steps_left(connection) / total))
        time.sleep(max(REST, time.monotonic() - began))


def _list_all(connection: Connection, is_wanted: Callable[[], bool]) -> None:
    after: int | None = 0
    while after is not None and is_wanted():
        began = time.monotonic()
        after = list_some(connection, after)
        if after is not None:
            time.sleep(max(REST, time.monotonic() - began))


def give_back(connection: Connection, is_wanted: Callable[[], bool] = lambda: True) -> None:
    """Give free pages back to the disk, some at a time. A file that an early rillet made learns it by being written anew.

    That is done once, and only where much of it is free: what is left is then small, and soon written.
    """

    def about(what: str) -> int:
        row = connection.row(f"PRAGMA {what}")
        return int(row[0]) if row else 0

    free = about("freelist_count")
    if about("auto_vacuum") == 0:
        if is_wanted() and free > max(WORTH_PAGES, about("page_count") // 2):
            connection.run("PRAGMA auto_vacuum = INCREMENTAL")
            connection.run("VACUUM")
        return
    while is_wanted() and free > KEPT_PAGES:
        connection.run_to_end(f"PRAGMA incremental_vacuum({GIVEN_AT_ONCE})")
        now = about("freelist_count")
        if now >= free:
            return
        free = now
        time.sleep(REST)


def forget(connection: Connection) -> bool:
    """Take what was deleted for good out of the search index too; whether there was anything.

    Raises:
        StoreError: If the index cannot be written.
    """
    if not connection.row("SELECT 1 FROM progress WHERE name = 'forgetting'"):
        return False
    connection.run("INSERT INTO found(found) VALUES ('optimize')")
    connection.run("DELETE FROM progress WHERE name = 'forgetting'")
    return True


def _pack(connection: Connection, turns: Sequence[Row]) -> None:
    tapes = TapeTable(connection)
    for turn_id, session_id, owner, _key in turns:
        if owner is None:  # one that is streaming packs itself when it ends
            try:
                tapes.pack_tape(session_id, turn_id)
            except StoreError:
                if not connection.is_writing:
                    raise
                # A tape that cannot be read stays as it is.


PACKING = Behind(
    "packing", "turn", "SELECT id, session_id, owner, key FROM turn WHERE key > ? ORDER BY key LIMIT ?", _pack, 8
)
"""The tapes of turns are packed."""

_ALL = (ADDING_UP, INDEXING, PACKING, PLACING, COUNTING)


def steps_left(connection: Connection) -> float:
    """How many steps there may be still to take."""
    return left_over(connection) + sum(work.steps_left(connection) for work in _ALL)
