"""Finding: where in a message some words stand, whatever the lines were broken at."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from tui.typeset.line import SOFT_HYPHEN


class Span(NamedTuple):
    """Part of a match: a row, and the characters of it from and to."""

    row: int
    start: int
    end: int


Match = tuple[Span, ...]

_BETWEEN = r"[\s▌│]+"
_INSIDE = re.compile(rf"{SOFT_HYPHEN}(?:\n[\s▌│]*)?")
"""What may stand inside a word: a place where it may be broken, or was."""


def pattern_of(words: str) -> re.Pattern[str] | None:
    """What finds these words, with any space between them; capitals count only where some are asked for."""
    parts = [re.escape(part) for part in words.split()]
    if not parts:
        return None
    return re.compile(_BETWEEN.join(parts), 0 if words != words.lower() else re.IGNORECASE)


def find_in(rows: Sequence[str], pattern: re.Pattern[str]) -> list[Match]:
    """Every match in some rows of text; one that goes over a row's end has a span in each row."""
    starts = [0, *accumulate(len(row) + 1 for row in rows)]
    matches: list[Match] = []
    for begin, end in places_in("\n".join(rows), pattern):
        spans: list[Span] = []
        at = begin
        while at < end:
            row = bisect_right(starts, at) - 1
            stop = min(end, starts[row] + len(rows[row]))
            if stop > at:
                spans.append(Span(row, at - starts[row], stop - starts[row]))
            at = starts[row + 1]
        if spans:
            matches.append(tuple(spans))
    return matches


def places_in(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where the words stand in a text, from and to, whatever stands inside them."""
    if SOFT_HYPHEN not in text:
        for match in pattern.finditer(text):
            yield match.span()
        return
    spots: list[int] = []
    at = 0
    for inside in _INSIDE.finditer(text):
        spots += range(at, inside.start())
        at = inside.end()
    spots += range(at, len(text))
    for match in pattern.finditer("".join([text[place] for place in spots])):
        if match.end() > match.start():
            yield spots[match.start()], spots[match.end() - 1] + 1
