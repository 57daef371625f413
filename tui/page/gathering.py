"""What is gathered while a tape is read through: its time, which frame brought what, and what is odd."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tui.chat.checking.checker import Checker
from tui.domain.delta import OddityDelta, ReasoningDelta, TextDelta, UsageDelta
from tui.domain.joined_reads import JoinedReads
from tui.domain.tape import Read
from tui.page.origin import FrameAccount
from tui.page.plain_items import PlainItems
from tui.page.timeline import Timeline
from tui.page.wire_row import Item
from tui.page.wire_words import written
from tui.wire.sse import Frame

MOST_MISSES = 8
"""So often in a row a frame is not like the one before it until no more are looked for in the same piece."""


class Gathering:
    """What was gathered of a tape so far.

    Attributes:
        timeline: When what happened.
        account: Which frame brought what.
        checker: Says what is odd, where somebody wants to know.
        frames: How many frames there were.
    """

    def __init__(self, dialect: str) -> None:
        """Start before the first read."""
        self.timeline = Timeline()
        self.account = FrameAccount(dialect)
        self.checker: Checker | None = None
        self.frames = 0

    def take_read(self, recorded: Read, at: float, items: Sequence[Item], *, is_body: bool) -> None:
        """Take a read, which came at an instant of the timeline, and the items that it completes."""
        timeline = self.timeline
        timeline.read(at, len(recorded.data))
        cut = [(item.frame, *self.take(item, item.frame)) for item in items if item.frame is not None]
        for item in items:
            if item.frame is None and item.fault is None:
                timeline.comment(item.at)
        if self.checker is not None:
            self.checker.cut_read(recorded, cut, len(items) - len(cut), is_body=is_body)

    def take(self, item: Item, frame: Frame) -> tuple[str, bool]:
        """Note what a frame says; the piece that it brings where that is all it says, and whether that is text."""
        self.frames += 1
        account, timeline = self.account, self.timeline
        deltas = account.take(frame, item.number)
        timeline.frame(item.at)
        if account.was_fragment:
            delta = deltas[0]
            if isinstance(delta, TextDelta):
                timeline.wrote(item.at, "text", len(delta.text))
                return delta.text, True
            if isinstance(delta, ReasoningDelta):
                timeline.wrote(item.at, "thinking", len(delta.text))
                return delta.text, False
        for said, count in written(deltas):
            timeline.wrote(item.at, said, count)
        for delta in deltas:
            if isinstance(delta, UsageDelta):
                timeline.counted(item.at, delta.usage)
        if self.checker is not None:
            for delta in deltas:
                if isinstance(delta, OddityDelta):
                    self.checker.hear(delta, item.number)
        return "", False

    def take_plain(self, recorded: JoinedReads, items: PlainItems) -> Iterator[None]:
        """Take reads, as they were recorded, compressed or not, that brought a frame of the plainest form each: those that are alike by their texts, as far as they go."""
        at = misses = 0
        while at < len(items):
            count = self._take_alike(recorded, items, at) if misses < MOST_MISSES else 0
            if count:
                at, misses = at + count, 0
            else:
                item = items[at]
                self.take_read(recorded[at], item.at, [item], is_body=False)
                self.account.learn(items.records[at])
                at, misses = at + 1, misses + 1
            yield

    def _take_alike(self, recorded: JoinedReads, items: PlainItems, at: int) -> int:
        """Take frames from a place on that are like the one before them in all but their text; how many there are.

        It comes to the same as where each is taken on its own.
        """
        timeline, checker = self.timeline, self.checker
        texts = self.account.texts_in(items.reads.data[items.ends[at - 1] if at else 0 :])
        there = at + len(texts)
        reads, wire = items.reads.part(at, there), recorded.part(at, there)
        if not texts or not timeline.follows(reads.ats[0]) or any(map(float.__lt__, reads.ats[1:], reads.ats)):
            return 0
        if checker is not None:
            if not checker.can_take(wire, texts):
                return 0
            checker.take_texts(wire, texts, items.frame(there - 1))
        self.account.take_texts(texts, items.frames + at)
        sizes = [after - before for before, after in pairwise((0, *wire.ends))]
        timeline.texts(reads.ats, sizes, [*map(len, texts)])
        self.frames += len(texts)
        return len(texts)
