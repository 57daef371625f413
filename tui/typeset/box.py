"""Formulas of several rows: matrices and cases, drawn with brackets as high as they are."""

from __future__ import annotations

from msgspec import Struct

from tui.typeset.line import width_of

_BASE = 0xE000  # boxes stand in a formula's text as characters from here on
_MOST = 256

_TALL = {
    "(": "⎛⎜⎝",
    ")": "⎞⎟⎠",
    "[": "⎡⎢⎣",
    "]": "⎤⎥⎦",
    "{": "⎧⎪⎩",
    "}": "⎫⎪⎭",
    "|": "│││",
    "‖": "‖‖‖",
    "⌊": "⎢⎢⎣",
    "⌋": "⎥⎥⎦",
    "⌈": "⎡⎢⎢",
    "⌉": "⎤⎥⎥",
}
_MIDDLE = {"{": "⎨", "}": "⎬"}
_PAIRS = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖", "⌊": "⌋", "⌈": "⌉"}

BRACKETS = {
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"),
    "cases": ("{", ""),
    "dcases": ("{", ""),
    "rcases": ("", "}"),
}
"""The brackets of environments that bring their own."""


class Box(Struct):
    """Rows of one width, and the one that stands in the line of the text around them."""

    rows: list[str]
    middle: int

    @property
    def width(self) -> int:
        """Cells of each row."""
        return width_of(self.rows[0])


class Boxes:
    """The boxes of one formula; in its text each is one character."""

    __slots__ = ("_all",)

    def __init__(self) -> None:
        self._all: list[Box] = []

    @property
    def has_any(self) -> bool:
        """Whether there are boxes at all."""
        return bool(self._all)

    def put(self, box: Box) -> str:
        """Keep a box: the character that stands for it."""
        if len(self._all) >= _MOST:
            return "…"
        self._all.append(box)
        return chr(_BASE + len(self._all) - 1)

    def find(self, character: str) -> Box | None:
        """The box that a character stands for."""
        at = ord(character) - _BASE
        return self._all[at] if 0 <= at < len(self._all) else None

    def lay_out(self, text: str) -> Box:
        """One line of a formula: what is in it side by side."""
        parts: list[Box] = []
        plain = ""
        for at, character in enumerate(text):
            box = self.find(character)
            if box is None:
                plain += character
                continue
            opening = plain.rstrip()[-1:]
            closing = text[at + 1 :].lstrip()[:1]
            if opening in _PAIRS and closing == _PAIRS[opening]:
                box = bracketed(box, opening, closing)
                plain = plain.rstrip()[:-1]
                rest = text[at + 1 :].lstrip()[1:]
                return beside([*parts, _row(plain), box, self.lay_out(rest)])
            if opening == "{":
                box, plain = bracketed(box, "{", ""), plain.rstrip()[:-1]
            parts += [_row(plain), box]
            plain = ""
        return beside([*parts, _row(plain)])


def _row(text: str) -> Box:
    return Box([text], 0)


def beside(parts: list[Box]) -> Box:
    """Boxes side by side, their middles in one row."""
    above = max(part.middle for part in parts)
    below = max(len(part.rows) - part.middle for part in parts)
    rows = []
    for number in range(above + below):
        row = ""
        for part in parts:
            at = number - above + part.middle
            row += part.rows[at] if 0 <= at < len(part.rows) else " " * part.width
        rows.append(row)
    return Box(rows, above)


def bracketed(box: Box, opening: str, closing: str) -> Box:
    """A box between brackets of its height."""
    height = len(box.rows)
    left, right = _tall(opening, height, box.middle), _tall(closing, height, box.middle)
    return Box([f"{left[at]}{row}{right[at]}" for at, row in enumerate(box.rows)], box.middle)


def _tall(bracket: str, height: int, middle: int) -> list[str]:
    if height == 1 or bracket not in _TALL:
        return [bracket] * height
    if bracket in _MIDDLE and height == 2:
        return ["⎰", "⎱"] if bracket == "{" else ["⎱", "⎰"]
    parts = _TALL[bracket]
    column = [parts[0], *[parts[1]] * (height - 2), parts[2]]
    if bracket in _MIDDLE:
        column[min(max(1, middle), height - 2)] = _MIDDLE[bracket]
    return column


def table(cells: list[list[Box]], kind: str, spec: str = "") -> Box:
    """Cells in rows and columns; a bar in the specification of the columns stands between them."""
    count = max(len(row) for row in cells)
    widths = [max([row[at].width for row in cells if at < len(row)], default=0) for at in range(count)]
    letters = [letter for letter in spec if letter.isalpha() or letter == "|"]
    barred = {len([one for one in letters[:at] if one != "|"]) for at, letter in enumerate(letters) if letter == "|"}
    is_aligned = kind.startswith(("align", "split", "gather", "eqn"))
    rows: list[str] = []
    for row in cells:
        padded = []
        for at, size in enumerate(widths):
            box = row[at] if at < len(row) else _row("")
            space = size - box.width
            left = space if is_aligned and at % 2 == 0 else space // 2 if "matrix" in kind or kind == "array" else 0
            padded.append(Box([" " * left + line + " " * (space - left) for line in box.rows], box.middle))
            if at + 1 < count:
                padded.append(_row(" " if is_aligned else " │ " if at + 1 in barred else "  "))
        rows += beside(padded).rows
    return Box(rows, (len(rows) - 1) // 2)
