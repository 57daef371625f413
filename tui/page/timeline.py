"""The time of one exchange, gathered as its tape is read: what happened when, in a memory that does not grow."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Literal

from tui.chat.checking.time import AT_ONCE, MANY
from tui.domain.timing import Timing
from tui.domain.usage import Usage
from tui.page.time_parts import WRITTEN, Gap, Gathered, Lengths, Lost, Slot, Unread

MOST_SLOTS = 1024
"""So many slots of time are kept; when they are full, neighbours become one and each is twice as long."""
FINEST = 0.0005
"""Seconds of a slot at first."""
MOST_GAPS = 64
"""So many gaps are known one by one: the longest."""
UNUSUAL_AT_LEAST = 0.25
UNUSUAL_ALWAYS = 2.0
UNUSUAL = 5
"""A gap is over the usual where it is so many times the median, within these two."""

HELD_BACK = 60
"""Characters from which on what came in an instant was held back: a few words may be as quick."""

NUMBERS = {kind: number for number, kind in enumerate(WRITTEN)}


class Timeline:
    """When the stages of an exchange were passed, and how its bytes fell between them.

    Attributes:
        phases: When each stage was passed: `connected`, `secured`, `sent`, `head`, `byte`, `delta`, `thinking`, `text`,
            `end`; those not passed are not there.
        end_kind: How the exchange ended; empty before.
        gaps: The longest stretches between two frames, in no order; keep-alives do not end them.
        frames: Frames so far.
        unread: Stretches that were not read through yet.
        body_bytes: Bytes of all reads.
        retry: What went before this request, or is waited for to send another, in words; empty where nothing is.
        awaits_retry: Whether it is the latter.
        awaits: What is waited for before the head, as `Timing.awaits` has it, while that goes on.
        lost: The attempts before this request, where the tape has them: all instants count from the first one on.
        lost_words: What they lost, in words that follow a share of the time.
        usage: What the endpoint counted of all that had been written by then; `None` before, and where more was written after it.
        comes_in: Where something on the way held it back: it came in `one` piece, or in `bursts`.
    """

    def __init__(self) -> None:
        """Start when the request is sent."""
        self.retry = ""
        self.awaits_retry = False
        self.awaits: Literal["", "connection", "sending", "head"] = ""
        self.lost: list[Lost] = []
        self.lost_words = ""
        self.comes_in: Literal["", "one", "bursts"] = ""
        self.phases: dict[str, float] = {}
        self.unread: Sequence[Unread] = ()
        self.end_kind = ""
        self.gaps: list[Gap] = []
        self.frames = self.body_bytes = self.reads = 0
        self.characters = [0] * len(WRITTEN)
        self.last_at = 0.0
        self.last_written: float | None = None
        self._usage: tuple[float, Usage] | None = None
        self._before: float | None = None
        self._frame_before: float | None = None
        self._least_gap = 0.0
        self._slots: list[Slot] = []
        self._slot_seconds = FINEST
        self._slot = Slot()
        self._slot_begin = self._slot_end = 0.0
        self._lengths = Lengths()

    # --- what happens ----------------------------------------------------------------------------------------
    def ahead(self, timing: Timing) -> None:
        """The request is on its way; the stages before the head count from this request on."""
        self.awaits = timing.awaits if "head" not in self.phases else ""
        if self.awaits:
            self._came_to(timing.phases or {})

    def head(self, at: float, phases: Mapping[str, float]) -> None:
        """The response head came."""
        self._came_to(phases)
        self._pass("head", at)

    def _came_to(self, phases: Mapping[str, float]) -> None:
        self.phases = {name: self.lead + phases[name] for name in ("connected", "secured", "sent") if name in phases}

    def read(self, at: float, size: int) -> None:
        """Bytes came."""
        before = self._before
        if before is None:
            self._pass("byte", at)
        else:
            self._lengths.add(at - before)
        self._before = at
        self.last_at = max(self.last_at, at)
        self.reads += 1
        self.body_bytes += size
        (self._slot if at < self._slot_end and at >= self._slot_begin else self._slot_at(at)).reads += 1

    def comment(self, at: float) -> None:
        """A keep-alive came."""
        self._slot_at(at).comments += 1

    def frame(self, at: float) -> None:
        """A frame came."""
        self.frames += 1
        before = self._frame_before
        if before is not None and at - before > self._least_gap:
            self._keep_gap(Gap(at - before, before))
        self._frame_before = at

    def wrote(self, at: float, kind: str, characters: int) -> None:
        """A frame brought so much to read."""
        if kind not in NUMBERS or not characters:
            return
        if "text" not in self.phases:
            self._pass("delta", at)
            self._pass("thinking" if kind == "thinking" else "text", at)
        self.last_written = at
        number = NUMBERS[kind]
        self.characters[number] += characters
        slot = self._slot if at < self._slot_end and at >= self._slot_begin else self._slot_at(at)
        if not slot.characters:
            slot.characters = [0] * len(WRITTEN)
        slot.characters[number] += characters

    def counted(self, at: float, usage: Usage) -> None:
        """The endpoint told how many tokens there were."""
        if usage.output:
            self._usage = at, usage

    @property
    def usage(self) -> Usage | None:
        """See above."""
        if self._usage is None or self._usage[0] < (self.last_written or 0.0):
            return None
        return self._usage[1]

    def follows(self, at: float) -> bool:
        """Whether a read that came then goes on with the text that has begun."""
        return "text" in self.phases and self.frames > 0 and self._before is not None and at >= self._before

    def texts(self, ats: Sequence[float], sizes: Sequence[int], characters: Sequence[int]) -> None:
        """Reads of these sizes came that brought a frame of text each, as most do: one after the other, and not the first."""
        before = self._before if self._before is not None else ats[0]
        gaps = [at - before for at, before in zip(ats, chain((before,), ats), strict=False)]
        self._lengths.add_all(gaps)
        if self._frame_before is not None:
            gaps[0] = ats[0] - self._frame_before
        if max(gaps) > self._least_gap:
            for at, gap in zip(ats, gaps, strict=True):
                if gap > self._least_gap:
                    self._keep_gap(Gap(gap, at - gap))
        self._before = self._frame_before = self.last_written = ats[-1]
        self.last_at = max(self.last_at, ats[-1])
        self.reads += len(ats)
        self.frames += len(ats)
        self.body_bytes += sum(sizes)
        self.characters[NUMBERS["text"]] += sum(characters)
        at = 0
        while at < len(ats):
            slot = self._slot_at(ats[at])
            end = max(at + 1, bisect_left(ats, self._slot_end, at))
            slot.reads += end - at
            slot.characters = slot.characters or [0] * len(WRITTEN)
            slot.characters[NUMBERS["text"]] += sum(characters[at:end])
            at = end

    @property
    def came_at_once(self) -> bool:
        """Whether all there is to read came in an instant, and in many frames, which only what was held back does."""
        first, last = self.phases.get("delta"), self.last_written
        has_many = self.frames >= MANY and sum(self.characters) >= HELD_BACK
        return has_many and first is not None and last is not None and last - first <= AT_ONCE

    def note_bursts(self, *, has_bursts: bool) -> None:
        """Say how it came, where something on the way held it back."""
        self.comes_in = "one" if self.came_at_once else "bursts" if has_bursts else ""

    def end(self, at: float, kind: str) -> None:
        """It is over."""
        self._pass("end", max(at, self.last_at))
        self.end_kind = kind

    def _pass(self, phase: str, at: float) -> None:
        if phase not in self.phases:
            self.phases[phase] = at
        self.last_at = max(self.last_at, at)

    def _slot_at(self, at: float) -> Slot:
        at = max(0.0, at)
        while at >= MOST_SLOTS * self._slot_seconds:
            self._halve()
        number = int(at / self._slot_seconds)
        while len(self._slots) <= number:
            self._slots.append(Slot())
        self._slot = self._slots[number]
        self._slot_begin, self._slot_end = number * self._slot_seconds, (number + 1) * self._slot_seconds
        return self._slot

    def _halve(self) -> None:
        halved: list[Slot] = []
        for number, slot in enumerate(self._slots):
            if number % 2:
                halved[-1].add(slot)
            else:
                halved.append(slot)
        self._slots = halved
        self._slot_seconds *= 2
        self._slot_end = 0.0

    def _keep_gap(self, gap: Gap) -> None:
        if len(self.gaps) < MOST_GAPS:
            self.gaps.append(gap)
            if len(self.gaps) == MOST_GAPS:
                self._least_gap = min(self.gaps).length
        else:
            self.gaps[self.gaps.index(min(self.gaps))] = gap
            self._least_gap = min(self.gaps).length

    @property
    def gathered(self) -> Gathered:
        """What was gathered of a tape that was read through."""
        self._lengths.count()
        return Gathered(
            self.phases,
            self.end_kind,
            self.comes_in,
            self.gaps,
            self.frames,
            self.body_bytes,
            self.reads,
            self.characters,
            self.last_at,
            self.last_written,
            self._lengths,
            self._slots,
            self._slot_seconds,
        )

    def resume(self, gathered: Gathered) -> None:
        """Know what another gathered of the same tape."""
        self.phases, self.end_kind, self.comes_in = gathered.phases, gathered.end_kind, gathered.comes_in
        self.gaps, self.frames = gathered.gaps, gathered.frames
        self.body_bytes, self.reads, self.characters = gathered.body_bytes, gathered.reads, gathered.characters
        self.last_at, self.last_written = gathered.last_at, gathered.last_written
        self._lengths, self._slots, self._slot_seconds = gathered.lengths, gathered.slots, gathered.slot_seconds

    @property
    def lead(self) -> float:
        """When this request was sent: after all attempts that came to nothing."""
        return self.lost[-1].end + self.lost[-1].wait if self.lost else 0.0

    @property
    def made(self) -> float:
        """When the connection was made."""
        return max((self.phases[name] for name in ("connected", "secured") if name in self.phases), default=self.lead)

    # --- what there is to tell -------------------------------------------------------------------------------
    @property
    def span(self) -> float:
        """From the request to the end, or to the last that came."""
        return max(self.last_at, self.phases.get("end", 0.0))

    @property
    def is_untimed(self) -> bool:
        """Whether nobody knows when what of it came: it is a raw stream from a file."""
        return "end" in self.phases and self.reads > 0 and self.span <= 0

    @property
    def longest_gap(self) -> float:
        """Seconds between two reads, at most."""
        self._lengths.count()
        return self._lengths.longest

    @property
    def longest_silence(self) -> float:
        """Seconds between two frames, at most: what only keeps the connection alive breaks none."""
        return max((gap.length for gap in self.gaps), default=0.0)

    @property
    def longest_quiet(self) -> float:
        """The same from the first token on: what was waited for before that is told apart."""
        first = self.phases.get("delta", self.span)
        return max((gap.length for gap in self.gaps if gap.begin >= first), default=0.0)

    def percentile(self, share: float) -> float | None:
        """The length that so much of the gaps is at most; `None` where there are none."""
        return self._lengths.percentile(share)

    @property
    def usual(self) -> float:
        """What a gap may be without being worth a word."""
        return min(UNUSUAL_ALWAYS, max(UNUSUAL_AT_LEAST, UNUSUAL * (self.percentile(0.5) or 0.0)))

    def unusual_gaps(self) -> list[Gap]:
        """The gaps over the usual, in the order they came in."""
        usual = self.usual
        return sorted((gap for gap in self.gaps if gap.length > usual), key=lambda gap: gap.begin)

    def columns(self, count: int, begin: float, end: float) -> Iterator[Slot]:
        """A stretch of time in so many parts, each with what came in it."""
        each = max(1e-9, (end - begin) / max(1, count))
        parts = [Slot() for _ in range(count)]
        for number, slot in enumerate(self._slots):
            at = (number + 0.5) * self._slot_seconds
            if slot.reads or slot.comments or slot.characters:
                column = min(count - 1, int((at - begin) / each)) if begin <= at <= end + self._slot_seconds else -1
                if column >= 0:
                    parts[column].add(slot)
        for first, last, reads in self._unread_spans():
            low, high = (max(0, min(count - 1, int((at - begin) / each))) for at in (first, last))
            for column in range(low, high + 1):
                parts[column].unread += reads / (high + 1 - low)
        return iter(parts)

    def _unread_spans(self) -> Iterator[tuple[float, float, int]]:
        """What was not read through: from when to when each stretch goes, and how many reads it has."""
        ends = [*(each.began_at for each in self.unread), self.span]
        for stretch, (begin, end) in zip(self.unread, pairwise(ends), strict=True):
            yield begin, max(begin, end), stretch.reads

    def comments_until(self, at: float) -> int:
        """How many keep-alives came up to an instant, to the slot of time."""
        return sum(slot.comments for slot in self._slots[: int(at / self._slot_seconds) + 1])
