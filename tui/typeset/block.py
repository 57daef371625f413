"""Blocks: what a document is cut into, each able to give its lines for any width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from tui.typeset.bidi import RTL
from tui.typeset.line import Line, Run, clusters, line_room, line_text, line_width

Kind = Literal["paragraph", "heading", "fence", "table", "item", "quote", "rule", "html", "math", "footnote", "plain"]
Row = tuple[Line, str]
"""A row and its seam: what stood between it and the next one in the text."""

BEYOND = 1 << 30
"""A cell behind any row: some letters have no cell of their own, and may be the last."""

_LEAST_WIDTH = 8  # cells for the text itself: deep nesting is shown only as far as it leaves so much


_NO_SEAMS: list[tuple[int, str]] = []
_NO_MARGIN: tuple[list[Run], list[Run], int] = ([], [], 0)
_NO_LINE: Line = []
"""Of what was dropped, or never was, many blocks have the same: these are replaced and never changed."""


class Origin(Protocol):
    """Where a block was cut from."""

    def between(self, begin: int, end: int) -> str:
        """The text from one place to another."""


class Margin:
    """What hangs before the rows of a block: the bars and markers of the containers it is in."""

    __slots__ = ("first", "rest")

    def __init__(self, first: Sequence[Run] = (), rest: Sequence[Run] = ()) -> None:
        self.first = tuple(first)
        self.rest = tuple(rest)

    def fit(self, width: int) -> tuple[list[Run], list[Run], int]:
        """The margin of the first row, of the others, and what is left of the width."""
        first, rest = list(self.first), list(self.rest)
        used = max(line_room(first), line_room(rest))
        while first and used > width - (_LEAST_WIDTH if len(first) > 1 else 1):
            del first[0]
            del rest[:1]
            used = max(line_room(first), line_room(rest))
        return first, rest, max(1, width - used)


NO_MARGIN = Margin()


class Block:
    """One paragraph, heading, fence, table, list item, quote or rule of a document.

    Its lines are made on demand for one width and may be forgotten; the text they come from stays.
    `language` is the language a fence names. `gap` counts the blank rows it begins with (0 or 1).
    While a block grows, the rows before `fixed` stay as they are at this width as long as `epoch` does.
    """

    __slots__ = (
        "_body_margin",
        "_changed_from",
        "_is_stale",
        "_lines",
        "_row_end",
        "_seams",
        "_width",
        "epoch",
        "fixed",
        "gap",
        "gap_line",
        "height_known",
        "is_open",
        "kind",
        "language",
        "margin",
        "origin",
        "span",
    )

    def __init__(self, kind: Kind, margin: Margin = NO_MARGIN, gap: int = 0, language: str = "") -> None:
        self.kind: Kind = kind
        self.margin = margin
        self.gap = gap
        self.gap_line: Line = _NO_LINE
        self.language = language
        self.epoch = 0
        self.fixed = 0
        self._changed_from = 0  # the first row that was made since somebody asked
        self.is_open = False
        """Whether following text may still change it."""
        self.height_known: tuple[int, int] | None = None
        """The last width it had lines for and how many."""
        self.span = (0, 0)
        """Where it begins and ends in the source of its document."""
        self.origin: Origin | None = None
        self._lines: list[Line] | None = None
        self._seams = _NO_SEAMS
        self._width = 0
        self._is_stale = True
        self._body_margin = _NO_MARGIN
        self._row_end: Line = _NO_LINE  # what tells that its rows are read from right to left

    @property
    def source(self) -> str:
        """The Markdown it was written as, its containers' markers included."""
        return self.origin.between(*self.span) if self.origin else self.plain()

    def plain(self) -> str:
        """The text as a reader would copy it: not wrapped; code without any decoration."""
        return ""

    @property
    def links(self) -> list[tuple[str, str]]:
        """Every link and image: its text and its real target, in order."""
        return []

    def lines(self, width: int) -> list[Line]:
        """The rows at this width, the gap above included. The list is the block's own: read it only."""
        if self._is_stale or self._lines is None or self._width != width:
            if self._is_rtl():
                if self._width != width or not self._row_end:
                    self._row_end = [("", f"{RTL}{width}")]
                    self._lines = None
            elif self._row_end:
                self._row_end = []
                self._lines = None
        if self._lines is None or self._width != width:
            self._width = width
            gap_line = _fit_gap(self.gap_line, width)
            self._lines = [gap_line + self._row_end if gap_line else gap_line] * self.gap
            self._seams = [(0, "\n")] * self.gap
            self._body_margin = self.margin.fit(width)
            self.fixed = self.gap
            self.epoch += 1
            self._begin()
            self._is_stale = True
            self._changed_from = 0
        if self._is_stale:
            self._is_stale = False
            first = self._first_to_make()
            self._changed_from = min(self._changed_from, first)
            del self._lines[first:]
            del self._seams[first:]
            self._grow(self._body_margin[2])
            self.height_known = (width, len(self._lines))
        return self._lines

    def height(self, width: int) -> int:
        """How many rows there are at this width; cheap once it had lines for it, even when they were dropped."""
        if self.height_known and self.height_known[0] == width and not self._is_stale:
            return self.height_known[1]
        return len(self.lines(width))

    def estimate(self, width: int) -> int:
        """About how many rows there are, for next to nothing."""
        if self.height_known and self.height_known[0] == width:
            return self.height_known[1]
        return self.gap + (self.span[1] - self.span[0]) // max(1, width) + 1

    def take_changed_from(self) -> int:
        """The first row that may have changed since this was last asked."""
        first, self._changed_from = self._changed_from, BEYOND
        return first

    def drop(self) -> None:
        """Forget the lines; they are made again when asked for."""
        self._lines = None
        self._seams = _NO_SEAMS
        self._body_margin = _NO_MARGIN

    def renew(self) -> None:
        """What the lines were made from has changed otherwise than by growing."""
        self.drop()
        self.height_known = None
        self._is_stale = True
        self.epoch += 1

    def cut(self, width: int, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text between two places (row, cell), not wrapped and without what hangs in the margin.

        Rows are counted as in `lines(width)`; the cell of `end` is not part of it.
        """
        lines = self.lines(width)
        parts: list[str] = []
        last = min(end[0], len(lines) - 1)
        for row in range(max(0, start[0]), last + 1):
            margin, seam = self._seams[row]
            text = line_text(lines[row])
            left = start[1] - margin if row == start[0] else 0
            right = end[1] - margin if row == end[0] else BEYOND
            # What hangs there is a cell a character, and takes no mark that the text begins with.
            parts.append(cells_between(text[margin:], max(0, left), right))
            if row < last:
                parts.append(seam)
        return "".join(parts)

    def decorations(self, width: int) -> list[int]:
        """For each row, the cells at its start that are margin and marks."""
        count = len(self.lines(width))
        return [margin for margin, _ in self._seams[:count]]

    def _is_rtl(self) -> bool:
        """Whether its rows are read from right to left."""
        return False

    def _begin(self) -> None:
        """Start again for another width."""

    def _first_to_make(self) -> int:
        """The first row that may look different from what it was: from there on `_grow` puts them."""
        return self.fixed

    def _grow(self, width: int) -> None:
        """Put the rows that are not there yet; after the last one that is final, set `fixed`."""
        raise NotImplementedError

    def _put(self, rows: Sequence[Row], indent: int = 0) -> None:
        """Append rows under the margin; `indent` cells at their start are decoration too."""
        lines, seams = self._lines, self._seams
        if lines is None:
            return
        first, rest, _ = self._body_margin
        for line, seam in rows:
            is_first = len(lines) == self.gap
            hang = first if is_first else rest
            lines.append(hang + line + self._row_end if self._row_end else hang + line)
            margin = _unmarked(hang) if is_first else line_width(hang)
            seams.append((margin + indent, seam))

    def _set_fixed(self) -> None:
        self.fixed = len(self._lines or ())


def _unmarked(hang: Sequence[Run]) -> int:
    """The cells before the marker of an item, which a reader wants to copy: the bars of quotes, and other items' indents."""
    at = len(hang)
    if hang and hang[-1][1] not in ("", "quote"):
        at -= 1
        at -= hang[at][1].startswith("task") and at > 0 and hang[at - 1][1] == "bullet"  # its number
    marker = hang[at][0] if at < len(hang) else ""
    return line_width(list(hang[:at])) + len(marker) - len(marker.lstrip())


def cells_between(text: str, left: int, right: int) -> str:
    """The part of a row between two cells; a wide character belongs to the cell it begins in."""
    if text.isascii():
        return text[left : max(left, right)]
    parts: list[str] = []
    at = 0
    for piece, cells in clusters(text):
        if left <= at < right:
            parts.append(piece)
        at += cells
    return "".join(parts)


class LeafBlock(Block):
    """A block that text is written into, and not other blocks.

    Attributes:
        partial: The line at its end that is not finished; in running text with the newline before it.
    """

    __slots__ = ("partial",)

    def __init__(self, kind: Kind, margin: Margin = NO_MARGIN, gap: int = 0, language: str = "") -> None:
        super().__init__(kind, margin, gap, language)
        self.partial = ""

    def show(self, partial: str) -> None:
        """Set the unfinished line."""
        if partial != self.partial:
            self.partial = partial
            self._is_stale = True


def _fit_gap(line: Line, width: int) -> Line:
    """What hangs beside a blank row, without the outer bars where there is no room for all of them."""
    while len(line) > 1 and line_room(line) > width - _LEAST_WIDTH:
        line = line[1:]
    return line


class RuleBlock(Block):
    """A line across the page."""

    __slots__ = ()

    def __init__(self, margin: Margin = NO_MARGIN, gap: int = 0) -> None:
        super().__init__("rule", margin, gap)

    def plain(self) -> str:
        """Three dashes."""
        return "---"

    def _grow(self, width: int) -> None:
        self._put([([("─" * width, "rule")], "\n")])
        self._set_fixed()
