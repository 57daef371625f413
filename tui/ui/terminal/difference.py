"""What two rows of the screen differ in, and which signs terminals may give other widths."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from rich.segment import Segment
from textual.strip import Strip

from tui.typeset.line import width_of

_LETTERS = "\u0300-\u036f\u0483-\u0489\u0590-\u08ff\u0900-\u0eff"
_SIGNS = "\u200b-\u200f\u20d0-\u20ff\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff\U000e0000-\U000e0fff"


@cache
def _unsure(ranges: str) -> re.Pattern[str]:
    return re.compile(f"[{ranges}]")


def is_unsure(text: str) -> bool:
    """Whether terminals may disagree on the width of a text: a row that holds one is always written whole."""
    return not text.isascii() and _unsure(_LETTERS + _SIGNS).search(text) is not None


def has_unsure_letters(text: str) -> bool:
    """The same of a terminal that is known to agree on emoji."""
    return not text.isascii() and _unsure(_LETTERS).search(text) is not None


Unsure = Callable[[str], bool]


def find_difference(before: Strip, after: Strip, unsure: Unsure = is_unsure) -> tuple[int, list[Segment]] | None:
    """What has to be written, and how many cells from the start, to turn one strip into another of the same width."""
    old, new = list(before), list(after)
    if old == new:
        return None
    if any(unsure(text) for text, _, _ in old) or any(unsure(text) for text, _, _ in new):
        return 0, new
    cells = 0
    while old and new and old[0] == new[0]:
        cells += width_of(new[0].text)
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    if old and new and old[0].style == new[0].style:
        old_text, new_text = old[0].text, new[0].text
        same = _common(old_text, new_text)
        cells += width_of(new_text[:same])
        old[0], new[0] = Segment(old_text[same:], old[0].style), Segment(new_text[same:], new[0].style)
    if old and new and old[-1].style == new[-1].style:
        old_text, new_text = old[-1].text, new[-1].text
        if same := _common(old_text[::-1], new_text[::-1]):
            new[-1] = Segment(new_text[:-same], new[-1].style)
    return cells, [segment for segment in new if segment.text]


def _common(one: str, other: str) -> int:
    """How many characters two strings begin with together."""
    end = min(len(one), len(other))
    if one[:end] == other[:end]:
        return end
    low = 0
    while end - low > 1:  # halving: comparing slices is far faster than comparing characters
        middle = (low + end) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            end = middle
    return low
