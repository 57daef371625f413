"""Entries: the messages of a page, each a few stacks of blocks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tui.domain.extent import ASKED_ROWS, asked_in
from tui.domain.turn import Continuation, Prompt, Summary, ToolResults, Turn
from tui.page.block import Block, Note, role_block
from tui.page.picture import PictureBlock
from tui.page.stack import WIDEST, Stack
from tui.typeset.line import Line
from tui.wire.printable import printable, printable_line


class Spot(NamedTuple):
    """A place in an entry: it holds while blocks above change their height.

    Attributes:
        part: Which stack of the entry: 0 for what stands above its text, 1 for its text, 2 for what stands below.
        block: Which block of that stack.
        row: Which row of that block.
    """

    part: int
    block: int
    row: int


TOP = Spot(0, 0, 0)
"""The beginning of an entry."""

BOTTOM = Spot(2, 0, 0)
"""What stands below the text of an entry."""

_NO_PARTS = (Stack(), Stack(), Stack())


class Entry:
    """One message: a head, a body and a foot of blocks. It is built when it first has to be shown."""

    def __init__(self, turn: Turn) -> None:
        """Take the turn; nothing of it is read yet but its size."""
        self.turn = turn
        self.width = 0
        self.is_built = False
        self.parts = _NO_PARTS
        self.is_touched = False
        """Whether somebody opened or marked something in it: made again of its turn, it would not be the same."""
        self._known_height = 0

    # --- what a kind of entry says -------------------------------------------------------------------------------
    def build(self) -> None:
        """Make the blocks."""
        raise NotImplementedError

    def estimate(self, width: int) -> int:
        """About how many rows it will be."""
        raise NotImplementedError

    def markdown(self) -> str:
        """The message as it was written."""
        raise NotImplementedError

    def raw(self) -> str:
        """What finding looks through before the entry is built."""
        raise NotImplementedError

    @property
    def is_growing(self) -> bool:
        """Whether its turn still streams into it."""
        return False

    def settle(self) -> bool:
        """Do one piece of typesetting that was put off; whether there was one."""
        return False

    def has_side(self, row: int) -> bool:
        """Whether a bar stands beside a row: it is part of a prompt."""
        del row
        return False

    # --- rows ----------------------------------------------------------------------------------------------------
    @property
    def height(self) -> int:
        """Rows, or about how many before it is built."""
        return sum(part.height for part in self.parts) if self.is_built else self._known_height

    def set_width(self, width: int, height: int | None = None) -> None:
        """Lay out for a width; how high it is there may be known."""
        if width == self.width:
            return
        self.width = width
        if self.is_built:
            for part in self.parts:
                part.set_width(width)
        else:
            self._known_height = self.estimate(width) if height is None else height

    def ensure(self) -> bool:
        """Build it if it is not; whether that was needed."""
        if self.is_built:
            return False
        self.is_built = True
        self.parts = (Stack(self.width), Stack(self.width), Stack(self.width))
        self.build()
        return True

    def forget(self) -> None:
        """Let go of the blocks and remember the height."""
        if self.is_built and not self.is_growing:
            self._known_height = self.height
            self.is_built = False
            self.parts = _NO_PARTS

    def line(self, row: int) -> Line:
        """One row."""
        for part in self.parts:
            if row < part.height:
                return part.line(row)
            row -= part.height
        return []

    def take_changed(self) -> int:
        """The first row that may have changed since this was last asked."""
        above, first = 0, self.height
        for part in self.parts:
            first = min(first, above + part.changed_from)
            above += part.height
            part.changed_from = WIDEST
        return first

    def spot_at(self, row: int) -> Spot:
        """The place of a row; beyond the end, that of the last."""
        row = max(0, min(row, self.height - 1))
        for number, part in enumerate(self.parts):
            if row < part.height:
                index, inner = part.at(row)
                return Spot(number, index, inner)
            row -= part.height
        return TOP

    def row_of(self, spot: Spot) -> int:
        """The row of a place."""
        part, index, inner = spot
        above = sum(stack.height for stack in self.parts[:part])
        return min(above + self.parts[part].row_of(index, inner), max(0, self.height - 1))

    def block_at(self, spot: Spot) -> Block | None:
        """The block of a place."""
        blocks = self.parts[spot.part].blocks
        return blocks[min(spot.block, len(blocks) - 1)] if blocks else None

    def blocks(self) -> Iterable[tuple[Spot, Block]]:
        """Every block with the place it begins at, top to bottom."""
        for number, part in enumerate(self.parts):
            for index, block in enumerate(part.blocks):
                yield Spot(number, index, block.gap), block

    def firm_down(self, spot: Spot, rows: int) -> None:
        """Measure from a place on, as far down as so many rows."""
        part, index, inner = spot
        if part < 2:
            self.parts[1].firm_down(index if part == 1 else 0, rows + (inner if part == 1 else 0))

    def firm_up(self, spot: Spot, rows: int) -> None:
        """Measure the rows above a place, as far up as so many rows."""
        part, index, _ = spot
        if part > 0:
            self.parts[1].firm_up(index if part == 1 else len(self.parts[1].blocks), rows)

    def cut(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text between two places (row, cell), not wrapped; the end is not part of it."""
        pieces = []
        above = 0
        for part in self.parts:
            first = (start[0] - above, start[1]) if start[0] >= above else (0, 0)
            last = (end[0] - above, end[1])
            if part.height and first[0] < part.height and last > first:
                pieces.append(part.cut(first, min(last, (part.height, 0))))
            above += part.height
        return "\n".join(pieces)

    def plain(self) -> str:
        """The message without marks: its text blocks as they would be copied."""
        self.ensure()
        blocks = self.parts[1].blocks
        return "\n".join("\n" * (block.gap if index else 0) + block.plain() for index, block in enumerate(blocks))


class PromptEntry(Entry):
    """What was asked, verbatim; or the results that were sent back; or that the reply was to go on.

    `branch_of` tells which of how many answers to the same point a turn is.
    """

    def __init__(self, turn: Turn, branch_of: Callable[[Turn], tuple[int, int]] = lambda _turn: (1, 1)) -> None:
        super().__init__(turn)
        self._branch_of = branch_of

    def build(self) -> None:
        """Make the blocks."""
        head, body, _ = self.parts
        match self.turn.opening:
            case Prompt() as prompt:
                at, count = self._branch_of(self.turn)
                role = role_block("You", "role-user")
                beside = [f"‹ {at} of {count} ›"] if count > 1 else []
                beside += [_STANDINGS[self.turn.standing]] if self.turn.standing else []
                if beside:
                    role = Note("role", [[*role.paragraphs[0], (f"   {'   '.join(beside)}", "muted")]], gap=1)
                head.replace(0, [role])
                from tui.typeset.plain import plain_document

                blocks: list[Block] = list(plain_document(prompt.text).blocks)
                blocks += [PictureBlock(image) for image in prompt.images]
                body.replace(0, blocks)
            case ToolResults(results=results):
                lines = [
                    Note(
                        "result", [[("✖ " if result.is_error else "↳ ", "muted"), (_first_line(result.text), "muted")]]
                    )
                    for result in results
                ]
                body.replace(0, [role_block("Results of the calls", "muted"), *lines])
            case Continuation():
                head.replace(0, [Note("role", [[("go on", "muted")]], gap=1)])
            case Summary() as wish:
                head.replace(0, [Note("role", [[(summary_words(self.turn, wish), "muted")]], gap=1)])

    def has_side(self, row: int) -> bool:
        """Whether a bar stands beside a row: what a person wrote has one, the blank row above it has not."""
        blocks = self.parts[0].blocks
        return bool(blocks) and isinstance(self.turn.opening, Prompt) and row >= blocks[0].gap

    def estimate(self, width: int) -> int:
        """About how many rows it will be."""
        text = self.raw()
        return ASKED_ROWS + text.count("\n") + len(text) // max(1, width)

    def raw(self) -> str:
        """The prompt as it was typed."""
        return asked_in(self.turn)

    def markdown(self) -> str:
        """The prompt as it was typed, made printable."""
        return printable(self.raw())


_STANDINGS = {"out": "not sent any more", "aside": "asked beside the conversation"}


def summary_words(turn: Turn, wish: Summary) -> str:
    """What a summary stands for, and whether it does."""
    but_latest = "" if not wish.keeps else " but the latest" if wish.keeps == 1 else f" but the latest {wish.keeps}"
    words = f"{'Your summary' if wish.is_own else 'A summary'} of the turns above{but_latest}"
    if wish.focus:
        words += f", above all of: {printable_line(wish.focus)}"
    if turn.standing == "out":
        return f"{words} (undone: the turns themselves are sent)"
    return f"{words}: it is sent in their place" if turn.stands_in or not turn.state.is_over else words


def _first_line(text: str) -> str:
    line, _, rest = text.strip().partition("\n")
    return printable_line(line[:200]) + (" …" if rest or len(line) > 200 else "")


def sum_of(text: str, start: int = 0) -> int:
    """A checksum of text that goes on from that of what stood before it."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"), start)
