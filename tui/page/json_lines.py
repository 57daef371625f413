"""JSON in coloured lines that fold: a frame, a request, a head; what changed since the frame before is marked."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from msgspec import Struct

from tui.page.line import Line, crop, width_of
from tui.schema.json_value import thaw
from tui.typeset.line import line_text
from tui.typeset.wrap import fold
from tui.wire.printable import printable_line

Path = tuple[str | int, ...]
"""The way to a value: keys and numbers."""

MANY = 300
"""Lines from which on what lies deeper than two levels is folded at first."""
LONG, TOGETHER = 200, 100
"""A list of more items is shown in parts of so many, which fold."""
MARK = "▌"
"""Stands before what changed."""
_MISSING = object()


class JsonLine(Struct, frozen=True):
    """A line of JSON: what it shows, the value that it begins or belongs to, and whether that folds."""

    line: Line
    path: Path = ()
    folds: bool = False


def json_lines(value: Any, width: int, folded: Collection[Path], changed: Collection[Path] = ()) -> list[JsonLine]:
    """A value in lines of a width, without what is folded; what is among the changed has a mark before it."""
    return list(_Writer(width, folded, frozenset(changed)).lines(value, (), "", ""))


class _Writer:
    """Writes a value: its width, what is folded, and what is marked."""

    def __init__(self, width: int, folded: Collection[Path], changed: frozenset[Path]) -> None:
        self._width = width
        self._folded = folded
        self._changed = changed

    def lines(self, value: Any, path: Path, name: str, ends: str) -> Iterator[JsonLine]:
        """A value under a name, and what stands behind it."""
        indent = "  " * len(path)
        lead: Line = [(MARK if path in self._changed else " ", "accent"), (indent, "")]
        if name:
            lead += [(printable_line(json.dumps(name, ensure_ascii=False)), "fn"), (": ", "muted")]
        is_object = isinstance(value, Mapping)
        if not (is_object or isinstance(value, list | tuple)) or not value:
            yield from self._leaf(value, path, lead, ends)
            return
        begin, end = ("{", "}") if is_object else ("[", "]")
        if path in self._folded:
            count = f" {len(value):,} {'members' if is_object else 'items'} "
            yield JsonLine([*lead, ("▸ ", "muted"), (begin, ""), (count, "muted"), (end + ends, "")], path, True)
            return
        yield JsonLine([*lead, (begin, "")], path, True)
        items = list(value.items()) if is_object else list(enumerate(value))
        for number, (key, inner) in enumerate(items):
            if not is_object and len(items) > LONG and number % TOGETHER == 0:
                part = part_of(path, number)
                sign = "▸" if part in self._folded else "▾"
                words = f"{sign} items {number:,}–{min(number + TOGETHER, len(items)) - 1:,}"
                yield JsonLine([(" ", ""), (indent + "  ", ""), (words, "muted")], part, True)
            if not is_object and len(items) > LONG and part_of(path, number) in self._folded:
                continue
            comma = "," if number < len(items) - 1 else ""
            yield from self.lines(inner, (*path, key), str(key) if is_object else "", comma)
        yield JsonLine([(" ", ""), (indent, ""), (end + ends, "")], path)

    def _leaf(self, value: Any, path: Path, lead: Line, ends: str) -> Iterator[JsonLine]:
        text = printable_line(json.dumps(thaw(value), ensure_ascii=False))
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        key = "str" if isinstance(value, str) else "num" if is_number else "kw"
        used = width_of(lead)
        if used > self._width // 2 and used + width_of([(text, "")]) + len(ends) > self._width:
            # The value needs room: it stands below its name, and deep names give way.
            indent = min(width_of([lead[1]]), self._width // 2)
            if path and isinstance(path[-1], str):
                yield JsonLine(crop([lead[0], (" " * indent, ""), lead[2], (":", "muted")], self._width), path)
                indent += 2
            lead = [lead[0], (" " * indent, "")]
            used = width_of(lead)
        room = max(6, self._width - used - len(ends))
        pieces = _pieces(text, room)
        for number, piece in enumerate(pieces):
            before: Line = [lead[0], (" " * (used - 1), "")] if number else lead
            is_last = number == len(pieces) - 1
            yield JsonLine([*before, (piece, key), *([(ends, "")] if is_last and ends else [])], path)


def part_of(path: Path, number: int) -> Path:
    """The way to the part of a long list in which an item of this number is: no object or list has that key."""
    return (*path, -1 - number // TOGETHER)


def first_folded(value: Any, width: int) -> set[Path]:
    """What is folded at first: where there are many lines, what lies deep, and the parts of long lists."""
    has_many = next(islice(_Writer(width, (), frozenset()).lines(value, (), "", ""), MANY, None), None) is not None
    return deep_paths(value) if has_many else set()


def _pieces(text: str, room: int) -> list[str]:
    """A text in pieces of at most so many cells."""
    if text.isascii():
        return [text[at : at + room] for at in range(0, len(text), room)] or [""]
    return [line_text(line) for line in fold([(text, "")], room)]


def changed_paths(value: Any, before: Any, path: Path = ()) -> set[Path]:
    """Where a value differs from the one before: the smallest parts that do."""
    if before is _MISSING or type(value) is not type(before):
        return {path}
    if isinstance(value, Mapping):
        paths: set[Path] = set()
        for key, inner in value.items():
            paths |= changed_paths(inner, before.get(key, _MISSING), (*path, key))
        return paths
    if isinstance(value, list | tuple):
        paths = set()
        for number, inner in enumerate(value):
            paths |= changed_paths(inner, before[number] if number < len(before) else _MISSING, (*path, number))
        return paths
    return set() if value == before else {path}


def deep_paths(value: Any, deeper_than: int = 2, path: Path = ()) -> set[Path]:
    """The objects and arrays that lie deeper than so many levels."""
    if not isinstance(value, Mapping | list | tuple) or not value:
        return set()
    paths = {path} if len(path) > deeper_than else set()
    if not isinstance(value, Mapping) and len(value) > LONG:
        paths |= {part_of(path, number) for number in range(0, len(value), TOGETHER)}
    inner = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, each in inner:
        paths |= deep_paths(each, deeper_than, (*path, key))
    return paths


def hex_lines(data: bytes, offset: int = 0) -> list[str]:
    """Bytes as people read them: sixteen a line, in hex and as text."""
    lines = []
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        lines.append(f"{offset + at:08x}  {row[:8].hex(' '):<23}  {row[8:].hex(' '):<23}  |{shown}|")
    return lines
