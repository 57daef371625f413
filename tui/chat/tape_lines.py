"""The lines of a tape in a file: where each of them stands, and the read that it is, without holding them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from tui.chat.held_file import HeldFile
from tui.domain.error import ConfigError
from tui.domain.tape import LongReads, Read, Tape, read_of_line

STRETCH = 512
"""Reads from one place in the file that is remembered to the next."""
PIECE_BYTES = 256 << 10
"""Bytes of the file that are read at once."""
MOST_START_BYTES = 64 << 20
"""So long may the line of the request be."""


class TapeLines:
    """A tape in a file, a JSON line a read. Of the reads it holds only where some of them begin.

    Attributes:
        begun: The tape without its reads.
        count: How many reads were come by so far.
        at: When the last of those came.
    """

    def __init__(self, file: HeldFile, name: str) -> None:
        """Read how the tape begins, and how it ends.

        Raises:
            ConfigError: If that cannot be read; the message says where.
        """
        self._file, self._name = file, name
        self._size = self._end_at = file.size
        self._places: list[int] = []
        self._ats: list[float] = []
        self.count = 0
        self.at = 0.0
        self._next = (-1, 0)
        try:
            self._begins_at = self._read_start()
            self._read_end()
        except ValueError as error:
            raise ConfigError(f"{name} is not a tape: {error}") from error

    def _read_start(self) -> int:
        """Take the request and the head; where the first read stands."""
        lines = self._lines(0)
        _, first = next(lines, (0, b""))
        second, head = next(lines, (self._size, b""))
        has_head = head.startswith(b'{"head"')
        self.begun = Tape.from_lines([first.decode(), head.decode()] if has_head else [first.decode()])
        return next(lines, (self._size, b""))[0] if has_head else second

    def _read_end(self) -> None:
        """Take how the exchange ended, where the last line says so."""
        start = max(self._begins_at, self._size - PIECE_BYTES)
        tail = self._file.at(start, self._size - start).rstrip()
        at = tail.rfind(b"\n") + 1
        if tail.startswith(b'{"end"', at):
            self.begun.end = Tape.from_lines(['{"tape":1}', tail[at:].decode()]).end
            self._end_at = start + at

    def read_through(self) -> Iterator[Read]:
        """All reads, once; now and then it is remembered where one begins.

        Raises:
            ConfigError: If a line is no read; the message says where.
        """
        for place, line in self._lines(self._begins_at):
            read = self._read_of(place, line)
            if not self.count % STRETCH:
                self._places.append(place)
                self._ats.append(read.at)
            self.count += 1
            self.at = read.at
            yield read

    def _lines(self, place: int) -> Iterator[tuple[int, bytes]]:
        """The lines from a place of the file on, up to that of the end, and where each stands."""
        held = b""
        while data := self._file.at(place + len(held), min(PIECE_BYTES, self._end_at - place - len(held))):
            *lines, held = (held + data).split(b"\n")
            for line in lines:
                if line and not line.isspace():
                    yield place, line
                place += len(line) + 1
            if len(held) > MOST_START_BYTES:
                raise ConfigError(f"{self._name} is not a tape: at byte {place:,} a line begins that does not end")
        if held and not held.isspace():
            yield place, held

    def _read_of(self, place: int, line: bytes) -> Read:
        try:
            return read_of_line(line)
        except ValueError as error:
            raise ConfigError(f"{self._name} is broken at byte {place:,}: {error}") from error

    def reads(self, first: int, last: int) -> list[Read]:
        """Some reads of one stretch; whoever reads on goes on where the last one ended."""
        at, place = (
            self._next if self._next[0] == first else (first // STRETCH * STRETCH, self._places[first // STRETCH])
        )
        reads: list[Read] = []
        for here, line in self._lines(place):
            if at >= last:
                self._next = (at, here)
                break
            if at >= first:
                reads.append(self._read_of(here, line))
            at += 1
        return reads

    def piece(self, first: int) -> list[Read]:
        """Some of the reads that were come by, from one of a number on."""
        last = min((first // STRETCH + 1) * STRETCH, self.count)
        return self.reads(first, last) if first < last else []

    @property
    def stretches(self) -> Sequence[tuple[int, float]]:
        """What lies between the places that are remembered: how many reads, and when the first came."""
        return [(min(STRETCH, self.count - at * STRETCH), began_at) for at, began_at in enumerate(self._ats)]

    def tape(self) -> Tape:
        """All of it, once it was read through."""
        return replace(self.begun, reads=LongReads(self.count, self.piece))
