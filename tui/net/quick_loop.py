"""An event loop that has bytes read as soon as they arrive: its turn for each read costs more than the read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from selectors import EVENT_READ, DefaultSelector, SelectorKey
from time import monotonic


class QuickSelector(DefaultSelector):
    """Has a socket read before the loop is told that it can be, and does not wake the loop where nothing more is to be done.

    Attributes:
        readers: What reads a socket, by its descriptor; it says whether nobody has to be told of what came.
    """

    def __init__(self) -> None:
        """Watch nothing yet."""
        super().__init__()
        self.readers: dict[int, Callable[[], bool]] = {}

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Wait until something can be read or written that is for the loop to deal with, or something was read, or time is up."""
        if not self.readers or (timeout is not None and timeout <= 0):
            return super().select(timeout)
        ends_at = None if timeout is None else monotonic() + timeout
        while True:
            ready = super().select(timeout)
            if len(ready) != 1:  # each has its turn
                return ready
            key, events = ready[0]
            read = self.readers.get(key.fd)
            if read is None or events != EVENT_READ:
                return ready
            if not read():
                return []
            if ends_at is not None:
                timeout = ends_at - monotonic()
                if timeout <= 0:
                    return []


class QuickLoop(asyncio.SelectorEventLoop):
    """The loop of asyncio, with readers that it need not call.

    Attributes:
        readers: As of its `QuickSelector`; each is to be added as a reader of the loop too.
    """

    def __init__(self) -> None:
        """Make one."""
        selector = QuickSelector()
        super().__init__(selector)
        self.readers = selector.readers

    time = staticmethod(monotonic)
    """The clock: asyncio's own, which is asked ten times a word, without the call between."""
