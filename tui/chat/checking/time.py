"""Rules about time: what came at once, in bursts, or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import median

from tui.chat.checking.note import Notes
from tui.domain.quantity import describe_seconds
from tui.domain.tape import Head

AT_ONCE = 0.005
"""Seconds within which a whole reply only comes if something holds it back until it is whole."""
HELD = 0.1
"""Seconds from the request to its end below which nothing was held back that anybody would feel."""
MANY = 5
"""Frames of which that can be told."""
SLOW = 10.0
"""Seconds to the first byte after which timeouts begin to strike."""
STALL = 2.0
"""Seconds that a text may stand still, and so many times the usual gap."""
STALL_TIMES = 20
KEEP_ALIVES = 10.0
"""Seconds of nothing but comments."""
BURST_GAP = 0.1
"""Seconds between two bursts, at least."""
_MOST_TIMES = 50_000


class TimeRules:
    """Follows the times of reads and frames."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._frame_ats: list[float] = []
        self._head_at = 0.0
        self._last_at: float | None = None
        self._longest = (0.0, 0, 0)
        self._reads = self._size = 0
        self._frame_at: float | None = None
        self._comments_since = 0

    def head(self, head: Head) -> None:
        """The head came."""
        self._head_at = self._last_at = head.at

    def read(self, at: float, size: int, frames: int) -> None:
        """A read came; so many frames had come before it."""
        gap = at - (self._last_at if self._last_at is not None else at)
        if self._reads == 0 and at > SLOW:
            self._notes.add("slow-start", f"the first byte took {describe_seconds(at)}")
        if gap > self._longest[0]:
            self._longest = (gap, frames if self._reads else -1, self._size)
        self._last_at = at
        self._reads += 1
        self._size += size

    def comments(self, at: float, frames: int) -> None:
        """Comments came in a read without a frame."""
        self._comments_since += 1
        since = self._frame_at if self._frame_at is not None else self._head_at
        if at - since > KEEP_ALIVES and self._comments_since >= 2:
            words = f"for {describe_seconds(at - since)} nothing but comments came"
            if not self._notes.has("keep-alives"):
                self._notes.add("keep-alives", words, frames - 1 if frames else -1)

    def frame(self, number: int, at: float) -> None:
        """A frame came."""
        before = self._frame_at
        self._frame_at, self._comments_since = at, 0
        ats = self._frame_ats
        if before is not None and len(ats) >= MANY and at - before > STALL:
            recent = ats[-200:]
            usual = (recent[-1] - recent[0]) / (len(recent) - 1)
            if at - before > STALL_TIMES * usual:
                was_usual = (
                    f"{describe_seconds(usual)} were usual" if usual > AT_ONCE else "the ones before came at once"
                )
                words = f"{describe_seconds(at - before)} passed before frame {number + 1}, where {was_usual}"
                self._notes.add("stall", words, number)
        if len(ats) < _MOST_TIMES:
            ats.append(at)

    def can_take(self, ats: Sequence[float]) -> bool:
        """Whether nothing can be said of reads with a frame each, which came then: see `texts`."""
        before = self._last_at
        if before is None or not self._reads or self._frame_at is None or ats[0] - self._frame_at > STALL:
            return False
        return all(after - at <= STALL for at, after in itertools.pairwise((before, *ats)))

    def texts(self, ats: Sequence[float], sizes: Sequence[int], number: int) -> None:
        """Reads of these sizes came with a frame each, from one of a number on."""
        gaps = [after - at for at, after in itertools.pairwise((self.last_at, *ats))]
        longest = max(gaps)
        if longest > self._longest[0]:
            at = gaps.index(longest)
            self._longest = (longest, number + at, self._size + sum(sizes[:at]))
        self._last_at = self._frame_at = ats[-1]
        self._comments_since = 0
        self._reads += len(ats)
        self._size += sum(sizes)
        self._frame_ats += ats[: max(0, _MOST_TIMES - len(self._frame_ats))]

    @property
    def last_at(self) -> float:
        """When the last read came."""
        return self._last_at or 0.0

    def close(self, *, is_stream: bool) -> None:
        """What can be told at the end."""
        if not self.last_at:
            return  # a raw stream, of which no times are known
        ats = self._frame_ats
        spread = ats[-1] - ats[0] if ats else 0.0
        if is_stream and len(ats) >= MANY and spread <= AT_ONCE and self.last_at >= HELD:
            words = f"all {len(ats)} frames came within {describe_seconds(spread)}"
            self._notes.add("buffered", f"{words}: something between you and the endpoint is buffering")
        elif is_stream:
            self._find_bursts()
        if not self._reads:
            return
        gap, frames, size = self._longest
        if self._head_at >= gap:
            self._notes.add("silence", f"the longest silence was {describe_seconds(self._head_at)}, before the head")
            return
        where = f"after frame {frames} ({size:,} B)" if frames >= 0 else "between the head and the first byte"
        self._notes.add("silence", f"the longest silence was {describe_seconds(gap)}, {where}", max(frames, -1))

    def _find_bursts(self) -> None:
        """Groups of frames that come together, again and again, at even intervals; a frame on its own is no group."""
        starts: list[float] = []
        sizes: list[int] = []
        before: float | None = None
        for at in self._frame_ats:
            if before is None or at - before > AT_ONCE:
                starts.append(at)
                sizes.append(0)
            sizes[-1] += 1
            before = at
        if len(starts) < MANY or median(sizes) < 3:
            return
        gaps = [after - start for start, after in itertools.pairwise(starts)]
        usual = median(gaps)
        even = sum(abs(gap - usual) <= 0.25 * usual for gap in gaps)
        if usual >= BURST_GAP and even >= 0.7 * len(gaps):
            self._notes.add(
                "bursts",
                f"{sum(size > 1 for size in sizes)} bursts of some {median(sizes):.0f} frames came, one every {describe_seconds(usual)}",
            )
