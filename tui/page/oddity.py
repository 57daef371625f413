"""Oddities: what of a stream is not as its client may expect it, at the row that it is about, by the rules of `tape check`."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from tui.chat.checking.rule import RULES, USUAL


class Oddity(Struct, frozen=True):
    """One thing that is odd: the code of its rule, and how it is broken here."""

    code: str
    detail: str

    @property
    def words(self) -> str:
        """What is odd, in a sentence."""
        words = RULES[self.code].words
        return self.detail if self.detail.startswith(words) else f"{words}: {self.detail}"

    @property
    def advice(self) -> str:
        """What a client usually makes of it."""
        return RULES[self.code].effect


def oddities_of(marked: Mapping[str, str]) -> tuple[Oddity, ...]:
    """What is odd of what was noted, by code; what many a good stream has is not."""
    return tuple(Oddity(code, detail) for code, detail in marked.items() if code not in USUAL)
