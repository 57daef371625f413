"""Later turns: those below what was loaded, where the page was opened in the middle of a conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tui.page.entries import Sketches
from tui.ui.transcript.earlier import AT_ONCE, NEARBY, Beside


class Rest(NamedTuple):
    """What follows a part of a conversation.

    Attributes:
        below: Gives the turns right below one.
        show_end: Shows the end of the conversation in the place of the part.
    """

    below: Beside
    show_end: Callable[[], None]


class LaterTurns:
    """The turns below the page that are not on it yet. As long as there are any, the end of the page is no end."""

    def __init__(self, put: Callable[[Sketches], None], width: Callable[[], int]) -> None:
        """Nothing is below; `put` puts turns below all others, on a page of a `width`."""
        self._put, self._width = put, width
        self._rest: Rest | None = None
        self._last = ""
        self._coming = Sketches()

    def begin(self, last: str, rest: Rest) -> None:
        """Read on from the last turn of the page."""
        self._last, self._rest = last, rest

    def reset(self) -> None:
        """The conversation is another one, or all of it is on the page."""
        self._rest = None
        self._coming = Sketches()

    @property
    def has_more(self) -> bool:
        """Whether there are turns below the page that are not on it yet."""
        return self._rest is not None

    def read(self, has_time: Callable[[], bool]) -> bool:
        """Fetch turns as far as there is time; whether all are on the page now.

        They come onto the page all at once, so that its scroll bar changes once.
        """
        while self._fetch(AT_ONCE):
            if not has_time():
                return False
        return self._put_what_came()

    def read_some(self) -> bool:
        """Put the next turns on the page at once: the reader comes there. Whether there were any."""
        if self._rest is not None and not len(self._coming):
            self._fetch(NEARBY)
        return self._put_what_came()

    def show_end(self) -> None:
        """Show the end of the conversation."""
        if (rest := self._rest) is not None:
            self.reset()
            rest.show_end()

    def _fetch(self, most: int) -> bool:
        """Fetch the next turns; whether there may be more."""
        if self._rest is None:
            return False
        extents = self._rest.below(self._last, most)
        if not extents:
            self._rest = None
            return False
        self._last = extents[-1].turn_id
        self._coming.add(Sketches(extents, self._width()))
        return True

    def _put_what_came(self) -> bool:
        coming, self._coming = self._coming, Sketches()
        if len(coming):
            self._put(coming)
        return bool(len(coming))
