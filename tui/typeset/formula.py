"""LaTeX formulas as plain Unicode: an approximation that can be read in a line of text."""

from __future__ import annotations

import re

from tui.typeset.symbol import ABOVE, ACCENTS, BELOW, DOUBLE, NAMES, NOTHING, SYMBOLS

_TOKEN = re.compile(r"\\(?:[a-zA-Z]+\*?|.)|[{}^_&~]|[^\\{}^_&~]", re.DOTALL)
_SIMPLE = re.compile(r"√?[\w.′∞]+$|.$")
_DEPTH = 40


def unicode_formula(latex: str) -> str:
    """The formula in Unicode; commands that are not known stay as they were written."""
    reader = _Reader(latex)
    text = reader.read_group(until_end=True)
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.replace("\r", "").split("\n")]
    return "\n".join([line for line in lines if line])


class _Reader:
    __slots__ = ("at", "depth", "tokens")

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(latex.replace("\n", " "))
        self.at = 0
        self.depth = 0

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
        if name in ("begin", "end"):
            kind = self._argument()
            if kind.startswith("array"):
                self._argument()
            return "\n" if name == "end" else ""
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
