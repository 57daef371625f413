"""Records as JSON text, with the long strings of a session kept once.

Every request repeats the whole conversation, images and all: saved as they are, the requests of a session
would grow with the square of its length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from tui.domain.error import StoreError
from tui.store.connection import Connection
from tui.wire.json_text import clean_text, write_json_in_pieces

LONG = 256
"""Characters from which on a string is kept apart."""

_MARK = "\x00kept"
_MARK_JSON = msgspec.json.encode(_MARK).decode()
_DIGEST = re.compile("[0-9a-f]{32}").fullmatch
_MARKS = re.compile(re.escape(_MARK_JSON) + ':"([0-9a-f]{32})"').findall
_decode = msgspec.json.Decoder().decode


def pack_record(connection: Connection, session_id: str, record: Any) -> tuple[str, int]:
    """A record as JSON text that names its long strings, which are put by.

    Returns:
        The text, and how many bytes were added to the database by it.
    """
    value, added = put_long_strings_by(connection, session_id, record)
    packed = to_json(value)
    return packed, added + len(packed.encode())


def put_long_strings_by(connection: Connection, session_id: str, record: Any) -> tuple[Any, int]:
    """A record that names its long strings, which are put by, and how many bytes were added to the database by those."""
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

    return put_by(record), added


def keep_record(connection: Connection, session_id: str, record: Any) -> tuple[str, int]:
    """Put a whole record by, once for its session.

    Returns:
        Its digest, and how many bytes were added to the database by it.
    """
    packed, added = pack_record(connection, session_id, record)
    digest, is_new = _put_by(connection, session_id, packed)
    return digest, added if is_new else added - len(packed.encode())


def _put_by(connection: Connection, session_id: str, text: str) -> tuple[str, bool]:
    from tui.domain.digest import blake2b  # which a start does not need

    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    statement = "INSERT OR IGNORE INTO kept (session_id, digest, text) VALUES (?, ?, ?)"
    return digest, bool(connection.run(statement, session_id, digest, text))


def unpack_record(
    connection: Connection,
    session_id: str,
    text: str,
    lost: str | None = None,
    long_strings: Mapping[str, str] | None = None,
) -> Any:
    """The record that was packed.

    Args:
        connection: The database.
        session_id: The session that keeps its long strings.
        text: The packed record.
        lost: What stands for a long string that is gone; without it such a record is not read.
        long_strings: Those that were read for several records at once; else its own are read now.

    Raises:
        StoreError: If it is not one: the file is damaged.
    """
    record = from_json(text)
    if _MARK_JSON not in text:
        return record
    if long_strings is None:
        long_strings = read_long_strings(connection, session_id, [text])
    return _Fetching(connection, session_id, lost, long_strings).fetch(record)


def read_long_strings(connection: Connection, session_id: str, packed: Iterable[str]) -> dict[str, str]:
    """The long strings that packed records of a session name, by their digests, all read at once.

    Raises:
        StoreError: If they cannot be read.
    """
    digests = dict.fromkeys(digest for text in packed for digest in _MARKS(text))
    if not digests:
        return {}
    asked = """SELECT digest, text FROM json_each(?) AS asked CROSS JOIN kept
               ON session_id = ? AND digest = asked.value"""
    return dict(connection.rows(asked, to_json([*digests]), session_id))


def digest_of(value: Any) -> str | None:
    """What a value names that stands for a long string; `None` where it is no such thing."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(digest := value.get(_MARK), str):
        return digest
    return None


def long_texts(connection: Connection, asked: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The long strings that are asked for, each by the id of its session and its digest, all read at once."""
    if not asked:
        return {}
    rows = connection.rows(
        """SELECT session_id, digest, text FROM json_each(?) AS asked CROSS JOIN kept
           ON digest = substr(asked.value, 1, 32) AND session_id = substr(asked.value, 33)""",
        to_json([digest + session_id for session_id, digest in asked]),
    )
    return {(session_id, digest): text for session_id, digest, text in rows}


class _Fetching:
    """Puts the long strings of a session back into its records."""

    def __init__(self, connection: Connection, session_id: str, lost: str | None, texts: Mapping[str, str]) -> None:
        self._connection, self._session_id, self._lost = connection, session_id, lost
        self._texts = texts

    def fetch(self, value: Any) -> Any:
        """A value, with its long strings."""
        if isinstance(value, dict):
            if (digest := digest_of(value)) is not None:
                return self._text(digest, value)
            return {key: self.fetch(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.fetch(each) for each in value]
        return value

    def _text(self, digest: str, value: Any) -> Any:
        if (text := self._texts.get(digest)) is not None:
            return text
        row = self._connection.row(
            "SELECT text FROM kept WHERE session_id = ? AND digest = ?", self._session_id, digest
        )
        if row is not None:
            return row[0]
        if not _DIGEST(digest):
            return value
        if self._lost is None:
            raise StoreError("a saved text cannot be read: the sessions file is damaged")
        return self._lost


def to_json(value: Any) -> str:
    """A value as compact JSON that can be saved."""
    return "".join(map(clean_text, write_json_in_pieces(value)))


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
