"""A structured reply: the tree or the table of what the schema promises, filled as the reply arrives."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.domain.request import ReplySchema
from tui.domain.turn import Turn, TurnState
from tui.page.block import Note, OwnBlock
from tui.page.entry import sum_of
from tui.page.grid import Grid, is_table
from tui.page.tree import slot_line
from tui.schema.json_value import indented, is_sequence, thaw
from tui.schema.schema import path_text
from tui.schema.slot import Form, Slot
from tui.schema.table import read_table
from tui.typeset.line import Line, line_room
from tui.typeset.wrap import wrap
from tui.wire.partial_json import MISSING, PartialJson
from tui.wire.printable import printable, printable_line

if TYPE_CHECKING:
    from tui.chat.structure import Verdict

SLICE = 4096
"""Characters that are read before the time is looked at."""

MOST = 4000
"""Rows that are shown; a longer structure is there to be saved."""

_Subtree = list[tuple[Line, str]]


class StructureBlock(OwnBlock):
    """The structure of one reply. Fragments are read once, and what was complete is neither checked nor laid out again.

    Attributes:
        unread: Characters that have not been read yet.
    """

    __slots__ = (
        "_form",
        "_grids",
        "_is_over",
        "_laid",
        "_read",
        "_reader",
        "_schema",
        "_sum",
        "_verdict",
        "unread",
    )

    language = "json"

    def __init__(self, schema: ReplySchema) -> None:
        """Draw the empty slots."""
        super().__init__("structure")
        self._schema = schema
        self._begin()

    def _begin(self) -> None:
        self._reader = PartialJson()
        self._form = Form(self._schema.schema)
        self._grids: dict[tuple[str | int, ...], Grid] = {}
        self._laid: dict[tuple[str | int, ...], tuple[Slot, int, _Subtree]] = {}
        self._read = self._sum = 0
        self._is_over = False
        self._verdict: Verdict | None = None
        self.unread = 0
        self.drop()

    # --- reading -------------------------------------------------------------------------------------------------
    def take(self, text: str, has_time: Callable[[], bool], *, is_over: bool) -> None:
        """Read what is new of the reply so far, as far as there is time; the slots are filled once."""
        before = (self._read, self._is_over)
        while self._read < len(text) and (self._read == before[0] or has_time()):
            piece = text[self._read : self._read + SLICE]
            self._reader.feed(piece)
            self._read += len(piece)
            self._sum = sum_of(piece, self._sum)
        self.unread = len(text) - self._read
        if is_over and not self._is_over:
            self._grids.clear()  # the columns need no longer be as wide as what is not there
        self._is_over = is_over
        if before != (self._read, is_over):
            self._form.update(self._reader.value, self._reader.open_path)
            self.drop()

    def restate(self, text: str) -> None:
        """Where the endpoint stated the reply otherwise than it had come, begin again."""
        if len(text) < self._read or sum_of(text[: self._read]) != self._sum:
            self._begin()

    @property
    def has_value(self) -> bool:
        """Whether anything came that is JSON."""
        return self._reader.value is not MISSING

    @property
    def is_prose(self) -> bool:
        """Whether what came is no JSON from its first character on."""
        return self._reader.problem is not None and not self.has_value

    @property
    def fault(self) -> str:
        """The first thing that is wrong so far, with its place; empty when nothing is."""
        if (violation := self._form.violation) is not None:
            return str(violation)
        if (at := self._reader.problem) is not None:
            return f"not JSON from character {at + 1:,} on"
        return ""

    @property
    def open_place(self) -> str:
        """Where the value is that was arriving last; empty for the whole."""
        path = self._reader.open_path
        return path_text(path) if path else ""

    @property
    def is_table(self) -> bool:
        """Whether what came is a table, and can be saved as CSV."""
        return read_table(self._reader.value) is not None

    def verdict(self, turn: Turn) -> Verdict:
        """What became of the reply; asked once its turn is over."""
        if self._verdict is None:
            from tui.chat.structure import judge

            self._verdict = judge(turn, self._schema)
        return self._verdict

    def csv(self) -> str:
        """The table as CSV; empty where there is none."""
        table = read_table(self._reader.value)
        return table.csv() if table is not None else ""

    def plain(self) -> str:
        """The value so far as JSON, indented; what could not be shown as it is, is escaped."""
        if not self.has_value:
            return ""
        text = indented(self._reader.value)
        return text if printable(text) == text else json.dumps(thaw(self._reader.value), indent=2)

    # --- rows ----------------------------------------------------------------------------------------------------
    def rows(self, width: int) -> list[tuple[Line, str]]:
        """The tree or the table."""
        rows = self._draw(width)
        if len(rows) > MOST:
            rows[MOST:] = [([("… and more: t shows the text, s saves all of it", "muted")], "\n")]
        return rows

    def _draw(self, width: int) -> _Subtree:
        root = self._form.slot
        if is_table(root) and (table := self._table(root, width, "")) is not None:
            return list(table)
        rows: _Subtree = []
        if not root.children:
            rows += _wrapped(self._shown(root, is_root=True), width, 0)
        for child in root.children:
            if len(rows) > MOST:
                break
            if is_table(child) and (table := self._table(child, width, "  ")) is not None:
                rows += _wrapped(self._shown(child), width, 0)
                rows += table
            else:
                rows += self._subtree(child, 0, width)
        return rows

    def _table(self, slot: Slot, width: int, indent: str) -> _Subtree | None:
        grid = self._grids.setdefault(slot.path, Grid(is_over=self._is_over))
        grid.read(slot.children)
        return grid.lines(width, indent, is_over=self._is_over)

    def _subtree(self, slot: Slot, depth: int, width: int) -> _Subtree:
        laid = self._laid.get(slot.path)
        if laid is not None and laid[0] is slot and laid[1] == width:
            return laid[2]
        rows = _wrapped(self._shown(slot), width, depth)
        for child in slot.children:
            rows += self._subtree(child, depth + 1, width)
        if slot.state != "arriving":  # the mark of one that never ends is another when all is over
            self._laid[slot.path] = (slot, width, rows)
        return rows

    def _shown(self, slot: Slot, *, is_root: bool = False) -> Line:
        line = slot_line(slot, is_root=is_root)
        if self._is_over and slot.state == "arriving":
            line[0] = ("✂ ", "warning")
        if is_sequence(slot.value) and len(slot.value):
            line.append((f"  {len(slot.value):,}", "muted"))
        return line


def _wrapped(line: Line, width: int, depth: int) -> _Subtree:
    """A slot's line, indented by its depth; what does not fit goes on below its name."""
    indent = "  " * min(depth, width // 6)
    if line_room(line) + len(indent) <= width:
        return [([(indent, ""), *line] if indent else line, "\n")]
    mark, *rest = line
    hanging = indent + "  "
    rows = wrap(rest, max(8, width - len(hanging)))
    first = ([(indent, ""), mark, *rows[0][0]], rows[0][1])
    return [first, *(([(hanging, ""), *row], seam) for row, seam in rows[1:])]


def verdict_note(turn: Turn, structure: StructureBlock, *, is_over: bool, hint: str, gap: int) -> Note | None:
    """How the reply stands against its schema, on one line; none while nothing is wrong, or where nothing came."""
    if turn.refusal or not turn.body.size:
        return None
    if not is_over:
        return _note("✗ ", structure.fault, "error", gap) if structure.fault else None
    verdict = structure.verdict(turn)
    match verdict.kind:
        case "valid":
            words = (
                "valid" if turn.state is TurnState.COMPLETE else "valid, and whole although the reply did not end well"
            )
            return _note("✓ ", words, "success", gap, hint=_beside(verdict) + hint)
        case "cut":
            place = structure.open_place
            return _note("✂ ", f"cut in {place}" if place else "cut", "warning", gap, hint=hint)
        case "invalid":
            return _note("✗ ", f"invalid: {verdict.words}", "error", gap, hint=_beside(verdict) + hint)
    return None


def _beside(verdict: Verdict) -> str:
    """What was not judged, to stand beside the verdict."""
    return f" · not judged: {printable_line(verdict.not_judged)}" if verdict.unjudged else ""


def _note(symbol: str, words: str, key: str, gap: int, *, hint: str = "") -> Note:
    runs = [(symbol + printable_line(words), key)]
    return Note("verdict", [[*runs, (hint, "muted")] if hint else runs], gap)
