"""Finding: where in a message some words stand, whatever the lines were broken at."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple


class Span(NamedTuple):
    """Part of a match: a row, and the characters of it from and to."""

    row: int
    start: int
    end: int


Match = tuple[Span, ...]

_BETWEEN = r"[\s▌│]+"


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
    for match in pattern.finditer("\n".join(rows)):
        spans: list[Span] = []
        at = match.start()
        while at < match.end():
            row = bisect_right(starts, at) - 1
            stop = min(match.end(), starts[row] + len(rows[row]))
            if stop > at:
                spans.append(Span(row, at - starts[row], stop - starts[row]))
            at = starts[row + 1]
        if spans:
            matches.append(tuple(spans))
    return matches
