"""A long tape in a file: read through while its beginning is shown, and never held whole."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.chat.fold import play
from tui.chat.recording import Recording, recorded_conversation
from tui.domain.error import ConfigError
from tui.domain.joining import join_deltas
from tui.domain.tape import Read, Tape, read_of_line
from tui.domain.turn import TurnState

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation
    from tui.domain.delta import Delta
    from tui.domain.turn import Turn
    from tui.net.watch import Patience

LONG_BYTES = 16 << 20
"""From this size on a tape is read while it is shown; a shorter one is read whole before, and refused where it is broken."""
STRETCH = 512
"""Reads from one place in the file that is remembered to the next."""
PIECE_BYTES = 256 << 10
"""Bytes of the file that are read at once."""
MOST_START_BYTES = 64 << 20
"""So long may the line of the request be."""
AT_ONCE = 0.008
"""Seconds for which the file is read before others have their turn."""


class TapeFile(Recording):
    """The exchange in a long file, a JSON line a read; see `Replies`. Of the reads it holds only where some of them begin.

    Attributes:
        begun: The tape without its reads.
        at: When the last read came that was read from the file.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        """Read how the tape begins, and how it ends.

        Raises:
            ConfigError: If that cannot be read; the message says where.
        """
        super().__init__()
        self._descriptor, self._name = descriptor, name
        self._size = self._end_at = os.fstat(descriptor).st_size
        self._places: list[int] = []
        self._ats: list[float] = []
        self._count = 0
        self.at = 0.0
        self._is_through = False
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
        tail = os.pread(self._descriptor, self._size - start, start).rstrip()
        at = tail.rfind(b"\n") + 1
        if tail.startswith(b'{"end"', at):
            self.begun.end = Tape.from_lines(['{"tape":1}', tail[at:].decode()]).end
            self._end_at = start + at

    async def stream(
        self, turn: Turn, patience: Patience | None = None, prepare: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncGenerator[Delta, None]:
        """Read to the end, and give what comes of it."""
        del patience, prepare
        reads = self._read_through()
        until = monotonic() + AT_ONCE
        came: list[Delta] = []
        try:
            for _, delta in play(self._tapes[turn.id], turn, reads=reads):
                if delta is not None:
                    came.append(delta)
                if monotonic() >= until:
                    for joined in join_deltas(came):
                        yield joined
                    came.clear()
                    await asyncio.sleep(0)
                    until = monotonic() + AT_ONCE
            for joined in join_deltas(came):
                yield joined
            for _ in reads:  # what came after the end of the reply
                if monotonic() >= until:
                    await asyncio.sleep(0)
                    until = monotonic() + AT_ONCE
        finally:
            self._is_through = True
            if not turn.state.is_over:
                turn.end(TurnState.STOPPED)

    def _read_through(self) -> Iterator[Read]:
        """All reads; now and then it is remembered where one begins."""
        for place, line in self._lines(self._begins_at):
            read = self._read_of(place, line)
            if not self._count % STRETCH:
                self._places.append(place)
                self._ats.append(read.at)
            self._count += 1
            self.at = read.at
            yield read

    def _lines(self, place: int) -> Iterator[tuple[int, bytes]]:
        """The lines from a place of the file on, up to that of the end, and where each stands."""
        held = b""
        while data := os.pread(self._descriptor, min(PIECE_BYTES, self._end_at - place - len(held)), place + len(held)):
            *lines, held = (held + data).split(b"\n")
            for line in lines:
                if line and not line.isspace():
                    yield place, line
                place += len(line) + 1
            if len(held) > MOST_START_BYTES:
                raise ValueError(f"byte {place}: a line without an end")
        if held and not held.isspace():
            yield place, held

    def _read_of(self, place: int, line: bytes) -> Read:
        try:
            return read_of_line(line)
        except ValueError as error:
            raise ConfigError(f"{self._name} is broken at byte {place:,}: {error}") from error

    def tape(self, turn: Turn) -> Tape:
        """All of it."""
        reads = [self._read_of(place, line) for place, line in self._lines(self._begins_at)]
        return replace(self._tapes[turn.id], reads=reads)

    def tape_since(self, turn: Turn, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of what was read."""
        tape, first = self._tapes[turn.id], row or 0
        last = min((first // STRETCH + 1) * STRETCH, self._count)
        reads = self._reads(first, last) if first < last else []
        request = tape.request if row is None else None
        return replace(tape, request=request, reads=reads, end=tape.end if self._is_through else None), max(first, last)

    def stretches(self, turn: Turn) -> Sequence[tuple[int, float]]:
        """Stretches of the file, once it was read through."""
        del turn
        if not self._is_through:
            return ()
        return [(min(STRETCH, self._count - at * STRETCH), began_at) for at, began_at in enumerate(self._ats)]

    def _reads(self, first: int, last: int) -> list[Read]:
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


def open_tape_file(program: ChatProgram, file: TapeFile, title: str) -> Conversation:
    """The conversation that a long tape tells, at its one turn, of which nothing has come yet."""
    conversation = recorded_conversation(program, file.begun, title, lambda: file.at)
    conversation.replies = file
    file.add(conversation, file.begun)
    return conversation
