"""Signals that end the program: the terminal is given back, whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tui.ui.terminal.guardian import GUARDIAN, RESTORE

GRACE = 1.5
"""Seconds that saving may take after a signal; then the terminal is restored and the process ends."""


def end_now(number: int) -> None:
    """Restore the terminal by hand and end with the signal's exit code; for when nothing else works any more."""
    GUARDIAN.leave()
    with suppress(OSError):
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, RESTORE.encode())
    os._exit(128 + number)


def end_soon(number: int, attributes: list[Any] | None = None) -> threading.Timer:
    """Give saving its time, then end whatever happens."""

    def end() -> None:
        if attributes is not None:
            with suppress(termios.error):
                termios.tcsetattr(0, termios.TCSANOW, attributes)
        end_now(number)

    timer = threading.Timer(GRACE, end)
    timer.daemon = True
    timer.start()
    return timer


def watch_signals(stop: Callable[[int], None]) -> Callable[[], None]:
    """Call `stop` on the loop at SIGTERM, SIGHUP and SIGQUIT.

    Plain handlers and not the loop's own: they run even while the loop waits for a terminal that takes nothing.

    Returns:
        What takes the watch off again.
    """
    loop = asyncio.get_running_loop()
    try:
        attributes = termios.tcgetattr(0)
    except (termios.error, ValueError, OSError):
        attributes = None

    def heed(number: int, _frame: object) -> None:
        end_soon(number, attributes)
        loop.call_soon_threadsafe(stop, number)

    before = {number: signal.signal(number, heed) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)}

    def unwatch() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    return unwatch
