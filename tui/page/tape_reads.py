"""The reads of a tape for whoever shows it: by the clock of the first attempt, and opened where they are compressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from tui.domain.error import RilletError
from tui.domain.tape import Head, Read, Tape
from tui.page.attempt import later
from tui.page.framing import Framing
from tui.page.opened import TOGETHER, Opened, OpenedPoint, joined, opened_head

TapeSince = Callable[[int | None], tuple[Tape, int]]
"""Gives the next piece of the tape after a row: see `TapeTable.tape_since`."""


class TapeReads:
    """Fetches the reads of one tape.

    Attributes:
        lead: Seconds from the first attempt to the request that the tape answers.
        is_unopenable: Whether they cannot be opened all together: to say where, that is done read by read.
    """

    def __init__(self, since: TapeSince) -> None:
        """Take how they are fetched."""
        self._since = since
        self.lead = 0.0
        self.is_unopenable = False
        self._opened: Opened | None = None

    def begin(self) -> None:
        """The tape began anew."""
        self.lead, self._opened = 0.0, None

    def take_head(self, head: Head) -> Head:
        """The head came; it is given back as that of what will be cut."""
        opened = opened_head(head) if not self.is_unopenable else None
        if opened is None:
            return head
        self._opened = Opened(head, self.recorded)
        return opened

    @property
    def is_compressed(self) -> bool:
        """Whether they are opened before they are cut."""
        return self._opened is not None

    @property
    def together(self) -> int:
        """So many are taken at once."""
        return TOGETHER if self._opened is not None else 1 << 30

    @property
    def points(self) -> list[OpenedPoint] | None:
        """The places from which they can be opened; `None` where there are too few of them."""
        if self._opened is None:
            return []
        return self._opened.points if self._opened.is_known else None

    def resume(self, points: list[OpenedPoint]) -> None:
        """Know the places that another found."""
        if self._opened is not None:
            self._opened.points = points

    def open(self, recorded: Sequence[Read], number: int) -> tuple[Sequence[Read], Sequence[Read]] | None:
        """The next reads of the tape, of which the first has this number: as they were recorded, and as they are shown.

        `None` where they cannot be opened: from now on nothing is.
        """
        if self._opened is None:
            return recorded, later(recorded, self.lead)
        recorded = joined(recorded)
        try:
            return recorded, later(self._opened.take(recorded, number), self.lead)
        except RilletError:
            self.is_unopenable = True
            return None

    def recorded(self, number: int) -> Iterator[Sequence[Read]]:
        """The reads from one of a number on, as they came off the wire, some at a time."""
        while True:
            piece, after = self._since(number)
            if after == number:
                return
            yield piece.reads
            number = after

    def shown(self, number: int) -> Iterator[Sequence[Read]]:
        """The same as they are shown."""
        pieces = self.recorded(number) if self._opened is None else self._opened.pieces_from(number)
        return (later(piece, self.lead) for piece in pieces)

    def between(self, first: int, last: int, *, is_shown: bool = False) -> list[Read]:
        """The reads from one to another."""
        pieces = self.shown(first) if is_shown else (later(piece, self.lead) for piece in self.recorded(first))
        return [*islice(chain.from_iterable(pieces), last - first + 1)]

    def body(self, head: Head) -> str:
        """All of them as a text, or what is wrong with them."""
        framing = Framing(head)
        reads = chain.from_iterable(self.recorded(0))
        try:
            return b"".join(piece for read in reads for piece in framing.open(read.data)).decode(errors="replace")
        except RilletError as error:
            return error.message
