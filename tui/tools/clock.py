"""The clock of one call: how long it may still take, and what it says of its progress.

What a tool says while it works lengthens its time, and the clock stands while a person is asked something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self

from msgspec import Struct

LONGEST = 3600.0
"""Seconds after which no progress lengthens a call's time any more; while a person is asked they stand still."""


class Progress(Struct, frozen=True):
    """How far a call has come: `done` of `total`, where the tool knows it; `message` is foreign text."""

    done: float
    total: float | None = None
    message: str = ""


Reports = Callable[[Progress], None]

_current: ContextVar[CallClock | None] = ContextVar("call_clock", default=None)


def current_clock() -> CallClock | None:
    """The clock of the call that is being run here."""
    return _current.get()


class CallClock:
    """An asynchronous context that raises `TimeoutError` once its time is over."""

    def __init__(self, seconds: float, *, reports: Reports | None = None, parent: CallClock | None = None) -> None:
        """Take the time in seconds; what it is told, `parent` and `reports` are told as well."""
        self._seconds = seconds
        self._reports = reports
        self._parent = parent
        self._limit = asyncio.timeout(seconds)
        self._pauses = 0
        self._paused_at = 0.0
        self._began = 0.0
        self._token: Token[CallClock | None] | None = None

    async def __aenter__(self) -> Self:
        self._began = self._now()
        await self._limit.__aenter__()
        self._token = _current.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _current.reset(self._token)
        await self._limit.__aexit__(kind, error, trace)

    def tell(self, progress: Progress) -> None:
        """Take a sign of life: the time begins again."""
        if not self._pauses:
            self._reschedule(min(self._now() + self._seconds, self._began + max(LONGEST, self._seconds)))
        if self._reports is not None:
            self._reports(progress)
        if self._parent is not None:
            self._parent.tell(progress)

    def pause(self) -> None:
        """Stand still: a person is asked."""
        self._pauses += 1
        if self._pauses == 1:
            self._paused_at = self._now()
            self._reschedule(None)
        if self._parent is not None:
            self._parent.pause()

    def go_on(self) -> None:
        """Begin again with the whole time."""
        self._pauses -= 1
        if not self._pauses:
            self._began += self._now() - self._paused_at
            self._reschedule(self._now() + self._seconds)
        if self._parent is not None:
            self._parent.go_on()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _reschedule(self, until: float | None) -> None:
        with suppress(RuntimeError):  # it has just ended
            self._limit.reschedule(until)
