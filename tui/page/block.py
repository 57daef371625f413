"""The blocks of a page: those that typesetting makes, and those of the page's own.

The page's own are roles, notes, folds, tool calls and sources. The cursor, copying and finding treat all alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tui.domain.tool_call import ToolCall
from tui.page.argument import abbreviate
from tui.page.call_symbol import key_of, symbol_of
from tui.typeset.block import BEYOND, cells_between
from tui.typeset.line import (
    MEASURE,
    Line,
    Run,
    join_styles,
    line_room,
    line_text,
    room_clusters,
    room_of,
    style_target,
)
from tui.typeset.wrap import wrap_told
from tui.wire.printable import breakable, printable, printable_line

PROSE = MEASURE
"""Columns that prose is set to at most, however wide the terminal is."""

_WIDE = frozenset({"fence", "table", "call", "structure", "server-tool"})


class Block(Protocol):
    """What the page needs of a block; `tui.typeset.block.Block` is one."""

    @property
    def kind(self) -> str:
        """What it is, in a word."""

    @property
    def gap(self) -> int:
        """The blank rows it begins with."""

    @property
    def language(self) -> str:
        """The language that code names."""

    @property
    def links(self) -> list[tuple[str, str]]:
        """Every link: its text and its real target."""

    def plain(self) -> str:
        """The text as a reader would copy it."""

    def lines(self, width: int) -> list[Line]:
        """The rows at this width, the gap included."""

    def height(self, width: int) -> int:
        """How many rows there are at this width."""

    def estimate(self, width: int) -> int:
        """About how many rows there are, for next to nothing."""

    def take_changed_from(self) -> int:
        """The first row that may have changed since this was last asked."""

    def drop(self) -> None:
        """Forget the rows; they are made again when asked for."""

    def cut(self, width: int, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text between two places (row, cell), not wrapped; the end is not part of it."""


def measure_of(block: Block, width: int) -> int:
    """The columns a block may take of a page so wide: code and tables all, prose a readable measure."""
    return width if block.kind in _WIDE else min(width, PROSE)


class OwnBlock:
    """A block that the page makes itself; what it says is already printable."""

    __slots__ = ("_lines", "_seams", "_width", "gap", "kind")

    language = ""

    def __init__(self, kind: str, gap: int = 0) -> None:
        """Say what it is, and how many blank rows it begins with."""
        self.kind = kind
        self.gap = gap
        self._lines: list[Line] | None = None
        self._seams: list[str] = []
        self._width = 0

    @property
    def links(self) -> list[tuple[str, str]]:
        """None, as a rule."""
        return []

    def plain(self) -> str:
        """The text as a reader would copy it."""
        raise NotImplementedError

    def rows(self, width: int) -> list[tuple[Line, str]]:
        """The rows below the gap, each with what stands between it and the next one in the text."""
        raise NotImplementedError

    def lines(self, width: int) -> list[Line]:
        """The rows at this width, the gap included."""
        if self._lines is None or self._width != width:
            self._width = width
            rows = [*[([], "\n")] * self.gap, *self.rows(width)]
            self._lines = [line for line, _ in rows]
            self._seams = [seam for _, seam in rows]
        return self._lines

    def height(self, width: int) -> int:
        """How many rows there are at this width."""
        return len(self.lines(width))

    def estimate(self, width: int) -> int:
        """The same: these blocks are small."""
        return self.height(width)

    def take_changed_from(self) -> int:
        """The first row that may have changed: nobody keeps count."""
        return 0

    def drop(self) -> None:
        """Forget the rows."""
        self._lines = None

    def cut(self, width: int, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text between two places (row, cell), not wrapped; the end is not part of it."""
        lines = self.lines(width)
        last = min(end[0], len(lines) - 1)
        parts: list[str] = []
        for row in range(max(0, start[0]), last + 1):
            text = line_text(lines[row])
            left = start[1] if row == start[0] else 0
            right = end[1] if row == end[0] else BEYOND
            parts += [cells_between(text, left, right), self._seams[row] if row < last else ""]
        return "".join(parts)


class Note(OwnBlock):
    """A few paragraphs of styled runs, wrapped."""

    __slots__ = ("paragraphs",)

    def __init__(self, kind: str, paragraphs: Sequence[Sequence[Run]], gap: int = 0) -> None:
        """Take the paragraphs."""
        super().__init__(kind, gap)
        self.paragraphs = [list(paragraph) for paragraph in paragraphs]

    def plain(self) -> str:
        """The words."""
        return "\n".join("".join(text for text, _ in runs) for runs in self.paragraphs)

    @property
    def links(self) -> list[tuple[str, str]]:
        """The runs that lead somewhere."""
        return [(text, style_target(key)) for runs in self.paragraphs for text, key in runs if style_target(key)]

    def rows(self, width: int) -> list[tuple[Line, str]]:
        """The paragraphs, wrapped."""
        return [row for runs in self.paragraphs for row in wrap_told(runs, width)]


def role_block(words: str, key: str) -> Note:
    """Who speaks: a word, after a blank line."""
    return Note("role", [[(printable_line(words), key)]], gap=1)


def gap_block() -> Note:
    """One blank line."""
    return Note("gap", [[]])


def plain_block(kind: str, text: str, key: str = "", *, gap: int = 0) -> Note:
    """Text as it is, verbatim."""
    return Note(kind, [[(line.expandtabs(4), key)] for line in breakable(text).split("\n")], gap)


_PAGE_STATES = {"not run": "dropped", "queued": "arriving"}


def standing_of(call: ToolCall, state: str) -> tuple[str, str]:
    """What the page calls a state of a call, and the note beside it."""
    notes = ["edited by you"] if call.edited else []
    if state == "stopped":
        notes.append("stopped while it ran")
    return _PAGE_STATES.get(state, state), " · ".join(notes)


class CallBlock(OwnBlock):
    """One tool call on one line: its state, name and arguments, and a note at the right."""

    __slots__ = ("call", "note", "state")

    def __init__(self, call: ToolCall, state: str, note: str = "", gap: int = 0) -> None:
        """Take the call and how it stands."""
        super().__init__("call", gap)
        self.call = call
        self.state = state
        self.note = note

    def plain(self) -> str:
        """The call as it would be written: name and arguments."""
        return printable(f"{self.call.label}({self.call.final_arguments})")

    def rows(self, width: int) -> list[tuple[Line, str]]:
        """The row."""
        name = printable_line(self.call.label) or "tool"
        left: Line = [(f"{symbol_of(self.state)} ", key_of(self.state)), (name, "strong")]
        if words := abbreviate(self.call.final_arguments):
            left.append((f"  {words}", "muted"))
        return [(spread(left, printable_line(self.note), width), "\n")]


def spread(left: Line, right: str, width: int) -> Line:
    """A line with a muted note at its right end; the left part is cut where both do not fit."""
    tail = cut_line([(right, "muted")], width // 2) if right else []
    head = cut_line(left, width - (line_room(tail) + 2 if tail else 0))
    if not tail:
        return head
    space = width - line_room(head) - line_room(tail)
    return [*head, (" " * space, ""), *tail]


def cut_line(line: Line, width: int) -> Line:
    """At most `width` cells of a line, with an ellipsis where something was cut."""
    if line_room(line) <= width:
        return line
    cut: Line = []
    room = width - 1
    for text, key in line:
        if room_of(text) <= room:
            cut.append((text, key))
            room -= room_of(text)
            continue
        piece = ""
        for cluster, cells in room_clusters(text, width):
            if cells > room:
                break
            piece += cluster
            room -= cells
        return [*cut, (f"{piece}…", key)]
    return cut


def toned(line: Line, key: str) -> Line:
    """A line in another tone; its own styles stay."""
    return [(text, join_styles(key, style)) for text, style in line]
