"""The prompts of all sessions, to be found by a few letters, the newest first."""

from __future__ import annotations

import re
from re import Pattern

from msgspec import Struct

NEAR_CHARACTERS = 300
"""Only in so many characters at the beginning of a prompt are letters looked for that do not stand together."""
MOST_CHARACTERS = 2000
"""Of a prompt, so many are looked through."""
MOST_HELD = 24_000_000
"""Characters that are held at most; prompts before those are found by the search over the sessions."""


class PastPrompt(Struct, frozen=True):
    """A prompt that was sent: its text, and when, in seconds of the wall clock; 0 where that is not known."""

    text: str
    at: float = 0.0


class PromptSearch:
    """Holds each prompt once, newest first, in a memory that does not grow beyond a bound.

    Attributes:
        prompts: The prompts, newest first.
    """

    def __init__(self) -> None:
        """Hold none."""
        self.prompts: list[PastPrompt] = []
        self._folded: list[str] = []
        self._seen: set[int] = set()
        self._held = 0

    @property
    def is_full(self) -> bool:
        """Whether no more are taken."""
        return self._held >= MOST_HELD

    def add(self, prompt: PastPrompt) -> None:
        """Take a prompt that is older than those before it; one that is held already stays where it is."""
        text = prompt.text.strip()
        mark = hash(text)
        if not text or self.is_full or mark in self._seen:
            return
        self._seen.add(mark)
        folded = " ".join(text[:MOST_CHARACTERS].casefold().split())
        self._held += len(text) + len(folded)
        self.prompts.append(PastPrompt(text, prompt.at))
        self._folded.append(folded)

    def find(self, words: str, start: int, stop: int) -> list[tuple[int, bool]]:
        """Those of the prompts from one to another that fit, by their numbers.

        With each, whether every word stands in it as it was written; else its letters do, in their order.
        """
        wanted = words.casefold().split()
        near = [_near(word) for word in wanted]
        matches: list[tuple[int, bool]] = []
        for number in range(start, min(stop, len(self._folded))):
            folded = self._folded[number]
            missing = [each for word, each in zip(wanted, near, strict=True) if word not in folded]
            if all(each.search(folded, 0, NEAR_CHARACTERS) for each in missing):
                matches.append((number, not missing))
        return matches


def _near(word: str) -> Pattern[str]:
    """The letters of a word in their order, with few between them."""
    return re.compile(".{0,12}?".join(map(re.escape, word)))
