"""Opening the sessions file: safely when it is damaged, not at all when it is newer, private always."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tui.domain.error import StoreError
from tui.store.connection import Connection
from tui.store.fault import BUSY_SECONDS, SQLITE_ERRORS, error_name, is_damage, is_lock, store_error
from tui.store.foreign_log import is_log_foreign, put_log_aside
from tui.store.indexing import INDEXING
from tui.store.migration import STEPS, check_version, migrate
from tui.store.path import disk_error, make_dir, move_aside

if TYPE_CHECKING:
    from tui.store.salvage import Salvage

Tell = Callable[[str], None]
"""Is told what takes long."""
_SIDES = ("-wal", "-shm")
CHECKED_BYTES = 32 << 20
"""Files up to this size are checked at every opening: it takes 1 ms a MB. Larger ones are checked behind, by `find_damage`,
and at the opening after damage was found."""
_SUSPECT = ".suspect"
"""Ends the name of a file that stands beside one that was found to be damaged while it was in use."""


class _DamageError(Exception):
    """The file is not a database that can be used; the message says what it is."""


def open_file(path: Path, tell: Tell = lambda _words: None) -> tuple[sqlite3.Connection, str]:
    """Open the sessions file, or make it.

    Of a damaged one what can be read is copied into a new file; it is kept aside, never overwritten or deleted.

    Returns:
        The connection, and a sentence to tell the user, empty when all was well.

    Raises:
        StoreError: If it cannot be opened, or is of a newer rillet (and is then untouched).
    """
    make_dir(path.parent)
    notice = log = ""
    while True:
        identity = _identity(path)
        try:
            _look(path)
            if is_log_foreign(path):
                log = put_log_aside(path)
            raw = _connect(path)
        except _DamageError as damage:
            if identity is None or notice:
                raise StoreError(f"the sessions file {damage} and cannot be replaced") from damage
            notice = _replace(path, identity, str(damage), tell)
        except SQLITE_ERRORS as error:
            raise store_error(error) from error
        except OSError as error:
            raise disk_error(error, f"{path} cannot be opened") from error
        else:
            notice = " ".join(each for each in (log, notice) if each)
            if notice:
                raw.execute("INSERT INTO note (text) VALUES (?)", (notice,))
            return raw, notice


def _replace(path: Path, identity: tuple[int, int], damage: str, tell: Tell) -> str:
    """Put a new file in a damaged one's place, with all that could be read; the sentence that says so.

    It is empty where another rillet has replaced the file in the meantime.

    Raises:
        StoreError: If the new file cannot be written; the damaged one is then still in its place.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    salvaged: Salvage | None = None
    try:
        if path.is_file() and os.access(path, os.R_OK):
            from tui.store.salvage import salvage  # all that reads turns: not what a start should wait for

            salvaged = salvage(path, part, tell)
        if identity != _identity(path):
            return ""
        aside = _keep_aside(path)
        if salvaged is not None:
            part.replace(path)
        elif os.path.lexists(path):
            path.unlink()
    except OSError as error:
        raise disk_error(error, f"the sessions file {damage} and cannot be replaced") from error
    finally:
        part.unlink(missing_ok=True)
    path.with_name(path.name + _SUSPECT).unlink(missing_ok=True)
    if salvaged is None:
        return f"The saved sessions could not be read: the file {damage}. It was kept as {aside.name}."
    sessions = "1 session" if salvaged.sessions == 1 else f"{salvaged.sessions:,} sessions"
    return (
        f"The saved sessions could not be read whole: the file {damage}. {salvaged.turns:,} of {salvaged.total:,} turns in "
        f"{sessions} could be read, and are in a new {path.name}; the old file is kept as {aside.name}."
    )


def connect_again(path: Path) -> sqlite3.Connection:
    """One more connection to a file that is open already."""
    raw = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False)
    _configure(raw)
    return raw


def _configure(raw: sqlite3.Connection) -> None:
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("PRAGMA secure_delete = ON")
    raw.execute("PRAGMA foreign_keys = ON")


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
            version, tables, is_ours = _about(raw)
            if is_ours or not tables:
                check_version(version)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if error_name(error) != "SQLITE_NOTADB":  # a page half-written by another rillet looks damaged here
                return
            raise _DamageError("is not a database") from error


def _connect(path: Path) -> sqlite3.Connection:
    verdict, suspect = "ok", path.with_name(path.name + _SUSPECT)
    raw = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        for each in (path, *(path.with_name(path.name + side) for side in _SIDES)):
            with suppress(FileNotFoundError, PermissionError):
                each.chmod(0o600)
        version, tables, is_ours = _about(raw)
        if tables and not is_ours:
            raise _DamageError("belongs to another program")
        if version == 0:  # a new file: pages that become free can be given back in steps
            raw.execute("PRAGMA auto_vacuum = INCREMENTAL")
        check_version(version)  # again: a newer rillet may have left it in the -wal
        _use_wal(raw)
        _configure(raw)
        if suspect.exists() or path.stat().st_size <= CHECKED_BYTES:
            verdict = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise _DamageError(f"is damaged ({_plain(verdict)})")
        migrate(raw, path)
        _try_index(raw)
        suspect.unlink(missing_ok=True)
    except BaseException as error:
        raw.close()
        if isinstance(error, SQLITE_ERRORS) and is_damage(error):
            raise _DamageError(f"is damaged ({error})") from error
        raise
    return raw


def _plain(verdict: str) -> str:
    return " ".join(verdict.rpartition("***")[2].split())


def suspect(path: Path, words: str) -> None:
    """Note that a file is damaged, so that it is looked through when it is next opened."""
    with suppress(OSError):
        path.with_name(path.name + _SUSPECT).write_text(words + "\n", encoding="utf-8")


def find_damage(path: Path) -> str:
    """Look through the whole file; what is wrong with it, empty when nothing is. It may take seconds: not for a start."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            verdict = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
    except SQLITE_ERRORS as error:
        verdict = str(error) if is_damage(error) else "ok"
    if verdict == "ok":
        return ""
    words = _plain(verdict)
    suspect(path, words)
    return words


def open_to_read(path: Path, tell: Tell = lambda _words: None) -> tuple[sqlite3.Connection, str]:
    """Open the sessions file without changing anything on the disk.

    Returns:
        The connection, which cannot write, and a sentence to tell the user, empty when all was well.

    Raises:
        StoreError: If nothing of it can be read.
    """
    try:
        if not path.is_file():
            raise StoreError(f"{path} is not a file" if os.path.lexists(path) else f"there is no file {path}")
        raw = _connect_to_read(path)
        try:
            version, tables, is_ours = _about(raw)
            if tables and not is_ours:
                raise StoreError(f"{path} belongs to another program")
            if version < len(STEPS):
                with suppress(StoreError, _DamageError, *SQLITE_ERRORS):  # brought up to date, where it can be written
                    newest = _connect(path)
                    raw.close()
                    return newest, ""
                with closing(raw):
                    return _copy_to_read(raw, is_small=path.stat().st_size <= CHECKED_BYTES)
            if version > len(STEPS):
                words = (
                    f"The sessions file is of a newer rillet (schema {version}): what this one can read of it is shown."
                )
                return raw, words
            verdict = "ok"
            if path.stat().st_size <= CHECKED_BYTES:
                verdict = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
        except SQLITE_ERRORS as error:
            verdict = str(error)
        if verdict == "ok":
            return raw, ""
        raw.close()
        return _salvage_to_read(path, _plain(verdict), tell)
    except SQLITE_ERRORS as error:
        raise store_error(error) from error
    except OSError as error:
        raise disk_error(error, f"{path} cannot be read") from error


def _copy_to_read(raw: sqlite3.Connection, *, is_small: bool) -> tuple[sqlite3.Connection, str]:
    """An older file that cannot be written, as a copy that is brought up to date; SQLite drops it with the connection."""
    copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        raw.backup(copy)
        migrate(copy, None)
        if is_small:  # of a large one, what was said cannot be looked through
            while INDEXING.step(Connection(copy)):
                pass
        copy.execute("PRAGMA query_only = ON")
    except BaseException:
        copy.close()
        raise
    return copy, ""


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; where nobody has the file open, or not even a lock can be had, it is taken as it stands.

    Otherwise SQLite would leave files beside it.
    """
    ways = ("mode=ro", "mode=ro&immutable=1")
    has_log = path.with_name(path.name + "-wal").exists() and not is_log_foreign(path)
    for how in ways if has_log else ways[::-1]:
        raw = sqlite3.connect(
            f"{path.absolute().as_uri()}?{how}",
            uri=True,
            isolation_level=None,
            timeout=BUSY_SECONDS,
            check_same_thread=False,
        )
        try:
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except SQLITE_ERRORS as error:
            if is_damage(error):
                return raw
            raw.close()
        else:
            return raw
    raise StoreError("the sessions file cannot be opened", "Look at its permissions.")


def _salvage_to_read(path: Path, damage: str, tell: Tell) -> tuple[sqlite3.Connection, str]:
    import tempfile  # with all that it imports: hardly ever needed

    from tui.store.salvage import salvage

    with tempfile.TemporaryDirectory(prefix="rillet-") as place:
        copy = Path(place) / path.name
        salvaged = salvage(path, copy, tell)
        if salvaged is None:
            raise StoreError(f"the sessions file is damaged ({damage})", "Start rillet: it keeps the file aside.")
        raw = open_memory()
        with closing(sqlite3.connect(copy)) as whole:
            whole.backup(raw)
    raw.execute("PRAGMA query_only = ON")
    words = (
        f"The sessions file is damaged ({damage}). {salvaged.turns:,} of {salvaged.total:,} turns can be read. "
        "Start rillet: it copies them into a new file, and keeps the old one."
    )
    return raw, words


def _about(raw: sqlite3.Connection) -> tuple[int, int, bool]:
    """The version, the number of tables, and whether they are rillet's; of one moment: another may be making the file just now."""
    raw.execute("BEGIN")
    try:
        tables, ours = raw.execute(
            "SELECT count(*), coalesce(sum(name IN ('session', 'turn')), 0) FROM sqlite_master"
        ).fetchone()
        version = raw.execute("PRAGMA user_version").fetchone()[0]
        return version, tables, version > 0 and ours == 2
    finally:
        raw.execute("COMMIT")


def _try_index(raw: sqlite3.Connection) -> None:
    """See that the search index can be used: with one that cannot, no session could be deleted."""
    try:
        raw.execute("SELECT rowid FROM found WHERE found MATCH 'x' LIMIT 1").fetchone()
    except SQLITE_ERRORS as error:
        if is_lock(error):
            raise
        raise _DamageError(f"is damaged ({error})") from error


def _use_wal(raw: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait here for another process that is doing the same, so we do."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_lock(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _keep_aside(path: Path) -> Path:
    """Give the file and what belongs to it another name, the first that is free."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside, count = path.with_name(f"{path.name}.damaged-{stamp}"), 1
    while os.path.lexists(aside):
        count += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
    move_aside(path, aside)
    for side in _SIDES:
        with suppress(FileNotFoundError):
            path.with_name(path.name + side).rename(aside.with_name(aside.name + side))
    return aside
