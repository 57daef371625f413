"""Plain text as a document: what the user typed, errors, results. No Markdown is seen in it."""

from __future__ import annotations

from tui.typeset.block import Block
from tui.typeset.line import Line
from tui.typeset.wrap import wrap


class PlainBlock(Block):
    """Lines of text as they are, wrapped."""

    __slots__ = ()

    def __init__(self, source: str, gap: int = 0) -> None:
        super().__init__("plain", source, gap)

    def lines(self, width: int) -> list[Line]:
        """The rows at this width."""
        if self._lines is None or self._width != width:
            self._width = width
            wrapped = wrap([(self.source.expandtabs(4), "")], width)
            self._lines = [[] for _ in range(self.gap)] + [line for line, _ in wrapped]
            self._seams = [(0, "\n")] * self.gap + [(0, seam) for _, seam in wrapped]
            self.fixed = 0
        return self._lines
