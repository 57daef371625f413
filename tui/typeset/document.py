"""A streamed Markdown document: text goes in as it comes, blocks come out."""

from __future__ import annotations

import re

from tui.typeset.block import NO_MARGIN, Block, Kind, Margin, RuleBlock
from tui.typeset.code import CodeBlock
from tui.typeset.intake import Intake
from tui.typeset.line import Line
from tui.typeset.plain import VerbatimBlock
from tui.typeset.reference import References
from tui.typeset.structure import CODE_INDENT, LONG_LINE, Container, OpenLeaf, Reading, read_line
from tui.typeset.table import TableBlock
from tui.typeset.text import TextBlock

# The start of a line of which nobody can tell yet what it will be: it is not shown until more comes.
_UNSURE = re.compile(
    r"(?:[\s>]|[-+*](?=\s|$)|\d{1,9}[.)](?=\s|$))*+"
    r"(?:[-+*_=|:`~#$\\<\s]*+|\[[ xX]?\]?|\[\^[^\]\s]{0,60}\]?|\d{1,9}[.)]?)\s*$"
)
_UNSURE_CHARS = 4000
_GROWING = ("text", "lazy", "more", "heading", "code")  # what a line may be whose end is not known
_TITLE_MARKS = "\"'("


class Document:
    """Markdown that may still grow.

    `blocks` are the blocks that began with a complete line; the last of them may still grow. `tail` is a
    block that the unfinished last line would begin. `feed` gives back the index of the first block that
    may have changed, gone or come; the blocks before it are the same objects with the same lines.
    """

    __slots__ = (
        "_bare",
        "_before_leaf",
        "_had_blank",
        "_intake",
        "_is_midline",
        "_last_begin",
        "_leaf",
        "_leaf_block",
        "_line",
        "_line_begin",
        "_references",
        "_stack",
        "_stack_before",
        "blocks",
        "tail",
    )

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.tail: Block | None = None
        self._intake = Intake()
        self._references = References()
        self._line = ""  # the unfinished line
        self._line_begin = 0
        self._last_begin = 0  # where the line before it began
        self._is_midline = False  # the unfinished line is so long that its beginning is already in its block
        self._stack: list[Container] = []
        self._leaf: OpenLeaf | None = None
        self._leaf_block: Block | None = None
        self._bare: tuple[list[Container], int] | None = None  # an item without text yet, and where its line began
        self._stack_before: list[Container] = []  # of the last block
        self._had_blank = False  # since the last block
        self._before_leaf: tuple[list[Container], bool, list[Container]] = ([], False, [])
        """The two above before the open leaf began, and the containers it was the first to show."""

    @property
    def source(self) -> str:
        """All the text fed so far, printable."""
        return self._intake.source

    def feed(self, text: str) -> int:
        """Append text; the index of the first block (the tail counts as the last) that may have changed."""
        return self._take(self._intake.take(text))

    def finish(self) -> int:
        """The text is complete: what was provisional becomes what it is."""
        first = self._take(self._intake.close())
        self.tail = None
        if self._line or self._is_midline:
            first = min(first, self._end_line(self._intake.length))
        first = min(first, self._close_leaf())
        self._close_bare(0)
        self._stack = []
        return max(0, first)

    def settle(self) -> int | None:
        """Do one piece of work that was put off: the colours of a closed fence. The block it changed, if any."""
        for at in range(len(self.blocks) - 1, -1, -1):
            block = self.blocks[at]
            if isinstance(block, CodeBlock) and block.needs_settling and block.settle():
                return at
        return None

    def plain(self) -> str:
        """The whole text as a reader would copy it."""
        return "\n".join(["\n" * block.gap + block.plain() for block in self.all_blocks()])

    def all_blocks(self) -> list[Block]:
        """Every block, the provisional tail included."""
        return [*self.blocks, self.tail] if self.tail is not None else self.blocks

    # --- text in

    def _take(self, text: str) -> int:
        first = self._first_open()
        if not text:
            return first
        begin = self._intake.length - len(text)
        start = 0
        while (at := text.find("\n", start)) >= 0:
            self._add_to_line(text[start:at])
            first = min(first, self._end_line(begin + at))
            self._last_begin, self._line_begin = self._line_begin, begin + at + 1
            start = at + 1
        self._grow_line(text[start:])
        return min(first, self._first_open())

    def _first_open(self) -> int:
        """The index of the block that may still grow, or of the next one."""
        return len(self.blocks) - (1 if self._leaf else 0)

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
        if not self._is_midline:
            self._preview()
        elif self._leaf_block is not None:
            self._leaf_block.span = (self._leaf_block.span[0], self._intake.length)

    def _end_line(self, end: int) -> int:
        """The line is complete; the index of the first block that changed."""
        first = self._first_open()
        if self._is_midline:
            self._is_midline = False
            block = self._leaf_block
            if isinstance(block, CodeBlock | VerbatimBlock):
                block.end_line()
            elif isinstance(block, TextBlock) and block.kind == "heading":
                block.trim_hashes()
                self._close_leaf()
            if block is not None:
                block.span = (block.span[0], end)
            return first
        line, self._line = self._line, ""
        self._show_partial("")
        reading = read_line(self._stack, self._leaf, line)
        return min(first, self._apply(reading, end))

    def _commit_line(self) -> None:
        """Put the beginning of a very long line into its block, once it is sure which one that is."""
        line = self._line[:_UNSURE_CHARS]
        leaf = self._leaf
        reading = read_line(self._stack, leaf, line)
        action = reading.action
        if action not in _GROWING or (leaf and leaf.kind in ("table", "math", "html")):
            return
        if action != "more" and len(line) < _UNSURE_CHARS and _UNSURE.match(line):
            return
        reading = read_line(self._stack, leaf, self._line)
        self._line = ""
        self._apply(reading, self._intake.length, is_whole=False)
        self._is_midline = True
        self.tail = None

    def _append_to_leaf(self, text: str) -> None:
        block = self._leaf_block
        if isinstance(block, TextBlock | CodeBlock | VerbatimBlock):
            block.append(text)

    # --- the unfinished line

    def _preview(self) -> None:
        """Show the unfinished line as what it is so far, unless that is too early to tell."""
        self.tail = None
        block = self._leaf_block
        partial = ""
        reading = self._read_unfinished()
        if reading is not None:
            action = reading.action
            if action == "more" or self._is_continued(reading):
                partial = "\n" + reading.text if isinstance(block, TextBlock) and not block.is_empty else reading.text
            elif action in ("text", "heading", "code", "html", "math"):
                self.tail = self._build(reading)
        elif self._bare is not None:
            self.tail = self._text_block("item", "", self._bare[0])
        self._show_partial(partial)
        if self.tail is not None:
            self.tail.is_open = True
            self.tail.origin = self._intake
            self.tail.span = (self._line_begin, self._intake.length)

    def _show_partial(self, partial: str) -> None:
        """Show the unfinished line at the end of the open block, or nothing there."""
        block = self._leaf_block
        if isinstance(block, TextBlock | CodeBlock | TableBlock | VerbatimBlock):
            block.show(partial)
            begin = block.span[0]
            block.span = (begin, self._intake.length if partial else max(begin, self._line_begin - 1))

    def _read_unfinished(self) -> Reading | None:
        """What the unfinished line is so far, if it should be shown at all."""
        line, leaf = self._line, self._leaf
        if not line or len(line) > _UNSURE_CHARS:
            return None
        is_raw = leaf is not None and leaf.kind in ("fence", "code", "html")
        if not is_raw and _UNSURE.match(line):
            return None
        reading = read_line(self._stack, leaf, line)
        if leaf is not None and leaf.kind == "fence" and reading.action == "more":
            inside = reading.text.strip()
            if inside and not inside.strip(leaf.mark[0]):  # may become the fence's end
                return None
        return reading

    def _is_continued(self, reading: Reading) -> bool:
        """Whether a line is one more of the open paragraph."""
        return (
            reading.action in ("text", "lazy")
            and self._leaf is not None
            and self._leaf.kind == "text"
            and not reading.opened
            and (reading.action == "lazy" or reading.kept == len(self._stack))
        )

    # --- blocks out

    def _apply(self, reading: Reading, end: int, *, is_whole: bool = True) -> int:
        """Do what a line says; the index of the first block that changed."""
        first = self._first_open()
        action, block = reading.action, self._leaf_block
        if action in ("more", "end"):
            self._continue(reading.text, is_end=action == "end", is_whole=is_whole, end=end)
            return first
        if isinstance(block, TextBlock) and self._leaf is not None:
            if self._is_continued(reading):
                return self._continue_text(block, self._leaf, reading, end)
            if action == "setext":
                return self._underline(block, reading, end)
            if action == "table":
                return self._start_table(block, reading, end)
        first = min(first, self._close_leaf())
        self._close_bare(reading.kept)
        del self._stack[reading.kept :]
        if action == "blank":
            self._had_blank = True
        elif action == "bare":
            self._stack += reading.opened
            if any(container.kind != "quote" for container in reading.opened):
                self._bare = (_without_quotes(self._stack), self._line_begin)
        else:
            self._start(reading, end, is_whole=is_whole)
        return first

    def _continue_text(self, block: TextBlock, leaf: OpenLeaf, reading: Reading, end: int) -> int:
        """One more line of a paragraph."""
        first = self._first_open()
        if block.may_define and reading.text[:1] not in _TITLE_MARKS:
            first = min(first, self._define(block))
        block.append(reading.text if block.is_empty else "\n" + reading.text)
        leaf.last_line = block.last_line if reading.action == "text" and reading.level < CODE_INDENT else None
        block.span = (block.span[0], end)
        return first

    def _underline(self, block: TextBlock, reading: Reading, end: int) -> int:
        """The paragraph is a heading, unless it was nothing but definitions."""
        first = self._first_open()
        if block.may_define:
            first = min(first, self._define(block))
        if not block.is_empty:
            block.turn_into_heading(reading.level)
            block.span = (block.span[0], end)
            self._close_leaf()
        else:
            self._close_leaf()
            again = read_line([], None, reading.text)
            again.kept = len(self._stack)
            self._apply(again, end)
        return first

    def _start_table(self, block: TextBlock, reading: Reading, end: int) -> int:
        """The last line of the paragraph is the head of a table."""
        first = self._first_open()
        head = block.take_last_line()
        gap, gap_line, margin, begin = block.gap, block.gap_line, block.margin, block.span[0]
        if not block.is_empty:
            begin = self._last_begin
            block.span = (block.span[0], begin)
            first = min(first, self._close_leaf())
            gap, gap_line = self._gap(self._stack)
            margin = _margin(self._stack)
        else:
            self.blocks.pop()
        table = TableBlock(head, reading.aligns, self._references.environment, margin, gap)
        table.gap_line = gap_line
        table.origin = self._intake
        table.span = (begin, end)
        table.is_open = True
        self.blocks.append(table)
        self._leaf, self._leaf_block = OpenLeaf("table"), table
        self._stack_before = list(self._stack)
        self._had_blank = False
        return first

    def _continue(self, text: str, *, is_end: bool, is_whole: bool, end: int) -> None:
        """A line of a fence, an HTML block, a formula or a table."""
        block = self._leaf_block
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
        if self._leaf is not None and self._leaf.kind == "code":
            self._had_blank = not text.strip()
        if is_end:
            self._close_leaf()

    def _start(self, reading: Reading, end: int, *, is_whole: bool) -> None:
        """The line begins a block."""
        block = self._build(reading)
        block.origin = self._intake
        self._stack += reading.opened
        self._before_leaf = (
            self._stack_before,
            self._had_blank,
            [container for container in self._stack if not container.is_shown],
        )
        for container in self._stack:
            container.is_shown = container.is_begun = True
        self._stack_before = list(self._stack)
        self._bare = None
        self._had_blank = False
        block.span = (self._line_begin, end)
        self.blocks.append(block)
        leaf = reading.leaf
        if reading.action == "text" or (reading.action == "heading" and not is_whole):
            leaf = OpenLeaf("text")
        self._leaf = leaf
        self._leaf_block = block if leaf else None
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

    def _build(self, reading: Reading) -> Block:
        """The block a line begins; nothing is changed."""
        stack = self._stack[: reading.kept] + reading.opened
        action = reading.action
        if action == "text":
            return self._text_block("paragraph", reading.text, stack)
        if action == "heading":
            return self._text_block("heading", reading.text, stack, reading.level)
        if action == "math":
            return self._text_block("math", reading.text, stack)
        gap, gap_line = self._gap(stack)
        margin = _margin(stack)
        block: Block
        if action == "rule":
            block = RuleBlock(margin, gap)
        elif action == "html":
            block = VerbatimBlock("html", margin, gap)
            block.append(reading.text)
        else:
            language = reading.text.split(None, 1)[0] if action == "fence" and reading.text else ""
            block = CodeBlock(language, margin, gap, has_head=action == "fence")
            if action == "code":
                block.append(reading.text)
        block.gap_line = gap_line
        return block

    def _text_block(self, kind: Kind, text: str, stack: list[Container], level: int = 0) -> TextBlock:
        gap, gap_line = self._gap(stack)
        last = stack[-1] if stack else None
        is_fresh = last is not None and not last.is_shown
        if kind in ("paragraph", "item") and last is not None:
            if last.kind == "quote":
                kind = "quote"
            elif is_fresh:
                kind = "item" if last.kind == "item" else "footnote"
        block = TextBlock(
            kind, text, self._references.environment, _margin(stack), gap, level=level, is_item=kind == "item" and is_fresh
        )
        block.gap_line = gap_line
        return block

    def _gap(self, stack: list[Container]) -> tuple[int, Line]:
        """Whether a blank row goes before a block in these containers, and what hangs in its margin.

        In a list one goes where one was written; elsewhere blocks always stand apart.
        """
        if not self.blocks:
            return 0, []
        before = self._stack_before
        depth = 0
        while depth < len(stack) and depth < len(before) and stack[depth] is before[depth]:
            depth += 1
        is_sibling = depth < len(stack) and depth < len(before) and stack[depth].family is not None
        is_sibling = is_sibling and stack[depth].family is before[depth].family
        is_tight = is_sibling or (depth > 0 and stack[depth - 1].kind != "quote")
        if is_tight and not self._had_blank:
            return 0, []
        line = [container.rest for container in stack[:depth]]
        while line and not line[-1][0].strip():
            line.pop()
        return 1, [*line[:-1], (line[-1][0].rstrip(), line[-1][1])] if line else []

    def _close_leaf(self) -> int:
        """The open leaf is complete; the index of the first block that changed."""
        first = self._first_open()
        block = self._leaf_block
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
        self._leaf = self._leaf_block = None
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
            self._bare = (_without_quotes(self._stack), block.span[0])

    def _define(self, block: TextBlock) -> int:
        """Take definitions off the front of a paragraph; the index of the first block that saw one."""
        text = block.text
        rest, waited = self._references.define(text)
        if rest != text:
            block.replace(rest)
        for index in waited:
            self.blocks[index].renew()
        return min(waited, default=len(self.blocks))

    def _close_bare(self, kept: int) -> None:
        """An item without text is left behind: show its marker."""
        if self._bare is None or kept >= len(self._bare[0]):
            return
        stack, begin = self._bare
        self._bare = None
        block = self._text_block("item", "", stack)
        block.origin = self._intake
        block.span = (begin, max(begin, self._line_begin - 1))
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


def _without_quotes(stack: list[Container]) -> list[Container]:
    """The containers without the quotes at the end."""
    end = len(stack)
    while end and stack[end - 1].kind == "quote":
        end -= 1
    return stack[:end]


def _margin(stack: list[Container]) -> Margin:
    """What hangs before the rows of a block in these containers."""
    if not stack:
        return NO_MARGIN
    rest = [container.rest for container in stack]
    return Margin([container.rest if container.is_shown else container.first for container in stack], rest)
