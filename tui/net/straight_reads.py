"""What comes of a body while everybody waits for it, where it is text and no more: it goes past all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.domain.delta import Delta
from tui.domain.straight import Straight
from tui.domain.timing import Timing
from tui.net.attempt import Reads
from tui.net.key_mask import KeyMasks
from tui.net.pace import Pace
from tui.net.reading import Reading

if TYPE_CHECKING:
    from tui.wire.reply import Reply


class StraightReads:
    """Takes reads of one reply as the exchange would that waits for them."""

    def __init__(
        self,
        straight: Straight,
        reply: Reply,
        pace: Pace,
        *,
        reading: Reading,
        mask: KeyMasks,
        timing: Timing,
        join: Callable[[list[Delta]], list[Delta]],
    ) -> None:
        """Hand texts on by `straight`, after they were recorded and read."""
        self._wait, self._hand_on = straight.wait, straight.take
        self._reply, self._pace, self._reading = reply, pace, reading
        self._mask, self._timing, self._join = mask, timing, join

    def take(self, reads: Reads) -> float | None:
        """Take what came while nothing else is dealt with; see `Attempt.straight`."""
        pace, reply = self._pace, self._reply
        wait = self._wait() if pace.has_progressed and not pace.is_tail else None
        if wait != 0.0:
            return wait
        _, parts = zip(*reads, strict=True)
        if (texts := reply.texts_of(parts)) and self._mask.passes(parts):  # as most are
            taken = self._reading.take(reads)
            if len(deltas := reply.take_texts(texts, parts)) == 1 == len(taken):
                self._timing.saw(deltas[0], taken[0][0])
                self._hand_on(deltas[0])
                pace.progress()
                return 0.0
            came = [(delta, at) for (at, _), delta in zip(taken, deltas, strict=False)]
            came, broken = (came, None) if came else reply.take_timed(taken)
        elif reply.are_alike(parts) and self._mask.passes(parts):
            came, broken = reply.take_timed(self._reading.take(reads))
        else:
            return None
        for delta, at in came:
            self._timing.saw(delta, at)
        for delta in self._join([delta for delta, _ in came]):
            self._hand_on(delta)
        pace.progress()
        if broken is not None:
            raise broken
        return 0.0
