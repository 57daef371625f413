"""Patterns of JSON Schema, matched in bounded time.

A schema can come from a tool server, and Python's own matcher takes for ever on some patterns
(`(a+)+$`). Here a pattern is a tree whose nodes map a set of positions to a set of positions, so the
work is bounded by the text's length, and counted besides. Where that ends (scripts, emoji, back-references,
long texts) a library goes on, if it is installed: `tui.schema.pattern_library`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from unicodedata import category

from tui.schema.pattern_node import (
    BeyondError,
    Edge,
    Either,
    Look,
    LookBehind,
    Node,
    One,
    PatternError,
    Repeat,
    Row,
    Test,
    Walk,
    is_word,
)

__all__ = ["PatternError", "check_pattern", "matches"]

LONGEST_PATTERN = 512
LONGEST_TEXT = 4096
_DEPTH = 20
_MOST_REPEATS = 1000


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text, as JSON Schema counts it.

    Raises:
        PatternError: If that cannot be told.
    """
    try:
        if len(text) > LONGEST_TEXT:
            raise BeyondError(f"the text is longer than {LONGEST_TEXT:,} characters")
        return bool(_compile(pattern).follow(Walk(text), frozenset(range(len(text) + 1))))
    except BeyondError as error:
        from tui.schema.pattern_library import found_by_library

        return found_by_library(pattern, text, error)


def check_pattern(pattern: str) -> None:
    """Raise `PatternError` where a pattern cannot be checked; `BeyondError` where that may be no fault of it."""
    try:
        _compile(pattern)
    except BeyondError as error:
        from tui.schema.pattern_library import found_by_library

        found_by_library(pattern, "", error)


_CLASSES: dict[str, Test] = {
    "d": lambda char: "0" <= char <= "9",
    "w": is_word,
    "s": lambda char: char in _BLANKS,
    "D": lambda char: not "0" <= char <= "9",
    "W": lambda char: not is_word(char),
    "S": lambda char: char not in _BLANKS,
}
_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CATEGORIES = {
    "letter": "L", "cased_letter": "LC", "uppercase_letter": "Lu", "lowercase_letter": "Ll", "titlecase_letter": "Lt",
    "modifier_letter": "Lm", "other_letter": "Lo", "mark": "M", "nonspacing_mark": "Mn", "spacing_mark": "Mc",
    "enclosing_mark": "Me", "number": "N", "decimal_number": "Nd", "digit": "Nd", "letter_number": "Nl",
    "other_number": "No", "symbol": "S", "math_symbol": "Sm", "currency_symbol": "Sc", "modifier_symbol": "Sk",
    "other_symbol": "So", "punctuation": "P", "punct": "P", "connector_punctuation": "Pc", "dash_punctuation": "Pd",
    "open_punctuation": "Ps", "close_punctuation": "Pe", "initial_punctuation": "Pi", "final_punctuation": "Pf",
    "other_punctuation": "Po", "separator": "Z", "space_separator": "Zs", "line_separator": "Zl",
    "paragraph_separator": "Zp", "other": "C", "control": "Cc", "format": "Cf", "surrogate": "Cs",
    "private_use": "Co", "unassigned": "Cn",
}  # fmt: skip
"""The general categories of Unicode, by their long names."""
_SHORT = frozenset(_CATEGORIES.values())
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}


def _equal(char: str) -> Test:
    return lambda other: other == char


def _between(low: str, high: str) -> Test:
    return lambda char: low <= char <= high


_LOOKS: dict[str, Callable[[Node], Node]] = {
    "?<=": lambda node: LookBehind(node, is_wanted=True),
    "?<!": lambda node: LookBehind(node, is_wanted=False),
    "?=": lambda node: Look(node, is_wanted=True),
    "?!": lambda node: Look(node, is_wanted=False),
}


@lru_cache(maxsize=256)
def _compile(pattern: str) -> Node:
    if len(pattern) > LONGEST_PATTERN:
        raise BeyondError(f"the pattern is longer than {LONGEST_PATTERN} characters")
    return _Reader(pattern).read()


class _Reader:
    """Reads the part of ECMA 262 that JSON Schema recommends, general categories of Unicode, and what looks around."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0

    def read(self) -> Node:
        node = self.either()
        if self.at < len(self.source):
            raise self.fault("an unmatched )")
        return node

    def fault(self, what: str) -> PatternError:
        return PatternError(f"{what} at character {self.at + 1} of the pattern")

    def beyond(self, what: str) -> BeyondError:
        return BeyondError(f"{what} at character {self.at + 1} of the pattern")

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def take(self, token: str) -> bool:
        if self.source.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def either(self) -> Node:
        self.depth += 1
        if self.depth > _DEPTH:
            raise self.beyond("groups nested too deep")
        rows = [self.row()]
        while self.take("|"):
            rows.append(self.row())
        self.depth -= 1
        return rows[0] if len(rows) == 1 else Either(rows)

    def row(self) -> Node:
        nodes: list[Node] = []
        while (char := self.peek()) and char not in "|)":
            nodes.append(self.repeated(self.atom()))
        return Row(nodes)

    def atom(self) -> Node:
        char = self.peek()
        self.at += 1
        if char in "^$":
            return Edge(char)
        if char == "(":
            return self.group()
        if char == "[":
            return One(self.char_class())
        if char == ".":
            return One(lambda other: other not in "\n\r\u2028\u2029")
        if char == "\\":
            if self.peek() in ("b", "B"):
                self.at += 1
                return Edge(self.source[self.at - 1])
            return One(self.escape())
        if char in "*+?":
            raise self.fault("nothing to repeat")
        return One(_equal(char))

    def group(self) -> Node:
        around = next((look for sign, look in _LOOKS.items() if self.take(sign)), None)
        if around is not None:
            pass
        elif self.take("?<"):
            self.name()
        elif not self.take("?:") and self.peek() == "?":
            raise self.fault("an unsupported group")
        node = self.either()
        if not self.take(")"):
            raise self.fault("a missing )")
        return around(node) if around else node

    def name(self) -> None:
        """The name of a group: it says nothing of what matches."""
        end = self.source.find(">", self.at)
        if end < 0 or not self.source[self.at : end].isidentifier():
            raise self.fault("a bad name of a group")
        self.at = end + 1

    def repeated(self, node: Node) -> Node:
        if self.take("*"):
            least, most = 0, None
        elif self.take("+"):
            least, most = 1, None
        elif self.take("?"):
            least, most = 0, 1
        elif self.peek() == "{" and (bounds := self.bounds()):
            least, most = bounds
        else:
            return node
        self.take("?")  # lazy or greedy: the same for a yes or no
        if self.peek() in ("*", "+"):
            raise self.fault("nothing to repeat")
        return Repeat(node, least, most)

    def bounds(self) -> tuple[int, int | None] | None:
        end = self.source.find("}", self.at)
        low, comma, high = self.source[self.at + 1 : max(end, self.at)].partition(",")
        if end < 0 or not _is_number(low) or (high and not _is_number(high)):
            return None  # a brace that stands for itself
        least = int(low)
        most = int(high) if high else None if comma else least
        if most is not None and most < least:
            raise self.fault("a repetition out of bounds")
        if max(least, most or 0) > _MOST_REPEATS:
            raise self.beyond("a repetition out of bounds")
        self.at = end + 1
        return least, most

    def escape(self) -> Test:
        char = self.peek()
        self.at += 1
        if char in _CLASSES:
            return _CLASSES[char]
        if char in ("p", "P"):
            return self.property(is_wanted=char == "p")
        return _equal(self.escaped(char))

    def property(self, *, is_wanted: bool) -> Test:
        """A general category of Unicode; scripts and the like are beyond the standard library."""
        end = self.source.find("}", self.at)
        if self.peek() != "{" or end < 0:
            raise self.fault("a bad escape")
        key, _, value = self.source[self.at + 1 : end].rpartition("=")
        short = _CATEGORIES.get(value.lower(), value if value in _SHORT else "")
        if value == "Any" and not key:
            test: Test = lambda _: True  # noqa: E731
        elif not short or key not in ("", "gc", "General_Category"):
            raise self.beyond("a property of Unicode that is not a general category")
        elif short == "LC":
            test = lambda char: category(char) in ("Lu", "Ll", "Lt")  # noqa: E731
        else:
            test = lambda char: category(char).startswith(short)  # noqa: E731
        self.at = end + 1
        return lambda char: test(char) is is_wanted

    def escaped(self, char: str) -> str:
        if char in _PLAIN and not (char == "0" and self.peek().isdigit()):
            return _PLAIN[char]
        if char in ("x", "u"):
            return self.code_point(char)
        if char == "c" and (letter := self.peek()).isascii() and letter.isalpha():
            self.at += 1
            return chr(ord(letter) % 32)
        if char.isdigit() or char == "k":
            raise self.beyond("a back-reference")
        if not char or char.isalnum():
            raise self.fault("an unsupported escape")
        return char

    def code_point(self, kind: str) -> str:
        if kind == "u" and self.take("{"):
            digits, _, _ = self.source[self.at :].partition("}")
            self.at += len(digits) + 1
        else:
            length = 2 if kind == "x" else 4
            digits = self.source[self.at : self.at + length].ljust(length, "?")
            self.at += length
        try:
            code = int(digits, 16)
            if 0xD800 <= code < 0xDC00 and self.take("\\u"):  # two halves of one character
                low = self.source[self.at : self.at + 4]
                self.at += 4
                code = 0x10000 + (code - 0xD800) * 0x400 + int(low, 16) - 0xDC00
            return chr(code)
        except (ValueError, OverflowError) as error:
            raise self.fault("a bad escape") from error

    def char_class(self) -> Test:
        is_negated = self.take("^")
        tests: list[Test] = []
        while not self.take("]"):
            low = self.class_char()
            if callable(low):
                tests.append(low)
                continue
            if self.peek() == "-" and self.source[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.class_char()
                if callable(high) or high < low:
                    raise self.fault("a bad range")
                tests.append(_between(low, high))
            else:
                tests.append(_equal(low))
        return lambda char: _any(tests, char) != is_negated

    def class_char(self) -> str | Test:
        char = self.peek()
        if not char:
            raise self.fault("a missing ]")
        self.at += 1
        if char != "\\":
            return char
        char = self.peek()
        self.at += 1
        if char in _CLASSES:
            return _CLASSES[char]
        if char in ("p", "P"):
            return self.property(is_wanted=char == "p")
        return "\b" if char == "b" else self.escaped(char)


def _any(tests: Iterable[Test], char: str) -> bool:
    return any(test(char) for test in tests)


def _is_number(text: str) -> bool:
    return 0 < len(text) <= 6 and text.isascii() and text.isdigit()
