"""Lines of the screen's own parts: runs of text with a style key, made printable where they are painted.

A line is what `tui.typeset` calls a line: `[(text, key), ...]`. A key of the form `muted@chat.models` makes the
run a place to click: the part after the `@` is the id of an action.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from tui.wire.printable import printable_line

Run = tuple[str, str]
Line = list[Run]

_SHORT = 80


def width_of(line: Iterable[Run]) -> int:
    """Cells that a line takes."""
    return sum([_printed(text)[1] for text, _ in line])


def _printed(text: str) -> tuple[str, int]:
    """A text as it is printed, and the cells that it takes."""
    return _printed_before(text) if len(text) <= _SHORT else _print(text)


def _print(text: str) -> tuple[str, int]:
    printed = printable_line(text)
    return printed, cell_len(printed)


_printed_before = lru_cache(2048)(_print)
"""The same, for the words that the parts of the screen say again and again."""


def cut(text: str, width: int) -> str:
    """One line of text in at most `width` cells, an ellipsis where it was longer."""
    text, size = _printed(text)
    if size <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip() + "…" if width > 0 else ""


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells, cut or filled with spaces; `right` sets it to the right."""
    text = cut(text, width)
    spaces = " " * (width - cell_len(text))
    return spaces + text if right else text + spaces


def crop(line: Iterable[Run], width: int) -> Line:
    """A line in at most `width` cells, an ellipsis where it was longer."""
    cropped: Line = []
    room = width
    runs = [(_printed(text), key) for text, key in line if text]
    for at, ((text, size), key) in enumerate(runs):
        is_last = at == len(runs) - 1
        if size < room or (size == room and is_last):
            cropped.append((text, key))
            room -= size
            continue
        if room > 0:
            cropped.append((set_cell_size(text, room - 1) + "…", key))
        break
    return cropped


def spread(left: Sequence[Run], right: Sequence[Run], width: int, *, gap: int = 2) -> Line:
    """A line with a left and a right part; where both do not fit, the right one gives way."""
    room = width - width_of(left) - gap
    tail = list(right) if width_of(right) <= room else []
    head = crop(left, width)
    if not tail:
        return head
    return [*head, (" " * (width - width_of(head) - width_of(tail)), ""), *tail]


def action_at(line: Iterable[Run], x: int) -> str:
    """The id of the action of the run at a column, empty where there is none."""
    for text, key in line:
        x -= _printed(text)[1]
        if x < 0:
            return key.partition("@")[2]
    return ""
