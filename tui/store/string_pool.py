"""Records as JSON text, with the long strings of a session kept once.

Every request repeats the whole conversation, images and all: saved as they are, the requests of a session
would grow with the square of its length.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from tui.domain.error import StoreError
from tui.store.connection import Connection
from tui.wire.json_text import clean_text

LONG = 256
"""Characters from which on a string is kept apart."""

_MARK = "\x00kept"
_MARK_JSON = json.dumps(_MARK)
_DIGEST = re.compile("[0-9a-f]{32}").fullmatch
_decode = msgspec.json.Decoder().decode


def pack_record(connection: Connection, session_id: str, record: Any) -> tuple[str, int]:
    """A record as JSON text that names its long strings, which are put by.

    Returns:
        The text, and how many bytes were added to the database by it.
    """
    added = 0

    def put_by(value: Any) -> Any:
        nonlocal added
        if isinstance(value, str) and len(value) >= LONG:
            text = clean_text(value)
            digest, is_new = _put_by(connection, session_id, text)
            if is_new:
                added += len(text.encode())
            return {_MARK: digest}
        if isinstance(value, dict):
            return {key: put_by(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [put_by(each) for each in value]
        return value

    packed = to_json(put_by(record))
    return packed, added + len(packed.encode())


def keep_record(connection: Connection, session_id: str, record: Any) -> tuple[str, int]:
    """Put a whole record by, once for its session.

    Returns:
        Its digest, and how many bytes were added to the database by it.
    """
    packed, added = pack_record(connection, session_id, record)
    digest, is_new = _put_by(connection, session_id, packed)
    return digest, added if is_new else added - len(packed.encode())


def _put_by(connection: Connection, session_id: str, text: str) -> tuple[str, bool]:
    from hashlib import blake2b  # here, for it brings OpenSSL along, and the start need not wait for that

    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    statement = "INSERT OR IGNORE INTO kept (session_id, digest, text) VALUES (?, ?, ?)"
    return digest, bool(connection.run(statement, session_id, digest, text))


def unpack_record(connection: Connection, session_id: str, text: str, lost: str | None = None) -> Any:
    """The record that was packed.

    Args:
        connection: The database.
        session_id: The session that keeps its long strings.
        text: The packed record.
        lost: What stands for a long string that is gone; without it such a record is not read.

    Raises:
        StoreError: If it is not one: the file is damaged.
    """
    record = from_json(text)
    if _MARK_JSON not in text:  # most records hold no long string, and need no walk
        return record

    def fetch(value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1 and isinstance(digest := value.get(_MARK), str):
                found = connection.row("SELECT text FROM kept WHERE session_id = ? AND digest = ?", session_id, digest)
                if found is not None:
                    return found[0]
                if not _DIGEST(digest):
                    return value
                if lost is None:
                    raise StoreError("a saved text cannot be read: the sessions file is damaged")
                return lost
            return {key: fetch(each) for key, each in value.items()}
        if isinstance(value, list):
            return [fetch(each) for each in value]
        return value

    return fetch(record)


def to_json(value: Any) -> str:
    """A value as compact JSON that can be saved."""
    return clean_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def from_json(text: str) -> Any:
    """The value of saved JSON.

    Raises:
        StoreError: If it is not JSON: the file is damaged.
    """
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        pass  # or one of the numbers that only Python's JSON knows
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StoreError("a saved record cannot be read: the sessions file is damaged") from error
