"""Waiting for keys: a thread that is woken, and need not look ten times a second whether it is to end."""

from __future__ import annotations

import os
import select
import threading
from contextlib import suppress


class KeyWait(threading.Event):
    """Waits for what a terminal sends. It is the event that ends this too: once it is set, nobody waits any more."""

    def __init__(self) -> None:
        """Nothing is waited for, and nothing has ended."""
        super().__init__()
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        os.set_blocking(self._woken, False)

    def set(self) -> None:
        """End it, also for whoever waits now."""
        super().set()
        os.write(self._waker, b"\0")

    def clear(self) -> None:
        """Begin anew."""
        super().clear()
        with suppress(BlockingIOError):
            os.read(self._woken, 64)

    def has_sent(self, terminal: int, seconds: float) -> bool:
        """Whether a terminal sends something within so many seconds, at most; it is not looked for after the end."""
        ready, _, _ = select.select([terminal, self._woken], [], [], seconds)
        return terminal in ready
