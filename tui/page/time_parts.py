"""Parts of the time of an exchange: what came in a slot of it, gaps, attempts that were lost, and shares."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

WRITTEN = ("text", "thinking", "arguments", "refusal")
"""Kinds of frames that bring something to read."""


class Slot(Struct):
    """What came within a short stretch of time: reads, keep-alives, and characters of each kind of `WRITTEN`."""

    reads: int = 0
    comments: int = 0
    characters: list[int] = []
    unread: float = 0.0
    """Reads of which nothing but the number is known yet."""

    def add(self, other: Slot) -> None:
        """Take in what came in another stretch."""
        self.reads += other.reads
        self.comments += other.comments
        if other.characters:
            own = self.characters or [0] * len(WRITTEN)
            self.characters = [mine + more for mine, more in zip(own, other.characters, strict=True)]

    @property
    def kind(self) -> str:
        """What most of it was; empty where nothing to read came."""
        if not self.characters or not any(self.characters):
            return ""
        return WRITTEN[max(range(len(WRITTEN)), key=self.characters.__getitem__)]


class Gap(Struct, frozen=True, order=True):
    """A stretch in which no frame came; ordered by its length."""

    length: float
    begin: float

    @property
    def end(self) -> float:
        """When it was over."""
        return self.begin + self.length


class Unread(Protocol):
    """A stretch of a tape that was not read through: how many reads, and when the first came."""

    @property
    def reads(self) -> int:
        """How many."""

    @property
    def began_at(self) -> float:
        """When, in seconds since the request."""


class Share(Struct, frozen=True):
    """A part of the time that went by: what it was, and how long."""

    words: str
    seconds: float
    key: str

    @property
    def brief(self) -> str:
        """The same where there is less room."""
        return self.words.replace("waiting for the end", "to the end").replace("before the", "to the")


class Lost(Struct, frozen=True):
    """An attempt that came to nothing: from when to when, how long it was waited then, and what it came to, in a word."""

    begin: float
    end: float
    wait: float
    answer: str
