"""What SQLite complains of, as sentences."""

from __future__ import annotations

import sqlite3

from tui.domain.error import StoreBusyError, StoreError

SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What the sqlite3 module raises: the second where a message of SQLite quotes damaged bytes."""

BUSY_SECONDS = 5.0
"""Seconds that another program's lock is waited for."""
MOMENT_MS = 3
"""Milliseconds that is waited for what can be done another time: another rillet's write takes no longer on a good disk."""

_SENTENCES = {
    "SQLITE_FULL": ("the disk is full", "Free some space: saving goes on by itself."),
    "SQLITE_READONLY": ("the sessions file cannot be written: the disk or the file is read-only", "Make it writable."),
    "SQLITE_IOERR": ("the disk reports an error", "Look at the disk; the system's log may say more."),
    "SQLITE_BUSY": ("another program has had the sessions file locked for more than five seconds", "Try again."),
    "SQLITE_LOCKED": ("another program has had the sessions file locked for more than five seconds", "Try again."),
    "SQLITE_CANTOPEN": ("the sessions file cannot be opened", "Look at its permissions."),
    "SQLITE_PERM": ("the sessions file cannot be opened", "Look at its permissions."),
    "SQLITE_CORRUPT": (
        "the sessions file is damaged",
        "Start rillet again: it copies what can be read into a new file, and keeps the old one.",
    ),
    "SQLITE_NOTADB": (
        "the sessions file is damaged",
        "Start rillet again: it copies what can be read into a new file, and keeps the old one.",
    ),
    "SQLITE_CONSTRAINT_FOREIGNKEY": ("the session has been deleted", "Start a new one."),
    "SQLITE_TOOBIG": ("it is too large to be saved", ""),
}

_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")


def store_error(error: sqlite3.Error | UnicodeDecodeError) -> StoreError:
    """An error of SQLite as one of ours; its own words follow in brackets."""
    name = error_name(error)
    for word in (name, "_".join(name.split("_")[:2])):
        if word in _SENTENCES:
            sentence, hint = _SENTENCES[word]
            kind = StoreBusyError if word in _BUSY else StoreError
            return kind(f"{sentence} ({error})", hint)
    return StoreError(f"the sessions file cannot be used ({error or type(error).__name__})")


def is_damage(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Whether an error says that the file itself is wrong."""
    return error_name(error).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def is_lock(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Whether an error says that another has a lock."""
    return error_name(error).startswith(_BUSY)


def error_name(error: sqlite3.Error | UnicodeDecodeError) -> str:
    """SQLite's symbolic name for an error; empty where Python raised it by itself."""
    if isinstance(error, UnicodeDecodeError):
        return "SQLITE_CORRUPT"
    return getattr(error, "sqlite_errorname", None) or ""
