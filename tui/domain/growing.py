"""Text that grows by fragments, as a reply does."""

from __future__ import annotations


class Growing:
    """Text that grows by fragments in numbered parts; joined only when asked for.

    Adding to a string once per delta would be quadratic in the length of the reply.
    """

    __slots__ = ("_latest", "_latest_part", "_order", "_parts", "size")

    def __init__(self) -> None:
        """Start empty."""
        self._parts: dict[int, list[str]] = {}
        self._order: list[int] = []
        self._latest: list[str] = []
        self._latest_part = -1
        self.size = 0

    def add(self, text: str, part: int = 0, *, replaces: bool = False) -> None:
        """Append to a part, or state the whole of it."""
        if part == self._latest_part and not replaces:
            self.size += len(text)
            self._latest.append(text)
            return
        fragments = self._parts.get(part)
        if fragments is None:
            fragments = self._parts[part] = []
            self._order.append(part)
        if replaces:
            self.size -= sum(map(len, fragments))
            fragments.clear()
        self.size += len(text)
        fragments.append(text)
        self._latest, self._latest_part = fragments, part

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

    @property
    def text(self) -> str:
        """Every part, joined."""
        return "".join(self.parts)
