"""The text of a reply, typeset as it comes: a document for each of its parts, their blocks one below another."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from tui.page.block import Block, gap_block
from tui.page.entry import sum_of
from tui.page.stack import WIDEST, Stack, copy_list

if TYPE_CHECKING:
    from tui.domain.growing import GrowingPart
    from tui.typeset.document import Document
    from tui.typeset.line import Line
    from tui.typeset.text import Tip

SLICE = 512
"""Characters that are typeset before the time is looked at."""
SLOW = 0.012
"""Seconds of reading and laying out together that are too long between two keys."""

VERBATIM = "````````json\n"
"""What the text of a structured reply is typeset under: code, whatever stands in it."""


class ReplyText:
    """Typesets the parts of a reply into a stack of blocks, reading each character once.

    Attributes:
        unread: Characters that are not typeset yet.
    """

    def __init__(self, stack: Stack) -> None:
        """Start with nothing read."""
        self.unread = 0
        self._stack = stack
        self._is_verbatim = False
        self._documents: list[Document] = []
        self._read: list[int] = []
        self._sums: list[int] = []
        self._most = WIDEST
        self._first_blocks: list[int] = []
        self._finished = 0
        self._unplaced = WIDEST

    @property
    def frozen(self) -> list[Block]:
        """The blocks of text that stay as they are, whatever comes."""
        return [block for document in self._documents for block in document.frozen]

    def copy_lists(self, memo: dict[int, object]) -> None:
        """Copy the long lists for `deepcopy`, which would do it one by one; of their blocks those that are not in the memo."""
        self._stack.copy_lists(memo)
        for document in self._documents:
            copy_list(document.blocks, memo)

    def clear(self, *, is_verbatim: bool = False) -> None:
        """Begin again, with the text as code if it is to stand as it came."""
        self._is_verbatim = is_verbatim
        for per_document in (self._documents, self._read, self._sums, self._first_blocks):
            per_document.clear()
        self._finished, self._unplaced = 0, WIDEST
        self._stack.replace(0, [])

    def pour(self, parts: Sequence[str | GrowingPart], has_time: Callable[[], bool], *, is_over: bool) -> None:
        """Typeset what of the parts is not typeset yet, as far as there is time."""
        self.unread = 0
        for index, text in enumerate(parts):
            if index == len(self._documents):
                self._open_document()
            began, before = perf_counter(), self._read[index]
            first = self._typeset(index, text, has_time, is_over=is_over)
            if index == len(self._documents) - 1:
                first, self._unplaced = min(first, self._unplaced), WIDEST
            is_read = self._read[index] >= len(text)
            if is_read and is_over and index >= self._finished:
                self._finished = index + 1
                first = min(first, self._documents[index].finish())
            if first < WIDEST:
                self._place(index, first)
                self._heed_pace(self._read[index] - before, perf_counter() - began)
            if not is_read:
                self.unread = sum(map(len, parts)) - sum(self._read)
                return

    def take_letters(self, letters: str, size: int) -> bool:
        """Take plain letters that go on with the last of the parts, which has so many characters now.

        Returns:
            Whether they stand behind what stood there, and nothing else has changed; else nothing was taken. They are not
            placed before more is poured: the stack finds the same heights.
        """
        if self.unread or not self._documents or self._read[-1] + len(letters) != size:
            return False
        first = self._documents[-1].take_letters(letters)
        if first < 0:
            return False
        self._unplaced = min(self._unplaced, first)
        self._sums[-1] = sum_of(letters, self._sums[-1])
        self._read[-1] = size
        return True

    def take_growth(self, text: str, size: int) -> tuple[int, Sequence[Line]] | None:
        """Take a little text, whatever it is, that goes on with the last of the parts, which has so many characters now.

        Returns:
            The row of the stack from which on rows are others, and those, where nothing but rows of the last block is.
            `None` where there is more to it: what was taken is placed when more is poured.
        """
        blocks = self._stack.blocks
        is_short = len(text) <= SLICE and self._most == WIDEST
        if self.unread or not (is_short and blocks and self._documents) or self._read[-1] + len(text) != size:
            return None
        document, last, began = self._documents[-1], blocks[-1], perf_counter()
        self._unplaced = min(self._unplaced, document.feed(text))
        self._sums[-1] = sum_of(text, self._sums[-1])
        self._read[-1] = size
        count = len(document.blocks) + (document.tail is not None)
        grown = document.tail if document.tail is not None else document.blocks[-1]
        if grown is not last or self._first_blocks[-1] + count != len(blocks) or self._unplaced < count - 1:
            return None
        grown_rows = self._stack.grow_last()
        if grown_rows is not None:
            self._unplaced = WIDEST
            if (took := perf_counter() - began) > SLOW:
                self._heed_pace(len(text), took)
        return grown_rows

    @property
    def tip(self) -> tuple[int, Tip] | None:
        """The row of the stack where plain letters that come next will stand, and where in it; `None` where more may change."""
        block, blocks = self._documents[-1].growing if self._documents else None, self._stack.blocks
        if self.unread or block is None or blocks[-1:] != [block] or (tip := block.tip) is None:
            return None
        return self._stack.top(len(blocks) - 1) + tip.row, tip

    def restate(self, parts: Sequence[str | GrowingPart]) -> None:
        """Where a part is stated otherwise than it had come, it is typeset again."""
        for index, text in enumerate(parts[: len(self._documents)]):
            read = self._read[index]
            if len(text) < read or _sum_of_first(text, read) != self._sums[index]:
                first = self._first_blocks[index]
                del self._documents[index:], self._read[index:], self._sums[index:], self._first_blocks[index:]
                self._stack.replace(max(0, first - 1) if index and not self._is_verbatim else first, [])
                return

    def document_of(self, block: int) -> tuple[int, Document, int] | None:
        """The part that a block is of, its document, and how many characters stand before the text there."""
        number = bisect_right(self._first_blocks, block) - 1
        if number < 0:
            return None
        return number, self._documents[number], self.lead

    @property
    def lead(self) -> int:
        """How many characters stand before the text in its documents."""
        return len(VERBATIM) if self._is_verbatim else 0

    def blocks_at(self, number: int, first: int, last: int) -> range:
        """The blocks of a part's document that stand for what is between two places of it."""
        if number >= len(self._documents):
            return range(0)
        blocks, begin = self._stack.blocks, self._first_blocks[number]
        end = self._first_blocks[number + 1] if number + 1 < len(self._documents) else len(blocks)
        low = bisect_right(blocks, first, begin, end, key=lambda block: _span_of(block)[1])
        high = bisect_left(blocks, last, low, end, key=lambda block: _span_of(block)[0])
        return range(low, high)

    def settle(self) -> bool:
        """Do one piece of work that typesetting put off; `False` when there is none."""
        for first, document in zip(self._first_blocks, self._documents, strict=True):
            changed = document.settle()
            if changed is not None:
                self._stack.remeasure(first + changed)
                return True
        return False

    def _open_document(self) -> None:
        from tui.typeset.document import Document

        document = Document()
        if self._is_verbatim:
            document.feed(VERBATIM)
        self._documents.append(document)
        self._read.append(0)
        self._sums.append(0)
        count = len(self._stack.blocks)
        if count and len(self._documents) > 1 and not self._is_verbatim:
            self._stack.replace(count, [gap_block()])  # parts are messages, or pieces on either side of a search
            count += 1
        self._first_blocks.append(count)

    def _typeset(self, index: int, text: str | GrowingPart, has_time: Callable[[], bool], *, is_over: bool) -> int:
        """Give a document more of its text, a slice at a time; the first of its blocks that may have changed."""
        document, at, first = self._documents[index], self._read[index], WIDEST
        end = len(text) if is_over else min(len(text), at + self._most)
        while at < end and (not at or has_time()):
            piece = text[at : at + SLICE]
            at += len(piece)
            self._sums[index] = sum_of(piece, self._sums[index])
            first = min(first, document.feed(piece))
        self._read[index] = at
        return first

    def _heed_pace(self, count: int, took: float) -> None:
        """Take less text at a time where laying it out is slow, such as a wall of marks that close nothing."""
        if took > SLOW:
            self._most = max(SLICE, int(count * SLOW / took))
        elif self._most < WIDEST:
            self._most *= 2

    def _place(self, index: int, first: int) -> None:
        """Put the changed blocks of a document on the page, and those of the documents after it."""
        blocks: list[Block] = []
        start = self._first_blocks[index] + first
        for number, document in enumerate(self._documents[index:], index):
            if number > index:
                first = 0
                self._first_blocks[number] = start + len(blocks)
            blocks += document.blocks[first:]
            if document.tail is not None:
                blocks.append(document.tail)
        self._stack.replace(start, blocks)


def _sum_of_first(text: str | GrowingPart, size: int) -> int:
    total = 0
    for piece in (text[:size],) if isinstance(text, str) else text.beginning(size):
        total = sum_of(piece, total)
    return total


def _span_of(block: Block) -> tuple[int, int]:
    """From where to where a block stands in the text of its document; nothing else stands within a document's blocks."""
    span: tuple[int, int] = getattr(block, "span", (WIDEST, WIDEST))
    return span
