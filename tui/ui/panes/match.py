"""Matching: which of many names fit a few letters, best first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

_IN_SENTENCE = 100
"""How badly an item fits of which the word only is said."""

FAR = 1000
"""How badly a text fits, at least, in which a word that was typed does not stand, but only its letters do."""


ID_LETTERS = 4
"""So many letters of an id are typed by somebody who means it; fewer are there by chance."""


def fit(words: str, text: str, item_id: str = "") -> int | None:
    """How well a text fits what was typed: smaller is better, `None` not at all.

    Every word must be in it, as it stands or letter by letter in order; or an id begins so, whose other letters mean nothing.
    """
    total = 0
    lower = text.lower()
    for word in words.lower().split():
        at = lower.find(word)
        if at >= 0:
            total += at
            continue
        if len(word) >= ID_LETTERS and item_id.startswith(word):
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


def best_in_columns(
    words: str,
    items: Iterable[Item],
    columns_of: Callable[[Item], Sequence[str]],
    sentences_of: Callable[[Item], Sequence[str]] = lambda _item: (),
) -> Sequence[Item]:
    """The items that fit, best first: each word in one of an item's columns, and none across two.

    Args:
        words: What was typed.
        items: All of them.
        columns_of: Names, in which letters may be left out where no item has the words as they stand.
        sentences_of: What is said of an item: a word must begin as it was typed.
    """
    if not words.strip():
        return list(items)
    scored: list[tuple[int, int, Item]] = []
    for number, item in enumerate(items):
        columns, sentences = columns_of(item), [f" {text.lower()}" for text in sentences_of(item)]
        total = 0
        for word in words.split():
            scores = [score for text in columns if (score := fit(word, text)) is not None]
            scores += [_IN_SENTENCE for text in sentences if re.search(rf"\W{re.escape(word.lower())}", text)]
            if not scores:
                break
            total += min(scores)
        else:
            scored.append((total, number, item))
    return _ranked(scored)


def best(
    words: str, items: Iterable[Item], text_of: Callable[[Item], str], id_of: Callable[[Item], str] = lambda _item: ""
) -> Sequence[Item]:
    """The items that fit, best first; all of them in their order where nothing was typed."""
    if not words.strip():
        return list(items)
    scored = ((fit(words, text_of(item), id_of(item)), number, item) for number, item in enumerate(items))
    return _ranked([(score, number, item) for score, number, item in scored if score is not None])


def _ranked(scored: Sequence[tuple[int, int, Item]]) -> Sequence[Item]:
    """The best first; those that fit by their letters alone where there are no others."""
    near = [row for row in scored if row[0] < FAR]
    return [item for _, _, item in sorted(near or scored, key=lambda row: row[:2])]
