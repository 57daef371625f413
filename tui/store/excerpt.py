"""What is shown of a text in which something was found."""

from __future__ import annotations

import re

from tui.store.fold import Wanted

_EXCERPT = 200
_BEFORE = 60


def excerpt(said: list[str], wanted: Wanted) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Some text around the first place where a word stands, and where in it the words are."""
    for text in said:
        if (first := wanted.first_place(text)) >= 0:
            from_ = word_start(text, max(0, first - _BEFORE), first)
            shown = text[from_ : from_ + _EXCERPT]
            before, after = "…" if from_ else "", "…" if from_ + _EXCERPT < len(text) else ""
            moved = [(left + len(before), right + len(before)) for left, right in wanted.places(shown)]
            return before + shown + after, tuple(moved)
    return "", ()


_WORD = re.compile(r"(?<!\S)\S")
_LONG_WORD = 24


def word_start(text: str, at: int, match: int) -> int:
    """Where a text that is shown from about `at` on may begin: where a word does, at the latest that of a match."""
    if not at:
        return 0
    if (first := _WORD.search(text, at, match + 1)) is not None:
        return first.start()
    far = max(0, at - _LONG_WORD - 1)
    begin = max(text.rfind(space, far, match) for space in " \n\t") + 1
    return begin if at - begin <= _LONG_WORD else at  # where no words are parted, in the midst of them
