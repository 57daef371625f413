"""A raw stream that is shown while it comes: a large file, or what another program writes."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from array import array
from bisect import bisect_right
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from tui.chat.conversation import Conversation
from tui.chat.early_reads import EarlyReads
from tui.chat.foreign_tape import READ_BYTES, STREAM_HEAD, FileKind, check_stream, kind_of_file, model_of
from tui.chat.held_file import HeldFile
from tui.chat.recording import AT_ONCE, Recording, recorded_conversation
from tui.domain.delta import Delta
from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.domain.error import ConfigError, RilletError
from tui.domain.tape import Head, Read, Tape, TapeEnd
from tui.domain.timing import Timing
from tui.domain.turn import Turn, TurnState, ending_of
from tui.wire.dialect import dialect_named
from tui.wire.limit import TAPE_LIMITS
from tui.wire.recognition import Recogniser
from tui.wire.reply import Reply

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.domain.straight import Straight
    from tui.net.watch import Patience

FILE_BYTES = 64 << 10
"""Bytes of a file that are read at once."""

STRETCH_BYTES = 256 << 10
"""Bytes of a stretch of what was read, about."""
_RECOGNISED_BYTES = 64 << 10
"""What cannot be told by so much of a stream is not told by more."""


class Source(Struct):
    """Where a raw stream comes from: a regular file, or whatever else can be read while it is written."""

    file: HeldFile
    name: str
    is_file: bool
    reads: list[Read] = field(default_factory=list)
    """What was read to see what it is."""
    dialect: DialectName = DIALECT_NAMES[0]
    began: float = 0.0
    kind: FileKind = "raw"
    """Whether it is a raw stream at all."""
    early: EarlyReads | None = None
    """What comes before it is shown, where that is read at once."""

    def read_ahead(self) -> None:
        """Read what comes from now on, so that it does not seem to come when it can be shown."""
        self.early = EarlyReads(self.file.descriptor, READ_BYTES, self.now)

    def now(self) -> float:
        """Seconds since it was opened; none went by in a file."""
        return 0.0 if self.is_file else time.monotonic() - self.began

    @property
    def start(self) -> bytes:
        """What was read of it."""
        return b"".join(read.data for read in self.reads)


def open_source(file: HeldFile, name: str) -> Source:
    """Read the beginning of a stream, until it says what it is.

    Raises:
        ConfigError: If it is no stream.
    """
    source = Source(file, name, stat.S_ISREG(os.fstat(file.descriptor).st_mode), began=time.monotonic())
    recogniser = Recogniser()
    dialect = None
    while dialect is None and len(recogniser.head) < _RECOGNISED_BYTES:
        try:
            data = file.read(READ_BYTES)
        except OSError as error:
            raise ConfigError(f"cannot read {name}: {error.strerror}") from error
        if not data:
            dialect = recogniser.close()
            break
        at = 0.0 if source.is_file else time.monotonic() - source.began
        source.reads.append(Read(at, data))
        source.kind = kind_of_file(source.start)
        if source.kind != "raw":
            return source
        dialect = recogniser.feed(data)
    if not recogniser.head.strip():
        raise ConfigError(f"{name} is empty", "A raw stream is what curl -N prints.")
    if dialect is None:
        check_stream(recogniser.head, name)
    source.dialect = dialect or DIALECT_NAMES[0]
    return source


class IncomingStream(Recording):
    """A raw stream that is read while it is shown: a large file, or what another program writes.

    Of what was read only the places and times are in memory; the bytes are in the file, or in a temporary one.
    """

    def __init__(self, source: Source) -> None:
        """Read a source, whose beginning was read to see what it is."""
        super().__init__()
        self._source = source
        self._kept = source.file if source.is_file else HeldFile.temporary()
        self._ends, self._ats = array("Q", [0]), array("d")
        self._end: TapeEnd | None = None

    async def stream(
        self,
        turn: Turn,
        patience: Patience | None = None,
        prepare: Callable[[], Awaitable[None]] | None = None,
        straight: Straight | None = None,
    ) -> AsyncGenerator[Delta, None]:
        """Read to the end, and give what comes of it."""
        del patience, prepare, straight
        reply = Reply(dialect_named(turn.dialect), Head(200, {}), limits=TAPE_LIMITS)
        turn.timing = timing = Timing(sent_at=0.0, head_at=0.0)
        error: RilletError | None = None
        state = TurnState.STOPPED
        try:
            async with aclosing(self._incoming()) as reads:
                async for read in reads:
                    timing.read_at = read.at
                    came: list[Delta] = []
                    if error is None and not reply.is_done:
                        came, error = reply.take(read.data)
                    for delta in came:
                        timing.saw(delta, read.at)
                        turn.apply(delta)
                        yield delta
            if error is None:
                for delta in reply.close():
                    turn.apply(delta)
                    yield delta
            state = ending_of(error)
        except RilletError as problem:
            error, state = problem, ending_of(problem)
        finally:
            at = self._ats[-1] if self._ats else 0.0
            self._end = TapeEnd(at, "stopped" if state is TurnState.STOPPED else "eof")
            timing.ended_at = at
            if self._source.is_file:
                timing.sent_at = None  # nobody knows when what of it came
            turn.end(state, error)

    async def _incoming(self) -> AsyncGenerator[Read, None]:
        """The reads, each kept before it is given."""
        source = self._source
        for read in source.reads + (source.early.take_over() if source.early is not None else []):
            yield self._keep(read)
        if source.is_file:
            while data := await asyncio.to_thread(source.file.read, FILE_BYTES):
                yield self._keep(Read(0.0, data))
            return
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(source.file.hand_over(), "rb", buffering=0)
        )
        try:
            while data := await reader.read(READ_BYTES):
                yield self._keep(Read(time.monotonic() - source.began, data))
        finally:
            transport.close()

    def _keep(self, read: Read) -> Read:
        if not self._source.is_file:
            self._kept.put(read.data, self._ends[-1])
        self._ends.append(self._ends[-1] + len(read.data))
        self._ats.append(read.at)
        return read

    def tape(self, turn: Turn) -> Tape:
        """All that was read until now."""
        return replace(self._tapes[turn.id], response=STREAM_HEAD, end=self._end, reads=self._reads(0, len(self._ats)))

    def tape_since(self, turn: Turn, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of what was read."""
        first = row or 0
        end = self._end
        last = min(first + AT_ONCE, len(self._ats))
        return replace(self._tapes[turn.id], response=STREAM_HEAD, end=end, reads=self._reads(first, last)), last

    def is_whole(self, turn: Turn) -> bool:
        """Whether its end has come."""
        del turn
        return self._end is not None

    def stretches(self, turn: Turn) -> Sequence[tuple[int, float]]:
        """Stretches of what was read, once that is all."""
        del turn
        stretches: list[tuple[int, float]] = []
        first = 0
        while self._end is not None and first < len(self._ats):
            after = max(first + 1, bisect_right(self._ends, self._ends[first] + STRETCH_BYTES) - 1)
            stretches.append((after - first, self._ats[first]))
            first = after
        return stretches

    def _reads(self, first: int, last: int) -> list[Read]:
        ends = self._ends
        return [Read(self._ats[at], self._kept.at(ends[at], ends[at + 1] - ends[at])) for at in range(first, last)]


def open_incoming(program: ChatProgram, source: Source) -> Conversation:
    """The conversation that a stream tells, at its one turn, of which nothing has come yet."""
    tape = Tape(source.dialect, model_of(source.dialect, source.start), source.name)
    conversation = recorded_conversation(program, tape, source.name, source.now)
    conversation.replies = incoming = IncomingStream(source)
    incoming.add(conversation, tape)
    return conversation
