"""Reads on their way to the database: a file for each turn that streams, which outlives a process that is killed.

A tape is written to the database a few times a second, and each time the disk has it. What comes in between is put here
as it comes, in some 3 µs: a power cut may take it, `kill -9` does not. Whoever mends the turn takes it from here. The file
of a turn goes when the turn has ended, and with its session.
"""

from __future__ import annotations

import os
import struct
import sys
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tui.domain.error import StoreError
from tui.domain.tape import Read
from tui.store.path import make_dir

_RECORD = struct.Struct("<QdII")
"""Before the bytes of a read: its number in the tape, its time, its length and the checksum of the bytes, one that needs no table."""


class ArrivingReads:
    """The file of one turn. What is in the database already is written over; a disk that fails is no fault here."""

    def __init__(self, path: Path | None) -> None:
        """Write to a file, which is made when there is something to write; to none where there is no path."""
        self._path = path
        self._file = -1
        self._end = 0
        self._is_broken = False

    def put(self, number: int, reads: Sequence[Read]) -> None:
        """Keep reads, of which the first has a number, until they are settled."""
        if self._is_broken or self._path is None or not reads:
            return
        packed = _packed(number, reads[0])
        if len(reads) > 1:
            packed = b"".join([_packed(at, read) for at, read in enumerate(reads, number)])
        try:
            if self._file < 0:
                self._file = _open(self._path)
            size = os.pwrite(self._file, packed, self._end)
        except (OSError, StoreError):
            self._is_broken = True
            return
        self._end += size
        self._is_broken = size < len(packed)

    def settle(self) -> None:
        """All that was put is in the database: what comes next takes its place."""
        self._end = 0
        self._is_broken = False

    def clear(self) -> None:
        """The tape begins anew."""
        self.settle()
        if self._file >= 0:
            with suppress(OSError):
                os.ftruncate(self._file, 0)

    def drop(self) -> None:
        """The turn has ended."""
        if self._file >= 0 and self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = -1


class Arriving:
    """The files of all turns that stream, beside a sessions file; in memory there are none."""

    def __init__(self, path: Path | None) -> None:
        """Keep them beside the sessions file."""
        self._place = None if path is None or sys.platform == "win32" else path.parent / "arriving"

    def of(self, turn_id: str) -> ArrivingReads:
        """The file of a turn that is about to stream."""
        return ArrivingReads(self._path(turn_id))

    def reads(self, turn_id: str, after: int) -> list[Read]:
        """What a turn whose process died had received, from the read of a number on, in order and without a gap."""
        path = self._path(turn_id)
        data = b""
        with suppress(OSError):
            data = b"" if path is None else path.read_bytes()
        reads: list[Read] = []
        start, expected = 0, -1
        while start + _RECORD.size <= len(data):
            number, at, length, checksum = _RECORD.unpack_from(data, start)
            start += _RECORD.size
            part = data[start : start + length]
            start += length
            if expected not in (-1, number) or len(part) != length or checksum not in _checksums(part):
                break  # from here on it is what was settled before
            expected = number + 1
            if number == after + len(reads):
                reads.append(Read(at, part))
        return reads

    def drop(self, turn_id: str) -> None:
        """Drop the file of a turn that has been mended."""
        if (path := self._path(turn_id)) is not None:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def sweep(self, streaming: Callable[[], set[str]]) -> None:
        """Drop what belongs to no turn that streams, or was streaming when its process died.

        Raises:
            StoreError: If those cannot be had.
        """
        names: list[str] = []
        if self._place is not None:
            with suppress(OSError):
                names = os.listdir(self._place)  # noqa: PTH208  # names, and of few files
        if names:
            for name in {*names} - streaming():
                self.drop(name)

    def _path(self, turn_id: str) -> Path | None:
        """Where the file of a turn is; none of one whose id a damaged file has made up."""
        is_usual = turn_id.isascii() and turn_id.replace(".", "").isalnum() and turn_id[0] != "."
        return self._place / turn_id if self._place is not None and is_usual else None


def _checksums(data: bytes) -> tuple[int, int]:
    """That of these bytes, and the one that was written before: a rillet that is killed may be an older one."""
    return zlib.adler32(data), zlib.crc32(data)


def _packed(number: int, read: Read) -> bytes:
    return _RECORD.pack(number, read.at, len(read.data), zlib.adler32(read.data)) + read.data


def _open(path: Path) -> int:
    make_dir(path.parent)
    return os.open(path, os.O_CREAT | os.O_RDWR | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
