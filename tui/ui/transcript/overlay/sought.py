"""What was sought in all conversations: its words are marked in the turn in which they were found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

from tui.domain.turn import Turn
from tui.page.entry import TOP
from tui.page.page import Page, Place
from tui.store.fold import Wanted
from tui.typeset.line import Line, line_text
from tui.ui.transcript.line_renderer import Mark
from tui.ui.transcript.scroll import Scroller

PATIENCE = 0.15
"""Seconds for which the first match is looked for in a very long turn; its beginning is shown where it is not found."""

SLAB = 200
"""So many rows of it are typeset at a time."""


class Sought:
    """Marks words in one turn of the page, and goes to the first of them."""

    def __init__(self, page: Page, scroller: Scroller, repaint: Callable[[], None]) -> None:
        """Start with nothing sought."""
        self._page = page
        self._scroller = scroller
        self._repaint = repaint
        self._wanted: Wanted | None = None
        self._turn: Turn | None = None

    @property
    def has_marks(self) -> bool:
        """Whether it marks anything."""
        return self._turn is not None

    def shift(self, count: int) -> None:
        """So many entries were put above all others: a turn is known by itself."""

    def reset(self) -> None:
        """The conversation is another one: nothing of it was sought."""
        self._turn = self._wanted = None

    def end(self) -> None:
        """Mark nothing any more."""
        self.reset()
        self._repaint()

    def show(self, turn: Turn, words: str) -> None:
        """Go to a turn of the page, to the first of these words in it, and mark them; without words, to its beginning."""
        self._turn, self._wanted = (turn, Wanted(words)) if words.strip() else (None, None)
        index = self._page.entries.index_of(turn)
        if index is None:
            return
        place = self._first_place(index) or Place(index, TOP)
        rows = self._scroller.viewport.rows
        self._scroller.hold(place, rows // 3 if place.spot != TOP else 0)
        self._scroller.tell_below()

    def marks(self, index: int, row: int, line: Line) -> Sequence[Mark]:
        """Lay the words over a row of the turn."""
        del row
        if self._wanted is None or self._page.entries[index].turn is not self._turn:
            return ()
        return [Mark(start, end, "match") for start, end in self._wanted.places(line_text(line))]

    def _first_place(self, index: int) -> Place | None:
        """The first row of the turn's entries that holds one of the words."""
        if self._wanted is None:
            return None
        until = perf_counter() + PATIENCE
        while index < len(self._page.entries) and self._page.entries[index].turn is self._turn:
            entry = self._page.entries[index]
            self._page.ensure(index)
            row = 0
            while row < entry.height and perf_counter() < until:
                self._page.firm_down(Place(index, entry.spot_at(row)), SLAB)
                for at in range(row, min(row + SLAB, entry.height)):
                    if self._wanted.places(line_text(entry.line(at))):
                        return Place(index, entry.spot_at(at))
                row += SLAB
            index += 1
        return None
