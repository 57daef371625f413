"""A streamed Markdown document: text goes in as it comes, blocks come out."""

from __future__ import annotations

from tui.typeset.block import Block
from tui.typeset.plain import PlainBlock


class Document:
    """Markdown that may still grow. `blocks` never shrinks before the index `feed` gives back."""

    __slots__ = ("_parts", "_tail", "blocks", "tail")

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.tail: Block | None = None
        self._parts: list[str] = []
        self._tail = ""

    @property
    def source(self) -> str:
        """All the text fed so far."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    def feed(self, text: str) -> int:
        """Append text; the index of the first block (the tail counts as the last) that may have changed."""
        self._parts.append(text)
        first = len(self.blocks)
        *whole, self._tail = (self._tail + text).split("\n\n")
        for part in whole:
            self.blocks.append(PlainBlock(part, gap=1 if self.blocks else 0))
        self.tail = PlainBlock(self._tail, gap=1 if self.blocks else 0) if self._tail else None
        return first

    def finish(self) -> int:
        """The text is complete: nothing is provisional any more."""
        first = len(self.blocks)
        if self.tail is not None:
            self.blocks.append(self.tail)
            self.tail = None
        return first

    def settle(self) -> int | None:
        """Do one piece of work that was put off (colours of a closed fence); the index of the block it changed."""
        return None

    def all_blocks(self) -> list[Block]:
        """Every block, the provisional tail included."""
        return [*self.blocks, self.tail] if self.tail is not None else self.blocks
