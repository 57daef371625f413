"""Where in a TOML text a key stands: the parser does not say, and a message without a line is half a message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Path = tuple[str | int, ...]

_KEY = r'(?:"(?:[^"\\]|\\.)*"|\'[^\']*\'|[A-Za-z0-9_-]+)'
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_LINE = re.compile(rf"\s*(?:(?P<open>\[\[?)\s*(?P<header>{_DOTTED})\s*\]|(?P<left>{_DOTTED})\s*=(?P<right>.*))")
_LONG_QUOTE = re.compile(r'"""|\'\'\'')


def find_line(text: str, path: Sequence[str | int]) -> int:
    """The line (from 1) that states a path, or else the innermost table around it; 1 where nothing does.

    Args:
        text: The whole TOML text.
        path: Keys from the top; integers count the tables of an array from 0.
    """
    wanted = tuple(path)
    best, line = -1, 1
    for number, stated in _statements(text):
        length = min(len(stated), len(wanted))
        if stated[:length] == wanted[:length] and length > best:
            best, line = length, number
    return line


def _statements(text: str) -> Iterator[tuple[int, Path]]:
    """Each line that states something, with the path it states."""
    counts: dict[Path, int] = {}
    table: Path = ()
    quote = ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if quote in line else quote
            continue
        if (match := _LINE.match(line)) is None:
            continue
        if match["left"] is not None:
            yield number, table + _keys(match["left"])
            marks = _LONG_QUOTE.findall(match["right"])
            quote = marks[0] if len(marks) % 2 else ""
            continue
        keys = _keys(match["header"])
        table = ()
        for place, key in enumerate(keys, 1):
            table += (key,)
            if match["open"] == "[[" and place == len(keys):
                counts[table] = counts.get(table, -1) + 1
            if table in counts:
                table += (counts[table],)
        yield number, table


def _keys(dotted: str) -> Path:
    return tuple(key[1:-1] if key[0] in "\"'" else key for key in re.findall(_KEY, dotted))
