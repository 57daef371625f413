"""A player: a recorded turn, shown again frame by frame, as far and as fast as somebody wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from tui.chat.fold import play, turn_for
from tui.domain.delta import Delta
from tui.domain.error import RilletError
from tui.domain.tape import Head, Read, Tape
from tui.domain.turn import Turn
from tui.wire.compression import Inflater

_BLANK_LINES = (b"\n\n", b"\r\n\r\n", b"\r\r")


class Player:
    """Plays a tape into a turn of its own, which stands for the recorded one meanwhile. Of the tape one read is held.

    Attributes:
        turn: The turn as it was at the place that is shown; another one after going back.
        frame: How many frames are shown.
        at: The instant that is shown, in seconds since the request.
    """

    def __init__(self, tape: Tape, recorded: Turn, reads: Callable[[], Iterable[Read]] | None = None) -> None:
        """Start before the first frame. `reads` gives the reads from the first one on, where the tape does not hold them."""
        self._tape = tape
        self._recorded = recorded
        self._reads_of_tape = reads if reads is not None else lambda: tape.reads
        self.restart()

    def restart(self) -> None:
        """Go back to before the first frame."""
        head = self._tape.response
        self._frames = _Frames(self._reads_of_tape(), head)
        self.turn = turn_for(self._tape, self._recorded)
        self.frame = 0
        self.at = 0.0
        self._played = play(_opened(self._tape), self.turn, ends_reads=True, reads=self._frames)
        self.is_at_end = False

    @property
    def next_at(self) -> float | None:
        """When the next frame came; `None` after the last."""
        return self._frames.next_at

    def forward(self) -> list[Delta]:
        """Show one frame more; what it brought, which is in the turn already."""
        deltas: list[Delta] = []
        if self.is_at_end:
            return deltas
        for at, delta in self._played:
            if delta is None:
                self.frame, self.at = self.frame + 1, at
                return deltas
            deltas.append(delta)
        self.is_at_end = True
        return deltas

    def advance_to(self, at: float) -> list[Delta]:
        """Show every frame up to an instant."""
        deltas: list[Delta] = []
        while not self.is_at_end and ((due := self.next_at) is None or due <= at):
            deltas += self.forward()
        return deltas

    def go_to(self, frame: int) -> None:
        """Show so many frames: forward from here, or back by way of the beginning."""
        if max(0, frame) < self.frame or (self.is_at_end and frame <= self.frame):
            self.restart()
        while self.frame < frame and not self.is_at_end:
            self.forward()


class _Frames:
    """The reads of a tape, opened and cut anew: each ends a frame, and came when its last byte did. One is known ahead."""

    def __init__(self, reads: Iterable[Read], head: Head | None) -> None:
        self._cut = _cut(_open(reads, head.headers.get("content-encoding", "") if head is not None else ""))
        self._next: Read | None = None
        self._fault: RilletError | None = None
        self._is_known = False

    @property
    def next_at(self) -> float | None:
        """When the next one came; `None` after the last, and where it cannot be read."""
        self._look()
        return None if self._next is None else self._next.at

    def __iter__(self) -> Iterator[Read]:
        while True:
            self._look()
            read, self._next, self._is_known = self._next, None, False
            if self._fault is not None:
                raise self._fault
            if read is None:
                return
            yield read

    def _look(self) -> None:
        if self._is_known:
            return
        self._is_known = True
        try:
            self._next = next(self._cut, None)
        except RilletError as error:
            self._fault = error


def _opened(tape: Tape) -> Tape:
    """A tape whose reads are no longer compressed, without them."""
    head = tape.response
    if head is None:
        return tape
    headers = {name: value for name, value in head.headers.items() if name != "content-encoding"}
    return replace(tape, reads=tape.reads[:1], response=Head(head.status, headers, head.at, head.phases))


def _open(reads: Iterable[Read], encoding: str) -> Iterator[Read]:
    inflater = Inflater(encoding)
    for read in reads:
        yield Read(read.at, b"".join(inflater.feed(read.data)))
    inflater.close()


def _cut(reads: Iterable[Read]) -> Iterator[Read]:
    held = kept_alive = b""
    at = 0.0
    for read in reads:
        at = read.at
        held += read.data
        while ends := [place + len(mark) for mark in _BLANK_LINES if (place := held.find(mark)) >= 0]:
            record, held = held[: min(ends)], held[min(ends) :]
            if all(line.startswith(b":") or not line for line in record.splitlines()):
                kept_alive += record  # no frame: it goes along with the next one
                continue
            yield Read(at, kept_alive + record)
            kept_alive = b""
    if kept_alive or held:
        yield Read(at, kept_alive + held)
