"""Two texts side by side: which words both say, and the lines of one with those kept quiet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from tui.chat.word_diff import changes
from tui.page.line import Line
from tui.wire.printable import printable_line

MOST_WORDS = 200_000
"""Words of a text that are compared one by one; of what is longer it is only known which words the other says anywhere."""
FEWEST = 3
"""Words in a row that both say between two that differ, before that is more than chance."""


def alike_words(one: Sequence[str], other: Sequence[str]) -> tuple[Sequence[bool], Sequence[bool]]:
    """Of each word of two texts whether the other says it too, in the same place."""
    if max(len(one), len(other)) > MOST_WORDS:
        said = {*one} & {*other}
        return [word in said for word in one], [word in said for word in other]
    alike, alike_2 = [True] * len(one), [True] * len(other)
    before: tuple[int, int] | None = None
    for change in changes(one, other):
        is_chance = before is not None and change.start - before[0] < FEWEST
        start, start_2 = before if before is not None and is_chance else (change.start, change.other_start)
        alike[start : change.end] = [False] * (change.end - start)
        alike_2[start_2 : change.other_end] = [False] * (change.other_end - start_2)
        before = change.end, change.other_end
    return alike, alike_2


def marked_lines(text: str, width: int, alike: Iterable[bool]) -> list[Line]:
    """A text in lines of at most so many cells, a paragraph's indentation kept; words that are alike are quiet."""
    marks = iter(alike)
    lines: list[Line] = []
    for paragraph in text.split("\n"):
        words = paragraph.split()
        indent = min(len(paragraph) - len(paragraph.lstrip()), width // 3) if words else 0
        line = _Filling(width, indent)
        for word in words:
            line.add(printable_line(word), "muted" if next(marks, True) else "")
        lines += line.lines
    return lines


class _Filling:
    """Lines that are filled with words."""

    def __init__(self, width: int, indent: int) -> None:
        self._width, self._indent = width, indent
        self.lines: list[Line] = []
        self._begin()

    def _begin(self) -> None:
        self.lines.append([(" " * self._indent, "")] if self._indent else [])
        self._used, self._is_empty = self._indent, True

    def add(self, word: str, key: str) -> None:
        """A word more; one that is longer than a line is broken."""
        size = cell_len(word)
        if not self._is_empty and self._used + 1 + size > self._width:
            self._begin()
        if not self._is_empty:
            word, size = f" {word}", size + 1
        while self._used + size > self._width and len(word) > 1:
            room = self._width - self._used
            at = next((n for n in range(1, len(word)) if cell_len(word[: n + 1]) > room), len(word))
            self._put(word[:at], key)
            self._begin()
            word = word[at:]
            size = cell_len(word)
        if word:
            self._put(word, key)
            self._used += size
            self._is_empty = False

    def _put(self, text: str, key: str) -> None:
        line = self.lines[-1]
        if line and line[-1][1] == key:
            line[-1] = (line[-1][0] + text, key)
        else:
            line.append((text, key))
