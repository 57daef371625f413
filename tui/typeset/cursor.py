"""A place in a line of Markdown, counted in columns."""

from __future__ import annotations

import re

CODE_INDENT = 4  # columns that make text code
_TAB = 4
_SPACE = re.compile(r"[ \t]*")


class Cursor:
    """A place in a line, counted in columns because a tab may be eaten in part."""

    __slots__ = ("_has_tab", "_solid", "_spare", "column", "line", "position")

    def __init__(self, line: str) -> None:
        self.line = line
        self.position = 0
        self.column = 0
        self._spare = 0  # columns left of a tab eaten in part
        self._solid = -1  # where the white space from here ends
        self._has_tab = "\t" in line

    def indent(self) -> tuple[int, int]:
        """The columns of white space from here, and where it ends."""
        if self._solid < self.position:
            match = _SPACE.match(self.line, self.position)
            self._solid = match.end() if match else self.position
        if not self._has_tab:
            return self._solid - self.position, self._solid
        column = self.column + self._spare
        for character in self.line[self.position : self._solid]:
            column += _TAB - column % _TAB if character == "\t" else 1
        return column - self.column, self._solid

    def eat(self, columns: int) -> None:
        """Go past white space, at most so many columns of it."""
        if not self._has_tab:
            columns = min(columns, self.indent()[0])
            self.position += columns
            self.column += columns
            return
        while columns > 0:
            if self._spare:
                part = min(self._spare, columns)
                self._spare -= part
                self.column += part
                columns -= part
                continue
            character = self.line[self.position : self.position + 1]
            if character == " ":
                self.column += 1
                columns -= 1
            elif character == "\t":
                self._spare = _TAB - self.column % _TAB
            else:
                return
            self.position += 1

    def jump(self, position: int, columns: int) -> None:
        """Go to a position that is so many columns away."""
        self.position = position
        self.column += columns
        self._spare = 0

    def text(self) -> str:
        """What is left of the line."""
        return " " * self._spare + self.line[self.position :]
