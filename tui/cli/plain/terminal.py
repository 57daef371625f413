"""Lines in and out: nothing is ever painted over, and every line says who speaks."""

from __future__ import annotations

import asyncio
import os
import select
import termios
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from tui.wire.intake import Intake
from tui.wire.printable import printable, printable_line


class Leaving(Exception):  # noqa: N818  # not an error: the person wants to go
    """The person leaves, or there is nothing more to read."""


class LineTerminal:
    """Reads lines without holding up what runs beside, and writes them."""

    def __init__(self, source: TextIO, out: TextIO) -> None:
        self._source = source
        self._out = out
        self._ends_open = False
        self._intake = Intake()
        self._read = b""
        self._waiting: asyncio.Future[str] | None = None

    def say(self, text: str) -> None:
        """Write whole lines."""
        self.end_line()
        self._out.write(printable(text) + "\n")
        self._out.flush()

    def stream(self, text: str) -> None:
        """Write a part of a line, as it comes: the same as if all of it had come at once.

        Marks that show nothing by themselves, and half a line end, wait for what follows them.
        """
        self._put(self._intake.take(text))

    def _put(self, shown: str) -> None:
        if shown:
            self._out.write(shown)
            self._out.flush()
            self._ends_open = not shown.endswith("\n")

    def end_line(self) -> None:
        """Go to the next line, where one is not finished."""
        self._put(self._intake.close())
        self._intake = Intake()
        if self._ends_open:
            self._out.write("\n")
            self._ends_open = False

    async def read(self, words: str) -> str:
        """One line of the person's.

        Raises:
            Leaving: If there is no more.
        """
        self.end_line()
        self._out.write(f"{words} ")
        self._out.flush()
        loop = asyncio.get_running_loop()
        line: asyncio.Future[str] = loop.create_future()
        self._waiting = line

        def wait() -> None:
            text = self._next_line()
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(take, text)

        def take(text: str) -> None:
            if not line.done():
                line.set_result(text)

        # A daemon: a line that nobody writes any more must not keep the program from ending.
        threading.Thread(target=wait, daemon=True).start()
        try:
            text = await line
        finally:
            self._waiting = None
        if not text or not self._source.isatty():  # nobody pressed Enter where it is seen
            self._out.write("\n")
        if not text:
            raise Leaving
        return text.rstrip("\r\n")

    def _next_line(self) -> str:
        """The next line of the source; empty where there is none. Read past Python's own buffer, whose lock would be held."""
        while b"\n" not in self._read:
            try:
                data = os.read(self._source.fileno(), 4096)
            except OSError:
                data = b""
            if not data:
                line, self._read = self._read, b""
                return line.decode(errors="replace")
            self._read += data
        line, _, self._read = self._read.partition(b"\n")
        return line.decode(errors="replace") + "\n"

    def _drop_typed_ahead(self) -> bool:
        """Forget what was typed and not read yet; whether there was anything."""
        ready, _, _ = select.select([self._source], [], [], 0)
        termios.tcflush(self._source, termios.TCIFLUSH)
        dropped, self._read = self._read, b""
        return bool(dropped or ready)

    def leave(self) -> bool:
        """Stop waiting for a line; whether one was waited for."""
        if self._waiting is None or self._waiting.done():
            return False
        self._waiting.set_result("")
        return True

    async def read_prompt(self, words: str) -> str:
        """A prompt; a line that ends with a backslash goes on in the next."""
        lines = [await self.read(words)]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(await self.read("more:"))
        return "\n".join(lines)

    async def choose(self, words: str, choices: Sequence[str], *, is_needed: bool = False) -> int | None:
        """One of several choices, by its number; `None` where nothing was chosen.

        One that `is_needed` decides something: at a terminal nothing decides that was typed before it was asked, nor one of
        several lines that came at once.
        """
        for number, choice in enumerate(choices, 1):
            self.say(f"{number}. {printable_line(choice)}")
        is_careful = is_needed and self._source.isatty()
        if is_careful and self._drop_typed_ahead():
            self.say("What was typed before this question does not answer it, and is gone.")
        while True:
            answer = (await self.read(f"{words} Number{'' if is_needed else ', or Enter for none'}:")).strip()
            if is_careful and self._drop_typed_ahead():
                self.say("Several lines at once answer nothing.")
                continue
            if not answer and not is_needed:
                return None
            if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(choices):
                return int(answer) - 1
            self.say(f"There is no number {answer or 'given'}; choose from 1 to {len(choices)}.")
