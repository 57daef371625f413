"""What comes on a pipe while the screen is still being made: read at once, so that each read has its own time."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from threading import Thread

from tui.domain.tape import Read

MOST_BYTES = 4 << 20
"""So much is read early; what is more waits in the pipe."""


class EarlyReads:
    """Reads a descriptor in a thread, until somebody takes the reading over.

    Attributes:
        reads: What was read until now.
    """

    def __init__(self, descriptor: int, size: int, now: Callable[[], float]) -> None:
        """Read at most `size` bytes at once; `now` tells when that is."""
        self._descriptor, self._size, self._now = descriptor, size, now
        self.reads: list[Read] = []
        self._stop, self._stopping = os.pipe()
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        came = 0
        while came < MOST_BYTES:
            ready, _, _ = select.select([self._descriptor, self._stop], [], [])
            if self._stop in ready:
                return
            data = os.read(self._descriptor, self._size)
            if not data:
                return  # the end is seen again by whoever reads on
            self.reads.append(Read(self._now(), data))
            came += len(data)

    def take_over(self) -> list[Read]:
        """What was read until now; from here on nobody else reads."""
        os.close(self._stopping)
        self._thread.join()
        os.close(self._stop)
        return self.reads
