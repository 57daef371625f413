"""What is written to the terminal: at once while it takes it, else by a thread that waits for it."""

from __future__ import annotations

import os
import select
import threading
from contextlib import suppress
from queue import Queue
from typing import TextIO

from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread


class Writer(WriterThread):
    """Writes to the terminal; when it has gone, goes on taking, so that saving is not held up behind it.

    To hand a few letters to a thread costs more than to write them, so they are written where they come, through a
    descriptor of our own that never waits (the one that we were given is shared with other programs). What the
    terminal does not take at once, and whatever comes before that is written, is left to the thread.
    """

    def __init__(self, file: TextIO) -> None:
        """Write to this file."""
        super().__init__(file)
        self._terminal = file
        self._at_once = open_at_once(file)
        self._turn = threading.Lock()
        self._rest: Queue[bytes | None] = Queue(MAX_QUEUED_WRITES)
        self._left = self._done = 0
        self.is_open = True

    def write(self, text: str) -> None:
        """Write a text, or have it written as soon as it can be."""
        data = text.encode(self._terminal.encoding, self._terminal.errors or "strict")
        with self._turn:
            if self._at_once is not None and self._left == self._done:
                data = self._write_at_once(self._at_once, data)
            if data:
                self._left += 1
                self._rest.put(data)

    def _write_at_once(self, fileno: int, data: bytes) -> bytes:
        """Write as much as the terminal takes now; what is left."""
        try:  # without a context manager, whose three calls each word would make
            while data:
                data = data[os.write(fileno, data) :]
        except OSError:  # it takes no more, or has gone, which the thread finds as well
            return data
        return data

    def run(self) -> None:
        """Write what was left until told to stop."""
        try:
            while (data := self._rest.get()) is not None:
                self._write_all(data)
                self._done += 1
        except OSError:
            while self._rest.get() is not None:
                pass

    def _write_all(self, data: bytes) -> None:
        fileno = self._terminal.fileno()
        while data:
            try:
                data = data[os.write(fileno, data) :]
            except BlockingIOError:  # another program that shares it has set it so
                select.select([], [fileno], [])

    def stop(self) -> None:
        """Stop the thread when it has written everything."""
        self.is_open = False
        self._rest.put(None)
        self.join()
        with self._turn:
            if self._at_once is not None:
                os.close(self._at_once)
                self._at_once = None


def open_at_once(file: TextIO) -> int | None:
    """A descriptor of the terminal that a file is, which never waits; `None` where there is none to be had."""
    with suppress(OSError, ValueError):
        return os.open(os.ttyname(file.fileno()), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    return None
