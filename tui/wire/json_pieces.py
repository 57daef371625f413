"""A JSON value that is written piece by piece: what of it is long need not be held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from tui.wire.json_text import write_shown_json


class LongList(Struct, frozen=True):
    """A list whose items are made while it is written."""

    items: Iterable[Any]


class LongText(Struct, frozen=True):
    """A string whose parts are made while it is written; none of them ends within a character."""

    parts: Iterable[str]


def write_pieces(value: Any, depth: int = 0) -> Iterator[str]:
    """Write a value as `write_shown_json` does with an indent of one: a piece for each member, item and part.

    What is in a long list is one line, unless it is an object.
    """
    line, end = "\n" + " " * (depth + 1), "\n" + " " * depth
    match value:
        case LongText(parts):
            yield '"'
            for part in parts:
                yield write_shown_json(part)[1:-1]
            yield '"'
        case LongList(items):
            lead = "["
            for item in items:
                if isinstance(item, dict):
                    yield lead + line
                    yield from write_pieces(item, depth + 1)
                else:
                    yield f"{lead}{line}{write_shown_json(item)}"
                lead = ","
            yield "[]" if lead == "[" else f"{end}]"
        case dict() if value:
            lead = "{"
            for name, member in value.items():
                yield f"{lead}{line}{write_shown_json(name)}: "
                yield from write_pieces(member, depth + 1)
                lead = ","
            yield f"{end}}}"
        case _:
            yield write_shown_json(value, indent=1).replace("\n", end)
