"""Alignment: which written character each shown one is, where Markdown took some away and changed others."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from tui.typeset.inline import Environment, inline_runs, normal_label
from tui.typeset.line import NOWHERE

_FIRST, _LAST = "\U000f0000", "\U0010fffd"
"""Between these are characters of no meaning and one cell: a tag for each written character of a piece."""
_TAGS, _PLANE, _GAP = 2 * 0xFFFE, 0xFFFE, 2
"""How many tags there are, in each of two planes, and how many characters between those are none."""
# What Markdown reads letter by letter: entities, addresses and tags in brackets, formulas, escapes, bare addresses.
_READ = re.compile(
    r"&#?\w{1,32};|<(su[bp])>[^<>\n]{1,64}</\1>|<[^<>\n]*>|\$\$?[^$]*\$\$?|\\[(\[].*?\\[)\]]|\\[A-Za-z]+|\[\^[^\]]*\]|https?://",
    re.DOTALL | re.IGNORECASE,
)
_LABEL = re.compile(r"\[([^\[\]]{1,999})\]")
_SPACE = frozenset(" \t\n\u2424")


def place_inline(text: str, environment: Environment) -> tuple[str, list[int]]:
    """A text with inline Markdown as it is shown, and where each of those characters was written.

    The text is typeset again with its letters replaced by characters of which each is there once: wherever one of them
    comes out, there its letter was written. What stands between two of them can be only what was written between them.
    """
    shown = "".join(piece for piece, _ in inline_runs(text, environment))
    if shown == text:
        return shown, list(range(len(text)))
    for is_ascii in (False, True):
        tagged, labels = _tagged(text, environment, is_ascii=is_ascii)
        if tagged == text:
            break
        inline = "".join(piece for piece, _ in inline_runs(tagged, labels))
        anchors = [_number(letter) if _FIRST <= letter <= _LAST else NOWHERE for letter in inline]
        if _is_same(inline, shown, anchors, text):
            return shown, align(shown, text, anchors)
    return shown, align(shown, text)


def _tag(number: int) -> str:
    """A character that stands for the one written at this place."""
    return chr(ord(_FIRST) + number + (_GAP if number >= _PLANE else 0))


def _number(tag: str) -> int:
    """The place that a tag stands for."""
    number = ord(tag) - ord(_FIRST)
    return number - _GAP if number >= _PLANE else number


def _tagged(text: str, environment: Environment, *, is_ascii: bool) -> tuple[str, Environment]:
    """The text with its letters replaced, and the definitions under labels replaced likewise."""
    if len(text) > _TAGS or any(_FIRST <= letter <= _LAST for letter in text):
        return text, environment
    letters = [
        _tag(at) if letter.isalnum() and (letter.isascii() or not is_ascii) else letter
        for at, letter in enumerate(text)
    ]
    for match in _READ.finditer(text):
        letters[match.start() : match.end()] = match[0]
    tagged = "".join(letters)
    references = environment.get("references") or {}
    if not references:
        return tagged, environment
    targets = dict(references)
    for match in _LABEL.finditer(text):
        if (target := references.get(normal_label(match[1]))) is not None:
            targets[normal_label(tagged[match.start(1) : match.end(1)])] = target
    return tagged, {**environment, "references": targets}


def _is_same(typed: str, shown: str, anchors: Sequence[int], text: str) -> bool:
    """Whether what came out is what is shown, once its letters are put back."""
    if len(typed) != len(shown):
        return False
    before = NOWHERE
    for letter, real, at in zip(typed, shown, anchors, strict=True):
        if at == NOWHERE:
            if letter != real:
                return False
        elif not before < at < len(text) or text[at] != real:
            return False
        else:
            before = at
    return True


def align(shown: str, written: str, anchors: Sequence[int] = ()) -> list[int]:
    """Where each shown character was written: those with an anchor there, the others between those."""
    places = list(anchors) or [NOWHERE] * len(shown)
    begin = 0
    after = 0
    for at in range(len(shown) + 1):
        if at == len(shown) or places[at] != NOWHERE:
            end = len(written) if at == len(shown) else places[at]
            if begin < at:
                _fill(shown, written, places, (begin, at), (after, end))
            begin, after = at + 1, end + 1
    return places


def _fill(shown: str, written: str, places: list[int], stretch: tuple[int, int], room: tuple[int, int]) -> None:
    """Place a stretch of what is shown in a stretch of what was written: what touches either end of it there first."""
    (first, last), (low, high) = stretch, room
    has_left, has_right = first > 0, last < len(shown)
    while has_left and first < last and low < high and _fits(shown[first], written[low]):
        places[first] = low
        first, low = first + 1, low + 1
    while has_right and last > first and high > low and _fits(shown[last - 1], written[high - 1]):
        last, high = last - 1, high - 1
        places[last] = high
    for at in range(first, last):
        letter = shown[at]
        spot = written.find(letter, low, high)
        if spot < 0 and letter == " ":
            spot = next((place for place in range(low, high) if written[place] in _SPACE), NOWHERE)
        if spot < 0 and low < high and written[low] in "&\\$<":
            spot = low  # an entity, an escape, a sign of a formula: written there in other letters
        if spot >= 0:
            places[at] = spot
            low = spot + 1


def _fits(shown: str, written: str) -> bool:
    return shown == written or (shown == " " and written in _SPACE)


class PlacedLine(NamedTuple):
    """A line of a block's own text, and where it was written."""

    begin: int
    """Where it begins in that text."""
    start: int
    """Where that is in what was written; `NOWHERE` where it is not found there."""
    low: int
    """Where its line begins there: no character of it stands before."""
    end: int
    """Where its line ends there."""


class PlacedLines:
    """Where the characters of a block's own lines stand in the lines it was written as, its containers' marks included."""

    def __init__(self, text: str, written: str, offset: int = 0) -> None:
        """Find each line; what was written begins at an offset."""
        self._lines: list[PlacedLine] = []
        self._size = len(text)
        rows = written.split("\n")
        starts = [0, *accumulate(len(row) + 1 for row in rows)]
        number = begin = 0
        for line in text.split("\n"):
            bare = line.strip(" \t")
            match = next((at for at in range(number, len(rows)) if bare in rows[at]), None)
            if match is None:
                self._lines.append(PlacedLine(begin, NOWHERE, NOWHERE, NOWHERE))
            else:
                lead = len(line) - len(line.lstrip(" \t"))
                column = rows[match].rfind(bare) if bare else len(rows[match])
                low = offset + starts[match]
                self._lines.append(PlacedLine(begin, low + column - lead, low, low + len(rows[match])))
                number = match + 1 if bare else number + (number < len(rows) and not rows[number].strip(" \t>"))
            begin += len(line) + 1

    def between(self, first: int, last: int) -> list[int]:
        """The places of some of the characters."""
        places: list[int] = []
        number = bisect_right(self._lines, first, key=lambda line: line.begin) - 1
        while first < last:
            line = self._lines[number]
            number += 1
            after = self._lines[number].begin if number < len(self._lines) else self._size + 1
            stop = min(last, after)
            if line.start == NOWHERE:
                places += [NOWHERE] * (stop - first)
            else:
                move = line.start - line.begin
                places += [max(line.low, at + move) for at in range(first, min(stop, after - 1))]
                places += [line.end] * (stop == after)
            first = stop
        return places


def place_lines(text: str, written: str, offset: int = 0) -> list[int]:
    """The same for all of the characters at once."""
    return PlacedLines(text, written, offset).between(0, len(text))
