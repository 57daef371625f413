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
        return [self._record(rest, self._clock())] if rest else []

    def take(self, parts: Reads) -> list[tuple[float, bytes]]:
        """Record what came at times of the loop's clock; the same with the times of the tape's."""
        now, here = self._clock(), self._loop.time()
        return [self._record(data, now - (here - at) if here - at > _MOMENT else now) for at, data in parts]

    def take_one(self, at: float, data: bytes) -> tuple[float, bytes]:
        """The same for one read."""
        now, here = self._clock(), self._loop.time()
        return self._record(data, now - (here - at) if here - at > _MOMENT else now)

    def _record(self, data: bytes, at: float) -> tuple[float, bytes]:
        """Record a read, of a time that is never before that of the last, or of the head."""
        self._timing.read_at = at = max(at, self._timing.read_at or self._timing.head_at or at)
        self._recorder.read(Read(at - self._sent_at(), data))
        return at, data


def masked_head(head: Head, mask: KeyMasks) -> Head:
    """The head of a response without the keys."""
    return replace(head, headers={name: mask.text(value) for name, value in head.headers.items()})
