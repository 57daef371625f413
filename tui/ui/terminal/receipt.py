"""Receipts: the terminal is asked to answer once it has taken all that was written to it.

A terminal answers in order. What it sends before the receipt was pressed before it showed the frame that the receipt
is for, however long either was under way: over a slow line, or while this process had no time.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from textual.message import Message

ASK_RECEIPT = "\x1b[5n"
"""Asks how the terminal is; every terminal answers that it is well."""

LOOK_SECONDS = 0.1
"""How often it is looked whether a key waits to be read; by so much the time of a key may be too early."""

SELDOM_SECONDS = 1.0
"""The same while no question was put for long: then nobody asks when a key came."""

RECENT_SECONDS = 3600.0
"""Seconds after which a question that was put is taken for one that was answered."""

RECEIPT_PATIENCE = 3.0
"""Seconds after which a terminal is taken for one that answers nothing."""


LEAVING_PATIENCE = 1.0
"""Seconds for which whoever gives the terminal back waits for a receipt, which the shell would get instead."""


class Receipt(Message):
    """The terminal has taken what was written to it before it was asked."""


class _Request:
    def __init__(self, then: Callable[[], object]) -> None:
        self.then = then
        self.is_over = False


class Receipts:
    """What is to be done once the terminal has shown what was written."""

    def __init__(self, ask: Callable[[str], object], set_timer: Callable[[float, Callable[[], object]], Any]) -> None:
        """Begin with nothing asked.

        Args:
            ask: Writes to the terminal, behind all that was written before.
            set_timer: Calls something after some seconds.
        """
        self._ask = ask
        self._set_timer = set_timer
        self._open: deque[_Request] = deque()

    def when_shown(self, then: Callable[[], object]) -> None:
        """Do something once the terminal has shown all that was written so far."""
        request = _Request(then)
        self._open.append(request)
        self._ask(ASK_RECEIPT)
        self._set_timer(RECEIPT_PATIENCE, partial(self._do, request))

    def hear(self) -> None:
        """The terminal answered, the oldest question first; late answers are for what was done without them."""
        if self._open:
            self._do(self._open.popleft())

    def ask_again(self) -> None:
        """Another program had the terminal: what was asked is not answered any more, and is asked anew."""
        waiting = [request for request in self._open if not request.is_over]
        self._open = deque(waiting)
        for _ in waiting:
            self._ask(ASK_RECEIPT)

    def _do(self, request: _Request) -> None:
        if not request.is_over:
            request.is_over = True
            request.then()


class Owed:
    """How many receipts the terminal owes; used by the thread that reads the keyboard and by the one that leaves."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """It owes none."""
        self._clock = clock
        self._count = 0
        self._asked_at = -RECENT_SECONDS
        self._has_come = threading.Event()

    @property
    def look_seconds(self) -> float:
        """How often it is to be looked now whether a key waits to be read."""
        return LOOK_SECONDS if self._clock() - self._asked_at < RECENT_SECONDS else SELDOM_SECONDS

    def note(self, data: str) -> None:
        """This was written."""
        if data == ASK_RECEIPT:
            self._count += 1
            self._asked_at = self._clock()
            self._has_come.clear()

    def take(self) -> None:
        """A receipt came."""
        self._count = max(0, self._count - 1)
        if not self._count:
            self._has_come.set()

    def wait(self) -> None:
        """Wait for what is owed, but not for long, nor for one that should have come long ago; then nothing is."""
        left = self._asked_at + LEAVING_PATIENCE - self._clock()
        if self._count and left > 0:
            self._has_come.wait(left)
        self._count = 0
