"""A file of another program: what kind it is, what stands beside it, and its content, a bounded piece at a time."""

from __future__ import annotations

import io
import json
import lzma
import os
import sqlite3
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Literal, Protocol

import msgspec

from tui.chat.importing.json_piece import decode_piece, is_json, read_slowly
from tui.domain.error import ConfigError
from tui.domain.quantity import describe_size
from tui.store.fault import SQLITE_ERRORS
from tui.wire.json_text import clean

Kind = Literal["sqlite", "zip", "json", "lines", "yaml", "other"]

MOST_BYTES = 4 << 30
"""A larger file is not read: it is no chat."""

_ZSTD = b"\x28\xb5\x2f\xfd"
_BUSY_SECONDS = 3.0
_DEEPEST, _MOST_NAMES = 3, 100_000
"""Exports are neither deeper nor larger, and the folder may be that of all downloads."""


class NotReadError(Exception):
    """Something cannot be read; the words say why."""


class Tell(Protocol):
    """Whom a format tells what it finds."""

    def expect(self, count: int) -> None:
        """So many conversations are to come."""

    def problem(self, place: str, words: str) -> None:
        """What stands there cannot be read."""

    def left_out(self, words: str) -> None:
        """Something that is not taken along."""


class Place(Protocol):
    """Where files stand beside one another: a folder, or a zip file."""

    def names(self) -> list[str]:
        """The names of all files, with the folders they are in."""

    def read(self, name: str) -> bytes:
        """The content of one; raises `NotReadError`."""


class Folder:
    """A folder, as far as what stands beside a file matters."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> list[str]:
        """The files here and in the folders below, by name."""
        paths: list[str] = []
        for folder, below, files in os.walk(self.path):
            here = Path(folder).relative_to(self.path)
            below[:] = sorted(below) if len(here.parts) < _DEEPEST else []
            paths += [(here / name).as_posix() for name in sorted(files)]
            if len(paths) > _MOST_NAMES:
                break
        return paths

    def read(self, name: str) -> bytes:
        """The content of one."""
        return read_file(self.path / name)


class Archive:
    """A zip file."""

    def __init__(self, path: Path, file: IO[bytes] | None = None) -> None:
        try:
            self._zip = zipfile.ZipFile(file or path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise NotReadError(f"the zip file is cut or damaged ({error}): download it again") from error

    def names(self) -> list[str]:
        """The files in it, by name."""
        return sorted(each.filename for each in self._zip.infolist() if not each.is_dir())

    def read(self, name: str) -> bytes:
        """The content of one."""
        try:
            if self._zip.getinfo(name).file_size > MOST_BYTES:
                raise NotReadError(f"{name} is larger than {describe_size(MOST_BYTES)}")
            return self._zip.read(name)
        except (KeyError, zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
            raise NotReadError(f"{name} in the zip file is damaged ({error})") from error
        except (ValueError, zlib.error, lzma.LZMAError) as error:
            raise NotReadError(f"{name} in the zip file cannot be unpacked ({error})") from error


class Source:
    """One file.

    Attributes:
        label: What it is called when something is told of it.
        path: Where it is on the disk; for one in a zip file, that of the zip file.
        name: Its name in its place.
        place: What stands beside it.
    """

    def __init__(self, label: str, path: Path, name: str, place: Place, read: Callable[[], bytes]) -> None:
        self.label = label
        self.path = path
        self.name = name
        self.place = place
        self._read = read

    @staticmethod
    def of(path: Path) -> Source:
        """A file on the disk."""
        return Source(str(path), path, path.name, Folder(path.parent), lambda: read_file(path))

    @cached_property
    def head(self) -> bytes:
        """Its first bytes."""
        if isinstance(self.place, Folder):
            try:
                with self.path.open("rb") as file:
                    return file.read(64)
            except OSError as error:
                raise NotReadError(error.strerror or "cannot be opened") from error
        return self.content[:64]

    @cached_property
    def content(self) -> bytes:
        """All of it, unpacked, as UTF-8 where it is text."""
        data = self._read()
        if data.startswith(_ZSTD):
            data = unpack_zstd(data)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            data = data.decode("utf-16", "replace").encode()
        return data.removeprefix(b"\xef\xbb\xbf")

    def archive(self) -> Archive:
        """It, as a zip file."""
        return Archive(self.path, None if isinstance(self.place, Folder) else io.BytesIO(self.content))

    @cached_property
    def kind(self) -> Kind:
        """What kind of file it is, by its first bytes."""
        if self.head.startswith(b"SQLite format 3\0"):
            return "sqlite"
        if self.head.startswith(b"PK\x03\x04"):
            return "zip"
        if self.name.endswith((".yaml", ".yml")):
            return "yaml"
        if self.name.endswith((".jsonl", ".jsonl.zst")):
            return "lines"
        begins = self.content.lstrip()[:1]
        if begins == b"{":
            first, _, rest = self.content.lstrip().partition(b"\n")
            if rest.lstrip()[:1] == b"{" and is_json(first):
                return "lines"
        return "json" if begins in (b"{", b"[") else "other"

    # -- JSON ---------------------------------------------------------------------------------------------

    @cached_property
    def first(self) -> Any:
        """The first thing in it, to tell by what it is: of JSON the object, or the first of the array; of lines the first."""
        if self.kind == "lines":
            return next((value for _, value in self.lines()), None)
        if self.kind == "json":
            return next(map(decode_piece, self._raw[0]), None)
        return None

    @cached_property
    def is_cut(self) -> str:
        """What is wrong with the JSON, and where; empty where it is whole. What stands before that can be read."""
        return self._raw[1]

    @cached_property
    def _raw(self) -> tuple[list[Any], str]:
        data = self.content
        try:
            top = msgspec.json.decode(data, type=msgspec.Raw)
            if data.lstrip()[:1] == b"[":
                return list(msgspec.json.decode(data, type=list[msgspec.Raw])), ""
            if b'"conversations"' in data[:1000]:
                held = msgspec.json.decode(data, type=dict[str, msgspec.Raw])["conversations"]
                return list(msgspec.json.decode(held, type=list[msgspec.Raw])), ""
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return read_slowly(data)
        except KeyError:  # further down, it is something else
            pass
        return [top], ""

    def items(self, tell: Tell) -> Iterator[tuple[str, Callable[[], Any]]]:
        """The things in the JSON, each with its place: of an array all of them, else the one object.

        `tell` hears how many there are.
        """
        raw, cut = self._raw
        tell.expect(len(raw))
        is_one = len(raw) == 1 and not cut and self.content.lstrip()[:1] != b"["
        for number, each in enumerate(raw, 1):
            yield (self.label if is_one else f"{self.label}, conversation {number}"), partial(decode_piece, each)

    def lines(self) -> Iterator[tuple[int, Any]]:
        """The values of JSON lines, each with the number of its line; raises `NotReadError` at one that is none."""
        for number, line in enumerate(self.content.splitlines(), 1):
            if line.strip():
                try:
                    value = clean(json.loads(line, strict=False))
                except (ValueError, RecursionError) as error:
                    raise NotReadError(f"line {number} is cut, or no JSON") from error
                yield number, value

    # -- databases ----------------------------------------------------------------------------------------

    @cached_property
    def tables(self) -> dict[str, frozenset[str]]:
        """The tables of a database, and the columns of each."""
        if self.kind != "sqlite":
            return {}
        with self.connect() as raw:
            names = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: frozenset(row[1] for row in raw.execute(f'PRAGMA table_info("{name}")')) for name in names}

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """A connection that only reads, all of it as it stands at one moment; raises `NotReadError`."""
        try:
            with closing(self._open()) as raw:
                raw.text_factory = lambda data: data.decode("utf-8", "replace")
                raw.execute("BEGIN")
                yield raw
        except SQLITE_ERRORS as error:
            raise NotReadError(_describe(error)) from error

    def _open(self) -> sqlite3.Connection:
        if not isinstance(self.place, Folder):
            raw = sqlite3.connect(":memory:")
            raw.deserialize(self.content)
            return raw
        address = self.path.absolute().as_uri()
        problem: sqlite3.Error | None = None
        # A file that nobody has open, in a folder that cannot be written, can be read as it stands only.
        for how in ("mode=ro", "mode=ro&immutable=1"):
            raw = sqlite3.connect(f"{address}?{how}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlite3.Error as error:
                raw.close()
                problem = problem or error
                if "lock" in str(error) or "busy" in str(error):
                    break
            else:
                return raw
        raise problem or sqlite3.OperationalError("it cannot be opened")


def rows(
    raw: sqlite3.Connection, table: str, needed: str, more: str = "", where: str = "", *values: object
) -> Iterator[dict[str, Any]]:
    """Rows of a table as far as it has these columns: those that are needed must be there, others may be missing.

    So may those that they are ordered by; then they come as they stand in the table.

    Raises:
        NotReadError: If what is needed is not there: the program has changed since.
    """
    there = {row[1] for row in raw.execute(f'PRAGMA table_info("{table}")')}
    if missing := [name for name in needed.split() if name not in there]:
        what = f"the column {missing[0]} of {table}" if there else f"the table {table}"
        raise NotReadError(
            f"the file is of another version of the program, which rillet does not know: {what} is missing"
        )
    columns = [name for name in (*needed.split(), *more.split()) if name in there]
    named = ", ".join(f'"{name}"' for name in columns)
    where, _, order = where.partition("ORDER BY")
    by = ", ".join(
        each for each in order.split(",") if each.split() and each.split()[0].strip('"') in {*there, "rowid"}
    )
    statement = " ".join(("SELECT", named, "FROM", f'"{table}"', where, f"ORDER BY {by}" if by else ""))
    empty = dict.fromkeys(more.split())
    for row in raw.execute(statement, values):
        yield {**empty, **dict(zip(columns, row, strict=True))}


def tell_orphans(raw: sqlite3.Connection, source: Source, tell: Tell, *, table: str, column: str, of: str) -> None:
    """Tell how many rows are of a conversation that the database does not hold."""
    words = ("SELECT count(*) FROM", f'"{table}"', "AS held WHERE NOT EXISTS (SELECT 1 FROM", f'"{of}"')
    (count,) = raw.execute(" ".join((*words, f'WHERE id = held."{column}")'))).fetchone()
    if count:
        what = "1 message is" if count == 1 else f"{count:,} messages are"
        tell.problem(source.label, f"{what} of a conversation that the file does not hold")


def read_file(path: Path) -> bytes:
    """The content of a file.

    Raises:
        NotReadError: If it is no file, too large, or cannot be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotReadError("it is no regular file")
        if status.st_size > MOST_BYTES:
            raise NotReadError(f"it is larger than {describe_size(MOST_BYTES)}")
        return path.read_bytes()
    except OSError as error:
        raise NotReadError(f"it cannot be read: {error.strerror or error}") from error


def unpack_zstd(data: bytes) -> bytes:
    """What was packed by zstd.

    Raises:
        NotReadError: If it is damaged, or nothing is there to unpack it with.
    """
    zstd = next(filter(None, map(_module, ("compression.zstd", "backports.zstd"))), None)
    if zstd is None:
        return _unpack_by_program(data)
    try:
        return bytes(zstd.decompress(data))
    except zstd.ZstdError as error:
        raise NotReadError(f"what was packed by zstd is damaged ({error})") from error


def _module(name: str) -> Any:
    """A module that may not be there."""
    try:
        return import_module(name)
    except ImportError:
        return None


def _unpack_by_program(data: bytes) -> bytes:
    import shutil
    import subprocess

    program = shutil.which("zstd")
    if program is None:
        raise NotReadError("it is packed by zstd: pip install 'rillet[import]' unpacks it")
    done = subprocess.run([program, "-dc"], input=data, capture_output=True, check=False)
    if done.returncode:
        raise NotReadError("what was packed by zstd is damaged")
    return done.stdout


def open_source(path: Path) -> Source:
    """A file that a person named.

    Raises:
        ConfigError: If it is not there, or no file.
    """
    source = Source.of(path)
    try:
        if not source.head:
            raise ConfigError(f"{path} is empty")
    except NotReadError as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return source


def _describe(error: Exception) -> str:
    words = str(error)
    if "lock" in words or "busy" in words:
        return "another program is writing to it: close that, and try again"
    if "no such" in words:
        return f"the file is of another version of the program, which rillet does not know ({words})"
    return f"the database is damaged ({words})"
