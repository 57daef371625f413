"""Strays: the rows of a sessions file to which nothing leads any more, read off its pages one by one.

SQLite finds a row by the pages above it, down from the first one; where those are lost, it finds nothing. The pages that
hold the rows say by themselves what is on them: this reads SQLite's file format, and that of the log beside it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PAGE_SIZES = [1 << bits for bits in range(9, 17)]
USUAL = 4096
"""The size of a page where the file does not say it: SQLite's own choice, which rillet leaves as it is."""

_LEAF = 13
_LOG_HEADER, _FRAME_HEADER = 32, 24
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""How many bytes an integer takes, by how the record says what it holds."""
_LONGEST = 1 << 30

Values = list[Any]
_is_digest = re.compile("[0-9a-f]{32}").fullmatch
_is_session = re.compile("[0-9a-z]{8}").fullmatch


def _is_turn(row: Values) -> bool:
    return isinstance(row[2], str) and isinstance(row[3], int) and row[1] == f"{row[2]}.{row[3]}"


def _is_saved_session(row: Values) -> bool:
    names = isinstance(row[0], str) and _is_session(row[0]) and isinstance(row[1], str)
    return bool(names and isinstance(row[3], int) and isinstance(row[4], float))


def _is_kept(row: Values) -> bool:
    return all(isinstance(value, str) for value in row) and _is_digest(row[1]) is not None


def _is_tape(row: Values) -> bool:
    return isinstance(row[0], str) and "." in row[0] and isinstance(row[1], str) and row[1][:1] in {"{", "["}


def _is_flush(row: Values) -> bool:
    return row[0] is None and isinstance(row[1], str) and isinstance(row[2], bytes)


def _is_block(row: Values) -> bool:
    return row[0] is None and isinstance(row[1], int) and isinstance(row[2], float) and isinstance(row[3], bytes)


def _is_draft(row: Values) -> bool:
    return row[0] is None and all(isinstance(value, str) for value in row[1:])


KINDS: dict[str, tuple[range, Callable[[Values], bool]]] = {
    "session": (range(7, 64), _is_saved_session),
    "turn": (range(14, 64), _is_turn),
    "kept": (range(3, 4), _is_kept),
    "tape": (range(4, 6), _is_tape),
    "flush": (range(3, 4), _is_flush),
    "block": (range(4, 5), _is_block),
    "draft": (range(4, 5), _is_draft),
}
"""The tables whose rows are told by how they look: how many values there are, and what they are."""


def strays(path: Path, table: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table wherever they stand in a damaged file, those written last first: the key, then the values."""
    lengths, is_one = KINDS[table]
    with _Pages(path) as pages:
        for data in pages.every():
            for key, values in pages.rows(data, lengths):
                if is_one(values):
                    yield (key, *values)


_LEAST_CELL = 4
"""Bytes that a row takes at least, with where it stands: a damaged page may say that it has more rows."""
_BEYOND = 1 << 62
"""No row of ours has so high a key."""


class _Pages:
    """The pages of a file, with those of the log beside it, which are newer."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        header = self._file.read(100)
        size = 65536 if (size := number(header, 16, 2)) == 1 else size
        self.size = size if header[:15] == b"SQLite format 3" and size in PAGE_SIZES else USUAL
        self._room = self.size - (header[20] if len(header) > 20 and header[20] < 64 and self.size == size else 0)
        self._count = path.stat().st_size // self.size
        log = path.with_name(path.name + "-wal")
        self._log = log.open("rb") if log.exists() else None
        self._in_log: dict[int, int] = {}
        self._frames: list[int] = []
        if self._log is not None:
            step, length = self.size + _FRAME_HEADER, log.stat().st_size
            for at in range(_LOG_HEADER, length - step + 1, step):
                self._log.seek(at)
                self._in_log[number(self._log.read(4), 0)] = at + _FRAME_HEADER
                self._frames.append(at + _FRAME_HEADER)

    def __enter__(self) -> _Pages:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if self._log is not None:
            self._log.close()

    def every(self) -> Iterator[bytes]:
        """Every page that may hold rows, the newest first."""
        if self._log is not None:
            for at in reversed(self._frames):
                self._log.seek(at)
                if (data := self._log.read(self.size))[:1] == bytes([_LEAF]):
                    yield data
        for page in range(2, self._count + 1):
            self._file.seek(self.size * (page - 1))
            if (data := self._file.read(self.size))[:1] == bytes([_LEAF]):
                yield data

    def _page(self, page: int) -> bytes:
        if self._log is not None and (at := self._in_log.get(page)) is not None:
            self._log.seek(at)
            return self._log.read(self.size)
        if not 0 < page <= self._count:  # a damaged number may be one that no file could have
            return b""
        self._file.seek(self.size * (page - 1))
        return self._file.read(self.size)

    def rows(self, data: bytes, lengths: range) -> Iterator[tuple[int, Values]]:
        """The rows of a page with so many values; what cannot be read is passed by."""
        for cell in range(min(number(data, 3, 2), self.size // _LEAST_CELL)):
            try:
                at = number(data, 8 + 2 * cell, 2)
                length, at = varint(data, at)
                key, at = varint(data, at)
                if not (0 < length < _LONGEST and 0 < key < _BEYOND):
                    continue
                start, types = _types(data, at, lengths.stop)
                if len(types) in lengths:
                    yield key, _values(self._payload(data, at, length), start, types)
            except (IndexError, ValueError, struct.error):
                continue

    def _payload(self, data: bytes, at: int, length: int) -> bytes:
        """All of a row, of which what is long goes on elsewhere."""
        most = self._room - 35
        if length <= most:
            return data[at : at + length]
        least = (self._room - 12) * 32 // 255 - 23
        here = least + (length - least) % (self._room - 4)
        here = here if here <= most else least
        payload = bytearray(data[at : at + here])
        following = number(data, at + here)
        while len(payload) < length:
            page = self._page(following)
            if not page:
                raise ValueError("it does not go on")
            following = number(page, 0)
            payload += page[4 : 4 + min(self._room - 4, length - len(payload))]
        return bytes(payload)


def _types(data: bytes, at: int, most: int) -> tuple[int, list[int]]:
    """How long the head of a record is, and what it says of each value; of no more than so many."""
    length, here = varint(data, at)
    types: list[int] = []
    while here < at + length and len(types) < most:
        kind, here = varint(data, here)
        types.append(kind)
    return length, types


def _values(payload: bytes, at: int, types: list[int]) -> Values:
    values: Values = []
    for kind in types:
        if kind >= 12:
            size = (kind - 12) // 2
            raw = payload[at : at + size]
            if len(raw) < size:
                raise ValueError("it is cut")
            values.append(raw.decode("utf-8", "replace") if kind % 2 else raw)
        elif kind in _INTEGERS:
            size = _INTEGERS[kind]
            values.append(int.from_bytes(payload[at : at + size], "big", signed=True))
        elif kind == 7:
            size = 8
            values.append(struct.unpack(">d", payload[at : at + 8])[0])
        else:
            size = 0
            values.append({8: 0, 9: 1}.get(kind))
        at += size
    return values


def number(data: bytes, at: int, length: int = 4) -> int:
    """A number of a fixed length."""
    return int.from_bytes(data[at : at + length], "big")


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number as SQLite writes it, and where what follows it begins."""
    value = 0
    for _ in range(8):
        value = value << 7 | data[at] & 0x7F
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    return value << 8 | data[at], at + 1
