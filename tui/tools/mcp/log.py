"""What a server complains about: its last lines in memory, and all of it in a file that cannot grow for ever."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

_FILE_BYTES = 1 << 20
_LAST_LINES = 200
_LAST_OF_RUN = 30
_LINE_BYTES = 4096
_SHOWN = 200
_TELLING = re.compile(
    r"error|exception|cannot|could not|can't|not found|no such|denied|refused|missing|required|invalid|fail",
    re.IGNORECASE,
)


class ServerLog:
    """The errors of one server. Two files at most: the current one, and the one before it as `….log.1`.

    Attributes:
        path: Where it is written; `None` where it is not.
        lines: Its last lines, oldest first, as the server wrote them: foreign text.
    """

    def __init__(self, folder: Path | None, name: str) -> None:
        """Say where it would be; nothing is made before the server starts."""
        self.path = None if folder is None else folder / f"mcp-{name}.log"
        self.lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._file: int | None = None
        self._size = 0
        self._open_line = b""
        self._last: deque[str] = deque(maxlen=_LAST_OF_RUN)

    @property
    def complaint(self) -> str:
        """What the server wrote last, since it was started, that seems to tell what is wrong; foreign, and one line."""
        lines = [line.strip() for line in (*self._last, self._open_line.decode(errors="replace")) if line.strip()]
        telling = [line for line in lines if _TELLING.search(line)]
        return (telling or lines or [""])[-1][:_SHOWN]

    @contextlib.contextmanager
    def opened(self) -> Iterator[TextIO]:
        """A stream that a process can be given for its errors: never the terminal."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        loop = asyncio.get_running_loop()
        self._open_file()
        self._last.clear()
        self._open_line = b""
        loop.add_reader(reading, self._take, reading)
        try:
            with os.fdopen(writing, "w", encoding="utf-8", errors="replace") as stream:
                yield stream
        finally:
            self._take(reading)
            loop.remove_reader(reading)
            os.close(reading)
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def note(self, text: str) -> None:
        """Add what the server said over the protocol."""
        self._add(text.encode(errors="replace") + b"\n")

    def _take(self, reading: int) -> None:
        """What has come from the pipe."""
        with contextlib.suppress(BlockingIOError, OSError):
            while data := os.read(reading, 1 << 16):
                self._add(data)
            asyncio.get_running_loop().remove_reader(reading)  # every writer has gone

    def _add(self, data: bytes) -> None:
        *whole, self._open_line = (self._open_line + data).split(b"\n")
        self._open_line = self._open_line[-_LINE_BYTES:]
        lines = [line[:_LINE_BYTES].decode(errors="replace") for line in whole[-_LAST_LINES:]]
        self.lines.extend(lines)
        self._last.extend(lines)
        if self._file is None:
            return
        try:
            if self._size + len(data) > _FILE_BYTES and self.path is not None:
                os.replace(self.path, self.path.with_suffix(".log.1"))  # noqa: PTH105  # both are paths already
                os.close(self._file)
                self._open_file()
            if self._file is not None:
                self._size += os.write(self._file, data[-_FILE_BYTES:])
        except OSError:  # the disk is full: what cannot be written down is let go, and the server still runs
            self._size = 0

    def _open_file(self) -> None:
        self._file, self._size = None, 0
        if self.path is None:
            return
        try:
            for directory in reversed([each for each in self.path.parents if not each.exists()]):
                directory.mkdir(mode=0o700, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.open(self.path, flags, 0o600)
            self._size = os.fstat(self._file).st_size
        except OSError:
            self._file = None
