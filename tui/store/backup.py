"""Backups: once a day a copy of what was said, without the recordings, packed; a few of them, never larger than the file."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from msgspec import Struct

from tui.domain.error import ConfigError, StoreError
from tui.store.fault import SQLITE_ERRORS, store_error
from tui.store.leftover import drop_leftovers
from tui.store.path import disk_error, make_dir, move_aside

MOST = 5
"""So many are kept at most, and fewer where they would take more than the file itself."""

DAY = 86400.0
_ENDING = ".db.gz"


class Backup(Struct, frozen=True):
    """A copy: its name, when it was made (the wall clock's seconds), and its size."""

    name: str
    at: float
    size_bytes: int


def backups(path: Path) -> list[Backup]:
    """The backups of a sessions file, newest first."""
    backups_now = []
    with suppress(OSError):
        for each in _place(path).glob(f"*{_ENDING}"):
            status = each.stat()
            backups_now.append(Backup(each.name.removesuffix(_ENDING), status.st_mtime, status.st_size))
    return sorted(backups_now, key=lambda one: one.at, reverse=True)


def back_up_daily(path: Path, now: float | None = None) -> bool:
    """Make a backup if the last one is a day old, and drop the oldest; whether one was made.

    Raises:
        StoreError: If it cannot be made.
    """
    now = time.time() if now is None else now
    if any(abs(now - each.at) < DAY for each in backups(path)):
        return False
    back_up(path, now)
    _drop_oldest(path, now)
    return True


def back_up_now(path: Path) -> Backup:
    """Make a backup, however old the last one is, and drop the oldest; which one it is.

    Raises:
        StoreError: If it cannot be made.
    """
    if not path.is_file():
        raise StoreError("there is nothing to copy yet", "Ask something first.")
    now = time.time()
    name = back_up(path, now)
    _drop_oldest(path, now)
    return next(each for each in backups(path) if each.name == name)


def _drop_oldest(path: Path, now: float) -> None:
    held = 0
    made = sorted(backups(path), key=lambda each: each.at > now)  # one of the future was made while the clock was wrong
    for number, each in enumerate(made):
        held += each.size_bytes
        if number and (number >= MOST or held > path.stat().st_size):
            (_place(path) / f"{each.name}{_ENDING}").unlink(missing_ok=True)


def forget_backups(path: Path) -> None:
    """Drop every backup, whole or half, and the copy of a file as it was before it was converted.

    Each may hold what was deleted for good.
    """
    for each in backups(path):
        (_place(path) / f"{each.name}{_ENDING}").unlink(missing_ok=True)
    for copy in path.parent.glob(f"{path.name}.v*.bak"):
        copy.unlink(missing_ok=True)
    drop_leftovers(path)


def set_aside(path: Path) -> list[Path]:
    """The files that were put aside for a person to look at, damaged or before a backup was restored; they stay."""
    return sorted(each for kind in ("before", "damaged", "other") for each in path.parent.glob(f"{path.name}.{kind}-*"))


def back_up(path: Path, now: float) -> str:
    """Make a backup, whole or not at all, 0600; its name.

    Raises:
        StoreError: If it cannot be made.
    """
    place = make_dir(_place(path))
    name = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(now))
    copy, packed = (place / f".{name}.{os.getpid()}.{kind}" for kind in ("part", "gz"))
    try:
        copy.touch(mode=0o600)
        packed.touch(mode=0o600)
        with closing(sqlite3.connect(path)) as raw, closing(sqlite3.connect(copy)) as other:
            raw.backup(other, pages=256, sleep=0.01)  # in steps: nobody waits for it
            other.execute("PRAGMA journal_mode = OFF")
            other.execute("DELETE FROM block")
            other.execute("DELETE FROM flush")
            other.execute("UPDATE tape SET head = NULL, end = NULL, attempts = NULL, size = -1")
            other.commit()
            other.execute("VACUUM")
        with copy.open("rb") as file, gzip.open(packed, "wb", compresslevel=6) as target:
            shutil.copyfileobj(file, target, 1 << 20)
        os.utime(packed, (now, now))
        packed.replace(place / f"{name}{_ENDING}")
    except SQLITE_ERRORS as error:
        raise store_error(error) from error
    except OSError as error:
        raise disk_error(error, "a backup cannot be made") from error
    finally:
        copy.unlink(missing_ok=True)
        packed.unlink(missing_ok=True)
    return name


def restore(path: Path, name: str) -> Path:
    """Put a backup in the place of the sessions file, which is kept under another name.

    Returns:
        Where the file is that was there.

    Raises:
        ConfigError: If there is no such backup.
        StoreError: If another rillet has the file open, or it cannot be replaced.
    """
    chosen = [each for each in backups(path) if name and each.name.startswith(name)]
    if len(chosen) != 1:
        raise ConfigError(f"there is no one backup “{name}”", "rillet backup list shows those there are.")
    aside = path.with_name(f"{path.name}.before-{time.strftime('%Y%m%d-%H%M%S')}")
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.touch(mode=0o600)
        with gzip.open(_place(path) / f"{chosen[0].name}{_ENDING}") as file, part.open("wb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
        if path.exists():
            _check_alone(path)
            move_aside(path, aside)
        part.replace(path)
    except (OSError, EOFError) as error:
        raise StoreError(f"the backup cannot be restored: {error}", "The sessions file is as it was.") from error
    finally:
        part.unlink(missing_ok=True)
    return aside


def _check_alone(path: Path) -> None:
    """See that no other rillet has the file open, and that all of it is in the one file."""
    with closing(sqlite3.connect(path, timeout=0.2)) as raw:
        try:
            raw.execute("PRAGMA journal_mode = DELETE")
        except SQLITE_ERRORS as error:
            if "lock" in str(error):
                raise StoreError("another rillet has the sessions open", "Leave it first.") from error
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)


def _place(path: Path) -> Path:
    return path.parent / "backups"
