"""Reading: what comes of a body is recorded, each part with the time at which it came, and without the keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from tui.domain.tape import Head, Read, Recorder
from tui.domain.timing import Timing
from tui.net.attempt import Attempt, Reads
from tui.net.key_mask import KeyMasks

_MOMENT = 0.001
"""Seconds: what has waited no longer has come just now."""


class Reading:
    """Takes the parts of the bodies of one exchange down."""

    def __init__(
        self,
        mask: KeyMasks,
        recorder: Recorder,
        timing: Timing,
        clock: Callable[[], float],
        sent_at: Callable[[], float],
    ) -> None:
        """Record times of `clock` since `sent_at`, and keep `timing` up to date."""
        self._mask, self._recorder, self._timing = mask, recorder, timing
        self._clock, self._sent_at = clock, sent_at
        self._loop = asyncio.get_running_loop()

    async def read(self, attempt: Attempt) -> list[tuple[float, bytes]]:
        """What has come, with its times and without the key, after it was recorded; empty at the end."""
        while data := await attempt.read():
            parts: list[tuple[float, bytes]] = []
            for came_at, size in attempt.arrivals:
                part, data = (data, b"") if size == len(data) else (data[:size], data[size:])
                if part := self._mask.feed(part):
                    parts.append((came_at, part))
            if parts:
                return self.take(parts)
        rest = self._mask.rest()
        return self.take([(self._loop.time(), rest)]) if rest else []

    def take(self, parts: Reads) -> list[tuple[float, bytes]]:
        """Record what came at times of the loop's clock; the same with the times of the tape's.

        No time is before that of the read before, or of the head.
        """
        now, here = self._clock(), self._loop.time()
        sent_at, timing = self._sent_at(), self._timing
        last = timing.read_at or timing.head_at or 0.0
        taken, reads = [], []
        for came_at, data in parts:
            waited = here - came_at
            last = max(last, now - waited if waited > _MOMENT else now)
            taken.append((last, data))
            reads.append(Read(last - sent_at, data))
        timing.read_at = last
        self._recorder.read(*reads)
        return taken


def masked_head(head: Head, mask: KeyMasks) -> Head:
    """The head of a response without the keys."""
    return replace(head, headers={name: mask.text(value) for name, value in head.headers.items()})
