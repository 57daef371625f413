"""Where a long paragraph may be split so that its pieces parse as the whole does."""

from __future__ import annotations

import re

from tui.typeset.inline import Environment, inline_runs
from tui.typeset.line import Run

TIERS = (600, 1200, 2400, 4000)  # how much open text to look at before a long paragraph is split
_MARK_WEIGHT = 16  # marks cost the inline parser more than letters
_MARKS = re.compile(r"[*_`\[\]<>!~$\\&]")
_OPENER = re.compile(r"(?:\*+|_+|~~|\$)(?=\S)|[\[`<]|\\[(\[]")
_TRIES = 8
_NEAR = 80  # characters back in which to look for ideographs
_IDEOGRAPHS = "\u2e80"


def weight_of(text: str) -> int:
    """What text costs to parse, in letters."""
    return len(text) + _MARK_WEIGHT * len(_MARKS.findall(text))


def find_weight(text: str, limit: int) -> int:
    """Where the text first has the weight: a mark weighs more than a letter."""
    heavier = 0
    for match in _MARKS.finditer(text):
        at = match.start()
        if at + heavier >= limit:
            break
        heavier += _MARK_WEIGHT
        if at + 1 + heavier >= limit:
            return at + 1
    return limit - heavier


def find_cut(text: str, environment: Environment, *, is_strict: bool) -> int:
    """A place after a space where both sides parse as they do together, or 0."""
    last = _place_before(text, len(text) - len(text) // 5)
    if _MARKS.search(text) is None and "://" not in text:
        return last
    whole: list[Run] | None = None
    marks = [match.start() for match in _MARKS.finditer(text, 0, last)]
    tried = 0
    cut = last
    while cut > 32 and tried < _TRIES:
        tried += 1
        before = inline_runs(text[:cut], environment)
        if not (
            is_strict
            and any(_OPENER.search(piece) for piece, style in before if "code" not in style and "math" not in style)
        ):
            if whole is None:
                whole = inline_runs(text, environment)
            if _merge(before + inline_runs(text[cut:], environment)) == whole:
                return cut
        while marks and marks[-1] >= cut - 1:
            marks.pop()
        if not marks:
            break
        cut = _place_before(text, marks.pop())
    return 0


def _place_before(text: str, end: int) -> int:
    """The last place before `end` where a word begins, or where one ideograph follows another; or 0."""
    for cut in range(end, max(1, end - _NEAR), -1):
        if (
            text[cut - 1] >= _IDEOGRAPHS
            and text[cut] >= _IDEOGRAPHS
            and text[cut - 1].isalnum()
            and text[cut].isalnum()
        ):
            return cut
        if text[cut - 1] in " \n":
            break
    cut = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end)) + 1
    while cut and cut < len(text) and text[cut].isspace():
        cut += 1
    return cut if cut < len(text) else 0


def _merge(runs: list[Run]) -> list[Run]:
    merged: list[Run] = []
    for text, style in runs:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        else:
            merged.append((text, style))
    return merged
