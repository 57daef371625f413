"""Where the characters of a text that wraps were written: worked out a piece at a time, for a paragraph may be very long."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import overload

from tui.typeset.alignment import PlacedLines, place_inline
from tui.typeset.line import NOWHERE, clusters
from tui.typeset.text import TextBlock


class TextPlaces(Sequence[list[int]]):
    """For each row of a text, and each of its characters, its place in the source; `NOWHERE` for what nobody wrote."""

    def __init__(self, block: TextBlock, rows: Sequence[str], width: int, lines: tuple[str, int]) -> None:
        """Take the rows of a block at a width; `lines` are those it was written as, and where they begin."""
        self._environment = block.environment
        self._written = block.pieces_written()
        self._own = PlacedLines("".join(self._written), *lines)
        shown = block.pieces_shown()
        self._shown_ends = [*accumulate(map(len, shown))]
        self._written_ends = [*accumulate(map(len, self._written))]
        self._rows = [*spread(rows, block.decorations(width), "".join(shown))]
        self._sizes = [*map(len, rows)]
        self._ends = [*accumulate((row[1] for row in self._rows), max)]
        self._known: dict[int, list[int]] = {}
        self._reach: list[tuple[int, int, int]] = []

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, number: int) -> list[int]: ...
    @overload
    def __getitem__(self, number: slice) -> list[list[int]]: ...
    def __getitem__(self, number: int | slice) -> list[int] | list[list[int]]:
        if isinstance(number, slice):
            return [self[at] for at in range(*number.indices(len(self)))]
        lead, _, letters = self._rows[number]
        places = [NOWHERE] * lead
        places += [self._place(at) if at >= 0 else NOWHERE for at in letters]
        return places + [NOWHERE] * (self._sizes[number] - len(places))

    def _place(self, at: int) -> int:
        piece = bisect_right(self._shown_ends, at)
        if piece not in self._known:
            end = self._written_ends[piece]
            own = self._own.between(end - len(self._written[piece]), end)
            _, inner = place_inline(self._written[piece], self._environment)
            self._known[piece] = [own[place] if place >= 0 else NOWHERE for place in inner]
        places = self._known[piece]
        begin = self._shown_ends[piece - 1] if piece else 0
        return places[at - begin] if at - begin < len(places) else NOWHERE

    def rows_near(self, low: int, high: int) -> Iterator[int]:
        """The rows in which what stands in a stretch of the source may be, from the top down; there are few."""
        self._reach = self._reach or [*self._reaches()]
        for piece, first, last in self._reach:
            if (first < high and last >= low) or NOWHERE in (first, last):
                yield from self._rows_of(piece)

    def _reaches(self) -> Iterator[tuple[int, int, int]]:
        """The first and the last place of each piece."""
        begin = 0
        for piece, end in enumerate(self._written_ends):
            if begin < end:
                yield piece, self._own.between(begin, begin + 1)[0], self._own.between(end - 1, end)[0]
            begin = end

    def _rows_of(self, piece: int) -> range:
        begin, end = (self._shown_ends[piece - 1] if piece else 0), self._shown_ends[piece]
        return range(bisect_right(self._ends, begin), min(len(self._ends), bisect_left(self._ends, end) + 1))


def spread(rows: Sequence[str], decorations: Sequence[int], text: str) -> Iterator[tuple[int, int, Sequence[int]]]:
    """For each row which of its characters are those of the text that was broken into them.

    Yields:
        How many characters stand before them, how far in the text the row comes, and for each the number in the text.
    """
    at = 0
    for row, margin in zip(rows, decorations, strict=True):
        first = min(_characters(row, margin), len(row))
        letters = row[first:]
        here = at
        while letters and here < len(text) and text[here] != letters[0] and text[here] in " \t\n\r":
            here += 1
        if letters and text.startswith(letters, here):  # most rows
            at = here + len(letters)
            yield first, at, range(here, at)
            continue
        numbers: list[int] = []
        for letter in letters:
            here = at
            while here < len(text) and text[here] != letter and text[here] in " \t\n\r":
                here += 1
            if here < len(text) and text[here] == letter:
                numbers.append(here)
                at = here + 1
            elif at < len(text) and letter == " " and text[at] == "\t":
                numbers.append(at)  # one cell of a tab; the next letter goes past it
            else:
                numbers.append(NOWHERE)
        yield first, at, numbers


def _characters(row: str, cells: int) -> int:
    """How many characters of a row stand in so many cells."""
    if row.isascii():
        return min(cells, len(row))
    count = used = 0
    for piece, size in clusters(row):
        if used >= cells:
            break
        used += size
        count += len(piece)
    return count
