"""Counting matches: in what stands on the page exactly, in what was never shown in the text as it was written."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Container, Sequence
from typing import NamedTuple

from tui.page.entry import TOP
from tui.page.find import Match, find_in
from tui.page.page import Page, Place
from tui.typeset.line import SOFT_HYPHEN, line_text

AT_ONCE = 128
"""So many turns that are not in memory are looked through at a time: some milliseconds."""

_UNCOUNTED = -1


class Texts(NamedTuple):
    """What was said in turns that are not in memory.

    Attributes:
        said: What was asked in turns, and what was replied, by their ids.
        may_say: The turns without which none holds some words; `None` where all must be looked through.
    """

    said: Callable[[Sequence[str]], dict[str, tuple[str, str]]] = lambda _ids: {}
    may_say: Callable[[str], Container[str] | None] = lambda _words: None


class Counting:
    """How often a pattern stands in each entry of a page, from where the reader is to the end, then up to the beginning."""

    def __init__(self, page: Page) -> None:
        """Nothing is counted."""
        self._page = page
        self._texts = Texts()
        self._may_say: Container[str] | None = None
        self._pattern: re.Pattern[str] | None = None
        self._first_word = ""
        self._counts = array("i")
        self._has_any = bytearray()
        self._down = self._up = 0
        self.total = 0

    def begin(self, pattern: re.Pattern[str], words: str, here: int, texts: Texts) -> None:
        """Count from an entry on, at first to the end."""
        self._texts, self._may_say = texts, texts.may_say(words)
        self._pattern, self._first_word = pattern, words.split(maxsplit=1)[0].lower()
        self._counts = array("i", [_UNCOUNTED]) * len(self._page.entries)
        self._has_any = bytearray(len(self._counts))
        self._down, self._up, self.total = here, here - 1, 0

    def __len__(self) -> int:
        return len(self._counts)

    def __getitem__(self, index: int) -> int:
        """How often it stands in an entry; 0 where that was not counted yet."""
        return max(0, self._counts[index])

    def __setitem__(self, index: int, count: int) -> None:
        self.total += count - self[index]
        self._counts[index] = count
        self._has_any[index] = count > 0

    @property
    def is_done(self) -> bool:
        """Whether all was counted."""
        return self._up < 0 and self._down >= len(self._counts)

    @property
    def is_at_end(self) -> bool:
        """Whether all from where it began to the end was counted."""
        return self._down >= len(self._counts)

    def before(self, index: int) -> int:
        """How many matches stand above an entry, as far as they were counted."""
        counts = self._counts[:index]
        return sum(counts) - _UNCOUNTED * counts.count(_UNCOUNTED)

    def nearest(self, index: int, by: int) -> int | None:
        """The next entry below one that has matches, or with -1 above it, as far as they were counted; `None` where there is none."""
        at = self._has_any.find(1, index + 1) if by > 0 else self._has_any.rfind(1, 0, max(0, index))
        return None if at < 0 else at

    def grow(self) -> None:
        """There are more entries below, and what streams says more."""
        more = len(self._page.entries) - len(self._counts)
        self._counts.extend([_UNCOUNTED] * more)
        self._has_any.extend(bytes(max(0, more)))
        growing = [index for index, entry in self._page.entries.live if entry.is_growing and index < self._down]
        if growing:
            self._down = min(growing)

    def step(self, has_time: Callable[[], bool] = lambda: True) -> range:
        """Count in the next entries, in fewer of them where there is no more time; which they were."""
        if not self.is_at_end:
            down = range(self._down, min(len(self._counts), self._down + self._at_once))
            counted = self._count(down, has_time)
            self._down += counted
            return down[:counted]
        up = range(self._up, max(-1, self._up - self._at_once), -1)
        counted = self._count(up, has_time)
        self._up -= counted
        return up[:counted][::-1]

    @property
    def _at_once(self) -> int:
        """So many entries are looked at in a step, two for each turn; where most need not be read, more."""
        return 2 * AT_ONCE if self._may_say is None else 16 * AT_ONCE

    def _count(self, indexes: range, has_time: Callable[[], bool]) -> int:
        """Count in entries one after another, while there is time; how many they were, one at least."""
        entries = self._page.entries
        may = self._may_say
        cold = {index: entries.turn_id(index) for index in indexes if entries.find_live(index) is None}
        if may is not None:
            cold = {index: turn_id for index, turn_id in cold.items() if turn_id in may}
        said = self._texts.said([*dict.fromkeys(cold.values())]) if cold else {}
        for counted, index in enumerate(indexes, 1):
            entry = entries.find_live(index)
            if entry is None:
                texts = said.get(cold.get(index, ""), ("", ""))
                self[index] = self._count_in(texts[entries.is_reply(index)])
                continue
            self[index] = len(self.matches_of(index)) if entry.is_built else self._count_in(entry.raw())
            if not has_time():  # one that was shown may take as long as all others
                return counted
        return len(indexes)

    def _count_in(self, text: str) -> int:
        if SOFT_HYPHEN in text:
            text = text.replace(SOFT_HYPHEN, "")
        if self._pattern is None or self._first_word not in text.lower():
            return 0
        return len(self._pattern.findall(text))

    def matches_of(self, index: int) -> list[Match]:
        """The matches in an entry, exactly: all of it is typeset."""
        page, pattern = self._page, self._pattern
        if pattern is None:
            return []
        entry, place = page.entries[index], Place(index, TOP)
        page.firm_down(place, entry.height)
        page.firm_down(place, entry.height)  # it may have been built only now, and be higher
        return find_in([line_text(entry.line(row)) for row in range(entry.height)], pattern)
