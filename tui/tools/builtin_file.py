"""Tools that read files: `read_file`, `list_files` and `search_files`, all confined to the roots."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from msgspec import Struct

from tui.tools.definition import Output, Tool, ToolError
from tui.tools.process import decode
from tui.tools.root import Place, Roots
from tui.wire.printable import printable_line

READ_LIMIT = 256 * 1024
_SEARCHED_BYTES = 2 * 1024 * 1024
_MOST_FILES = 20_000
_MOST_ENTRIES = 1_000
_MOST_MATCHES = 200
_LONGEST_LINE = 300
_SNIFFED = 8192
_DEPTH = 5


def file_tools(roots: Roots) -> list[Tool]:
    """The three tools, over the given roots."""
    deciding = {"roots": [str(root) for root in roots.directories]}
    where = ", ".join(deciding["roots"]) or "no directory yet"
    rows = (
        (read_file, "read_file", f"Read a text file. Readable: {where}.", _READ),
        (list_files, "list_files", f"List a directory. Readable: {where}.", _LIST),
        (
            search_files,
            "search_files",
            f"Find a text in files, below a directory. Hidden files are left out. Readable: {where}.",
            _SEARCH,
        ),
    )
    return [
        Tool(
            name,
            text,
            schema,
            "builtin",
            _in_thread(work, roots),
            deciding=deciding,
            runs_parallel=True,
            output_limit=READ_LIMIT,
        )
        for work, name, text, schema in rows
    ]


def read_file(roots: Roots, arguments: Mapping[str, Any], is_stopped: Callable[[], bool] = bool) -> Output:
    """A text file, or `lines` lines of it from line `first`; at most 256 KB."""
    place = roots.find(str(arguments["path"]))
    with os.fdopen(roots.open(place), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        first, count = int(arguments.get("first", 1)), arguments.get("lines")
        head = file.read(_SNIFFED)
        if b"\0" in head:
            raise ToolError(f"{place.shown} is a binary file of {size:,} bytes")
        file.seek(0)
        data, skipped = b"", 0
        if first == 1 and count is None:
            data = file.read(READ_LIMIT)
        else:
            data, skipped = _lines(file, first, count, is_stopped)
    text, bad = decode(data)
    notes = [f"{bad:,} bytes are not UTF-8 and stand as \ufffd"] if bad else []
    if len(data) >= READ_LIMIT:
        notes.append(f"cut after {READ_LIMIT:,} of {size:,} bytes; ask for a range of lines")
    if first > 1 and not data:
        notes.append(f"there are only {skipped:,} lines")
    return Output(text + "".join(f"\n[{note}]" for note in notes) if notes else text)


def list_files(roots: Roots, arguments: Mapping[str, Any], is_stopped: Callable[[], bool] = bool) -> Output:
    """What is in a directory, `depth` levels down; links are named and not followed."""
    place = roots.find(str(arguments.get("path", ".")))
    rows: list[str] = []
    for path, entry in _walk(roots, place, int(arguments.get("depth", 1)), is_stopped):
        rows.append(f"{printable_line(str(path))}{_MARKS[entry.kind]}")
        if len(rows) >= _MOST_ENTRIES:
            break
    notes = [f"[cut after {_MOST_ENTRIES:,} entries]"] if len(rows) >= _MOST_ENTRIES else []
    return Output("\n".join([*sorted(rows), *notes]) or "[empty]")


def search_files(roots: Roots, arguments: Mapping[str, Any], is_stopped: Callable[[], bool] = bool) -> Output:
    """Lines that hold a text, as `path:line: text`; hidden and binary files are left out."""
    place = roots.find(str(arguments.get("path", ".")))
    wanted, glob = str(arguments["text"]), str(arguments.get("files", "*"))
    is_blind = bool(arguments.get("ignore_case", False))
    wanted = wanted.casefold() if is_blind else wanted
    hits: list[str] = []
    searched = passed = 0
    for path, entry in _walk(roots, place, None, is_stopped, skips_hidden=True):
        if is_stopped():
            raise ToolError("stopped before every file was searched")
        if entry.kind != "file" or not fnmatchcase(entry.name, glob):
            continue
        searched += 1
        if searched > _MOST_FILES or len(hits) > _MOST_MATCHES:
            break
        inner = Place(place.root, place.real / path)
        lines = _text_lines(roots, inner)
        if lines is None:
            passed += 1
            continue
        for number, line in lines:
            if wanted in (line.casefold() if is_blind else line):
                hits.append(f"{printable_line(str(inner.shown))}:{number}: {line[:_LONGEST_LINE]}")
                if len(hits) > _MOST_MATCHES:
                    break
    notes = [f"[the first {_MOST_MATCHES} matches]"] if len(hits) > _MOST_MATCHES else []
    notes += [f"[the first {_MOST_FILES:,} files]"] if searched > _MOST_FILES else []
    notes += [f"[{passed:,} binary, unreadable or large files left out]"] if passed else []
    return Output("\n".join([*hits[:_MOST_MATCHES], *notes]) or f"[nothing found in {searched:,} files]")


def _in_thread(work: Callable[..., Output], roots: Roots) -> Callable[[Mapping[str, Any]], Any]:
    async def run(arguments: Mapping[str, Any]) -> Output:
        stop = threading.Event()
        try:
            return await asyncio.to_thread(work, roots, arguments, stop.is_set)
        finally:
            stop.set()  # a thread cannot be cancelled: it looks at this between files and lines

    return run


def _lines(file: Any, first: int, count: int | None, is_stopped: Callable[[], bool]) -> tuple[bytes, int]:
    """Lines from `first`, and how many came before; a line longer than the limit counts as several."""
    lines: list[bytes] = []
    skipped = size = 0
    while line := file.readline(READ_LIMIT):
        if is_stopped():
            raise ToolError("stopped before the lines were reached")
        if skipped < first - 1:
            skipped += 1
            continue
        if (count is not None and len(lines) >= count) or size >= READ_LIMIT:
            break
        lines.append(line[: READ_LIMIT - size])
        size += len(line)
    return b"".join(lines), skipped


def _walk(
    roots: Roots, place: Place, depth: int | None, is_stopped: Callable[[], bool], *, skips_hidden: bool = False
) -> Iterator[tuple[Path, _Entry]]:
    """Entries below a directory, sorted, each with its path from there; links are not followed."""
    waiting = [(Path(), place)]
    while waiting and not is_stopped():
        above, here = waiting.pop()
        try:
            handle = roots.open_directory(here)
        except ToolError:
            if here is place:
                raise
            continue
        try:
            with os.scandir(handle) as entries:
                rows = sorted((_Entry.of(entry) for entry in entries), key=lambda entry: entry.name)
        finally:
            os.close(handle)
        below: list[tuple[Path, Place]] = []
        for entry in rows:
            if skips_hidden and entry.name.startswith("."):
                continue
            path = above / entry.name
            yield path, entry
            if entry.kind == "directory" and (depth is None or len(path.parts) < depth):
                below.append((path, Place(place.root, here.real / entry.name)))
        waiting += reversed(below)


class _Entry(Struct, frozen=True):
    """A name in a directory, and what it is."""

    name: str
    kind: str

    @classmethod
    def of(cls, entry: os.DirEntry[str]) -> _Entry:
        if entry.is_symlink():
            return cls(entry.name, "link")
        if entry.is_dir(follow_symlinks=False):
            return cls(entry.name, "directory")
        return cls(entry.name, "file" if entry.is_file(follow_symlinks=False) else "odd")


_MARKS = {"link": " (a link)", "directory": "/", "file": "", "odd": " (no regular file)"}


def _text_lines(roots: Roots, place: Place) -> Iterator[tuple[int, str]] | None:
    """The lines of a text file with their numbers, or `None` where it is not one to search."""
    try:
        handle = roots.open(place)
    except ToolError:
        return None
    with os.fdopen(handle, "rb") as file:
        if os.fstat(file.fileno()).st_size > _SEARCHED_BYTES or b"\0" in (data := file.read(_SEARCHED_BYTES)):
            return None
    return enumerate(decode(data)[0].splitlines(), 1)


def _schema(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_PATH = {"type": "string", "description": "A path, relative to a readable directory or absolute inside one"}
_READ = _schema(
    ["path"],
    path=_PATH,
    first={"type": "integer", "minimum": 1, "description": "The first line to read, from 1"},
    lines={"type": "integer", "minimum": 1, "description": "How many lines; all where not given"},
)
_LIST = _schema(
    [],
    path=_PATH,
    depth={"type": "integer", "minimum": 1, "maximum": _DEPTH, "description": "Levels to go down, 1 by default"},
)
_SEARCH = _schema(
    ["text"],
    text={"type": "string", "minLength": 1, "description": "The text to find, as it is written"},
    path=_PATH,
    files={"type": "string", "description": "Which file names, as in *.py"},
    ignore_case={"type": "boolean"},
)
