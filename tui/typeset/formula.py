"""LaTeX formulas as plain Unicode: an approximation that can be read in a line of text."""

from __future__ import annotations

import re

from tui.typeset.box import BRACKETS, Boxes, bracketed, table
from tui.typeset.symbol import ABOVE, ACCENTS, BELOW, DOUBLE, NAMES, NOTHING, SYMBOLS

_TOKEN = re.compile(r"\\(?:[a-zA-Z]+\*?|.)|[{}^_&~]|[^\\{}^_&~]", re.DOTALL)
_SIMPLE = re.compile(r"√?[\w.′∞]+$|.$")
_DEPTH = 40


def unicode_formula(latex: str, *, is_display: bool = False) -> str:
    """The formula in Unicode; commands that are not known stay as they were written.

    A displayed one may have several rows; in a line of text its rows stand behind each other.
    """
    reader = _Reader(latex, is_display=is_display)
    text = reader.read_group(until_end=True)
    rows: list[str] = []
    for line in text.replace("\r", "").split("\n"):
        if flat := re.sub(r"[ \t]+", " ", line).strip():
            rows += [row.rstrip() for row in reader.boxes.lay_out(flat).rows] if reader.boxes.has_any else [flat]
    return "\n".join(rows) if is_display else " ".join(rows)


class _Reader:
    __slots__ = ("_is_display", "at", "boxes", "depth", "tokens")

    def __init__(self, latex: str, *, is_display: bool) -> None:
        self.tokens: list[str] = _TOKEN.findall(latex.replace("\n", " "))
        self.at = 0
        self.depth = 0
        self.boxes = Boxes()
        self._is_display = is_display

    def read_group(self, *, until_end: bool = False) -> str:
        """Everything up to the closing brace, or to the end."""
        parts: list[str] = []
        while self.at < len(self.tokens):
            if self.tokens[self.at] == "}":
                self.at += 1
                if until_end:
                    continue
                break
            parts.append(self._read_one())
        return "".join(parts)

    def _argument(self) -> str:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        if self.at >= len(self.tokens) or self.tokens[self.at] == "}":
            return ""
        return self._read_one()

    def _read_one(self) -> str:
        piece = self.tokens[self.at]
        self.at += 1
        if self.depth >= _DEPTH:
            return piece
        self.depth += 1
        try:
            if piece == "{":
                return self.read_group()
            if piece == "^":
                return _script(self._argument(), ABOVE, "^")
            if piece == "_":
                return _script(self._argument(), BELOW, "_")
            if piece in "&~":
                return " "
            return self._command(piece[1:]) if piece[0] == "\\" and len(piece) > 1 else piece
        finally:
            self.depth -= 1

    def _command(self, name: str) -> str:
        name = name.removesuffix("*") if len(name) > 1 else name
        if name in SYMBOLS:
            return SYMBOLS[name]
        if name in NAMES:
            following = self.tokens[self.at] if self.at < len(self.tokens) else " "
            return name + (" " if following.isalnum() or following[0] == "\\" else "")
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            above, below = self._argument(), self._argument()
            return f"{_wrap(above)}/{_wrap(below)}"
        if name in ("binom", "dbinom"):
            above, below = self._argument(), self._argument()
            return f"C({above}, {below})"
        if name == "sqrt":
            degree = self._option()
            return _script(degree, ABOVE, "^") * bool(degree) + "√" + _wrap(self._argument())
        if name == "mathbb":
            inside = self._argument()
            return DOUBLE.get(inside, inside)
        if name in ACCENTS:
            inside = self._argument()
            return inside + ACCENTS[name] if len(inside) == 1 else inside
        if name == "begin":
            return self._environment()
        if name == "end":
            self._argument()
            return ""
        if name == "not":
            return self._argument() + "\u0338"
        if name in ("left", "right"):
            if self.at < len(self.tokens) and self.tokens[self.at] == ".":
                self.at += 1
            return ""
        if name == "tag":
            return f"  ({self._argument()})"
        if name in ("color", "textcolor", "hspace", "vspace", "label"):
            self._argument()
            return ""
        if name in NOTHING:
            return ""
        if self.at < len(self.tokens) and self.tokens[self.at] == "{":
            return f"\\{name}{{{self._argument()}}}"
        return f"\\{name}"

    def _environment(self) -> str:
        """The rows of a matrix, of cases, of aligned equations."""
        kind = self._argument().removesuffix("*")
        if kind in ("array", "alignat", "alignedat", "tabular"):
            self._option()
            self._argument()
        rows: list[list[str]] = [[""]]
        while self.at < len(self.tokens):
            piece = self.tokens[self.at]
            if piece == "&":
                self.at += 1
                rows[-1].append("")
            elif piece == "\\\\":
                self.at += 1
                self._option()
                rows.append([""])
            elif piece == "\\end":
                self.at += 1
                self._argument()
                break
            elif piece == "}":
                self.at += 1
            else:
                rows[-1][-1] += self._read_one()
        cells = [[" ".join(cell.split()) for cell in row] for row in rows]
        cells = [row for row in cells if any(row)]
        if not cells:
            return ""
        opening, closing = BRACKETS.get(kind.removeprefix("small"), ("", ""))
        if not self._is_display:
            lines = [" ".join([cell for cell in row if cell]) for row in cells]
            return f"{opening}{'; '.join(lines)}{closing}"
        box = table([[self.boxes.lay_out(cell) for cell in row] for row in cells], kind)
        return self.boxes.put(bracketed(box, opening, closing))

    def _option(self) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at] != "[":
            return ""
        try:
            end = self.tokens.index("]", self.at)
        except ValueError:
            return ""
        inside = "".join(self.tokens[self.at + 1 : end])
        self.at = end + 1
        return inside


def _wrap(text: str) -> str:
    text = text.strip()
    return text if _SIMPLE.match(text) else f"({text})"


def _script(text: str, table: dict[str, str], mark: str) -> str:
    text = text.strip()
    plain = text.replace(" ", "")
    if plain and all(character in table for character in plain):
        return "".join([table[character] for character in plain])
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})" if text else mark
