"""Earlier turns: those above what was loaded, which come onto the page when there is time, or need."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import NamedTuple

from tui.domain.extent import Extent
from tui.domain.turn import Turn
from tui.page.entries import Sketches

FEWEST = 12
"""So many turns are loaded at least, that what comes above them later is out of sight."""

NEARBY = 64
"""So many turns are fetched at a time where the reader comes near the edge of the page."""

AT_ONCE = 256
"""So many turns are fetched at a time where nobody waits for them: some milliseconds."""

Beside = Callable[[str, int], Sequence[Extent]]
"""What gives the turns right above or right below one, oldest first, at most so many; none where it is the first, or the last."""


class Around(NamedTuple):
    """Where the turns come from that are not on the page yet.

    Attributes:
        above: Gives the turns above one.
        read: Reads turns by their ids; those that cannot be read are not among them.
        said: What was asked in turns, and what was replied, by their ids.
        is_ready: Whether turns further away can be given at once; it makes ready for that as long as there is time.
        may_say: The turns without which none holds some words; `None` where all must be looked through.
    """

    above: Beside
    read: Callable[[Sequence[str]], Sequence[Turn]]
    said: Callable[[Sequence[str]], dict[str, tuple[str, str]]]
    is_ready: Callable[[Callable[[], bool]], bool]
    may_say: Callable[[str], Container[str] | None]


class EarlierTurns:
    """The turns above the page that are not on it yet."""

    def __init__(self, put: Callable[[Sketches], None], width: Callable[[], int]) -> None:
        """Nothing is above yet; `put` puts turns above all others, on a page of a `width`."""
        self._put, self._width = put, width
        self._above: Beside | None = None
        self._is_ready: Callable[[Callable[[], bool]], bool] = lambda _has_time: True
        self._topmost = ""
        self._coming: list[Sketches] = []

    def begin(self, topmost: str, around: Around) -> None:
        """Read on from the first turn of the page."""
        self._above, self._is_ready, self._topmost = around.above, around.is_ready, topmost

    def reset(self) -> None:
        """The conversation is another one."""
        self._above = None
        self._coming.clear()

    @property
    def has_more(self) -> bool:
        """Whether there are turns above the page that are not on it yet."""
        return self._above is not None

    def read(self, has_time: Callable[[], bool]) -> bool:
        """Fetch turns as far as there is time; whether they are on the page now.

        They come onto the page all at once, so that its scroll bar changes once.
        """
        while self._above is not None and self._is_ready(has_time):
            if not self._fetch(self._above, AT_ONCE):
                sketches = self._taken()
                self.reset()
                self._put(sketches)
                return True
            if not has_time():
                break
        return False

    def read_some(self) -> bool:
        """Put the next turns on the page at once: the reader comes there. Whether there were any."""
        if self._above is None:
            return False
        if not self._coming:
            self._fetch(self._above, NEARBY)
        sketches = self._taken()
        if len(sketches):
            self._put(sketches)
        else:
            self.reset()
        return bool(len(sketches))

    def _taken(self) -> Sketches:
        coming, self._coming = self._coming, []
        taken = Sketches()
        while coming:
            taken.add(coming.pop())
        return taken

    def _fetch(self, above: Beside, most: int) -> bool:
        extents = above(self._topmost, most)
        if extents:
            self._topmost = extents[0].turn_id
            self._coming.append(Sketches(extents, self._width()))
        return bool(extents)


def fill_up(turns: Sequence[Turn], around: Around) -> Sequence[Turn]:
    """The end of a conversation with so many turns above it that there are not too few."""
    while 0 < len(turns) < FEWEST and (more := around.above(turns[0].id, NEARBY)):
        turns = [*around.read([each.turn_id for each in more]), *turns]
    return turns
