"""Patterns of JSON Schema, matched in bounded time.

A schema can come from a tool server, and Python's own matcher takes for ever on some patterns
(`(a+)+$`). Here a pattern is a tree whose nodes map a set of positions to a set of positions, so the
work is bounded by the text's length, and counted besides.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from tui.schema.pattern_node import Edge, Either, Look, Node, One, PatternError, Repeat, Row, Test, Walk, is_word

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
    if len(text) > LONGEST_TEXT:
        raise PatternError(f"the text is longer than {LONGEST_TEXT} characters")
    walk = Walk(text)
    return bool(_compile(pattern).follow(walk, frozenset(range(len(text) + 1))))


def check_pattern(pattern: str) -> None:
    """Raise `PatternError` where a pattern cannot be checked."""
    _compile(pattern)


_CLASSES: dict[str, Test] = {
    "d": lambda char: "0" <= char <= "9",
    "w": is_word,
    "s": str.isspace,
    "D": lambda char: not "0" <= char <= "9",
    "W": lambda char: not is_word(char),
    "S": lambda char: not char.isspace(),
}
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}


def _equal(char: str) -> Test:
    return lambda other: other == char


def _between(low: str, high: str) -> Test:
    return lambda char: low <= char <= high


@lru_cache(maxsize=256)
def _compile(pattern: str) -> Node:
    if len(pattern) > LONGEST_PATTERN:
        raise PatternError(f"the pattern is longer than {LONGEST_PATTERN} characters")
    return _Reader(pattern).read()


class _Reader:
    """Reads the part of ECMA 262 that JSON Schema recommends, and look-ahead."""

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
            raise self.fault("groups nested too deep")
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
        wanted: bool | None = None
        if self.take("?="):
            wanted = True
        elif self.take("?!"):
            wanted = False
        elif not self.take("?:") and self.peek() == "?":
            raise self.fault("an unsupported group")
        node = self.either()
        if not self.take(")"):
            raise self.fault("a missing )")
        return node if wanted is None else Look(node, is_wanted=wanted)

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
        if max(least, most or 0) > _MOST_REPEATS or (most is not None and most < least):
            raise self.fault("a repetition out of bounds")
        self.at = end + 1
        return least, most

    def escape(self) -> Test:
        char = self.peek()
        self.at += 1
        if char in _CLASSES:
            return _CLASSES[char]
        return _equal(self.escaped(char))

    def escaped(self, char: str) -> str:
        if char in _PLAIN:
            return _PLAIN[char]
        if char in ("x", "u"):
            digits = self.source[self.at : self.at + (2 if char == "x" else 4)]
            self.at += len(digits)
            try:
                return chr(int(digits, 16))
            except ValueError as error:
                raise self.fault("a bad escape") from error
        if not char or char.isalnum():
            raise self.fault("an unsupported escape")
        return char

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
        return "\b" if char == "b" else self.escaped(char)


def _any(tests: Iterable[Test], char: str) -> bool:
    return any(test(char) for test in tests)


def _is_number(text: str) -> bool:
    return 0 < len(text) <= 6 and text.isascii() and text.isdigit()
