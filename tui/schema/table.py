"""Tables: an array of objects as columns and rows, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tui.schema.json_value import canonical, is_sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Table(Struct, frozen=True):
    """Columns in order of first appearance, and rows of cells; a cell is text, empty where nothing is."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def csv(self) -> str:
        """The table as CSV (RFC 4180).

        A text that a spreadsheet would take for a formula gets an apostrophe before it: the values come
        from a model, and a formula can send what stands beside it away.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(map(_harmless, self.columns))
        writer.writerows([_harmless(cell) for cell in row] for row in self.rows)
        return out.getvalue()


def read_table(value: Any) -> Table | None:
    """A table where a value is one: an array of objects, or an object whose only array is one; else `None`."""
    if isinstance(value, Mapping):
        arrays = [inner for inner in value.values() if is_sequence(inner)]
        if len(arrays) != 1:
            return None
        value = arrays[0]
    if not is_sequence(value) or not value or not all(isinstance(row, Mapping) for row in value):
        return None
    columns = tuple(dict.fromkeys(name for row in value for name in row))
    return Table(columns, tuple(tuple(_cell(row[name]) if name in row else "" for name in columns) for row in value))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical(value)


def _harmless(cell: str) -> str:
    if not cell.startswith(_FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
