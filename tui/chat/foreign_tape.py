"""Exchanges from files of any kind: a rillet tape, an HTTP archive, a raw stream; each read whole or refused with the place."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Literal

from tui.chat.har import archive_tapes, har_tapes
from tui.chat.held_file import HeldFile
from tui.chat.tape_lines import TapeLines
from tui.domain.delta import IdentityDelta
from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.domain.error import ConfigError, RilletError
from tui.domain.tape import Head, LongReads, Read, Tape, TapeEnd
from tui.wire.dialect import dialect_named
from tui.wire.limit import TAPE_LIMITS
from tui.wire.printable import printable_line
from tui.wire.recognition import recognise_stream
from tui.wire.reply import Reply

LONG_BYTES = 16 << 20
"""A file of this size and more is not held: what is looked at is read."""

_TOGETHER = 32
"""So many reads of a long raw stream are fetched at once."""

READ_BYTES = 8192
"""The bytes of a raw stream in one read: so many come at most at once off the wire, too."""

STREAM_HEAD = Head(200, {"content-type": "text/event-stream"}, is_supposed=True)
"""The head of a raw stream, which holds none."""
_BODY_HEAD = Head(200, {"content-type": "application/json"}, is_supposed=True)
"""The same of a reply in one piece."""

FileKind = Literal["tape", "har", "raw"]

_START_BYTES = 4096
_RECOGNISED_BYTES = 64 << 10
"""What cannot be told by so much of a stream is not told by more."""


def kind_of_file(start: bytes, name: str = "") -> FileKind:
    """What a file is, by what it is called, else by its beginning."""
    ending = name.lower().rpartition(".")[2]
    if ending in ("tape", "jsonl", "har"):
        return "har" if ending == "har" else "tape"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{") and b'"tape"' in text.partition(b"\n")[0][:64]:
        return "tape"
    if text.startswith(b"{") and b'"log"' in text[:256]:
        return "har"
    return "raw"


def read_tapes(path: Path) -> list[Tape]:
    """The exchanges in a file, or in the files of a folder, in the order of their names. The reads of long ones are not held.

    Raises:
        ConfigError: If there is none, or the file cannot be read; the message says where.
    """
    return [*each_tape(path)]


def each_tape(path: Path) -> Iterator[Tape]:
    """The same, one after the other.

    Raises:
        ConfigError: See `read_tapes`.
    """
    if path.is_dir():
        yield from (tape for _, tape in named_tapes(path))
    else:
        yield from tapes_in(path)


def named_tapes(path: Path) -> list[tuple[str, Tape]]:
    """The exchanges in a file, or in the files of a folder and of those in it, each with the name of its file.

    Raises:
        ConfigError: See `read_tapes`.
    """
    if not path.is_dir():
        return [(path.stem, tape) for tape in tapes_in(path)]
    files = sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES and not each.is_dir())
    if not files:
        raise ConfigError(f"{_name(path)} holds no tape", f"Looked for: {', '.join(f'*{end}' for end in SUFFIXES)}.")
    named = [(file.relative_to(path).with_suffix(""), file) for file in files]
    return [(str(name), tape) for name, file in named for tape in tapes_in(file)]


SUFFIXES = (".tape", ".jsonl", ".sse", ".har")
"""What files with exchanges are called in a folder."""


def _name(path: Path) -> str:
    return printable_line(str(path))


def tapes_in(path: Path) -> Iterator[Tape]:
    """The exchanges in a regular file.

    Raises:
        ConfigError: If it is none, cannot be read, holds no exchange, or is broken; the message says where.
    """
    name = _name(path)
    try:
        # Without waiting: a pipe that nobody writes to would never open.
        file = HeldFile(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        if not stat.S_ISREG(os.fstat(file.descriptor).st_mode):
            raise ConfigError(f"{name} is not a regular file", "Save it to a file first.")
        yield from tapes_of_file(file, name)
    except OSError as error:
        raise ConfigError(f"cannot read {name}: {error.strerror}") from error


def tapes_of_file(file: HeldFile, name: str) -> Iterator[Tape]:
    """The exchanges in a file, from its beginning on; those that are long hold it.

    Raises:
        ConfigError: If it holds no exchange, or is broken; the message says where.
    """
    start = file.at(0, _RECOGNISED_BYTES)
    kind = kind_of_file(start[:_START_BYTES], name)
    if kind == "har":
        os.lseek(file.descriptor, 0, os.SEEK_SET)
        yield from archive_tapes(file.read, name)
    elif file.size < LONG_BYTES:
        yield from tapes_of(file.at(0, LONG_BYTES), name)
    elif kind == "raw":
        yield _long_raw(file, start, name)
    else:
        yield _long_tape(file, name)


def _long_tape(file: HeldFile, name: str) -> Tape:
    lines = TapeLines(file, name)
    for _ in lines.read_through():
        pass  # so that it is told at once where it is broken
    return lines.tape()


def _long_raw(file: HeldFile, start: bytes, name: str) -> Tape:
    def since(number: int) -> list[Read]:
        data = file.at(number * READ_BYTES, READ_BYTES * _TOGETHER)
        return [Read(0.0, data[at : at + READ_BYTES]) for at in range(0, len(data), READ_BYTES)]

    tape = raw_tape(start, name)
    tape.reads = LongReads(-(-file.size // READ_BYTES), since)
    return tape


def tapes_of(data: bytes, name: str) -> list[Tape]:
    """The exchanges in what a file holds.

    Raises:
        ConfigError: If it holds none, or is broken; the message says where.
    """
    match kind_of_file(data[:_START_BYTES], name):
        case "tape":
            try:
                return [Tape.from_lines(data.decode().split("\n"))]
            except ValueError as error:
                raise ConfigError(f"{name} is not a tape: {error}") from error
        case "har":
            return list(har_tapes(data, name))
        case "raw":
            return [raw_tape(data, name)]


def raw_tape(data: bytes, name: str) -> Tape:
    """A raw stream as a tape without times.

    Raises:
        ConfigError: If it is empty, or no stream.
    """
    if not data.strip():
        raise ConfigError(f"{name} is empty", "A raw stream is what curl -N prints.")
    dialect = check_stream(data, name)
    is_body = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    tape = Tape(dialect, model_of(dialect, data if is_body else data[:_RECOGNISED_BYTES]), name)
    tape.head(_BODY_HEAD if is_body else STREAM_HEAD)
    tape.reads = [Read(0.0, data[start : start + READ_BYTES]) for start in range(0, len(data), READ_BYTES)]
    tape.ended(TapeEnd(0.0, "eof"))
    return tape


def model_of(dialect: DialectName, start: bytes) -> str:
    """The model that a stream names at its beginning, or a reply in one piece; empty where it names none."""
    reply = Reply(dialect_named(dialect), STREAM_HEAD, limits=TAPE_LIMITS)
    with suppress(RilletError):
        for delta in chain(reply.feed(start), reply.close()):
            if isinstance(delta, IdentityDelta) and delta.model:
                return delta.model
    return ""


def check_stream(start: bytes, name: str) -> DialectName:
    """The dialect of a raw stream by its beginning; that of Chat Completions where no frame tells.

    Raises:
        ConfigError: If this is no stream: nothing in it is a field of one.
    """
    dialect = recognise_stream(start)
    if dialect is None and b"data:" not in start and b"event:" not in start and not start.lstrip().startswith(b":"):
        shown = printable_line(start[:60].decode("utf-8", "replace").strip().partition("\n")[0])
        raise ConfigError(
            f"{name} is no stream, tape or HAR: line 1 is “{shown}”", "A raw stream is what curl -N prints."
        )
    return dialect or DIALECT_NAMES[0]
