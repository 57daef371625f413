"""Blocks, put together from the lines of a document as they are read."""

from __future__ import annotations

import re

from tui.typeset.block import Block, Kind, Origin, RuleBlock
from tui.typeset.code import CodeBlock
from tui.typeset.cursor import CODE_INDENT
from tui.typeset.info import label_in
from tui.typeset.line import Line
from tui.typeset.margin import gap_between, margin_of, without_quotes
from tui.typeset.plain import VerbatimBlock
from tui.typeset.reference import References
from tui.typeset.structure import Container, OpenLeaf, Reading, open_text, read_line
from tui.typeset.table import TableBlock
from tui.typeset.text import TextBlock

_FRONT = re.compile(r"(?:[^\W\d][\w.-]*|\"[^\"]*\"|'[^']*'):(?:\s|$)|[ \t#\]}]|-(?:\s|$)|$")
_FRONT_CHARS = 8000
_TITLE_MARKS = "\"'("


class Assembly:
    """The blocks so far, and what of the document is open: containers, and the leaf in them."""

    __slots__ = (
        "_before_leaf",
        "_had_blank",
        "_is_at_front",
        "_last_begin",
        "_line_begin",
        "_origin",
        "_references",
        "_stack_before",
        "bare",
        "blocks",
        "leaf",
        "leaf_block",
        "stack",
    )

    def __init__(self, origin: Origin) -> None:
        self.blocks: list[Block] = []
        self.stack: list[Container] = []
        self.leaf: OpenLeaf | None = None
        self.leaf_block: Block | None = None
        self.bare: tuple[list[Container], tuple[int, int]] | None = None
        """The containers of an item that has no text yet, and where its line is."""
        self._origin = origin
        self._references = References()
        self._line_begin = 0
        self._last_begin = 0  # of the line before
        self._stack_before: list[Container] = []  # of the last block
        self._had_blank = False  # since the last block
        self._is_at_front = True  # no dashes have come since those that the document may begin with
        self._before_leaf: tuple[list[Container], bool, list[Container]] = ([], False, [])
        """The two above before the open leaf began, and the containers it was the first to show."""

    def first_open(self) -> int:
        """The index of the block that may still grow, or of the next one."""
        return len(self.blocks) - (1 if self.leaf else 0)

    def end_line(self, end: int) -> None:
        """The line that was taken in parts is complete."""
        block = self.leaf_block
        if block is not None:
            block.span = (block.span[0], end)
        if isinstance(block, CodeBlock | VerbatimBlock):
            block.end_line()
        elif isinstance(block, TextBlock) and self.leaf is not None:
            if block.kind == "heading":
                block.trim_hashes()
                self.close_leaf()
            elif self.leaf.last_line is not None:
                self.leaf.last_line = block.last_line

    def close(self) -> int:
        """The document is complete; the index of the first block that changed."""
        first = self.close_leaf()
        self.close_bare(0)
        self.stack = []
        return first

    def is_continued(self, reading: Reading) -> bool:
        """Whether a line is one more of the open paragraph."""
        return (
            reading.action in ("text", "lazy")
            and self.leaf is not None
            and self.leaf.kind == "text"
            and not reading.opened
            and (reading.action == "lazy" or reading.kept == len(self.stack))
        )

    def apply(self, reading: Reading, begin: int, end: int, *, is_whole: bool = True) -> int:
        """Do what a line says; the index of the first block that changed."""
        self._last_begin, self._line_begin = self._line_begin, begin
        first = self.first_open()
        action, block = reading.action, self.leaf_block
        if self._is_at_front and begin and action in ("rule", "setext"):
            self._is_at_front = False
            if self._is_front_matter(begin, end):
                self._put_front_matter(begin, end)
                return 0
        if action in ("more", "end"):
            self._continue(reading.text, is_end=action == "end", is_whole=is_whole, end=end)
            return first
        if isinstance(block, TextBlock) and self.leaf is not None:
            if self.is_continued(reading):
                return self._continue_text(block, self.leaf, reading, end, is_whole=is_whole)
            if action == "setext":
                return self._underline(block, reading, end)
            if action == "table":
                return self._start_table(block, reading, end)
        first = min(first, self.close_leaf())
        self.close_bare(reading.kept)
        del self.stack[reading.kept :]
        if action == "blank":
            self._had_blank = True
        elif action == "bare":
            self.stack += reading.opened
            if any(container.kind != "quote" for container in reading.opened):
                self.bare = (without_quotes(self.stack), (begin, end))
        else:
            self._start(reading, end, is_whole=is_whole)
        return first

    def _continue_text(self, block: TextBlock, leaf: OpenLeaf, reading: Reading, end: int, *, is_whole: bool) -> int:
        """One more line of a paragraph."""
        first = self.first_open()
        if block.may_define and reading.text[:1] not in _TITLE_MARKS:
            first = min(first, self._define(block))
        block.append(reading.text if block.is_empty else "\n" + reading.text)
        if is_whole and (opened := open_text(reading.text)).kind == "math":
            self.leaf = leaf = opened
        elif reading.action == "text" and reading.level < CODE_INDENT:
            leaf.last_line = block.last_line
        else:
            leaf.last_line = None
        block.span = (block.span[0], end)
        return first

    def _underline(self, block: TextBlock, reading: Reading, end: int) -> int:
        """The paragraph is a heading, unless it was nothing but definitions."""
        first = self.first_open()
        if block.may_define:
            first = min(first, self._define(block))
        if not block.is_empty:
            block.kind, block.level = "heading", reading.level
            block.renew()
            block.span = (block.span[0], end)
            self.close_leaf()
        else:
            self.close_leaf()
            again = read_line([], None, reading.text)
            again.kept = len(self.stack)
            self.apply(again, self._line_begin, end)
        return first

    def _is_front_matter(self, begin: int, end: int) -> bool:
        """Whether dashes end what some write at the head of a document: `name: value`, with lists and comments, between dashes."""
        if begin > _FRONT_CHARS or not self.blocks or self.blocks[0].kind != "rule":
            return False
        opening, *lines = self._origin.between(0, begin).removesuffix("\n").split("\n")
        is_between = opening.rstrip(" \t") == self._origin.between(begin, end).rstrip() == "---"
        return is_between and bool(lines) and lines[0][:1] not in "-# \t" and all(map(_FRONT.match, lines))

    def _put_front_matter(self, begin: int, end: int) -> None:
        """Show it as what it is, not as a heading under a line."""
        code = CodeBlock("yaml")
        code.origin, code.span = self._origin, (0, end)
        for line in self._origin.between(0, begin).removesuffix("\n").split("\n")[1:]:
            code.append(line)
            code.end_line()
        self.leaf = self.leaf_block = self.bare = None
        self.stack, self._stack_before = [], []
        self.blocks[:] = [code]
        code.close()
        self._freeze(code)

    def _start_table(self, block: TextBlock, reading: Reading, end: int) -> int:
        """The last line of the paragraph is the head of a table."""
        first = self.first_open()
        head = block.take_last_line()
        gap, gap_line, margin, begin = block.gap, block.gap_line, block.margin, block.span[0]
        if not block.is_empty:
            begin = self._last_begin
            block.span = (block.span[0], begin)
            first = min(first, self.close_leaf())
            gap, gap_line = self._gap_before(self.stack)
            margin = margin_of(self.stack)
        else:
            self.blocks.pop()
        table = TableBlock(head, reading.aligns, self._references.environment, margin, gap)
        table.gap_line = gap_line
        table.origin = self._origin
        table.span = (begin, end)
        table.is_open = True
        self.blocks.append(table)
        self.leaf, self.leaf_block = OpenLeaf("table", head.lstrip()[:1]), table
        self._stack_before = list(self.stack)
        self._had_blank = False
        return first

    def _continue(self, text: str, *, is_end: bool, is_whole: bool, end: int) -> None:
        """A line of a fence, an HTML block, a formula or a table."""
        block = self.leaf_block
        if isinstance(block, CodeBlock | VerbatimBlock):
            if not is_end or isinstance(block, VerbatimBlock):
                block.append(text)
                if is_whole:
                    block.end_line()
        elif isinstance(block, TableBlock):
            block.append(text)
        elif isinstance(block, TextBlock):
            block.append("\n" + text)
        if block is not None:
            block.span = (block.span[0], end)
        if self.leaf is not None and self.leaf.kind in ("code", "math"):
            self._had_blank = not text.strip()
            if self.leaf.last_line is not None:
                self.leaf.last_line = text
        if is_end:
            self.close_leaf()

    def _start(self, reading: Reading, end: int, *, is_whole: bool) -> None:
        """The line begins a block."""
        block = self.build(reading)
        block.origin = self._origin
        self.stack += reading.opened
        self._before_leaf = (
            self._stack_before,
            self._had_blank,
            [container for container in self.stack if not container.is_shown],
        )
        for container in self.stack:
            container.is_shown = container.is_begun = True
        self._stack_before = list(self.stack)
        self.bare = None
        self._had_blank = False
        block.span = (self._line_begin, end)
        self.blocks.append(block)
        leaf = reading.leaf
        if reading.action == "text" and is_whole:
            leaf = open_text(reading.text)
        elif reading.action == "text" or (reading.action == "heading" and not is_whole):
            leaf = OpenLeaf("text")
        self.leaf = leaf
        self.leaf_block = block if leaf else None
        block.is_open = leaf is not None
        if isinstance(block, TextBlock):
            if reading.action == "heading" and is_whole:
                block.trim_hashes()
            if leaf and leaf.kind == "text":
                leaf.last_line = block.last_line
        elif isinstance(block, CodeBlock | VerbatimBlock) and is_whole and reading.action != "fence":
            block.end_line()
        if leaf is None:
            self._freeze(block)

    def build(self, reading: Reading) -> Block:
        """The block a line begins; nothing is changed."""
        stack = self.stack[: reading.kept] + reading.opened
        action = reading.action
        if action == "text":
            return self.text_block("paragraph", reading.text, stack)
        if action == "heading":
            return self.text_block("heading", reading.text, stack, reading.level)
        if action == "math":
            return self.text_block("math", reading.text, stack)
        gap, gap_line = self._gap_before(stack)
        margin = margin_of(stack)
        block: Block
        if action == "rule":
            block = RuleBlock(margin, gap)
        elif action == "html":
            block = VerbatimBlock("html", margin, gap)
            block.append(reading.text)
        else:
            label = label_in(reading.text) if action == "fence" else ""
            block = CodeBlock(label, margin, gap, has_head=action == "fence")
            if action == "code":
                block.append(reading.text)
        block.gap_line = gap_line
        return block

    def text_block(self, kind: Kind, text: str, stack: list[Container], level: int = 0) -> TextBlock:
        """A block of text that begins in these containers; nothing is changed."""
        gap, gap_line = self._gap_before(stack)
        last = stack[-1] if stack else None
        is_fresh = last is not None and not last.is_shown
        if kind in ("paragraph", "item") and last is not None:
            if last.kind == "quote":
                kind = "quote"
            elif is_fresh:
                kind = "item" if last.kind == "item" else "footnote"
        block = TextBlock(
            kind,
            text,
            self._references.environment,
            margin_of(stack),
            gap,
            level=level,
            is_item=kind == "item" and is_fresh,
        )
        block.gap_line = gap_line
        return block

    def _gap_before(self, stack: list[Container]) -> tuple[int, Line]:
        """Whether a blank row goes before a block in these containers, and what hangs in its margin."""
        return gap_between(self._stack_before, stack, had_blank=self._had_blank) if self.blocks else (0, [])

    def close_leaf(self) -> int:
        """The open leaf is complete; the index of the first block that changed."""
        first = self.first_open()
        block = self.leaf_block
        if isinstance(block, TextBlock):
            if block.may_define:
                first = min(first, self._define(block))
            block.close()
            if block.is_empty and not block.level:
                self.blocks.pop()
                self._forget_start(block)
                block = None
        elif isinstance(block, CodeBlock | TableBlock | VerbatimBlock):
            block.close()
        self.leaf = self.leaf_block = None
        if block is not None:
            self._freeze(block)
        return first

    def _forget_start(self, block: Block) -> None:
        """The block turned out to be nothing: its containers have still to be shown."""
        self._stack_before, had_blank, fresh = self._before_leaf
        self._had_blank = self._had_blank or had_blank
        for container in fresh:
            container.is_shown = False
        if any(container.kind != "quote" for container in fresh):
            self.bare = (without_quotes(self.stack), block.span)

    def _define(self, block: TextBlock) -> int:
        """Take definitions off the front of a paragraph; the index of the first block that saw one."""
        text = block.text
        rest, waited = self._references.define(text)
        if rest != text:
            block.replace(rest)
        for index in waited:
            self.blocks[index].renew()
        return min(waited, default=len(self.blocks))

    def close_bare(self, open_count: int) -> None:
        """An item without text is left behind: show its marker."""
        if self.bare is None or open_count >= len(self.bare[0]):
            return
        stack, span = self.bare
        self.bare = None
        block = self.text_block("item", "", stack)
        block.origin = self._origin
        block.span = span
        for container in stack:
            container.is_shown = container.is_begun = True
        self._stack_before = stack
        self._had_blank = False
        self.blocks.append(block)

    def _freeze(self, block: Block) -> None:
        """The block is complete: remember which definitions it would like to see."""
        block.is_open = False
        if isinstance(block, TextBlock | TableBlock):
            self._references.watch(block.text, len(self.blocks) - 1)
