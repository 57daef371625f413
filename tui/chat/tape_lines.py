"""The lines of a tape in a file: where each of them stands, and the read that it is, without holding them."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from threading import Lock

from msgspec.structs import replace

from tui.chat.held_file import HeldFile
from tui.domain.error import ConfigError
from tui.domain.joined_reads import reads_of_lines
from tui.domain.tape import LongReads, Read, Tape, read_of_line

PIECE_BYTES = 256 << 10
"""Bytes of a stretch of the file, about: so many are read at once."""
MOST_LINE_BYTES = 64 << 20
"""So long may a line be."""


class TapeLines:
    """A tape in a file, a JSON line a read. Of the reads it holds only where some of them begin.

    Where that is, is found out by whoever looks further than others have, and by `index`: lines are counted for it, not read.

    Attributes:
        begun: The tape without its reads.
        count: How many reads were come by so far.
        at: When the last read came that was given on the way through.
        is_whole: Whether there are no more than were come by.
    """

    def __init__(self, file: HeldFile, name: str) -> None:
        """Read how the tape begins, and how it ends.

        Raises:
            ConfigError: If that cannot be read; the message says where.
        """
        self._file, self._name = file, name
        self._size = self._end_at = file.size
        self._places, self._firsts, self._ats = array("Q"), array("Q"), array("d")
        self._lock = Lock()
        self._held: tuple[int, Sequence[Read], ConfigError | None] = (-1, (), None)
        self.count = 0
        self.at = 0.0
        self.is_whole = False
        try:
            self._known_to = self._read_start()
            self._read_end()
        except ValueError as error:
            raise ConfigError(f"{name} is not a tape: {error}") from error

    def _read_start(self) -> int:
        """Take the request and the head; where the first read stands."""
        lines = self._lines()
        _, first = next(lines, (0, b""))
        second, head = next(lines, (self._size, b""))
        has_head = head.startswith(b'{"head"')
        self.begun = Tape.from_lines([first.decode(), head.decode()] if has_head else [first.decode()])
        return next(lines, (self._size, b""))[0] if has_head else second

    def _read_end(self) -> None:
        """Take how the exchange ended, where the last line says so."""
        start = max(self._known_to, self._size - PIECE_BYTES)
        tail = self._file.at(start, self._size - start).rstrip()
        at = tail.rfind(b"\n") + 1
        if tail.startswith(b'{"end"', at):
            self.begun.end = Tape.from_lines(['{"tape":1}', tail[at:].decode()]).end
            self._end_at = start + at

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines of the file that hold something, and where each stands."""
        place = 0
        while data := self._piece(place):
            yield from lines_of(data, place)
            place += len(data)

    def _piece(self, place: int) -> bytes:
        """Some whole lines from a place of the file on; none where the reads end.

        Raises:
            ConfigError: If a line does not end.
        """
        size = PIECE_BYTES
        while True:
            data = self._file.at(place, max(0, min(size, self._end_at - place)))
            cut = data.rfind(b"\n") + 1
            if len(data) < size or place + size >= self._end_at:
                return data
            if cut:
                return data[:cut]
            if size > MOST_LINE_BYTES:
                raise ConfigError(f"{self._name} is not a tape: at byte {place:,} a line begins that does not end")
            size *= 2

    # -- finding out where what stands ------------------------------------------------------------------------

    def index(self) -> None:
        """Find out how many reads there are; this may be done in a thread.

        Raises:
            ConfigError: If a line does not end.
        """
        while self._find_more():
            pass

    def _find_more(self) -> bool:
        """Look at the next piece of the file; whether there was one."""
        with self._lock:
            place = self._known_to
            if data := self._piece(place):
                count = data.count(b"\n") + (not data.endswith(b"\n"))
                if count != data.count(b"\n{") + data.startswith(b"{"):  # or some are blank
                    count = sum(1 for _ in lines_of(data, place))
                if count:
                    self._places.append(place)
                    self._firsts.append(self.count)
                    self._ats.append(self._begins_at(data))
                self._known_to = place + len(data)
                self.count += count
                return True
            self.is_whole = True
            return False

    def _begins_at(self, data: bytes) -> float:
        """When the first read of these lines came; as the one before where it is broken."""
        _, line = next(lines_of(data[: data.find(b"\n", len(data) - len(data.lstrip())) + 1] or data, 0))
        try:
            return read_of_line(line).at
        except ValueError:
            return self._ats[-1] if self._ats else 0.0

    @property
    def stretches(self) -> Sequence[tuple[int, float]]:
        """What lies between the places that are remembered: how many reads, and when the first came."""
        ends = [*self._firsts[1:], self.count]
        return [(end - first, at) for first, end, at in zip(self._firsts, ends, self._ats, strict=True)]

    # -- reading ----------------------------------------------------------------------------------------------

    def piece(self, first: int) -> Sequence[Read]:
        """Some of the reads, from one of a number on; none behind the last.

        Raises:
            ConfigError: If the line is no read; the message says where.
        """
        while first >= self.count:
            if not self._find_more() and first >= self.count:  # another may have found the last
                return ()
        number = bisect_right(self._firsts, first) - 1
        if self._held[0] != number:
            self._held = (number, *self._read_stretch(self._places[number]))
        _, reads, fault = self._held
        some = reads[first - self._firsts[number] :]
        if not some and fault is not None:
            raise fault
        return some

    def _read_stretch(self, place: int) -> tuple[Sequence[Read], ConfigError | None]:
        """The reads of a stretch, and what is wrong with the line behind them."""
        lines = [*lines_of(self._piece(place), place)]
        if (joined := reads_of_lines([line for _, line in lines])) is not None:
            return joined, None
        reads: list[Read] = []
        for here, line in lines:
            try:
                reads.append(read_of_line(line))
            except ValueError as error:
                return reads, ConfigError(f"{self._name} is broken at byte {here:,}: {error}")
        return reads, None

    def read_through(self) -> Iterator[Read]:
        """All reads, once.

        Raises:
            ConfigError: If a line is no read; the message says where.
        """
        number = 0
        while reads := self.piece(number):
            for read in reads:
                self.at = read.at
                yield read
            number += len(reads)

    def tape(self) -> Tape:
        """All of it; its reads are fetched where they are looked at."""
        return replace(self.begun, reads=ReadsOfLines(self))


class ReadsOfLines(LongReads):
    """The reads of a tape in a file: as many as were come by, and behind them those that are found on the way."""

    def __init__(self, lines: TapeLines) -> None:
        """Read these lines."""
        super().__init__(0, lines.piece)
        self.lines = lines

    def __len__(self) -> int:
        return self.lines.count

    def __iter__(self) -> Iterator[Read]:
        number = 0
        while reads := self.lines.piece(number):
            yield from reads
            number += len(reads)


def lines_of(data: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something in what stands at a place of a file, and where each stands."""
    for line in data.split(b"\n"):
        if line and not line.isspace():
            yield place, line
        place += len(line) + 1
