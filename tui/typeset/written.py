"""Written lines: a block whose text stands as it was written, line by line."""

from __future__ import annotations

from typing import ClassVar

from tui.typeset.block import NO_MARGIN, Kind, LeafBlock, Margin


class WrittenBlock(LeafBlock):
    """Lines as they are, and one that is not finished; how they look is for subclasses to say.

    Attributes:
        piece: A line of more characters is laid out in pieces of so many.
    """

    __slots__ = ("_rows",)
    piece: ClassVar[int] = 4000

    def __init__(self, kind: Kind, margin: Margin = NO_MARGIN, gap: int = 0, language: str = "") -> None:
        super().__init__(kind, margin, gap, language)
        self._rows: list[str] = []  # lines with their newline, and pieces of long lines without

    def append(self, text: str) -> None:
        """More of the line that is being written."""
        self.partial += text
        self._is_stale = True
        while len(self.partial) >= self.piece:
            self._rows.append(self.partial[: self.piece])
            self.partial = self.partial[self.piece :]

    def end_line(self) -> None:
        """The line is complete."""
        self._rows.append(self.partial + "\n")
        self.partial = ""
        self._is_stale = True

    def close(self) -> None:
        """Nothing more will come."""
        if self.partial:
            self.end_line()
        self.is_open = False
        self._is_stale = True

    def plain(self) -> str:
        """The text itself."""
        return ("".join(self._rows) + self.partial).removesuffix("\n")
