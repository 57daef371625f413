"""Text that grows by fragments, as a reply does."""

from __future__ import annotations

from collections.abc import Iterator

MOST_FRAGMENTS = 1024
"""So many fragments of a part are left apart where it is read piece by piece."""
PIECE_CHARS = 64 << 10
"""Fragments are joined to pieces of so many characters and more; those stay, so that copies of a text share them."""


class Growing:
    """Text that grows by fragments in numbered parts; joined only when asked for.

    Adding to a string once per delta would be quadratic in the length of the reply.
    """

    __slots__ = ("_latest", "_latest_part", "_order", "_parts", "_sizes", "size")

    def __init__(self) -> None:
        """Start empty."""
        self._parts: dict[int, list[str]] = {}
        self._sizes: dict[int, int] = {}
        self._order: list[int] = []
        self._latest: list[str] = []
        self._latest_part = -1
        self.size = 0

    def add(self, text: str, part: int = 0, *, replaces: bool = False) -> None:
        """Append to a part, or state the whole of it."""
        if part == self._latest_part and not replaces:
            self.size += len(text)
            self._sizes[part] += len(text)
            self._latest.append(text)
            return
        fragments = self._parts.get(part)
        if fragments is None:
            fragments = self._parts[part] = []
            self._sizes[part] = 0
            self._order.append(part)
        if replaces:
            self.size -= self._sizes[part]
            self._sizes[part] = 0
            fragments.clear()
        self.size += len(text)
        self._sizes[part] += len(text)
        fragments.append(text)
        self._latest, self._latest_part = fragments, part

    @property
    def latest_size(self) -> int:
        """Characters of the last part, if that was added to last; else 0."""
        return self._sizes[self._latest_part] if self._order[-1:] == [self._latest_part] else 0

    @property
    def parts(self) -> list[str]:
        """The parts that hold text, in order of first appearance."""
        return [text for _, text in self.numbered]

    @property
    def numbered(self) -> list[tuple[int, str]]:
        """The same, each with its number."""
        parts: list[tuple[int, str]] = []
        for number in self._order:
            fragments = self._parts[number]
            if len(fragments) > 1:
                fragments[:] = ["".join(fragments)]
            if fragments and fragments[0]:
                parts.append((number, fragments[0]))
        return parts

    def settle(self) -> None:
        """Join fragments to pieces that copies of this text will share with it."""
        for fragments in self._parts.values():
            _settle(fragments)

    @property
    def growing_parts(self) -> list[GrowingPart]:
        """The same, to be read piece by piece."""
        return [GrowingPart(self._parts[number], self._sizes[number]) for number in self._order if self._sizes[number]]

    @property
    def text(self) -> str:
        """Every part, joined."""
        return "".join(self.parts)


class GrowingPart:
    """A part of a growing text, as long as it is now: its end can be read without joining all that stands before it."""

    __slots__ = ("_fragments", "_size")

    def __init__(self, fragments: list[str], size: int) -> None:
        """Read these fragments, which are so long together."""
        self._fragments = fragments
        self._size = size

    def __len__(self) -> int:
        """How many characters there are."""
        return self._size

    def beginning(self, size: int) -> Iterator[str]:
        """The first characters, in pieces."""
        for fragment in self._fragments:
            if size <= 0:
                return
            yield fragment if len(fragment) <= size else fragment[:size]
            size -= len(fragment)

    def __getitem__(self, place: slice) -> str:
        """The characters there; what comes behind them is joined on the way, for that is read next."""
        begin, end, _ = place.indices(self._size)
        if begin >= end:
            return ""
        fragments = self._fragments
        if len(fragments) > MOST_FRAGMENTS + self._size // PIECE_CHARS:
            _settle(fragments)
        here, number = self._size, len(fragments)
        while here > begin:
            number -= 1
            here -= len(fragments[number])
        if number < len(fragments) - 2:
            behind = fragments[number + 1 :]
            _settle(behind)
            fragments[number + 1 :] = behind
        text = fragments[number][begin - here : end - here]
        while len(text) < end - begin:
            number += 1
            text += fragments[number][: end - begin - len(text)]
        return text


def _settle(fragments: list[str]) -> None:
    """Join fragments to pieces; those that are so long already stay the same."""
    pieces: list[str] = []
    run: list[str] = []
    size = 0
    for fragment in fragments:
        run.append(fragment)
        size += len(fragment)
        if size >= PIECE_CHARS:
            pieces.append("".join(run))
            run, size = [], 0
    fragments[:] = [*pieces, "".join(run)] if run else pieces
