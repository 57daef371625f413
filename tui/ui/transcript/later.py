"""Later turns: those below what was loaded, where the page was opened in the middle of a conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tui.domain.turn import Turn
from tui.page.entry import Entry
from tui.page.page import Page
from tui.ui.transcript.earlier import AT_ONCE


class Rest(NamedTuple):
    """What follows a part of a conversation.

    Attributes:
        below: Gives the turns right below one, at most so many; none where it is the last.
        show_end: Shows the end of the conversation in the place of the part.
    """

    below: Callable[[Turn, int], Sequence[Turn]]
    show_end: Callable[[], None]


class LaterTurns:
    """The turns below the page that are not on it yet. As long as there are any, the end of the page is no end."""

    def __init__(
        self, page: Page, make: Callable[[Sequence[Turn]], list[Entry]], put: Callable[[list[Entry]], None]
    ) -> None:
        """Nothing is below; `make` makes entries of turns, and `put` puts them below all others."""
        self._page = page
        self._make = make
        self._put = put
        self._rest: Rest | None = None
        self._last: Turn | None = None
        self._coming: list[Entry] = []

    def begin(self, last: Turn, rest: Rest) -> None:
        """Read on from the last turn of the page."""
        self._last, self._rest = last, rest

    def reset(self) -> None:
        """The conversation is another one, or all of it is on the page."""
        self._rest = self._last = None
        self._coming = []

    @property
    def has_more(self) -> bool:
        """Whether there are turns below the page that are not on it yet."""
        return self._rest is not None

    def read(self, has_time: Callable[[], bool]) -> bool:
        """Fetch turns as far as there is time; whether all are on the page now.

        They come onto the page all at once, so that its scroll bar changes once.
        """
        while self._fetch():
            if not has_time():
                return False
        return self._put_what_came()

    def read_some(self) -> bool:
        """Put the next turns on the page at once: the reader comes there. Whether there were any."""
        if self._rest is not None and not self._coming:
            self._fetch()
        return self._put_what_came()

    def show_end(self) -> None:
        """Show the end of the conversation."""
        if (rest := self._rest) is not None:
            self.reset()
            rest.show_end()

    def _fetch(self) -> bool:
        """Fetch the next turns; whether there may be more."""
        if self._rest is None or self._last is None:
            return False
        turns = self._rest.below(self._last, AT_ONCE)
        if not turns:
            self._rest = self._last = None
            return False
        self._last = turns[-1]
        entries = self._make(turns)
        for entry in entries:
            entry.set_width(self._page.width)
        self._coming += entries
        return True

    def _put_what_came(self) -> bool:
        entries, self._coming = self._coming, []
        if entries:
            self._put(entries)
        return bool(entries)
