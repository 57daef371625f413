"""The reasoning fold: what the model thought, on one line until it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.domain.quantity import describe_seconds
from tui.page.block import OwnBlock, measure_of, toned
from tui.page.stack import WIDEST, Stack
from tui.typeset.block import Block as TypesetBlock
from tui.typeset.line import NOWHERE, Line

if TYPE_CHECKING:
    from tui.typeset.document import Document
    from tui.typeset.position import Places

GLIMPSE = 4
"""Rows of fresh reasoning that show while the model thinks."""

MARGIN = "  "


class ThoughtBlock(OwnBlock):
    """What the model thought. While it thinks the last rows show; then one line says how long it took.

    `is_open` is what the reader chose, `None` before they did.
    """

    __slots__ = (
        "_document",
        "_is_finished",
        "_read",
        "_shown",
        "_stack",
        "_text",
        "duration",
        "is_live",
        "is_open",
        "is_over",
    )

    def __init__(self) -> None:
        """Start without a thought."""
        super().__init__("thought")
        self.is_open: bool | None = None
        self.is_live = False
        self.is_over = False
        self.duration: float | None = None
        self._text = ""
        self._document: Document | None = None
        self._is_finished = False
        self._read = 0
        self._stack = Stack()
        self._shown = (0, 0)

    def __deepcopy__(self, memo: object) -> ThoughtBlock:
        """Another that shows as much; what there is to show is told to it anew."""
        del memo
        other = ThoughtBlock()
        other.is_open = self.is_open
        return other

    def read(self, text: str, *, is_live: bool, is_over: bool, duration: float | None) -> None:
        """Take the whole of the thoughts so far: `is_live` while it thinks, `is_over` when no more can come."""
        if not text.startswith(self._text):
            self._document = None
        self._text = text
        self.is_live, self.is_over, self.duration = is_live, is_over, duration
        self.drop()

    def toggle(self) -> None:
        """Open or close."""
        self.is_open = not self.is_open if self.is_open is not None else not self.is_live
        self.drop()

    def plain(self) -> str:
        """The thoughts, whether they show or not."""
        blocks = self._typeset().all_blocks()
        return "\n".join("\n" * block.gap + block.plain() for block in blocks)

    def rows(self, width: int) -> list[tuple[Line, str]]:
        """One row, and below it as much of the thoughts as shows."""
        shows_all = self.is_open is True
        shows_some = self.is_open is None and self.is_live
        if self.is_live:
            words = "thinking…"
        else:
            words = "thought" if self.duration is None else f"thought for {describe_seconds(self.duration)}"
        rows: list[tuple[Line, str]] = [([(f"{'▾' if shows_all or shows_some else '▸'} {words}", "muted")], "\n")]
        first = last = 0
        if shows_all or shows_some:
            self._typeset()
            self._stack.set_width(max(1, width - len(MARGIN)))
            self._stack.firm_up(len(self._stack.blocks), WIDEST if shows_all else GLIMPSE)
            last = self._stack.height
            first = 0 if shows_all else max(0, last - GLIMPSE)
        self._shown = (first, last)
        return rows + [([(MARGIN, ""), *toned(self._stack.line(row), "muted")], "\n") for row in range(first, last)]

    def cut(self, width: int, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text between two places."""
        head = self.lines(width)[0][0][0]
        first = self._shown[0]
        parts = []
        if start[0] == 0:
            parts.append(head[start[1] : end[1]] if end[0] == 0 else head[start[1] :])
        if end[0] > 0:
            at = (first + start[0] - 1, max(0, start[1] - len(MARGIN))) if start[0] else (first, 0)
            parts.append(self._stack.cut(at, (first + end[0] - 1, max(0, end[1] - len(MARGIN)))))
        return "\n".join(parts)

    def places(self, width: int) -> Places:
        """Where in the thoughts the characters of its rows stand."""
        from tui.typeset.position import places_of

        lines = self.lines(width)
        places = [[NOWHERE] * sum(len(text) for text, _ in line) for line in lines]
        by_block: dict[int, Places] = {}
        for number, row in enumerate(range(*self._shown), 1):
            index, inner = self._stack.at(row)
            block = self._stack.blocks[index]
            if index not in by_block and isinstance(block, TypesetBlock):
                by_block[index] = places_of(block, measure_of(block, self._stack.width))
            if index in by_block and number < len(places) and inner < len(by_block[index]):
                places[number] = [NOWHERE] * len(MARGIN) + by_block[index][inner]
        return places

    def _typeset(self) -> Document:
        """Typeset what is new; nothing of a closed fold ever is."""
        from tui.typeset.document import Document

        document = self._document
        if document is None:
            document = self._document = Document()
            self._is_finished = False
            self._read = 0
            self._stack = Stack(self._stack.width or max(1, self._width - len(MARGIN)))
        first = WIDEST
        if self._read < len(self._text):
            first = document.feed(self._text[self._read :])
            self._read = len(self._text)
        if self.is_over and not self._is_finished:
            self._is_finished = True
            first = min(first, document.finish())
        if first < WIDEST:
            tail = [document.tail] if document.tail is not None else []
            self._stack.replace(first, [*document.blocks[first:], *tail])
        return document
