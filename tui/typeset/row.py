"""How the rows of a table are written."""

from __future__ import annotations

import re

MOST_COLUMNS = 64
"""No page shows more columns side by side, and each takes its time with every row: such rows stay as they are written."""

_SPACE = " \t"
_DELIMITERS = re.compile(r"[-:|][-:| \t]*$")
_DELIMITER = re.compile(r":?-+:?$")


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
    return tuple(aligns) if len(split_row(head)) == len(aligns) else ()


def split_row(line: str) -> list[str]:
    """The cells of a table's row; a bar behind a backslash is inside one."""
    line = line.strip(_SPACE)
    cells: list[str] = []
    current = ""
    last = 0
    at = line.find("|")
    while at >= 0:
        if at and line[at - 1] == "\\":
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
