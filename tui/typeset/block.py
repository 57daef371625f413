"""Blocks: what a document is cut into, each able to give its lines for any width."""

from __future__ import annotations

from tui.typeset.line import Line, line_text, width_of


class Block:
    """One paragraph, heading, fence, table, list item, quote or rule of a document.

    Its lines are made on demand for one width and may be forgotten; the text they come from stays.
    `kind` is one of paragraph heading fence table item quote rule html math footnote plain.
    `language` is the language a fence names. `gap` counts the blank lines it begins with (0 or 1).
    `source` is the Markdown it was written as.
    """

    __slots__ = ("_lines", "_seams", "_width", "epoch", "fixed", "gap", "kind", "language", "source")

    def __init__(self, kind: str, source: str, gap: int = 0, language: str = "") -> None:
        self.kind = kind
        self.source = source
        self.language = language
        self.gap = gap
        self.epoch = 0
        """Changes when lines before `fixed` became different at the same width."""
        self.fixed = 0
        """How many lines from the top will stay as they are while the block grows at this width."""
        self._lines: list[Line] | None = None
        self._seams: list[tuple[int, str]] = []
        self._width = 0

    def plain(self) -> str:
        """The text as a reader would copy it: not wrapped, not decorated."""
        return self.source

    @property
    def links(self) -> list[tuple[str, str]]:
        """Every link and image: its text and its real target, in order."""
        return []

    def lines(self, width: int) -> list[Line]:
        """The rows at this width, the gap above included. Not to be changed by the caller."""
        raise NotImplementedError

    def height(self, width: int) -> int:
        """How many rows there are at this width."""
        return len(self.lines(width))

    def estimate(self, width: int) -> int:
        """About how many rows there are, for next to nothing."""
        return self.gap + self.source.count("\n") + len(self.source) // max(1, width) + 1

    def drop(self) -> None:
        """Forget the lines; they are made again when asked for."""
        self._lines = None

    def cut(self, width: int, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text between two places (row, cell), not wrapped and without what hangs in the margin.

        Rows are counted as in `lines(width)`; `end` is not part of it.
        """
        lines = self.lines(width)
        parts: list[str] = []
        first, last = max(0, start[0]), min(end[0], len(lines) - 1)
        for row in range(first, last + 1):
            margin, seam = self._seams[row] if row < len(self._seams) else (0, "\n")
            text = line_text(lines[row])
            left = max(margin, start[1] if row == first else 0)
            right = end[1] if row == end[0] else width_of(text)
            parts.append(cells_between(text, left, right))
            if row < last:
                parts.append(seam)
        return "".join(parts)


def cells_between(text: str, left: int, right: int) -> str:
    """The part of a row between two cells; a wide character belongs to the cell it begins in."""
    if text.isascii():
        return text[left:max(left, right)]
    from tui.typeset.line import clusters

    kept: list[str] = []
    at = 0
    for piece, cells in clusters(text):
        if left <= at < right:
            kept.append(piece)
        at += cells
    return "".join(kept)
