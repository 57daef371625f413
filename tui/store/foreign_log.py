"""A log (`-wal`) that lies beside the sessions file and is of another one: SQLite takes any that is whole for the newest state."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from msgspec import Struct

from tui.store.fault import SQLITE_ERRORS
from tui.store.path import disk_error

LOOKED_AT = 200
"""So many sessions are looked at: the first, which both may have."""

_HEADER = 32
"""Bytes of a log in which nothing is."""


class _Numbered(Struct, frozen=True):
    """Sessions by their numbers, and the last number that was given."""

    sessions: dict[int, str]
    last: int


def is_log_foreign(path: Path) -> bool:
    """Whether the log beside a sessions file would put other sessions in the place of those in the file.

    A session is a number that is never given twice (`place`). By a log of its own, a file may get more of them and lose
    some, but none of them becomes another, and the last number that was given goes up.
    """
    try:
        if _log_of(path).stat().st_size <= _HEADER:
            return False
    except OSError:
        return False
    try:
        own = _numbered(path, "mode=ro&immutable=1")  # without the log
    except SQLITE_ERRORS:
        return False  # it is new, of an early rillet, or damaged: nothing can be told
    try:
        with_log = _numbered(path, "mode=ro")
    except SQLITE_ERRORS as error:
        return "no such table" in str(error)
    shared = own.sessions.keys() & with_log.sessions.keys()
    is_other = bool(shared) and all(own.sessions[key] != with_log.sessions[key] for key in shared)
    return is_other or with_log.last < own.last


def put_log_aside(path: Path) -> str:
    """Give such a log another name; the sentence that says so, empty where another rillet has done it.

    Raises:
        StoreError: If it cannot be moved.
    """
    log = _log_of(path)
    stamp, count = time.strftime("%Y%m%d-%H%M%S"), 1
    aside = path.with_name(f"{path.name}.other-{stamp}-wal")
    while os.path.lexists(aside):
        count += 1
        aside = path.with_name(f"{path.name}.other-{stamp}-{count}-wal")
    try:
        log.rename(aside)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise disk_error(error, f"{log} is of another sessions file and cannot be moved") from error
    with suppress(OSError):
        path.with_name(path.name + "-shm").unlink()
    return f"{log.name} was of another sessions file. It was not used, and is kept as {aside.name}."


def _numbered(path: Path, how: str) -> _Numbered:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as raw:
        rows = raw.execute("SELECT key, session_id FROM place ORDER BY key LIMIT ?", (LOOKED_AT,)).fetchall()
        last = raw.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'place'").fetchone()[0]
        return _Numbered(dict(rows), last or 0)


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
