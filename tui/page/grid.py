"""The grid: an array of objects as a table that grows, drawn from the schema before a row has come."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from tui.page.block import cut_line
from tui.page.tree import MARKS
from tui.schema.json_value import canonical, is_sequence
from tui.schema.slot import Slot
from tui.typeset.line import Line, Run, line_room, room_of
from tui.wire.partial_json import MISSING
from tui.wire.printable import printable_line

BETWEEN = 2
"""Cells between two columns."""

HEAD = 2
"""Lines above the first row."""

MORE = "…"
"""Stands behind what is still arriving."""

LEAST = 5
"""Cells that a column needs at least where it must be cut; with less, a tree reads better."""

LONGEST = 400
"""Characters of a value that are looked at; a cell shows fewer anyway."""


def is_table(slot: Slot) -> bool:
    """Whether a slot is an array whose items are objects; of those that came, only the ends are looked at."""
    if not slot.children or not isinstance(slot.children[0].path[-1], int):
        return False
    first, last = slot.children[0], slot.children[-1]
    is_named = bool(first.children) and all(isinstance(child.path[-1], str) for child in first.children)
    return is_named and (bool(last.children) or last.state in ("arriving", "invalid"))


class _Row(Struct):
    slot: Slot
    cells: dict[str, Run]


class Grid:
    """Columns and rows of one array. What was complete is not looked at again; columns only ever widen."""

    def __init__(self, *, is_over: bool = False) -> None:
        """Start without a column; where nothing more comes, none needs to be wider than what it holds."""
        self._is_over = is_over
        self._widths: dict[str, int] = {}
        self._numbers: dict[str, bool] = {}
        self._rows: list[_Row] = []
        self._lines: list[tuple[Line, str]] = []
        self._drawn_at: tuple[list[int], str] = ([], "")

    def read(self, items: Sequence[Slot]) -> None:
        """Take the items as they are now."""
        first = min(len(self._rows), len(items)) - 1
        if first < 1 or self._rows[first - 1].slot is not items[first - 1]:
            first = 0  # else all before are what they were: items come in order, and are final once the next has come
        del self._rows[first:], self._lines[HEAD + first :]
        for item in items[first:]:
            row = _Row(item, {})
            for child in item.children:
                name = child.label
                text, key = row.cells[name] = _cell(child, is_row_open=item.state in ("empty", "arriving"))
                if key not in ("muted", "error"):
                    self._numbers[name] = key == "num" and self._numbers.get(name, True)
                width = self._widths.get(name) or room_of(printable_line(name))
                self._widths[name] = max(width, room_of(text) if self._is_over else _room_for(child, text))
            self._rows.append(row)

    def lines(self, width: int, indent: str, *, is_over: bool) -> list[tuple[Line, str]] | None:
        """The header, a rule and a line for each row; `None` where there is no room for a table.

        The list is the grid's own: a row that has come whole is drawn once.
        """
        widths = _fit(list(self._widths.values()), width - BETWEEN - len(indent))
        if widths is None:
            return None
        names, lines = list(self._widths), self._lines
        if self._drawn_at != (widths, indent) or not lines:
            self._drawn_at = (widths, indent)
            header: Line = [(indent + " " * BETWEEN, "")]
            for name, size in zip(names, widths, strict=True):
                header += self._padded((printable_line(name), "th"), size, name)
            rule = "─" * (sum(widths) + BETWEEN * (len(widths) - 1))
            lines[:] = [(header[:-1], "\n"), ([(indent + " " * BETWEEN, ""), (rule, "rule")], "\n")]
        for row in self._rows[len(lines) - HEAD :]:
            line = self._line(row, names, widths, width)
            if is_over and row.slot.state == "arriving":
                line[0] = ("✂ ", "warning")
            lines.append(([(indent, ""), *line] if indent else line, "\n"))
        return lines

    def _line(self, row: _Row, names: list[str], widths: list[int], width: int) -> Line:
        mark, tone = MARKS[row.slot.state]
        line: Line = [(f"{mark} ", tone)]
        if not row.slot.children:
            return cut_line([*line, (printable_line(row.slot.message), "error")], width)
        for name, size in zip(names, widths, strict=True):
            line += self._padded(row.cells.get(name, ("", "")), size, name)
        return line[:-1]  # nothing stands after the last one

    def _padded(self, cell: Run, size: int, name: str) -> Line:
        """A cell in its width and the space after it; a column of numbers is set to the right."""
        line = cut_line([cell], size)
        space = (" " * (size - line_room(line)), "")
        between = (" " * BETWEEN, "")
        return [space, *line, between] if self._numbers.get(name) else [*line, space, between]


def _fit(widths: list[int], room: int) -> list[int] | None:
    """The widths in so much room: the widest columns give way first."""
    room -= BETWEEN * (len(widths) - 1)
    if not widths or room < min(LEAST, *widths) * len(widths):
        return None
    most = max(widths)
    while sum(min(size, most) for size in widths) > room:
        most -= 1
        if most < LEAST:
            return None
    return [min(size, most) for size in widths]


def _room_for(slot: Slot, text: str) -> int:
    """The cells for a value that may still come: as many in each of its states, however the stream was cut."""
    more = 0 if slot.value is MISSING else len(MORE)
    return max(room_of(printable_line(slot.kind)), room_of(text.removesuffix(MORE)) + more)


def _cell(slot: Slot, *, is_row_open: bool) -> Run:
    value = slot.value
    if value is MISSING:
        if slot.state == "invalid":
            return "✗ missing", "error"
        return (printable_line(slot.kind), "muted") if is_row_open else ("", "muted")
    text = printable_line(_words(value)[:LONGEST])
    if slot.state == "invalid":
        return f"✗ {text}", "error"
    key = "kw" if isinstance(value, bool) or value is None else "num" if isinstance(value, int | float) else ""
    return (text + MORE, "" if value is None else key) if slot.state == "arriving" else (text, key)


def _words(value: object) -> str:
    """A value in a cell: strings bare, lists of plain values with commas, everything else as JSON."""
    if isinstance(value, str):
        return value
    if is_sequence(value) and not any(isinstance(inner, dict | list | tuple) for inner in value):
        return ", ".join(inner if isinstance(inner, str) else canonical(inner) for inner in value)
    return canonical(value)
