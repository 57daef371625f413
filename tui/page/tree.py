"""A structured value as lines: the tree of its slots, each with how it stands."""

from __future__ import annotations

from tui.page.line import Line
from tui.schema.json_value import canonical
from tui.schema.slot import Slot
from tui.wire.partial_json import MISSING
from tui.wire.printable import printable_line

MARKS = {"empty": ("▢", "muted"), "arriving": ("…", "accent"), "valid": ("✓", "success"), "invalid": ("✗", "error")}
LONGEST = 4000
"""Characters of a value that are looked at; a line shows fewer anyway."""


def tree_lines(slot: Slot, indent: str = "") -> list[Line]:
    """The lines of a tree; the root itself has one only where it is a plain value or wrong."""
    lines: list[Line] = []
    if not slot.children or slot.state == "invalid":
        lines.append([(indent, ""), *slot_line(slot, is_root=True)])
    for child in slot.children:
        for depth, inner in child.rows():
            lines.append([(indent + "  " * depth, ""), *slot_line(inner)])
    return lines


def slot_line(slot: Slot, *, is_root: bool = False) -> Line:
    """One slot on one line: how it stands, its name, what is in it or is wanted there, what is wrong with it."""
    mark, tone = MARKS[slot.state]
    line: Line = [(f"{mark} ", tone)]
    if slot.label and not is_root:
        line.append((printable_line(slot.label), "strong" if slot.children else ""))
        if slot.value is MISSING or not slot.children:
            line.append(("  ", ""))
    if slot.value is MISSING:
        needed = ", needed" if slot.is_required and slot.state != "invalid" else ""
        line.append((printable_line(slot.kind) + needed, "muted"))
    elif not slot.children:
        line.append(value_words(slot.value))
    if slot.message and (not slot.children or is_root):
        line.append((f"  {printable_line(slot.message)}", "error"))
    elif slot.is_extra:
        line.append(("  not declared", "warning"))
    return line


def value_words(value: object) -> tuple[str, str]:
    """A plain value as it is written in JSON, and its style."""
    if isinstance(value, str):
        return f'"{printable_line(value[:LONGEST])}"', "str"
    if value is None or isinstance(value, bool):
        return canonical(value), "kw"
    if isinstance(value, int | float):
        return canonical(value), "num"
    return printable_line(canonical(value)[:LONGEST]), ""
