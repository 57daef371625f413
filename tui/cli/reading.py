"""That a file is being read, said in the terminal while nothing else can be shown yet."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from tui.domain.quantity import describe_size
from tui.wire.printable import printable_line

LATE = 0.1
"""Seconds of reading after which it is said."""
_CLEAR = "\r\x1b[K"


@contextmanager
def told_while_read(place: str) -> Iterator[None]:
    """Say what is read, where that takes longer than a moment; it is gone when that is done."""
    path, done = Path(place), Event()
    size = f", {describe_size(path.stat().st_size)}" if path.is_file() else ""

    def tell() -> None:
        if not done.wait(LATE):
            sys.stderr.write(f"reading {printable_line(place)}{size} …")
            sys.stderr.flush()
            done.wait()
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()

    thread = Thread(target=tell, daemon=True)
    if sys.stderr.isatty():
        thread.start()
    try:
        yield
    finally:
        done.set()
        if thread.is_alive():
            thread.join()
