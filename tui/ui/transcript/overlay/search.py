"""The search: every match in the conversation is marked and counted, one is the present one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.message import Message

from tui.page.entry import TOP
from tui.page.find import Match, find_in, pattern_of
from tui.page.page import Page, Place
from tui.typeset.line import Line, line_text
from tui.ui.transcript.line_renderer import Mark
from tui.ui.transcript.scroll import Scroller
from tui.ui.transcript.wish import Found

CONTEXT = 3
"""A match stands at least this many rows below the top."""


class Present(NamedTuple):
    """The match that the reader is at: which entry, and which of its matches."""

    entry: int
    number: int


class Search:
    """What is looked for on a page."""

    def __init__(
        self, page: Page, scroller: Scroller, repaint: Callable[[], None], post: Callable[[Message], object]
    ) -> None:
        """Start with nothing looked for."""
        self._page = page
        self._scroller = scroller
        self._repaint = repaint
        self._post = post
        self._words = ""
        self._pattern: re.Pattern[str] | None = None
        self._counts: list[int] = []
        self._present: Present | None = None
        self._match: Match = ()

    @property
    def has_marks(self) -> bool:
        """Whether something is looked for."""
        return self._pattern is not None

    @property
    def count(self) -> int:
        """How many matches there are, as far as they were counted."""
        return sum(self._counts)

    def find(self, text: str) -> int:
        """Mark every place where these words stand and go to the nearest; how many there are. No words end it.

        In messages that were never shown the text as it was written is counted, and corrected when they show.
        """
        self._scroller.read_all()
        self._words, self._pattern = text, pattern_of(text)
        self.reset()
        if self._pattern is None:
            self._repaint()
            self._post(Found(text, 0, 0))
            return 0
        self._count()
        nearest = self._nearest()
        if nearest is not None:
            self._go(nearest)
        else:
            self._repaint()
            self._tell()
        return self.count

    def _nearest(self) -> Present | None:
        """The first match from the top of what shows on, else the last before it."""
        page = self._page
        here, row = page.entry_at(self._scroller.viewport.top_row) if page.entries else (0, 0)
        after = [at for at, count in enumerate(self._counts) if count and at >= here]
        before = [at for at, count in enumerate(self._counts) if count and at < here]
        if after and after[0] == here:
            rows = [match[0].row for match in self._matches_of(here)]
            number = next((at for at, match_row in enumerate(rows) if match_row >= row), None)
            if number is not None:
                return Present(here, number)
            return Present(after[1], 0) if len(after) > 1 else Present(here, len(rows) - 1)
        if after:
            return Present(after[0], 0)
        return Present(before[-1], self._counts[before[-1]] - 1) if before else None

    def next(self, by: int = 1) -> None:
        """Go to the next match, or with -1 to the one before; after the last comes the first."""
        if self._pattern is None:
            return
        self._count()
        if self._present is None or not self.count:
            self.find(self._words)
            return
        index, number = self._present
        number += by
        while not 0 <= number < self._counts[index]:
            index = (index + by) % len(self._counts)
            number = 0 if by > 0 else self._counts[index] - 1
        self._go(Present(index, number))

    def end(self) -> None:
        """Look for nothing any more."""
        self.find("")

    def shift(self, count: int) -> None:
        """So many entries were put above all others."""
        self._counts = []  # what was counted is counted again when it is asked for
        if self._present is not None:
            self._present = Present(self._present.entry + count, self._present.number)

    def reset(self) -> None:
        """The conversation is another one: what was found in the last one is not there."""
        self._counts = []
        self._present, self._match = None, ()

    def marks(self, index: int, row: int, line: Line) -> Sequence[Mark]:
        """Lay the matches over a row."""
        if self._pattern is None:
            return ()
        marks = [Mark(match.start(), match.end(), "match") for match in self._pattern.finditer(line_text(line))]
        if self._present is not None and self._present.entry == index:
            marks += [Mark(span.start, span.end, "match-now") for span in self._match if span.row == row]
        return marks

    def _count(self) -> None:
        """Count matches in every entry; those that were counted and have ended stay as they are."""
        pattern = self._pattern
        if pattern is None:
            return
        first = self._words.split()[0].lower()
        for index, entry in enumerate(self._page.entries):
            if index < len(self._counts) and not entry.is_growing:
                continue
            if entry.is_built:
                count = len(self._matches_of(index))
            else:
                raw = entry.raw()
                count = len(pattern.findall(raw)) if first in raw.lower() else 0
            self._counts[index : index + 1] = [count]

    def _matches_of(self, index: int) -> list[Match]:
        """The matches in an entry, exactly: all of it is typeset."""
        page, pattern = self._page, self._pattern
        if pattern is None:
            return []
        entry, place = page.entries[index], Place(index, TOP)
        page.firm_down(place, entry.height)
        page.firm_down(place, entry.height)  # it may have been built only now, and be higher
        return find_in([line_text(entry.line(row)) for row in range(entry.height)], pattern)

    def _go(self, present: Present) -> None:
        index, number = present
        matches = self._matches_of(index)
        self._counts[index] = len(matches)
        if not matches:
            self._present, self._match = None, ()
            if self.count:
                self._present = Present(index, -1)
                self.next()
            else:
                self._tell()
            return
        number = min(number, len(matches) - 1)
        self._present, self._match = Present(index, number), matches[number]
        row = self._match[0].row
        top = self._page.top_of(index) + row
        viewport = self._scroller.viewport
        if viewport.top_row + CONTEXT <= top < viewport.top_row + viewport.rows - 1:
            self._scroller.settle()
        else:
            self._scroller.hold(Place(index, self._page.entries[index].spot_at(row)), viewport.rows // 3)
        self._tell()

    def _tell(self) -> None:
        position = 0
        if self._present is not None:
            index, number = self._present
            position = sum(self._counts[:index]) + number + 1
        self._post(Found(self._words, position, self.count))
