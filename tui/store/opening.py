"""Opening the sessions file: safely when it is damaged, not at all when it is newer, private always."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from contextlib import closing, suppress
from pathlib import Path

from tui.domain.error import StoreError
from tui.store.connection import BUSY_SECONDS
from tui.store.fault import SQLITE_ERRORS, error_name, is_damage, store_error
from tui.store.migration import check_version, migrate
from tui.store.path import disk_error, make_dir

_SIDES = ("-wal", "-shm")
CHECKED_BYTES = 32 << 20
"""Files up to this size are checked at every opening, larger ones when they were not closed: it takes 1 ms a MB."""


class _DamageError(Exception):
    """The file is not a database that can be used; the message says what it is."""


def open_file(path: Path) -> tuple[sqlite3.Connection, str]:
    """Open the sessions file, or make it.

    A damaged one is moved aside, never overwritten or deleted.

    Returns:
        The connection, and a sentence to tell the user, empty when all was well.

    Raises:
        StoreError: If it cannot be opened, or is of a newer rillet (and is then untouched).
    """
    make_dir(path.parent)
    notice = ""
    while True:
        identity = _identity(path)
        try:
            _look(path)
            return _connect(path), notice
        except _DamageError as damage:
            if identity is None or notice:
                raise StoreError(f"the sessions file {damage} and cannot be replaced") from damage
            if identity != _identity(path):
                continue  # another rillet has moved it aside in the meantime
            aside = _move_aside(path)
            notice = f"The saved sessions could not be read: the file {damage}. It was kept as {aside.name}."
        except SQLITE_ERRORS as error:
            raise store_error(error) from error
        except OSError as error:
            raise disk_error(error, f"{path} cannot be opened") from error


def open_memory() -> sqlite3.Connection:
    """A database that is gone when it is closed."""
    raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    raw.execute("PRAGMA foreign_keys = ON")
    migrate(raw, None)
    return raw


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_error(error, f"{path} cannot be opened") from error
    return status.st_dev, status.st_ino


def _look(path: Path) -> None:
    """Look at the file before SQLite may touch it."""
    try:
        status = path.stat()
    except FileNotFoundError:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        return
    except OSError as error:
        raise _DamageError(f"cannot be reached ({error.strerror})") from error
    if not stat.S_ISREG(status.st_mode):
        raise _DamageError("is a directory" if stat.S_ISDIR(status.st_mode) else "is not a regular file")
    if not os.access(path, os.R_OK):
        raise _DamageError("cannot be read")
    if status.st_size == 0:
        return
    # `immutable` reads no -wal, takes no lock and writes nothing. SQLite must do the reading: closing a
    # descriptor of our own would drop the locks of any other connection in this process.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as raw:
        try:
            check_version(raw.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.DatabaseError as error:
            if error_name(error) != "SQLITE_NOTADB":  # a page half-written by another rillet looks damaged here
                return
            raise _DamageError("is not a database") from error


def _connect(path: Path) -> sqlite3.Connection:
    was_left_open, verdict = path.with_name(path.name + "-wal").exists(), "ok"
    raw = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        for each in (path, *(path.with_name(path.name + side) for side in _SIDES)):
            with suppress(FileNotFoundError, PermissionError):
                each.chmod(0o600)
        version, tables = _version_and_tables(raw)
        if version == 0 and tables:
            raise _DamageError("belongs to another program")
        check_version(version)  # again: a newer rillet may have left it in the -wal
        _use_wal(raw)
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA foreign_keys = ON")
        if was_left_open or path.stat().st_size <= CHECKED_BYTES:
            verdict = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise _DamageError(f"is damaged ({verdict})")
        migrate(raw, path)
        _try_index(raw)
    except BaseException as error:
        raw.close()
        if isinstance(error, SQLITE_ERRORS) and is_damage(error):
            raise _DamageError(f"is damaged ({error})") from error
        raise
    return raw


def _version_and_tables(raw: sqlite3.Connection) -> tuple[int, int]:
    """The version and the number of tables, of one moment: another rillet may be making the file just now."""
    raw.execute("BEGIN")
    try:
        tables = raw.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return raw.execute("PRAGMA user_version").fetchone()[0], tables
    finally:
        raw.execute("COMMIT")


def _try_index(raw: sqlite3.Connection) -> None:
    """See that the search index can be used: with one that cannot, no session could be deleted."""
    try:
        raw.execute("SELECT rowid FROM found WHERE found MATCH 'x' LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        if error_name(error).startswith("SQLITE_BUSY"):
            raise
        raise _DamageError(f"is damaged ({error})") from error


def _use_wal(raw: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait here for another process that is doing the same, so we do."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not error_name(error).startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _move_aside(path: Path) -> Path:
    """Rename the file and what belongs to it; the first name that is free."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside, count = path.with_name(f"{path.name}.damaged-{stamp}"), 1
    while os.path.lexists(aside):
        count += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
    path.rename(aside)
    for side in _SIDES:
        with suppress(FileNotFoundError):
            path.with_name(path.name + side).rename(aside.with_name(aside.name + side))
    return aside
