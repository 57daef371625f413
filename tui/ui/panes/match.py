"""Matching: which of many names fit a few letters, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

FAR = 1000
"""How badly a text fits, at least, in which a word that was typed does not stand, but only its letters do."""


def fit(words: str, text: str) -> int | None:
    """How well a text fits what was typed: smaller is better, `None` not at all.

    Every word must be in it, as it stands or letter by letter in order.
    """
    total = 0
    lower = text.lower()
    for word in words.lower().split():
        at = lower.find(word)
        if at >= 0:
            total += at
            continue
        at = -1
        gaps = 0
        for letter in word:
            place = lower.find(letter, at + 1)
            if place < 0:
                return None
            gaps += place - at - 1
            at = place
        total += FAR + gaps
    return total


def best_in_columns(words: str, items: Iterable[Item], columns_of: Callable[[Item], Sequence[str]]) -> Sequence[Item]:
    """The items that fit, best first: each word in one of an item's columns, and none across two."""
    if not words.strip():
        return list(items)
    scored: list[tuple[int, int, Item]] = []
    for number, item in enumerate(items):
        columns = columns_of(item)
        fits = [[score for text in columns if (score := fit(word, text)) is not None] for word in words.split()]
        if all(fits):
            scored.append((sum(map(min, fits)), number, item))
    return [item for _, _, item in sorted(scored, key=lambda row: row[:2])]


def best(words: str, items: Iterable[Item], text_of: Callable[[Item], str]) -> Sequence[Item]:
    """The items that fit, best first; all of them in their order where nothing was typed."""
    if not words.strip():
        return list(items)
    scored = [
        (score, number, item) for number, item in enumerate(items) if (score := fit(words, text_of(item))) is not None
    ]
    return [item for _, _, item in sorted(scored, key=lambda row: row[:2])]
