"""What of two rows of words differs: quick where they are long, and where hardly anything is alike."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

MOST_PAIRS = 40_000
"""So many pairs of words are compared one by one; between longer stretches, words that occur once are looked for."""
RUN = 4
"""Words in a row that may occur once where none of them does."""


class Change(NamedTuple):
    """Words of the first from one to another, and those of the second that stand in their place."""

    start: int
    end: int
    other_start: int
    other_end: int


def changes(one: Sequence[str], other: Sequence[str]) -> list[Change]:
    """What differs, in order; as few words as can be found at once, not the fewest there are."""
    merged: list[Change] = []
    for change in _differing(one, other):
        before = merged[-1] if merged else None
        if before is not None and (before.end, before.other_end) == (change.start, change.other_start):
            merged[-1] = Change(before.start, change.end, before.other_start, change.other_end)
        else:
            merged.append(change)
    return merged


def share_alike(one: Sequence[str], other: Sequence[str], differing: Sequence[Change]) -> float:
    """The share of all words that both have; 1 where there are none."""
    whole = len(one) + len(other)
    changed = sum(each.end - each.start + each.other_end - each.other_start for each in differing)
    return (whole - changed) / whole if whole else 1.0


def _differing(one: Sequence[str], other: Sequence[str]) -> Iterator[Change]:
    stretches = [Change(0, len(one), 0, len(other))]
    while stretches:
        start, end, start_2, end_2 = stretches.pop()
        while start < end and start_2 < end_2 and one[start] == other[start_2]:
            start, start_2 = start + 1, start_2 + 1
        while start < end and start_2 < end_2 and one[end - 1] == other[end_2 - 1]:
            end, end_2 = end - 1, end_2 - 1
        if start == end and start_2 == end_2:
            continue
        stretch = Change(start, end, start_2, end_2)
        if start == end or start_2 == end_2:
            yield stretch
        elif (end - start) * (end_2 - start_2) <= MOST_PAIRS:
            matcher = SequenceMatcher(None, one[start:end], other[start_2:end_2], autojunk=False)
            for tag, i, j, k, m in matcher.get_opcodes():
                if tag != "equal":
                    yield Change(start + i, start + j, start_2 + k, start_2 + m)
        elif anchors := _anchors(one, other, stretch):
            parts: list[Change] = []
            for at, at_2 in [*anchors, (end, end_2)]:
                parts.append(Change(start, at, start_2, at_2))
                start, start_2 = at, at_2
            stretches += reversed(parts)
        else:
            yield stretch


def _anchors(one: Sequence[str], other: Sequence[str], stretch: Change) -> list[tuple[int, int]]:
    """Where both say what occurs in each of them once: single words, else runs of some; in order in both."""

    def word(words: Sequence[str], at: int) -> Hashable:
        return words[at]

    def run(words: Sequence[str], at: int) -> Hashable:
        return tuple(words[at : at + RUN])

    start, end, start_2, end_2 = stretch
    for key, size in ((word, 1), (run, RUN)):
        places = _once(one, start, end - size + 1, key)
        places_2 = _once(other, start_2, end_2 - size + 1, key)
        pairs = [(at, places_2[said]) for said, at in places.items() if said in places_2]
        # What stands at the very beginning parts nothing, and would be looked at for ever.
        if rising := [pair for pair in _rising(pairs) if pair != (start, start_2)]:
            return rising
    return []


def _once(
    words: Sequence[str], start: int, end: int, key: Callable[[Sequence[str], int], Hashable]
) -> dict[Hashable, int]:
    places: dict[Hashable, int] = {}
    for at in range(start, end):
        said = key(words, at)
        places[said] = -1 if said in places else at
    return {said: at for said, at in places.items() if at >= 0}


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest row of pairs of which the second rise too."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, at) in enumerate(pairs):
        place = bisect_left(ends, at)
        before.append(last[place - 1] if place else -1)
        ends[place : place + 1] = [at]
        last[place : place + 1] = [number]
    row: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        row.append(pairs[number])
        number = before[number]
    return row[::-1]
