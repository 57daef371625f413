"""A file that stays open as long as somebody may look into it."""

from __future__ import annotations

import os
import threading
import weakref
from tempfile import TemporaryFile
from typing import Self


class HeldFile:
    """A file, read wherever one likes; it is closed when that is asked for, or when nobody holds this any more."""

    def __init__(self, descriptor: int) -> None:
        """Take a descriptor over."""
        self.descriptor = descriptor
        self._closing = weakref.finalize(self, os.close, descriptor)
        self._lock = threading.Lock()
        self._is_closed = False

    @classmethod
    def temporary(cls) -> Self:
        """A new one that nobody else sees, and that is gone with the program."""
        with TemporaryFile() as file:
            return cls(os.dup(file.fileno()))

    def close(self) -> None:
        """Let go of it at once; nothing can be read any more, also by a thread that still does: its descriptor may be another file soon."""
        with self._lock:
            self._is_closed = True
            self._closing()

    def hand_over(self) -> int:
        """Its descriptor, which whoever takes it closes."""
        self._closing.detach()
        return self.descriptor

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return os.fstat(self.descriptor).st_size

    def at(self, place: int, size: int) -> bytes:
        """The bytes at a place, as far as there are so many; none of a file that is closed."""
        with self._lock:
            return b"" if self._is_closed else os.pread(self.descriptor, size, place)

    def read(self, size: int) -> bytes:
        """The next bytes."""
        return os.read(self.descriptor, size)

    def put(self, data: bytes, place: int) -> None:
        """Write bytes at a place."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self.descriptor, view, place)
            view, place = view[written:], place + written
