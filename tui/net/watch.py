"""The clocks of an exchange: how long each silence may last, on one timer."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Literal

from msgspec import Struct

Phase = Literal["connect", "first_byte", "between_reads", "alive", "tail", "whole_turn"]


class Quiet(Struct, frozen=True):
    """A clock that ran out.

    `first_byte`: nothing of the reply has come; `between_reads`: it has stopped coming; `alive`: something
    comes, but nothing of the reply. (`connect`, and `tail`, the little time
    given to what is left of a body, ask nobody; nor does `whole_turn`, which nothing that comes puts off.)
    """

    phase: Phase
    seconds: float


Patience = Callable[[Quiet], Awaitable[bool]]
"""Asked when a clock runs out: wait for another such period, or give up?"""

_ASKABLE = ("first_byte", "between_reads", "alive")
_FLOODABLE = ("alive", "tail")
_BUSY_SECONDS = 0.1


class QuietError(Exception):
    """Raised out of `Watch.pause` when a clock ran out and nobody wanted to wait on. Never leaves this package."""

    def __init__(self, quiet: Quiet) -> None:
        """Keep which clock it was."""
        super().__init__(quiet)
        self.quiet = quiet


class Watch:
    """Ends a pause that lasts too long.

    A timer for each read would cost more than the read. There is one, set for the earliest limit; when it
    fires it looks at what has come since, and sets itself again. While patience is asked the wait goes on,
    and what comes meanwhile withdraws the question.
    """

    def __init__(self, patience: Patience | None = None, *, ends_at: float = math.inf, whole: float = 0.0) -> None:
        """Stand by; `start` begins. At `ends_at`, on the loop's clock, the `whole` seconds of a turn are over."""
        self._ends_at, self._whole = ends_at, Quiet("whole_turn", whole)
        self._loop = asyncio.get_running_loop()
        self._patience = patience
        self._phase: Phase = "connect"
        self._limit = 0.0
        self._since = 0.0
        self._alive_limit: float | None = None
        self._progress_since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._question: asyncio.Task[bool] | None = None
        self._withdrawn: set[asyncio.Task[bool]] = set()
        self._asked: Phase | None = None
        self._verdict: BaseException | None = None
        self._read_at = 0.0

    def start(self, phase: Phase, seconds: float) -> None:
        """Begin a phase: its clock starts now."""
        self._phase, self._limit = phase, seconds
        self._since = self._loop.time()
        if phase == "tail":
            self._alive_limit = None
        self._clear_verdict()
        self._withdraw()
        self._arm()

    def expect_progress(self, seconds: float) -> None:
        """From now on, reads without progress are borne this long."""
        self._alive_limit = seconds
        self._progress_since = self._loop.time()
        self._arm()

    def saw_read(self) -> None:
        """Bytes came. The tail's time is for all of it, so they do not lengthen it."""
        self._read_at = self._loop.time()
        if self._phase == "tail":
            return
        self._since = self._read_at
        if self._question is not None and self._asked != "alive":
            self._withdraw()
            self._arm()

    def saw_progress(self) -> None:
        """Something of the reply came."""
        self._progress_since = self._loop.time()
        if self._question is not None or self._verdict is not None:
            self._clear_verdict()
            self._withdraw()
            self._arm()

    def check(self) -> None:
        """Between reads that need no pause: has a clock run out all the same?

        Raises:
            QuietError: If it has.
        """
        if self._verdict is not None:
            raise self._verdict

    async def pause(self) -> None:
        """Wait until `wake` is called, under the clock of the present phase.

        Raises:
            QuietError: If the clock ran out first.
        """
        self.check()
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    @property
    def is_paused(self) -> bool:
        """Whether somebody waits who was not woken yet."""
        return self._waiter is not None and not self._waiter.done()

    def fail(self, fault: BaseException) -> None:
        """End the pause, or the next one, by a fault."""
        self._decide(fault)

    def wake(self) -> None:
        """End the pause, if there is one."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def close(self) -> None:
        """Stop the timer, withdraw the question, and leave no task behind."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._withdraw()
        if self._withdrawn:
            await asyncio.wait(self._withdrawn)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._next()[0], self._look)

    def _next(self) -> tuple[float, Quiet]:
        """When the next clock runs out, and which."""
        due, quiet = self._since + self._limit, Quiet(self._phase, self._limit)
        if self._alive_limit is not None and self._progress_since + self._alive_limit < due:
            due, quiet = self._progress_since + self._alive_limit, Quiet("alive", self._alive_limit)
        return (self._ends_at, self._whole) if self._ends_at < due else (due, quiet)

    def _look(self) -> None:
        due, quiet = self._next()
        now = self._loop.time()
        if now >= self._ends_at:
            self._withdraw()
            self._decide(QuietError(self._whole))
        elif due > now:
            self._arm()
        elif self._waiter is None and not (quiet.phase in _FLOODABLE and now - self._read_at < _BUSY_SECONDS):
            # Nobody waits: whoever takes the deltas is busy, and the endpoint is not to blame for that. But a
            # flood of comments keeps the reader from ever waiting, and is no excuse.
            self._since = self._progress_since = now
            self._arm()
        elif self._patience is not None and quiet.phase in _ASKABLE:
            if self._question is None:
                self._asked = quiet.phase
                self._question = self._loop.create_task(self._ask(self._patience, quiet))
                self._question.add_done_callback(lambda task: self._hear(task, quiet))
            if self._ends_at < math.inf:  # nor does a question that nobody answers put it off
                self._timer = self._loop.call_at(self._ends_at, self._look)
        else:
            self._decide(QuietError(quiet))

    @staticmethod
    async def _ask(patience: Patience, quiet: Quiet) -> bool:
        return await patience(quiet)

    def _hear(self, task: asyncio.Task[bool], quiet: Quiet) -> None:
        if task.cancelled():
            return
        fault = task.exception()
        if task is not self._question:
            return
        self._question = None
        if fault is not None:
            self._decide(fault)
        elif task.result():
            self._since = self._progress_since = self._loop.time()
            self._arm()
        else:
            self._decide(QuietError(quiet))

    def _decide(self, error: BaseException) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
        else:
            self._verdict = error

    def _clear_verdict(self) -> None:
        """Take a verdict back, unless it is that the turn is over: in a flood, every read would do that."""
        if not (isinstance(self._verdict, QuietError) and self._verdict.quiet is self._whole):
            self._verdict = None

    def _withdraw(self) -> None:
        if self._question is not None:
            self._question.cancel()
            self._withdrawn.add(self._question)
            self._question.add_done_callback(self._withdrawn.discard)
            self._question = None
