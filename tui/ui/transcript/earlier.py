"""Earlier turns: those above what was loaded, which come onto the page when there is time, or need."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.domain.turn import Turn
from tui.page.entry import Entry
from tui.page.page import Page

FEWEST = 12
"""So many turns are loaded at least, that what comes above them later is out of sight."""

AT_ONCE = 64
"""So many turns are fetched from above at a time."""

Above = Callable[[Turn, int], Sequence[Turn]]
"""What gives the turns above one, at most so many; none where it is the first."""


class EarlierTurns:
    """The turns above the page that are not on it yet."""

    def __init__(
        self, page: Page, make: Callable[[Sequence[Turn]], list[Entry]], put: Callable[[list[Entry]], None]
    ) -> None:
        """Nothing is above yet; `make` makes entries of turns, and `put` puts them above all others."""
        self._page = page
        self._make = make
        self._put = put
        self._above: Above | None = None
        self._topmost: Turn | None = None
        self._coming: list[list[Entry]] = []

    def begin(self, topmost: Turn, above: Above) -> None:
        """Read on from the first turn of the page."""
        self._above, self._topmost = above, topmost

    def reset(self) -> None:
        """The conversation is another one."""
        self._above = self._topmost = None
        self._coming.clear()

    @property
    def has_more(self) -> bool:
        """Whether there are turns above the page that are not on it yet."""
        return self._above is not None

    def read(self, has_time: Callable[[], bool]) -> bool:
        """Fetch turns as far as there is time; whether they are on the page now.

        They come onto the page all at once, so that its scroll bar changes once.
        """
        while self._above is not None and self._topmost is not None:
            turns = self._above(self._topmost, AT_ONCE)
            if not turns:
                entries = [entry for chunk in reversed(self._coming) for entry in chunk]
                self.reset()
                self._put(entries)
                return True
            self._keep(turns)
            if not has_time():
                break
        return False

    def read_some(self) -> bool:
        """Put the next turns on the page at once: the reader comes there. Whether there were any."""
        if self._above is None or self._topmost is None:
            return False
        if not self._coming and (turns := self._above(self._topmost, AT_ONCE)):
            self._keep(turns)
        entries, self._coming = [entry for chunk in reversed(self._coming) for entry in chunk], []
        if entries:
            self._put(entries)
        else:
            self.reset()
        return bool(entries)

    def _keep(self, turns: Sequence[Turn]) -> None:
        self._topmost = turns[0]
        self._coming.append(self._make(turns))
        for entry in self._coming[-1]:
            entry.set_width(self._page.width)


def fill_up(turns: Sequence[Turn], above: Above) -> Sequence[Turn]:
    """The end of a conversation with so many turns above it that there are not too few."""
    while 0 < len(turns) < FEWEST and (more := above(turns[0], AT_ONCE)):
        turns = [*more, *turns]
    return turns
