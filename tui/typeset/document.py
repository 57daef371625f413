"""A streamed Markdown document: text goes in as it comes, blocks come out."""

from __future__ import annotations

import re

from tui.typeset.assembly import Assembly
from tui.typeset.block import Block, LeafBlock
from tui.typeset.code import CodeBlock
from tui.typeset.plain import VerbatimBlock
from tui.typeset.structure import LONG_LINE, Reading, read_line
from tui.typeset.table import TableBlock
from tui.typeset.text import TextBlock
from tui.wire.intake import Intake
from tui.wire.printable import breakable

# The start of a line of which nobody can tell yet what it will be: it is not shown until more comes.
_UNSURE = re.compile(
    r"(?:[\s>]|[-+*](?=\s|$)|\d{1,9}[.)](?=\s|$))*+"
    r"(?:[-+*_=|:`~#$\\<\s]*+|\[[ xX]?\]?|\[\^[^\]\s]{0,60}\]?|\d{1,9}[.)]?)\s*$"
)
_UNSURE_CHARS = 4000
_GROWING = ("text", "lazy", "more", "heading", "code")  # what a line may be whose end is not known


class Document:
    """Markdown that may still grow.

    `blocks` are the blocks that began with a complete line; the last of them may still grow. `tail` is a
    block that the unfinished last line would begin. `feed` gives back the index of the first block that
    may have changed, gone or come; the blocks before it are the same objects with the same lines.
    """

    __slots__ = (
        "_assembly",
        "_intake",
        "_is_midline",
        "_is_prose",
        "_is_raw",
        "_line",
        "_line_begin",
        "_raw_begin",
        "_settled",
        "blocks",
        "tail",
    )

    def __init__(self) -> None:
        self._intake = Intake(breakable)
        self._assembly = Assembly(self._intake)
        self.blocks: list[Block] = self._assembly.blocks
        self.tail: Block | None = None
        self._line = ""  # the unfinished line
        self._line_begin = 0
        self._is_midline = False  # the unfinished line is so long that its beginning is already in its block
        self._is_prose = False  # the unfinished line is shown as text that begins with a letter: it stays that
        self._is_raw = (
            False  # the unfinished line is one of code or of a table, and shown from a character on: it stays that
        )
        self._raw_begin = 0
        self._settled = 0  # so many of the first blocks have nothing put off, and will not

    @property
    def source(self) -> str:
        """All the text fed so far, printable."""
        return self._intake.source

    @property
    def frozen(self) -> list[Block]:
        """The blocks that stay as they are, whatever comes."""
        return self.blocks[: self._assembly.first_open()]

    @property
    def length(self) -> int:
        """Characters of all the text fed so far, as it was made printable."""
        return self._intake.length

    @property
    def growing(self) -> TextBlock | None:
        """The running text that letters will be put behind if they come next."""
        if not self._is_prose and not self._is_midline:
            return None
        block = self.tail if self.tail is not None else self._assembly.leaf_block
        return block if isinstance(block, TextBlock) else None

    def feed(self, text: str) -> int:
        """Append text; the index of the first block (the tail counts as the last) that may have changed."""
        if text and text.isascii() and text.isprintable() and self._intake.take_plain(text):  # most is
            first = self._assembly.first_open()
            self._grow_line(text)
            first = min(first, self._assembly.first_open())
        else:
            first = self._take(self._intake.take(text))
        self._settled = min(self._settled, first)
        return first

    def take_letters(self, text: str) -> int:
        """Take plain letters behind the running text that grows, as `feed` would, past all that looks for more in a text.

        Returns:
            The first block that may have changed; -1, and nothing done, where they are more than that.
        """
        block = self.tail if self.tail is not None else self._assembly.leaf_block
        if not self._is_prose or self._is_midline or not isinstance(block, TextBlock):
            return -1
        if len(self._line) + len(text) >= LONG_LINE or not self._intake.take_plain(text):
            return -1
        self._line += text
        if block is self.tail:
            block.append(text)
            block.span = (self._line_begin, self._intake.length)
        else:
            block.show(block.partial + text)
            block.span = (block.span[0], self._intake.length)
        first = self._assembly.first_open()
        self._settled = min(self._settled, first)
        return first

    def finish(self) -> int:
        """The text is complete: what was provisional becomes what it is."""
        first = self._take(self._intake.close())
        self.tail = None
        if self._line or self._is_midline:
            first = min(first, self._end_line(self._intake.length))
        first = min(first, self._assembly.close())
        self._settled = min(self._settled, first)
        return first

    def settle(self) -> int | None:
        """Do one piece of work that was put off: the colours of a closed fence. The block it changed, if any."""
        for at in range(len(self.blocks) - 1, self._settled - 1, -1):
            block = self.blocks[at]
            if isinstance(block, CodeBlock) and block.needs_settling and block.settle():
                return at
        self._settled = self._assembly.first_open()  # a closed fence that is shown for the first time is coloured whole
        return None

    def plain(self) -> str:
        """The whole text as a reader would copy it."""
        return "\n".join(["\n" * block.gap + block.plain() for block in self.all_blocks()])

    def all_blocks(self) -> list[Block]:
        """Every block, the provisional tail included."""
        return [*self.blocks, self.tail] if self.tail is not None else self.blocks

    # --- text in

    def _take(self, text: str) -> int:
        first = self._assembly.first_open()
        if not text:
            return first
        begin = self._intake.length - len(text)
        start = 0
        while (at := text.find("\n", start)) >= 0:
            self._add_to_line(text[start:at])
            first = min(first, self._end_line(begin + at))
            self._line_begin = begin + at + 1
            start = at + 1
        self._grow_line(text[start:])
        return min(first, self._assembly.first_open())

    def _add_to_line(self, text: str) -> None:
        if self._is_midline:
            self._append_to_leaf(text)
        else:
            self._line += text
            if len(self._line) >= LONG_LINE:
                self._commit_line()

    def _grow_line(self, text: str) -> None:
        """More of the unfinished line, and how it looks by now."""
        self._add_to_line(text)
        if self._is_prose:
            self._show_more(text)
        elif self._is_raw and not self._is_midline:
            self._show_partial(self._line[self._raw_begin :])
        elif not self._is_midline:
            self._preview()
        else:
            self.tail = None
            block = self._assembly.leaf_block
            if block is not None:
                block.span = (block.span[0], self._intake.length)

    def _end_line(self, end: int) -> int:
        """The line is complete; the index of the first block that changed."""
        first = self._assembly.first_open()
        self._is_prose = self._is_raw = False
        if self._is_midline:
            self._is_midline = False
            self._assembly.end_line(end)
            return first
        line, self._line = self._line, ""
        self._show_partial("")
        reading = read_line(self._assembly.stack, self._assembly.leaf, line)
        return min(first, self._assembly.apply(reading, self._line_begin, end))

    def _commit_line(self) -> None:
        """Put the beginning of a very long line into its block, once it is sure which one that is."""
        line = self._line[:_UNSURE_CHARS]
        leaf = self._assembly.leaf
        reading = read_line(self._assembly.stack, leaf, line)
        action = reading.action
        if action not in _GROWING or (action == "more" and leaf and leaf.kind in ("table", "math", "html")):
            return
        if action != "more" and len(line) < _UNSURE_CHARS and _UNSURE.match(line):
            return
        reading = read_line(self._assembly.stack, leaf, self._line)
        self._line = ""
        self._show_partial("")
        self._assembly.apply(reading, self._line_begin, self._intake.length, is_whole=False)
        self._is_midline = True
        self._is_prose = self._is_raw = False
        self.tail = None

    def _append_to_leaf(self, text: str) -> None:
        block = self._assembly.leaf_block
        if isinstance(block, TextBlock | CodeBlock | VerbatimBlock):
            block.append(text)

    # --- the unfinished line

    def _preview(self) -> None:
        """Show the unfinished line as what it is so far, unless that is too early to tell."""
        self.tail = None
        block = self._assembly.leaf_block
        partial = ""
        reading = self._read_unfinished()
        if reading is not None:
            action = reading.action
            if action == "more" or self._assembly.is_continued(reading):
                partial = "\n" + reading.text if isinstance(block, TextBlock) and not block.is_empty else reading.text
            elif action in ("text", "heading", "code", "html", "math"):
                self.tail = self._assembly.build(reading)
        elif self._assembly.bare is not None:
            self.tail = self._assembly.text_block("item", "", self._assembly.bare[0])
        self._show_partial(partial)
        self._is_prose = (
            reading is not None
            and reading.action in ("text", "lazy")
            and reading.text[:1].isalpha()
            and not isinstance(block, TableBlock)  # a bar further on makes it a row
            and bool(partial or self.tail is not None)
        )
        if reading is not None and reading.action == "more" and self._line.endswith(reading.text):
            self._is_raw = self._stays_raw(reading.text)
            self._raw_begin = len(self._line) - len(reading.text)
        if self.tail is not None:
            self.tail.is_open = True
            self.tail.origin = self._intake
            self.tail.span = (self._line_begin, self._intake.length)

    def _stays_raw(self, shown: str) -> bool:
        """Whether a line of code, or a row of a table, that began like this goes on as that, whatever comes."""
        leaf, first = self._assembly.leaf, shown.lstrip()[:1]
        if leaf is None or not first:
            return False
        return (leaf.kind == "fence" and first != leaf.mark[0]) or (leaf.kind == "table" and first == "|")

    def _show_more(self, text: str) -> None:
        """Show more of an unfinished line of text; whatever comes of it, it is text."""
        tail, leaf = self.tail, self._assembly.leaf_block
        if isinstance(tail, TextBlock):
            tail.append(text)
            tail.span = (self._line_begin, self._intake.length)
        elif isinstance(leaf, LeafBlock):
            leaf.show(leaf.partial + text)
            leaf.span = (leaf.span[0], self._intake.length)

    def _show_partial(self, partial: str) -> None:
        """Show the unfinished line at the end of the open block, or nothing there."""
        block = self._assembly.leaf_block
        if isinstance(block, LeafBlock):
            block.show(partial)
            begin = block.span[0]
            block.span = (begin, self._intake.length if partial else max(begin, self._line_begin - 1))

    def _read_unfinished(self) -> Reading | None:
        """What the unfinished line is so far, if it should be shown at all."""
        line, leaf = self._line[:_UNSURE_CHARS], self._assembly.leaf
        if not line:
            return None
        is_raw = leaf is not None and leaf.kind in ("fence", "code", "html")
        if not is_raw and _UNSURE.match(line):
            return None
        reading = read_line(self._assembly.stack, leaf, line)
        if leaf is not None and leaf.kind == "fence" and reading.action == "more":
            inside = reading.text.strip()
            if inside and not inside.strip(leaf.mark[0]):  # may become the fence's end
                return None
        return reading
