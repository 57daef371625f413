"""The tape on its way to the disk: every read is kept, and written down at least four times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.domain.error import StoreError
from tui.domain.tape import Head, Read, SentRequest, TapeEnd
from tui.store.database import Database

PERIOD = 0.2
"""Seconds between two writes of the tape: a crash loses no more than this of what was received."""

HELD_BYTES = 4 << 20
"""What is held at most: a stream this fast is written down more often, for to hold more is memory and long pauses."""


class TapeRecorder:
    """A `Recorder` that writes one turn's tape to the database while it grows, and keeps none of it in memory.

    A disk that fails does not stop the stream: `on_failure` is told once, and the rest goes unrecorded.
    """

    def __init__(self, database: Database, turn_id: str, on_failure: Callable[[StoreError], None]) -> None:
        """Record a turn that the database already knows."""
        self._database = database
        self._turn_id = turn_id
        self._on_failure = on_failure
        self._held: list[Read] = []
        self._held_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_broken = False

    def sent(self, request: SentRequest) -> None:
        """Write the request down before it goes out."""
        self._held.clear()
        self._held_bytes = 0
        self._write(lambda: self._database.record_request(self._turn_id, request))

    def head(self, head: Head) -> None:
        """Write the response head down."""
        self._write(lambda: self._database.record_head(self._turn_id, head))

    def read(self, read: Read) -> None:
        """Hold a read until the period is over, or until there is enough of them."""
        self._held.append(read)
        self._held_bytes += len(read.data)
        if self._held_bytes >= HELD_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PERIOD, self.flush)

    def ended(self, end: TapeEnd) -> None:
        """Write down what is held, and how it ended."""
        self.flush()
        self._write(lambda: self._database.record_end(self._turn_id, end))

    def flush(self) -> None:
        """Write down what is held, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._held:
            held, self._held = self._held, []
            self._held_bytes = 0
            self._write(lambda: self._database.append_reads(self._turn_id, held))

    def _write(self, work: Callable[[], object]) -> None:
        if self._is_broken:
            return
        try:
            work()
        except StoreError as error:
            self._is_broken = True
            self._on_failure(error)
