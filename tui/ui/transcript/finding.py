"""Finding in the conversation: every match is marked and counted, one is the present one."""

from __future__ import annotations

import re

from tui.typeset.line import Line, line_text
from tui.ui.transcript.brush import Mark
from tui.ui.transcript.find import Match, find_in, pattern_of
from tui.ui.transcript.selecting import SelectingView
from tui.ui.transcript.wish import Found

CONTEXT = 3
"""A match stands at least this many rows below the top."""


class FindingView(SelectingView, is_part=True):
    """A page that can be searched."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Start with nothing looked for."""
        super().__init__(id=id, classes=classes)
        self._words = ""
        self._pattern: re.Pattern[str] | None = None
        self._counts: list[int] = []
        self._present: tuple[int, int] | None = None
        self._present_match: Match = ()

    @property
    def is_finding(self) -> bool:
        """Whether something is looked for."""
        return self._pattern is not None

    def find(self, text: str) -> int:
        """Mark every place where these words stand and go to the nearest; how many there are. Nothing ends it.

        In messages that were never shown the text as it was written is counted, and corrected when they show.
        """
        self.read_all_above()
        self._words, self._pattern = text, pattern_of(text)
        self._present, self._present_match = None, ()
        self._counts = []
        if self._pattern is None:
            self.repaint()
            self.post_message(Found(text, 0, 0))
            return 0
        self._count()
        here, row = self.page.entry_at(self.top_row) if self.page.entries else (0, 0)
        after = [at for at, count in enumerate(self._counts) if count and at >= here]
        before = [at for at, count in enumerate(self._counts) if count and at < here]
        if after and after[0] == here:
            rows = [match[0][0] for match in self._matches_of(here)]
            number = next((at for at, found in enumerate(rows) if found >= row), None)
            self._go(
                (here, number) if number is not None else (after[1], 0) if len(after) > 1 else (here, len(rows) - 1)
            )
        elif after:
            self._go((after[0], 0))
        elif before:
            self._go((before[-1], self._counts[before[-1]] - 1))
        else:
            self.repaint()
            self._tell()
        return sum(self._counts)

    def find_next(self, by: int = 1) -> None:
        """Go to the next match, or with -1 to the one before; after the last comes the first."""
        if self._pattern is None:
            return
        self._count()
        if self._present is None or not sum(self._counts):
            self.find(self._words)
            return
        index, number = self._present
        number += by
        while not 0 <= number < self._counts[index]:
            index = (index + by) % len(self._counts)
            number = 0 if by > 0 else self._counts[index] - 1
        self._go((index, number))

    def move_down(self, count: int) -> None:
        """So many entries were put above all others."""
        super().move_down(count)
        self._counts = []  # what was counted is counted again when it is asked for
        if self._present is not None:
            self._present = (self._present[0] + count, self._present[1])

    def restart_find(self) -> None:
        """The conversation is another one: what was found in the last one is not there."""
        self._counts = []
        self._present, self._present_match = None, ()

    def end_find(self) -> None:
        """Look for nothing any more."""
        self.find("")

    @property
    def has_marks(self) -> bool:
        """Whether anything may be laid over a row."""
        return self._pattern is not None or super().has_marks

    def marks_of(self, index: int, row: int, line: Line) -> tuple[tuple[Mark, ...], bool]:
        """Lay the matches over a row."""
        marks, has_bar = super().marks_of(index, row, line)
        if self._pattern is None:
            return marks, has_bar
        found: list[Mark] = [(one.start(), one.end(), "match") for one in self._pattern.finditer(line_text(line))]
        if self._present is not None and self._present[0] == index:
            found += [(start, end, "match-now") for at, start, end in self._present_match if at == row]
        return (*found, *marks), has_bar

    def _count(self) -> None:
        """Count matches in every entry; those that were counted and have ended stay as they are."""
        pattern = self._pattern
        if pattern is None:
            return
        first = self._words.split()[0].lower()
        for index, entry in enumerate(self.page.entries):
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
        page, pattern = self.page, self._pattern
        if pattern is None:
            return []
        entry = page.entries[index]
        page.firm_down((index, (0, 0, 0)), entry.height)
        page.firm_down((index, (0, 0, 0)), entry.height)  # it may have been built only now, and be higher
        return find_in([line_text(entry.line(row)) for row in range(entry.height)], pattern)

    def _go(self, present: tuple[int, int]) -> None:
        index, number = present
        matches = self._matches_of(index)
        self._counts[index] = len(matches)
        if not matches:
            self._present, self._present_match = None, ()
            if sum(self._counts):
                self._present = (index, -1)
                self.find_next()
            else:
                self._tell()
            return
        number = min(number, len(matches) - 1)
        self._present, self._present_match = (index, number), matches[number]
        row = self._present_match[0][0]
        top = self.page.top_of(index) + row
        if self.top_row + CONTEXT <= top < self.top_row + self.rows - 1:
            self.settle()
        else:
            self.hold((index, self.page.entries[index].spot_at(row)), self.rows // 3)
        self._tell()

    def _tell(self) -> None:
        position = 0
        if self._present is not None:
            index, number = self._present
            position = sum(self._counts[:index]) + number + 1
        self.post_message(Found(self._words, position, sum(self._counts)))
