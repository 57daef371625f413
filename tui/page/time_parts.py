"""Parts of the time of an exchange: what came in a slot of it, gaps, and attempts that were lost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Literal, Protocol

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


STEPS = 24
"""Parts of a decade that the lengths of gaps are counted in: percentiles are right to five in a hundred."""
SHORTEST = 1e-5
MOST_PENDING = 4096
"""So many lengths of gaps are held until they are counted."""


class Lengths(Struct):
    """How long the gaps between two reads were: how many there are of each step of a scale, and the longest."""

    counts: dict[int, int] = {}
    longest: float = 0.0
    pending: list[float] = []

    def add(self, length: float) -> None:
        """Take one in."""
        self.pending.append(length)
        if len(self.pending) >= MOST_PENDING:
            self.count()

    def add_all(self, lengths: Sequence[float]) -> None:
        """Take in some."""
        self.pending += lengths
        if len(self.pending) >= MOST_PENDING:
            self.count()

    def count(self) -> None:
        """Count those that came since this was last done."""
        for length, times in Counter(self.pending).items():  # of a recording many are the same to the microsecond
            step = round(STEPS * math.log10(max(length, SHORTEST)))
            self.counts[step] = self.counts.get(step, 0) + times
        if self.pending:
            self.longest = max(self.longest, *self.pending)
            self.pending.clear()

    def percentile(self, share: float) -> float | None:
        """The length that so much of the gaps is at most; `None` where there are none."""
        self.count()
        count = sum(self.counts.values())
        if not count:
            return None
        passed = 0
        for step in sorted(self.counts):
            passed += self.counts[step]
            if passed >= share * count:
                break
        return 0.0 if 10 ** (step / STEPS) <= SHORTEST * 1.1 else min(10 ** (step / STEPS), self.longest)


class Gathered(Struct):
    """What a timeline knows of a tape that was read through, to be kept: see `Timeline`."""

    phases: dict[str, float]
    end_kind: str
    comes_in: Literal["", "one", "bursts"]
    gaps: list[Gap]
    frames: int
    body_bytes: int
    reads: int
    characters: list[int]
    last_at: float
    last_written: float | None
    lengths: Lengths
    slots: list[Slot]
    slot_seconds: float


class Unread(Protocol):
    """A stretch of a tape that was not read through: how many reads, and when the first came."""

    @property
    def reads(self) -> int:
        """How many."""

    @property
    def began_at(self) -> float:
        """When, in seconds since the request."""


class Lost(Struct, frozen=True):
    """An attempt that came to nothing: from when to when, how long it was waited then, and what it came to, in a word."""

    begin: float
    end: float
    wait: float
    answer: str
