"""The tape on its way to the disk: every read is kept, and written down at least four times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext

from tui.domain.error import StoreBusyError, StoreError
from tui.domain.tape import ATTEMPT_BYTES, FailedAttempt, Head, Read, SentRequest, TapeEnd, beginning_of
from tui.store.arriving import ArrivingReads
from tui.store.database import Database
from tui.wire.json_text import is_long

PERIOD = 0.24
"""Seconds between two writes of the tape: a power cut loses no more than this of what was received; see `store/arriving`
for a crash."""

HELD_BYTES = 4 << 20
"""What is held at most: a stream this fast is written down more often, for to hold more is memory and long pauses."""


AFTER_FAILURE = 3.0
"""Seconds until what could not be written is tried again."""


class TapeRecorder:
    """A `Recorder` that writes one turn's tape to the database while it grows, and keeps none of it in memory.

    A disk that fails does not stop the stream: `on_failure` is told, and what was not written is tried again. Where
    more than `HELD_BYTES` would have to wait for that, the rest goes unrecorded.

    Attributes:
        turn_id: The turn as the database knows it; empty while it does not, and nothing is written until then.
    """

    def __init__(self, database: Database, turn_id: str, on_failure: Callable[[StoreError], None]) -> None:
        self.turn_id = turn_id
        self._database = database
        self._on_failure = on_failure
        self._request: SentRequest | None = None
        self._head: Head | None = None
        self._attempts: list[FailedAttempt] = []
        self._asked: SentRequest | None = None
        self._answer: Head | None = None
        self._beginning: list[Read] = []
        self._beginning_left = ATTEMPT_BYTES
        self._held: list[Read] = []
        self._held_bytes = 0
        self._on_its_way: list[Read] = []
        self._end: TapeEnd | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._has_gap = False
        self._has_failed = False
        self._is_over = False
        self._arriving: ArrivingReads | None = None
        self._unfiled: list[Read] = []
        self._filed = self._settled = 0

    def sent(self, request: SentRequest) -> None:
        """Write the request down before it goes out."""
        self._held.clear()
        self._on_its_way = []
        self._held_bytes = 0
        self._request, self._head, self._end, self._has_gap = request, None, None, False
        self._asked, self._answer, self._beginning, self._beginning_left = request, None, [], ATTEMPT_BYTES
        self._unfiled.clear()
        self._filed = self._settled = 0
        if self._arriving is not None:
            self._arriving.clear()
        self.flush()

    def head(self, head: Head) -> None:
        """Write the response head down."""
        self._head = self._answer = head
        self.flush()

    def read(self, *reads: Read) -> None:
        """Hold reads until the period is over, or until there is enough of them."""
        for read in reads:
            if self._beginning_left > 0:  # an attempt that comes to nothing is written down with the next request
                self._beginning.append(read)
                self._beginning_left -= len(read.data)
            if not self._has_gap:
                self._held_bytes += len(read.data)
        if self._has_gap:
            return
        self._held += reads
        self._unfiled += reads
        if self._request is None and self._head is None:
            self._put_aside()
        if self._held_bytes >= HELD_BYTES:
            self.flush()
            self._has_gap = self._held_bytes >= HELD_BYTES
        elif self._timer is None:
            pause = AFTER_FAILURE if self._has_failed else PERIOD
            self._timer = asyncio.get_running_loop().call_later(pause, self.flush)

    def failed(self, end: TapeEnd, wait: float) -> None:
        """Keep what the attempt came to, until the request that follows it is written down."""
        if self._asked is not None:
            reads = [*beginning_of(self._beginning)]
            self._attempts.append(FailedAttempt(self._asked, self._answer, reads, end, wait))
        self.flush()

    def ended(self, end: TapeEnd) -> None:
        """Write down what is held, and how it ended."""
        self._end = None if self._has_gap else end
        self._is_over = True
        self.flush()

    def flush(self) -> None:
        """Write down what is held, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.turn_id:
            return
        try:
            self._write()
        except StoreBusyError:  # whoever asks for it again is told when it is the disk that fails
            self._has_failed = False
        except StoreError as error:
            self._has_failed = True
            self._on_failure(error)
        else:
            self._has_failed = False

    @property
    def is_behind(self) -> bool:
        """Whether there is something that is not written down yet."""
        return bool(self._request or self._head or self._held or self._on_its_way or self._end)

    def _write(self) -> None:
        if self._request is not None:
            # Nobody waits for a long one: it takes a while in any case.
            with self._database.impatient() if any(map(is_long, self._request.body.values())) else nullcontext():
                self._database.tapes.record_request(self.turn_id, self._request, tuple(self._attempts))
            self._request = None
        if self._head is not None:
            self._database.tapes.record_head(self.turn_id, self._head)
            self._head = None
        while self._held or self._on_its_way:
            if not self._on_its_way:  # a write that takes long is asked for again with the very same reads
                self._on_its_way, self._held = self._held, []
            self._database.tapes.append_reads(self.turn_id, self._on_its_way)
            self._held_bytes -= sum(len(read.data) for read in self._on_its_way)
            self._settled += len(self._on_its_way)
            self._on_its_way = []
        self._settle()
        if self._end is not None:
            self._database.tapes.record_end(self.turn_id, self._end)
            self._end = None

    def _put_aside(self) -> None:
        """Put what came where it outlives this process, until the database has it; that has the request already."""
        if self._arriving is None:
            if not self.turn_id:
                return
            self._arriving = self._database.arriving.of(self.turn_id)
        self._arriving.put(self._filed, self._unfiled)
        self._filed += len(self._unfiled)
        self._unfiled.clear()

    def _settle(self) -> None:
        """All that came is in the database."""
        self._filed = self._settled
        self._unfiled.clear()
        if self._arriving is None:
            return
        if self._is_over:
            self._arriving.drop()
        else:
            self._arriving.settle()
