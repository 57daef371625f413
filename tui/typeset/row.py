"""How the rows of a table are written."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_COLUMNS = 64
"""No page shows more columns side by side, and each takes its time with every row: such rows stay as they are written."""

_SPACE = " \t"
_DELIMITERS = re.compile(r"[-:|][-:| \t]*$")
_DELIMITER = re.compile(r":?-+:?$")
_INNER = re.compile(
    r"(?<!\\)(`+)(?!`).+?(?<!`)\1(?!`)|\$[^\s$](?:[^$]*[^\s$\\])?\$(?!\d)|\$\$[^$]+\$\$|\\\(.+?\\\)|(?<=\S)[ ]?\|\|[ ]?(?=\S)"
)
"""Code, a formula, a double bar: bars in them are meant as text where a row would have too many cells."""


def read_delimiters(head: str, line: str) -> tuple[str, ...]:
    """How the columns of a table are aligned, if `head` and the line under it begin a table."""
    if "|" not in head or not _DELIMITERS.match(line) or line[1:2] == "" or (line[0] == "-" and line[1] in " \t"):
        return ()
    columns = line.split("|", MOST_COLUMNS + 2)
    if len(columns) > MOST_COLUMNS + 2:
        return ()
    aligns: list[str] = []
    for index, column in enumerate(columns):
        mark = column.strip()
        if not mark:
            if 0 < index < len(columns) - 1:
                return ()
            continue
        if not _DELIMITER.match(mark):
            return ()
        right, left = mark.endswith(":"), mark.startswith(":")
        aligns.append("center" if right and left else "right" if right else "left")
    names = len(_split(head, len(aligns)))
    if names == len(aligns):
        return tuple(aligns)
    # Who draws bars at both ends of both lines and counts wrong means a table.
    most = max(names, len(aligns))
    is_drawn = min(names, len(aligns)) > 1 and all(_is_drawn(row) for row in (head, line))
    return tuple([*aligns, *["left"] * names][:most]) if is_drawn and most <= MOST_COLUMNS else ()


def _is_drawn(line: str) -> bool:
    line = line.strip(_SPACE)
    return line[0] == "|" == line[-1]


def cells_of(line: str, count: int) -> list[str]:
    """The cells of a row of a table with so many columns; what is written beyond the last one stays in that."""
    cells = _split(line, count)
    return [*cells[: count - 1], " | ".join(cells[count - 1 :])] if len(cells) > count else cells


def _split(line: str, count: int) -> list[str]:
    """The cells of a row that should have so many: where it has more, bars in code and formulas are none between cells."""
    cells = split_row(line)
    if len(cells) > count and (inner := [match.span() for match in _INNER.finditer(line) if "|" in match[0]]):
        inside = split_row(line, inner)
        return inside if len(inside) >= count else cells
    return cells


def split_row(line: str, inner: Sequence[tuple[int, int]] = ()) -> list[str]:
    """The cells of a table's row; a bar behind a backslash is inside one, and so are those between given places."""
    lead = len(line) - len(line.lstrip(_SPACE))
    line = line.strip(_SPACE)
    cells: list[str] = []
    current = ""
    last = 0
    at = line.find("|")
    while at >= 0:
        if any(start <= at + lead < end for start, end in inner):
            pass
        elif at and line[at - 1] == "\\":
            current += line[last : at - 1]
            last = at
        else:
            cells.append(current + line[last:at])
            current = ""
            last = at + 1
        at = line.find("|", at + 1)
    cells.append(current + line[last:])
    if cells and not cells[0]:
        del cells[0]
    if cells and not cells[-1]:
        del cells[-1]
    return [cell.strip(_SPACE) for cell in cells]
