"""The search: every match in the conversation is marked and counted, one is the present one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NamedTuple

from textual.message import Message

from tui.page.find import Match, pattern_of, places_in
from tui.page.page import Page, Place
from tui.typeset.line import Line, line_text
from tui.ui.transcript.line_renderer import Mark
from tui.ui.transcript.overlay.counting import Counting, Texts
from tui.ui.transcript.scroll import Scroller
from tui.ui.transcript.wish import Found

CONTEXT = 3
"""A match stands at least this many rows below the top."""


class Present(NamedTuple):
    """The match that the reader is at: which entry, and which of its matches."""

    entry: int
    number: int


BUDGET = 0.03
"""Seconds for which all is looked through at once; what takes longer goes on behind."""

SLICE = 0.01
BREATH = 0.01
"""Seconds of looking on at a time, and between two times."""


class Search:
    """What is looked for on a page.

    Attributes:
        texts: What was said in turns that are not in memory.
    """

    def __init__(
        self, page: Page, scroller: Scroller, repaint: Callable[[], None], post: Callable[[Message], object]
    ) -> None:
        """Start with nothing looked for."""
        self.texts = Texts()
        self._page = page
        self._scroller = scroller
        self._repaint = repaint
        self._post = post
        self._words = ""
        self._pattern: re.Pattern[str] | None = None
        self._counting = Counting(page)
        self._here = 0
        self._passed: Present | None = None
        self._present: Present | None = None
        self._match: Match = ()
        self._rest: asyncio.TimerHandle | None = None
        self._wished = 0

    @property
    def has_marks(self) -> bool:
        """Whether something is looked for."""
        return self._pattern is not None

    @property
    def count(self) -> int:
        """How many matches there are, as far as they were counted."""
        return self._counting.total

    def find(self, text: str) -> int:
        """Mark every place where these words stand and go to the nearest; how many were counted. No words end it.

        In messages that were never shown the text as it was written is counted, and corrected when they show. A very long
        conversation is looked through piece by piece, from where the reader is, once all of it is on the page.
        """
        until = perf_counter() + BUDGET
        if text and not self._scroller.read_all(lambda: perf_counter() < until):
            self.stop()
            self._rest = asyncio.get_running_loop().call_later(BREATH, self.find, text)
            self._post(Found(text, 0, 0, is_whole=False))
            return 0
        self._pattern = None  # what was sought before need not be counted again
        self.reset()
        self._words, self._pattern = text, pattern_of(text)
        if self._pattern is None:
            self._repaint()
            self._post(Found(text, 0, 0))
            return 0
        page = self._page
        self._here, row = page.entry_at(self._scroller.viewport.top_row) if len(page.entries) else (0, 0)
        self._counting.begin(self._pattern, text, self._here, self.texts)
        self._look_on(row, BUDGET)
        if self._present is None:
            self._repaint()
        return self.count

    def _look_on(self, row: int, seconds: float) -> None:
        """Count for a while, and go to the nearest match as soon as it is known: the first from the row on, else the last before."""
        self.stop()
        until = perf_counter() + seconds
        counting = self._counting
        self._go_on()
        while not counting.is_done:
            is_below = not counting.is_at_end
            counted = counting.step(lambda: perf_counter() < until)
            if self._present is None and (nearest := self._nearest(counted, row, is_below=is_below)) is not None:
                self._go(nearest)
            self._go_on()
            if perf_counter() >= until:
                break
        if not counting.is_done:
            self._rest = asyncio.get_running_loop().call_later(BREATH, self._look_on, row, SLICE)
        self._tell()

    def _nearest(self, counted: range, row: int, *, is_below: bool) -> Present | None:
        counting = self._counting
        if not is_below:
            index = next((index for index in reversed(counted) if counting[index]), None)
            return self._passed or (None if index is None else Present(index, counting[index] - 1))
        for index in counted:
            if not counting[index]:
                continue
            if index != self._here:
                return Present(index, 0)
            rows = [match[0].row for match in counting.matches_of(index)]
            number = next((at for at, match_row in enumerate(rows) if match_row >= row), None)
            if number is not None:
                return Present(index, number)
            self._passed = Present(index, len(rows) - 1) if rows else None
        is_last = counting.is_done
        return self._passed if is_last else None

    def next(self, by: int = 1) -> None:
        """Go to the next match, or with -1 to the one before; after the last comes the first."""
        if self._pattern is None:
            return
        self._counting.grow()
        if self._present is None or not self.count:
            self.find(self._words)
            return
        index, number = self._present
        number += by
        if 0 <= number < self._counting[index]:
            self._go(Present(index, number))
        else:
            self._wished = by
        self._look_on(0, BUDGET)

    def _go_on(self) -> None:
        """Go where the reader wished to go, once it is known where that is: after the last match comes the first."""
        counting, by = self._counting, self._wished
        if not by or self._present is None:
            return
        at = counting.nearest(self._present.entry, by)
        if at is None and counting.is_done:
            at = counting.nearest(-1, 1) if by > 0 else counting.nearest(len(counting), -1)
        if at is not None:
            self._wished = 0
            self._go(Present(at, 0 if by > 0 else counting[at] - 1))

    def end(self) -> None:
        """Look for nothing any more."""
        self.find("")

    def shift(self, count: int) -> None:
        """So many entries were put above all others."""
        if self._present is not None:
            self._present = Present(self._present.entry + count, self._present.number)
        self._here += count
        if self._pattern is not None:  # what was counted is counted again when it is asked for
            self._counting.begin(self._pattern, self._words, self._here, self.texts)

    def reset(self) -> None:
        """The conversation is another one: what was found in the last one is not there."""
        self.stop()
        self._counting = Counting(self._page)
        if self._pattern is not None:
            self._counting.begin(self._pattern, self._words, 0, self.texts)
        self._here, self._passed, self._wished = 0, None, 0
        self._present, self._match = None, ()

    def stop(self) -> None:
        """Look no further."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def marks(self, index: int, row: int, line: Line) -> Sequence[Mark]:
        """Lay the matches over a row."""
        if self._pattern is None:
            return ()
        marks = [Mark(begin, end, "match") for begin, end in places_in(line_text(line), self._pattern)]
        if self._present is not None and self._present.entry == index:
            marks += [Mark(span.start, span.end, "match-now") for span in self._match if span.row == row]
        return marks

    def _go(self, present: Present) -> None:
        index, number = present
        matches = self._counting.matches_of(index)
        self._counting[index] = len(matches)
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
            position = self._counting.before(index) + number + 1
        self._post(Found(self._words, position, self.count, is_whole=self._counting.is_done))
