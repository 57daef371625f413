"""The outbox: deltas leave in batches, the first at once and then at most one batch a frame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tui.domain.delta import Delta, ReasoningDelta, TextDelta
from tui.domain.joining import join_deltas, text_of
from tui.domain.straight import Straight

FRAME = 1 / 88
"""Seconds between two batches: what a terminal can show. A word waits for half of it, and each batch is painted."""

EARLY = 0.3
"""The part of a frame by which a batch may be early, where the last one was late: no stream keeps time."""

WATERMARK = 8192
"""Characters that may wait before the reader of the wire has to; above it TCP holds the sender back."""

BREATH = 0.003
"""Seconds that a reader of an endless stream may go on before everything else gets a turn."""

LULL = 0.0005
"""Seconds between two deltas after which what comes is slower than it is read."""


class Outbox:
    """Gathers deltas and hands them on: the first at once, then at most one batch a frame, whole and in order.

    The next batch is never sooner than the last one's cost, so that painting never takes more than half
    of the time. `backlog` tells how many characters whoever is posted to still has to deal with.
    """

    def __init__(
        self,
        post: Callable[[list[Delta]], object],
        *,
        clock: Callable[[], float] = time.monotonic,
        frame: float = FRAME,
        backlog: Callable[[], int] = lambda: 0,
    ) -> None:
        """Hand batches to `post`; seconds are those of `clock`."""
        self._post = post
        self._clock = clock
        self._frame = frame
        self._backlog = backlog
        self._pending: list[Delta] = []
        self._size = 0
        self._next_at = 0.0
        self._breathed_at = self._came_at = 0.0
        self._timer: asyncio.Handle | None = None
        self._is_closed = False
        self._is_text = False

    def put(self, delta: Delta) -> None:
        """Take a delta; it leaves with the next batch. After `close` nothing is taken."""
        if self._is_closed:
            return
        self._pending.append(delta)
        self._size += _size_of(delta)
        self._is_text = isinstance(delta, TextDelta | ReasoningDelta)
        now = self._clock()
        wait = self._next_at - now
        if wait <= 0 and self._is_text:  # mostly all that a read brings
            self._flush()
            self._came_at += self._clock() - now
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(wait, self._flush) if wait > 0 else loop.call_soon(self._flush)

    @property
    def straight(self) -> Straight:
        """The way for a text that comes while whoever puts deltas here waits for the next one."""
        return Straight(self._wait, self._take)

    def _wait(self) -> float | None:
        if self._pending or self._timer is not None or self._is_closed or self._backlog() > WATERMARK:
            return None
        return max(0.0, self._next_at - self._clock())

    def _take(self, delta: Delta) -> None:
        now = self._clock()
        if self._pending or self._next_at > now or type(delta) is not TextDelta or self._timer is not None:
            self.put(delta)
            self._came_at = self._breathed_at = self._clock()
        elif not self._is_closed:  # with less ado, for these are most
            self._is_text = True
            self._came_at = self._breathed_at = self._hand_on([delta], now)

    async def room(self) -> None:
        """Wait while too much is pending; also lets others run now and then, however fast deltas come.

        Text that comes slowly waits for the next frame before more of it is taken: then all that has come is read at once.
        """
        while not self._is_closed and self._size + self._backlog() > WATERMARK:
            await asyncio.sleep(self._frame / 2)
            self._breathed_at = self._clock()
        now = self._clock()
        if now - self._came_at > LULL and self._timer is not None and self._is_text and not self._is_closed:
            self._timer.cancel()
            self._timer = None
            await asyncio.sleep(self._next_at - now)
            if self._pending and self._timer is None:  # which leaves now, with what is read before that
                self._timer = asyncio.get_running_loop().call_later(0, self._flush)
            self._came_at = self._breathed_at = self._clock()
            return
        if now - self._came_at > BREATH:  # so long there was nothing to read, and the others had their turn
            self._breathed_at = now
        self._came_at = now
        if now - self._breathed_at > BREATH:
            self._breathed_at = now
            await asyncio.sleep(0)

    def close(self) -> None:
        """Hand on what is pending, now; after that nothing leaves."""
        if not self._is_closed:
            self._is_closed = True
            self._flush()

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._pending:
            return
        batch, self._pending, self._size = join_deltas(self._pending), [], 0
        self._hand_on(batch, self._clock())

    def _hand_on(self, batch: list[Delta], began: float) -> float:
        """Post a batch; when that was done."""
        self._post(batch)
        ended = self._clock()
        self._next_at = max(max(self._next_at, began - EARLY * self._frame) + self._frame, ended + (ended - began))
        return ended


def _size_of(delta: Delta) -> int:
    return len(text_of(delta)) or 1
