"""Parts of the time of an exchange: what came in a slot of it, gaps, attempts that were lost, and shares."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from tui.domain.quantity import describe_rate

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


class Share(Struct, frozen=True):
    """A part of the time that went by: what it was, and how long."""

    words: str
    seconds: float
    key: str

    @property
    def brief(self) -> str:
        """The same where there is less room."""
        words = self.words.replace("waiting for the end", "to the end")
        return words.replace("before the first", "to first").replace("before the", "to the")


SLOW_RATE = 12
"""Tokens a second that are slow, for whoever reads along."""
MOST_SHARES = 4


def percents(shares: Sequence[Share], span: float) -> list[int]:
    """The share of each in percent, rounded so that they are a hundred together; a rest that is no share of its own is writing's."""
    seconds = [share.seconds for share in shares]
    at_writing = next((at for at, share in enumerate(shares) if share.words in ("writing", "thinking")), 0)
    seconds[at_writing] += max(0.0, span - sum(seconds))
    exact = [100 * each / max(span, sum(seconds)) for each in seconds]
    whole = [int(percent) for percent in exact]
    by_rest = sorted(range(len(exact)), key=lambda at: whole[at] - exact[at])
    for at in by_rest[: 100 - sum(whole)]:
        whole[at] += 1
    return whole


def share_runs(shares: Sequence[Share], span: float, room: int, rate: float | None) -> list[tuple[str, str]]:
    """Shares of the time in words, the largest first, as many as there is room for; those left out are told as one, or as “…”.

    The rate belongs to what was written: where that took most of the time and was slow, it comes before anything else.
    """
    counts = percents(shares, span)
    pace = "" if rate is None else describe_rate(rate, is_exact=False)
    is_slow = rate is not None and rate < SLOW_RATE and shares[0].words == "writing"
    most = sum(count >= 1 or not number for number, count in enumerate(counts[:MOST_SHARES]))
    for number in range(most, 0, -1):
        left = 100 - sum(counts[:number])
        rest = f", {left} % other" if left else ""
        for is_brief in (False, True):
            texts = [
                f"{count} % {share.brief if is_brief else share.words}"
                for share, count in zip(shares[:number], counts, strict=False)
            ]
            texts[0] += f" at only {pace}" if is_slow else ""
            endings = [rest] if not is_brief else [rest, *([", …"] if number > 1 and left < counts[number - 1] else [])]
            for ending in endings:
                spare = room - len(", ".join(texts)) - len(ending)
                if spare >= 0 or (number == 1 and is_brief):
                    return _share_runs(shares, texts, ending if spare >= 0 else "", "" if is_slow else pace, spare)
    return []


def _share_runs(shares: Sequence[Share], texts: list[str], ending: str, pace: str, spare: int) -> list[tuple[str, str]]:
    for number, share in enumerate(shares[: len(texts)]):
        if share.words == "writing" and pace and len(f" at {pace}") <= spare:
            texts[number] += f" at {pace}"
    runs = [
        (f"{', ' if number else ''}{text}", "muted" if number else shares[0].key) for number, text in enumerate(texts)
    ]
    return runs + ([(ending, "muted")] if ending else [])


class Lost(Struct, frozen=True):
    """An attempt that came to nothing: from when to when, how long it was waited then, and what it came to, in a word."""

    begin: float
    end: float
    wait: float
    answer: str
