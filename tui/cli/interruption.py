"""Signals: one stops what runs, and says by which number it ended."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, TypeVar

from msgspec import Struct, field

_Outcome = TypeVar("_Outcome")


class Interruption(Struct):
    """Turns SIGINT and SIGTERM into a stop of the running task, once."""

    task: asyncio.Task[Any]
    code: int = 0
    _signals: tuple[signal.Signals, ...] = field(default=(signal.SIGINT, signal.SIGTERM))

    def __enter__(self) -> Interruption:
        loop = asyncio.get_running_loop()
        for number in self._signals:
            loop.add_signal_handler(number, self._stop, 128 + number)
        return self

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        for number in self._signals:
            loop.remove_signal_handler(number)

    def _stop(self, code: int) -> None:
        self.code = code
        self.task.cancel()


async def interruptible(work: Awaitable[_Outcome]) -> tuple[_Outcome | None, int]:
    """Do something that a signal stops.

    Returns:
        What came of it, and 0; or `None`, and 128 and the number of the signal that stopped it.
    """
    task = asyncio.ensure_future(work)
    with Interruption(task) as interruption, suppress(asyncio.CancelledError):
        return await task, interruption.code
    return None, interruption.code
