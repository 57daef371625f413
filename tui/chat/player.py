"""A player: a recorded turn, shown again frame by frame, as far and as fast as somebody wants."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from tui.chat.fold import play, turn_for
from tui.domain.delta import Delta
from tui.domain.error import RilletError
from tui.domain.tape import Head, Read, Tape
from tui.domain.turn import Turn
from tui.wire.compression import Inflater

_BLANK_LINES = (b"\n\n", b"\r\n\r\n", b"\r\r")


class Player:
    """Plays a tape into a turn of its own, which stands for the recorded one meanwhile.

    Attributes:
        turn: The turn as it was at the place that is shown; another one after going back.
        frame: How many frames are shown.
    """

    def __init__(self, tape: Tape, recorded: Turn) -> None:
        """Start before the first frame."""
        self._tape = _by_frame(tape)
        self._reads = self._tape.reads
        self._recorded = recorded
        self._instants = [read.at for read in self._reads]
        self._begin()

    def _begin(self) -> None:
        self.turn = turn_for(self._tape, self._recorded)
        self.frame = 0
        self._played = play(self._tape, self.turn, ends_reads=True)
        self._is_over = False

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self._reads)

    @property
    def is_at_end(self) -> bool:
        """Whether all of it is shown."""
        return self._is_over

    @property
    def at(self) -> float:
        """The instant that is shown, in seconds since the request."""
        return self._reads[self.frame - 1].at if self.frame else 0.0

    @property
    def next_at(self) -> float | None:
        """When the next frame came; `None` after the last."""
        return self._reads[self.frame].at if self.frame < self.count else None

    def forward(self) -> list[Delta]:
        """Show one frame more; what it brought, which is in the turn already."""
        deltas: list[Delta] = []
        if self._is_over:
            return deltas
        for _, delta in self._played:
            if delta is None:
                self.frame += 1
                return deltas
            deltas.append(delta)
        self._is_over = True
        self.frame = self.count
        return deltas

    def advance_to(self, at: float) -> list[Delta]:
        """Show every frame up to an instant."""
        deltas: list[Delta] = []
        while not self._is_over and ((due := self.next_at) is None or due <= at):
            deltas += self.forward()
        return deltas

    def go_to(self, frame: int) -> None:
        """Show so many frames: forward from here, or back by way of the beginning."""
        frame = max(0, min(frame, self.count))
        if frame < self.frame or (self._is_over and frame < self.count):
            self._begin()
        while self.frame < frame and not self._is_over:
            self.forward()

    def frame_at(self, at: float) -> int:
        """How many frames had come at an instant."""
        return bisect_right(self._instants, at)


def _by_frame(tape: Tape) -> Tape:
    """A tape whose reads, opened and cut anew, each end a frame, at the time that its last byte came.

    What cannot be opened whole stays as it was read.
    """
    head = tape.response
    if head is None:
        return tape
    inflater = Inflater(head.headers.get("content-encoding", ""))
    try:
        opened = [Read(read.at, b"".join(inflater.feed(read.data))) for read in tape.reads]
        inflater.close()
    except RilletError:
        return tape
    headers = {name: value for name, value in head.headers.items() if name != "content-encoding"}
    return replace(tape, reads=list(_cut(opened)), response=Head(head.status, headers, head.at, head.phases))


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
