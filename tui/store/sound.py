"""A damaged sessions file in a shape that SQLite reads something of."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from tui.store.fault import SQLITE_ERRORS
from tui.store.migration import STEPS, migrate
from tui.store.stray import PAGE_SIZES, number

TABLES = """SELECT name FROM sqlite_master WHERE type = 'table'
    AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'found%'
    AND name NOT IN ('place', 'spent', 'listed', 'survey', 'unindexed', 'unfound', 'kind')"""
"""Every table but those that are made again of the others: the search index, the sums, the list of tapes,
what was found out about long ones."""

# Of SQLite's file format: the length of the header on the first page, and the kind of a page that leads to others.
_HEADER = 100
_INTERIOR = 5


@contextmanager
def sound(damaged: Path) -> Iterator[Path]:
    """The file, or where SQLite would read nothing of it, a copy of which it does.

    That is so where the file is shorter than it says it is, and where a page of its schema is bad.
    """
    with damaged.open("rb") as file:
        header = file.read(_HEADER)
    page = 65536 if (page := number(header, 16, 2)) == 1 else page
    size, length = damaged.stat().st_size, page * number(header, 28)
    is_short = size < length <= 64 * size
    schema = _Schema.of(page, number(header, 60), gives_back=number(header, 52) != 0)
    if not is_short and (schema is None or schema.is_in(damaged)):
        yield damaged
        return
    copy = damaged.with_name(f"{damaged.name}.{os.getpid()}.sound")
    log, copied_log = (each.with_name(each.name + "-wal") for each in (damaged, copy))
    try:
        shutil.copyfile(damaged, copy)
        if is_short:
            os.truncate(copy, length)
        if log.exists():
            shutil.copyfile(log, copied_log)
        if schema is not None and not schema.is_in(copy):
            schema.put_into(copy)
        yield copy
    finally:
        for each in (copy, copied_log, copy.with_name(copy.name + "-shm")):
            each.unlink(missing_ok=True)


class _Schema(Struct, frozen=True):
    """The schema as a new file has it: the names of its tables, its first page, and the pages that one leads to.

    `others` are those, by where on the first page their numbers stand.
    """

    tables: frozenset[str]
    first: bytes
    others: dict[int, bytes]

    @staticmethod
    def of(page: int, version: int, *, gives_back: bool) -> _Schema | None:
        """That of a version, in pages of that size; `None` where there is no such thing.

        A file that gives free pages back has pages of its own for that, and its tables stand elsewhere.
        """
        if not 0 < version <= len(STEPS) or page not in PAGE_SIZES:
            return None
        with tempfile.TemporaryDirectory(prefix="rillet-") as place:
            path = Path(place) / "new.db"
            with closing(sqlite3.connect(path, isolation_level=None)) as raw:
                raw.execute(f"PRAGMA page_size = {page}")
                raw.execute(f"PRAGMA auto_vacuum = {2 * gives_back}")
                migrate(raw, None, STEPS[:version])
                tables = frozenset(name for (name,) in raw.execute(TABLES))
            data = path.read_bytes()
        others: dict[int, bytes] = {}
        if data[_HEADER] == _INTERIOR:
            cells = range(_HEADER + 12, _HEADER + 12 + 2 * number(data, _HEADER + 3, 2), 2)
            for at in (_HEADER + 8, *(number(data, cell, 2) for cell in cells)):
                other = number(data, at)
                others[at] = data[page * (other - 1) : page * other]
        return _Schema(tables, data[:page], others)

    def is_in(self, path: Path) -> bool:
        """Whether a file's own schema can be read."""
        try:
            with closing(open_damaged(path)) as source:
                return self.tables <= {name for (name,) in source.execute(TABLES)}
        except SQLITE_ERRORS:
            return False

    def put_into(self, path: Path) -> None:
        """Put it in the place of a file's own; what is not on the first page goes to the end.

        Tables stand where they do in a new file. In one that an older rillet began, those that came later stand
        elsewhere: of these nothing will be read, since what is there does not fit them.
        """
        with path.open("r+b") as file:
            first = bytearray(file.read(_HEADER) + self.first[_HEADER:])
            count = path.stat().st_size // len(first)
            for at, data in self.others.items():
                file.seek(len(first) * count)
                file.write(data)
                count += 1
                first[at : at + 4] = count.to_bytes(4, "big")
            first[28:32] = count.to_bytes(4, "big")
            first[92:96] = first[24:28]  # without this, SQLite does not trust the count
            file.seek(0)
            file.write(first)


def open_damaged(path: Path) -> sqlite3.Connection:
    """A connection that reads a damaged file, and the -wal beside it, and never writes to it or beside it."""
    ways = ("mode=ro", "mode=ro&immutable=1")
    for how in ways if path.with_name(path.name + "-wal").exists() else ways[1:]:
        raw = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)
        raw.text_factory = _forgiving
        try:
            raw.execute("PRAGMA writable_schema = ON")  # one bad entry of the schema does not take the others along
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except SQLITE_ERRORS:
            raw.close()
        else:
            return raw
    raise sqlite3.DatabaseError("it cannot be read at all")


def _forgiving(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
