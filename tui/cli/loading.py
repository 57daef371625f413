"""Ctrl+C while a command is being loaded, of which nothing has begun yet.

It ends the process at once: a `KeyboardInterrupt` that strikes while msgspec looks at a type kills it with a segmentation
fault. A shell's background job, in which Ctrl+C is ignored, ignores it here too.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

_CODE = 128 + signal.SIGINT


def end_at_interrupt() -> None:
    """From now on Ctrl+C ends the process."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_at_interrupt() -> None:
    """From now on Ctrl+C raises `KeyboardInterrupt`, or does what asyncio makes of that."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, frame: FrameType | None) -> None:
    del number, frame
    os._exit(_CODE)
