"""Files that begin like what is being written: those of a folder, or by their name anywhere below the working directory."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

MOST = 50
_MOST_LOOKED_AT = 20_000
_SECONDS = 0.3
_PASSED_BY = frozenset(("node_modules", "__pycache__", "venv", "target", "build", "dist"))


class Place(Struct, frozen=True):
    """A file or a folder, by the path that a person would write; `size` is in bytes, 0 for a folder."""

    path: str
    is_folder: bool = False
    size: int = 0


def places_like(written: str, *, finds_below: bool = False) -> Sequence[Place]:
    """The files and folders that begin as written; with `finds_below` also files further down whose path holds it."""
    folder, _, start = written.rpartition("/")
    written_folder = written[: len(written) - len(start)]
    above = Path(os.path.expanduser(written_folder or "."))  # noqa: PTH111
    lower = start.lower()
    places = [
        Place(f"{written_folder}{entry.name}{'/' if is_folder else ''}", is_folder, size)
        for entry, is_folder, size in _entries(above)
        if entry.name.lower().startswith(lower) and (start.startswith(".") or not entry.name.startswith("."))
    ]
    places.sort(key=lambda place: (not place.is_folder, place.path.lower()) if start == "" else (False, place.path))
    if finds_below and len(written) > 1 and not folder.startswith(("/", "~", "..")):
        paths = {place.path for place in places}
        places += sorted(
            (place for place in _below(".") if written.lower() in place.path.lower() and place.path not in paths),
            key=lambda place: (start.lower() not in place.path.rpartition("/")[2].lower(), len(place.path), place.path),
        )
    return places[:MOST]


def _entries(folder: Path) -> Iterator[tuple[os.DirEntry[str], bool, int]]:
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(_MOST_LOOKED_AT), entries, strict=False):
                try:
                    is_folder = entry.is_dir()
                    yield entry, is_folder, 0 if is_folder else entry.stat().st_size
                except OSError:
                    continue
    except (OSError, ValueError):
        return


def _below(top: str) -> Iterator[Place]:
    """Files further down; hidden ones and what programs make are passed by, and it ends in time."""
    until, looked = time.monotonic() + _SECONDS, 0
    folders = [top]
    for folder in folders:
        for entry, is_folder, size in _entries(Path(folder)):
            looked += 1
            if looked > _MOST_LOOKED_AT or time.monotonic() > until:
                return
            if entry.name.startswith("."):
                continue
            path = os.path.relpath(entry.path, top)
            if is_folder and entry.name not in _PASSED_BY and not entry.is_symlink():
                folders.append(entry.path)
            elif not is_folder and folder != top:
                yield Place(path, size=size)
