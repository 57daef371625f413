"""What is doubtful about a reply that says it is whole: a proxy can make a break look like a good end."""

from __future__ import annotations

from tui.domain.delta import OddityDelta
from tui.domain.lazy_pattern import LazyPattern

NO_TEXT = "no text"
BETWEEN_WORDS = "between words"
"""The kinds of these oddities."""

_LAST = 2000
_SENTENCE = 6
"""Words in a last line from which on it is taken for a sentence, which ends with a mark and not with a letter."""

_SHOWN = 40
_OPEN = ",;([{‘“«–—&+"
_STRUCTURED = LazyPattern(r"\s*(?:[#>|*+-]|\d{1,9}[.)]|`|~~~)|.*(?:://|[|`=]\s)")
"""A line that is no sentence: a heading, an item, a row, code, an address."""


def doubt_ending(text: str) -> OddityDelta | None:
    """Say that a text ends between words, as the text of a reply does that was cut; `None` where it may be whole.

    Scripts without capital letters are left alone: many of them end a sentence with no mark.
    """
    tail = text[-_LAST:]
    line = tail[tail.rfind("\n") + 1 :]
    last = line.rstrip(" \t")
    if not last or _STRUCTURED.match(line) is not None or tail.count("```") % 2:
        return None
    is_open = last[-1] in _OPEN
    is_sentence = len(last.split()) >= _SENTENCE and last[-1].lower() != last[-1].upper()
    is_parted = last != line and last[-1] not in ".!?:)”\"'"
    if not (is_open or is_sentence or is_parted):
        return None
    shown = last if len(last) <= _SHOWN else f"…{last[1 - _SHOWN :]}"
    return OddityDelta(BETWEEN_WORDS, f"the reply says that it is whole, and its text ends with “{shown}”")
