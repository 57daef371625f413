"""LaTeX formulas as plain Unicode: an approximation that can be read in a line of text."""

from __future__ import annotations

import re

from tui.typeset.box import BRACKETS, Boxes, bracketed, table
from tui.typeset.symbol import ABOVE, ACCENTS, BELOW, DOUBLE, NAMES, NOTHING, PREFIXES, SPACED, STYLES, SYMBOLS, TEXTS

_TOKEN = re.compile(r"\\(?:[a-zA-Z]+\*?|.)|[{}^_&~]|[^\\{}^_&~]", re.DOTALL)
_SIMPLE = re.compile(r"(?:√?[\w.′'!∞∂∇Δ°]+|√?[^\W\d]+'*\([^()]*\)|.)$")
_DEPTH = 40
_BEGIN, _END = "\uf8f0", "\uf8f1"
"""Stand around a fraction until it is known what stands beside it."""
_RAISED_LETTERS = "".join(ABOVE.values()).replace("*", "").replace("′", "")
_POWERED = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}(?=[\\^{_RAISED_LETTERS}])")
_BEHIND = re.compile(f"(?<=[\\w)\\]}}!′'∞]){_BEGIN}")
_BEFORE = re.compile(f"{_END}(?=[\\w(\\[{{√∑∫∏⟨])")
_COMMENT = re.compile(r"(?<![\\\d])%[^\n]*(?=\n)")
_ROW_GAP = re.compile(r"\[-?[\d.]+\s*(?:pt|em|ex|mm|cm|px)\]")


def unicode_formula(latex: str, *, is_display: bool = False) -> str:
    """The formula in Unicode; commands that are not known stay as they were written.

    A displayed one may have several rows; in a line of text its rows stand behind each other.
    """
    reader = _Reader(latex, is_display=is_display)
    text = reader.read_group(until_end=True)
    rows: list[str] = []
    for line in _settle(text).replace("\r", "").split("\n"):
        if flat := re.sub(r"[ \t]+", " ", line).strip():
            rows += [row.rstrip() for row in reader.boxes.lay_out(flat).rows] if reader.boxes.has_any else [flat]
    return "\n".join(rows) if is_display else " ".join(rows)


def _settle(text: str) -> str:
    """Set fractions apart from what they are multiplied by, and brackets close to what they hold."""
    if _BEGIN in text:
        text = _POWERED.sub(r"(\1)", text)
        text = _BEFORE.sub(" ", _BEHIND.sub(" ", text)).replace(_BEGIN, "").replace(_END, "")
    return re.sub(r"(?<=[(\[{⟨⌊⌈]) +| +(?=[)\]}⟩⌋⌉])", "", text) if " " in text else text


class _Reader:
    __slots__ = ("_is_display", "at", "boxes", "depth", "tokens")

    def __init__(self, latex: str, *, is_display: bool) -> None:
        latex = _ROW_GAP.sub("", _COMMENT.sub("", latex)) if "\n" in latex or "\\\\" in latex else latex
        self.tokens: list[str] = _TOKEN.findall(latex.replace("\n", " "))
        self.at = 0
        self.depth = 0
        self.boxes = Boxes()
        self._is_display = is_display

    def read_group(self, *, until_end: bool = False) -> str:
        """Everything up to the closing brace, or to the end."""
        text = self._read_until(("}",))
        while self.at < len(self.tokens):
            self.at += 1
            if not until_end:
                break
            text += self._read_until(("}",))
        return text

    def _read_until(self, stops: tuple[str, ...]) -> str:
        """Everything before one of these tokens."""
        parts: list[str] = []
        while self.at < len(self.tokens) and self.tokens[self.at] not in stops:
            piece = self.tokens[self.at]
            if piece in ("\\over", "\\choose", "\\atop"):
                self.at += 1
                above, below = "".join(parts), self._read_until(stops)
                parts = [f"C({above.strip()}, {below.strip()})" if piece == "\\choose" else _fraction(above, below)]
                break
            part = self._read_one()
            if piece[0] == "\\" and part:
                following = self.tokens[self.at] if self.at < len(self.tokens) else ""
                if part[-1] in PREFIXES and following == " ":
                    self.at += 1
                elif part in SPACED and following == " " and parts and parts[-1][-1:] not in ("", " "):
                    parts.append(" ")
            parts.append(part)
        return "".join(parts)

    def _argument(self) -> str:
        while self.at < len(self.tokens) and (
            self.tokens[self.at].isspace() or self.tokens[self.at].removeprefix("\\") in STYLES
        ):
            self.at += 1
        if self.at >= len(self.tokens) or self.tokens[self.at] == "}":
            return ""
        return self._read_one()

    def _raw_argument(self) -> str:
        """The next argument as it was written."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        if self.at >= len(self.tokens) or self.tokens[self.at] == "}":
            return ""
        begin = self.at
        depth = 0
        while self.at < len(self.tokens):
            depth += {"{": 1, "}": -1}.get(self.tokens[self.at], 0)
            self.at += 1
            if depth <= 0:
                break
        raw = "".join(self.tokens[begin : self.at])
        return raw[1:-1] if raw[:1] == "{" and raw[-1:] == "}" else raw.removeprefix("{")

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
        if name in TEXTS:
            return self._text(self._raw_argument())
        if name in ("left", "right"):
            if self.at < len(self.tokens) and self.tokens[self.at] == ".":
                self.at += 1
            return ""
        if name in NOTHING:
            return ""
        if name == "begin":
            return self._environment()
        shown = self._structure(name)
        return self._unknown(name) if shown is None else shown

    def _unknown(self, name: str) -> str:
        """A command that is not known, with its arguments, as it was written."""
        begin = self.at
        while self.at < len(self.tokens) and self.tokens[self.at] in ("{", "["):
            if self.tokens[self.at] == "[":
                if "]" not in self.tokens[self.at :]:
                    break
                self.at = self.tokens.index("]", self.at) + 1
            else:
                self._raw_argument()
        return f"\\{name}" + "".join(self.tokens[begin : self.at])

    def _structure(self, name: str) -> str | None:
        """A command with arguments."""
        if name in ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"):
            self._option()
            above, below = self._argument(), self._argument()
            return _fraction(above, below)
        if name in ("dv", "pdv", "odv", "derivative"):
            sign = "∂" if name == "pdv" else "d"
            above, below = self._argument(), self._argument()
            return _fraction(sign + above, sign + below)
        if name in ("binom", "dbinom", "tbinom"):
            above, below = self._argument(), self._argument()
            return f"C({above}, {below})"
        if name == "sqrt":
            degree = self._option()
            return _script(degree, ABOVE, "^") * bool(degree) + "√" + _wrap(self._argument())
        if name in ("ce", "cf"):
            from tui.typeset.chemistry import chemical

            return chemical(self._raw_argument())
        if name in ("SI", "qty", "num", "unit", "si", "ang", "pu"):
            from tui.typeset.chemistry import quantity

            self._option()
            first = self._raw_argument()
            return quantity(name, first, self._raw_argument() if name in ("SI", "qty") else "")
        return self._decoration(name)

    def _decoration(self, name: str) -> str | None:
        """A command that puts something over, under or around its argument."""
        if name == "mathbb":
            return "".join([DOUBLE.get(letter, letter) for letter in self._argument()])
        if name in ACCENTS:
            return _accented(name, self._argument())
        if name == "not":
            return self._argument() + "\u0338"
        if name in ("overset", "stackrel", "underset"):
            mark, base = self._argument(), self._argument().strip()
            return base + (_script(mark, BELOW, "_") if name == "underset" else _script(mark, ABOVE, "^"))
        if name in ("xrightarrow", "xleftarrow", "xleftrightarrow", "xRightarrow", "xlongequal", "xrightleftharpoons"):
            below = self._option()
            over = ", ".join([label for label in (self._argument().strip(), below.strip()) if label])
            left, right = _ARROWS[name]
            return f" {left}{f' {over} ' if over else ''}{right} "
        if name in ("underbrace", "overbrace", "underbracket"):
            return _wrap(self._argument())
        if name in ("pmod", "mod", "pod"):
            inside = self._argument()
            return f" mod {inside}" if name == "mod" else f" (mod {inside})" if name == "pmod" else f" ({inside})"
        if name in _AROUND:
            left, right = _AROUND[name]
            return f"{left}{self._argument().strip()}{right}"
        if name == "substack":
            return ", ".join([row.strip() for row in self._argument().split("\n")])
        if name == "tag":
            return f"  ({self._argument()})"
        if name == "hspace":
            self._argument()
            return " "
        if name in ("color", "textcolor", "vspace", "label", "phantom", "vphantom", "hphantom", "end", "cline"):
            self._argument()
            return ""
        return None

    def _text(self, raw: str) -> str:
        """Words in a formula, and formulas in those."""
        parts = raw.split("$") if raw.count("$") - raw.count("\\$") >= 2 and "\\$" not in raw else [raw]
        shown = ""
        for number, part in enumerate(parts):
            if number % 2:
                shown += unicode_formula(part)
            elif "\\" in part:
                words = re.sub(r"\\(?:text\w*|emph|mathrm)\s*\{([^{}]*)\}", r"\1", part)
                shown += re.sub(r"\\([_%&$#{} ,])", lambda match: match[1].replace(",", " "), words)
            else:
                shown += part.replace("{", "").replace("}", "")
        return shown.replace("~", " ")

    def _environment(self) -> str:
        """The rows of a matrix, of cases, of aligned equations."""
        kind = self._argument().removesuffix("*")
        columns = ""
        if kind in ("array", "alignat", "alignedat", "tabular"):
            self._option()
            columns = self._argument()
        rows: list[list[str]] = [[""]]
        while self.at < len(self.tokens):
            rows[-1][-1] += self._read_until(("&", "\\\\", "\\end", "}"))
            piece = self.tokens[self.at] if self.at < len(self.tokens) else ""
            self.at += 1
            if piece == "&":
                rows[-1].append("")
            elif piece == "\\\\":
                self._option()
                rows.append([""])
            elif piece == "\\end":
                self._argument()
                break
        cells = [[" ".join(_settle(cell).split()) for cell in row] for row in rows]
        cells = [row for row in cells if any(row)]
        if not cells:
            return ""
        opening, closing = BRACKETS.get(kind.removeprefix("small"), ("", ""))
        if not self._is_display:
            lines = [" ".join([cell for cell in row if cell]) for row in cells]
            return f"{opening}{'; '.join(lines)}{closing}"
        box = table([[self.boxes.lay_out(cell) for cell in row] for row in cells], kind, columns)
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


_ARROWS = {
    "xrightarrow": ("─", "→"),
    "xleftarrow": ("←", "─"),
    "xleftrightarrow": ("←", "→"),
    "xRightarrow": ("═", "⇒"),
    "xlongequal": ("═", "═"),
    "xrightleftharpoons": ("⇌", "⇌"),
}
_AROUND = {
    "abs": ("|", "|"),
    "norm": ("‖", "‖"),
    "bra": ("⟨", "|"),
    "ket": ("|", "⟩"),
    "braket": ("⟨", "⟩"),
    "expval": ("⟨", "⟩"),
    "floor": ("⌊", "⌋"),
    "ceil": ("⌈", "⌉"),
    "set": ("{", "}"),
    "eqref": ("(", ")"),
    "ref": ("", ""),
    "intertext": ("", ""),
}


def _wrap(text: str) -> str:
    text = text.strip()
    return text if _SIMPLE.match(text) else f"({text})"


def _fraction(above: str, below: str) -> str:
    return f"{_BEGIN}{_wrap(above)}/{_wrap(below)}{_END}"


def _accented(name: str, text: str) -> str:
    """Letters with an accent: over one, over the middle of an angle, over all that a line goes over."""
    text, mark = text.strip(), ACCENTS[name]
    if not text or not all(letter.isalnum() for letter in text):
        bare = [letter for letter in text if not letter.isalnum()]
        return text + mark if len(text) - len(bare) == 1 and all(map(_is_mark, bare)) else f"{text}"
    if len(text) == 1:
        return text + mark
    if name in ("overline", "underline", "bar"):
        return "".join([letter + mark for letter in text])
    middle = len(text) - 1 if "arrow" in name or name == "vec" else len(text) // 2
    return text[: middle + 1] + mark + text[middle + 1 :]


def _is_mark(letter: str) -> bool:
    return "\u0300" <= letter <= "\u036f" or "\u20d0" <= letter <= "\u20ff"


def _script(text: str, table: dict[str, str], mark: str) -> str:
    text = text.strip()
    if mark == "^" and text in _RAISED:
        return _RAISED[text]
    plain = text.replace(" ", "")
    if plain and all(character in table for character in plain):
        return "".join([table[character] for character in plain])
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})" if text else mark


_RAISED = {"∘": "°", "⊤": "ᵀ", "⊺": "ᵀ", "†": "†", "‡": "‡", "′": "′", "′′": "′′", "∗": "*"}
