"""Oddities: what of a stream is not as its client may expect it, at the row that it is about, by the rules of `tape check`."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from tui.chat.checking.note import Notes
from tui.chat.checking.rule import RULES, USUAL, Finding


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


class Oddities:
    """What is odd about an exchange: its head, its frames by their numbers from 0 on, its end."""

    def __init__(self, notes: Notes) -> None:
        """Show what was noted, which may become more."""
        self.notes = notes
        self._frames: list[int] = []
        self._counted = 0

    def of(self, frame: int) -> tuple[Oddity, ...]:
        """What is odd about a frame."""
        marked = self.notes.marked.get(frame)
        return oddities_of(marked) if marked else ()

    @property
    def at_head(self) -> tuple[Oddity, ...]:
        """What is odd about the head."""
        return oddities_of(self.notes.at_head)

    @property
    def at_end(self) -> tuple[Oddity, ...]:
        """What can be told at the end alone."""
        return oddities_of(self.notes.at_end)

    @property
    def count(self) -> int:
        """How many rules are broken."""
        return self.notes.odd_count

    @property
    def findings(self) -> list[Finding]:
        """What the rules found, in their order."""
        return self.notes.findings

    @property
    def frames(self) -> list[int]:
        """The frames that are odd, in their order."""
        marked = self.notes.marked
        if len(marked) != self._counted:
            self._counted = len(marked)
            self._frames = sorted(number for number, codes in marked.items() if oddities_of(codes))
        return self._frames
