"""Located: which character of which strand of a reply stands in each cell of the page, worked out for one block at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from tui.domain.quantity import describe_rate
from tui.domain.rate import rate_of
from tui.domain.turn import Turn
from tui.page.argument import abbreviate
from tui.page.block import Block, CallBlock, Note, measure_of
from tui.page.entry import Spot
from tui.page.origin import Range, Strand
from tui.page.reply import ReplyEntry
from tui.page.structure import StructureBlock
from tui.page.thought import ThoughtBlock
from tui.page.wording import server_figures, usage_figures
from tui.typeset.alignment import align
from tui.typeset.block import Block as TypesetBlock
from tui.typeset.line import NOWHERE, line_text
from tui.typeset.position import Places, places_of
from tui.typeset.text_places import TextPlaces
from tui.wire.printable import ShownMap, breakable

Source = tuple[Strand, int, int]
"""A strand, its part, and a character of it as it came."""

_WORD = re.compile(r"[^\s\"'{}\[\],:]+")


class Located(Struct):
    """A block whose characters are known.

    Attributes:
        rows: For each row and each of its characters, a place; `NOWHERE` for what no frame brought.
        source_of: What stands at a place.
        places_of: Where what a frame brought stands, from and to; `None` where it is not of this block's strand.
    """

    rows: Places
    source_of: Callable[[int], Source | None]
    places_of: Callable[[Range], tuple[int, int] | None]

    def first_row(self, spans: Sequence[tuple[int, int]]) -> int | None:
        """The first row with a character of which the place is in one of these spans."""
        rows = self.rows
        if isinstance(rows, TextPlaces) and spans:
            near = rows.rows_near(min(low for low, _ in spans), max(high for _, high in spans))
        else:
            near = iter(range(len(rows)))
        return next((at for at in near if any(low <= place < high for place in rows[at] for low, high in spans)), None)


def locate(entry: ReplyEntry, spot: Spot) -> Located | None:
    """What is known of the characters of a block; `None` where no frame brought any of it."""
    block = entry.block_at(spot)
    if block is None:
        return None
    width = measure_of(block, entry.parts[spot.part].width)
    if isinstance(block, ThoughtBlock):
        return _thought(block, entry.turn, width)
    if isinstance(block, StructureBlock):
        return _one(_words(_rows(block, width), entry.turn.text), "text", _only(entry.turn.body.numbered))
    if isinstance(block, TypesetBlock):
        return _text(entry, block, spot, width)
    if isinstance(block, CallBlock):
        return _call(block, _rows(block, width))
    if isinstance(block, Note):
        return _note(block, entry.turn, _rows(block, width))
    return None


def may_hold(entry: ReplyEntry, spot: Spot, ranges: Sequence[Range]) -> bool:
    """Whether a block may hold some of what a frame brought: asked before anything is worked out."""
    block = entry.block_at(spot)
    strands = {each.strand for each in ranges}
    if isinstance(block, TypesetBlock):
        if spot.part != 1 or "text" not in strands or (document := entry.text.document_of(spot.block)) is None:
            return False
        number, _, lead = document
        part, raw = entry.turn.body.numbered[number]
        shown = map_of(raw)
        first, last = block.span
        return any(
            each.strand == "text"
            and each.part == part
            and lead + shown.shown(each.start) < last
            and lead + shown.shown(each.end) > first
            for each in ranges
        )
    return True


def spots_of(entry: ReplyEntry, ranges: Sequence[Range]) -> Iterator[Spot]:
    """The blocks that may hold some of what a frame brought, from the top down; of a long text only those are looked at."""
    for number, stack in enumerate(entry.parts):
        indices: Iterable[int] = range(len(stack.blocks))
        if number == 1 and entry.structure is None:
            indices = sorted({index for each in ranges if each.strand == "text" for index in _blocks_of(entry, each)})
        for index in indices:
            spot = Spot(number, index, stack.blocks[index].gap)
            if may_hold(entry, spot, ranges):
                yield spot


def _blocks_of(entry: ReplyEntry, range_: Range) -> range:
    parts = entry.turn.body.numbered
    number = next((at for at, (part, _) in enumerate(parts) if part == range_.part), None)
    if number is None:
        return range(0)
    lead, shown = entry.text.lead, map_of(parts[number][1])
    return entry.text.blocks_at(number, lead + shown.shown(range_.start), lead + shown.shown(range_.end))


def _rows(block: Block, width: int) -> list[str]:
    return [line_text(line) for line in block.lines(width)]


_LATEST: list[tuple[str, ShownMap]] = []


def map_of(raw: str) -> ShownMap:
    """What is which of a text as it came and as it is shown; the latest is remembered."""
    if not _LATEST or _LATEST[0][0] is not raw:
        _LATEST[:] = [(raw, ShownMap(raw, _LATEST[0][1] if _LATEST else None))]
    return _LATEST[0][1]


def _text(entry: ReplyEntry, block: TypesetBlock, spot: Spot, width: int) -> Located | None:
    document = entry.text.document_of(spot.block) if spot.part == 1 else None
    if document is None:
        return None
    number, _, lead = document
    numbered = entry.turn.body.numbered
    if number >= len(numbered):
        return None
    part, raw = numbered[number]
    shown = map_of(raw)

    def source_of(place: int) -> Source | None:
        return ("text", part, shown.raw(place - lead)) if place >= lead else None

    def places(range_: Range) -> tuple[int, int] | None:
        is_here = range_.strand == "text" and range_.part == part
        return (lead + shown.shown(range_.start), lead + shown.shown(range_.end)) if is_here else None

    return Located(places_of(block, width), source_of, places)


def _thought(block: ThoughtBlock, turn: Turn, width: int) -> Located:
    starts: list[tuple[int, int, int]] = []
    at = 0
    for part, text in turn.thoughts.numbered:
        starts.append((part, at, at + len(text)))
        at += len(text) + 2  # a blank line between them
    rows = block.places(width)
    if len(rows) == 1 and starts:  # folded: its line stands for all of it
        part = starts[0][0]
        return Located(
            [[0] * len(rows[0])],
            lambda _place: ("thought", part, 0),
            lambda range_: (0, 1) if range_.strand == "thought" else None,
        )
    shown = ShownMap(turn.reasoning)

    def source_of(place: int) -> Source | None:
        raw = shown.raw(place)
        return next((("thought", part, raw - begin) for part, begin, end in starts if begin <= raw < end), None)

    def places(range_: Range) -> tuple[int, int] | None:
        begin = next((begin for part, begin, _ in starts if part == range_.part), None)
        if range_.strand != "thought" or begin is None:
            return None
        return shown.shown(begin + range_.start), shown.shown(begin + range_.end)

    return Located(rows, source_of, places)


def _one(rows: Places, strand: Strand, part: int, shown: ShownMap | None = None) -> Located:
    """A block of one part of one strand."""
    shown = shown or ShownMap("")

    def source_of(place: int) -> Source | None:
        return strand, part, shown.raw(place)

    def places(range_: Range) -> tuple[int, int] | None:
        if (range_.strand, range_.part) != (strand, part):
            return None
        return shown.shown(range_.start), max(shown.shown(range_.end), shown.shown(range_.start) + (not range_.end))

    return Located(rows, source_of, places)


def _only(numbered: Sequence[tuple[int, str]]) -> int:
    return numbered[0][0] if numbered else 0


def _words(rows: Sequence[str], text: str) -> Places:
    """Words of rows where they stand in a text, one after the other."""
    places: list[list[int]] = [[NOWHERE] * len(row) for row in rows]
    at = 0
    for number, row in enumerate(rows):
        for word in _WORD.finditer(row):
            if (place := text.find(word[0], at)) >= 0:
                places[number][word.start() : word.end()] = range(place, place + len(word[0]))
                at = place + len(word[0])
    return places


def _call(block: CallBlock, rows: Sequence[str]) -> Located:
    """A call on one line: its name, and its arguments as far as they show."""
    arguments = block.call.arguments
    words = abbreviate(arguments)
    row = rows[block.gap] if block.gap < len(rows) else ""
    places: list[list[int]] = [[NOWHERE] * len(each) for each in rows]
    name_at = row.find(block.call.name) if block.call.name else NOWHERE
    if name_at >= 0:
        places[block.gap][name_at : name_at + len(block.call.name)] = range(-2 - len(block.call.name), -2)
    begin = name_at + len(block.call.name) + 2 if name_at >= 0 else 2
    inner = align(words, arguments)
    for at, letter in enumerate(row[begin:]):
        if at >= len(words) or words[at] != letter:
            break
        places[block.gap][begin + at] = inner[at]

    def source_of(place: int) -> Source | None:
        return ("name", block.call.index, 0) if place < 0 else ("arguments", block.call.index, place)

    def found(range_: Range) -> tuple[int, int] | None:
        if range_.part != block.call.index:
            return None
        if range_.strand == "name":
            return -2 - len(block.call.name), -2
        return (range_.start, range_.end) if range_.strand == "arguments" else None

    return Located(places, source_of, found)


def _note(block: Note, turn: Turn, rows: Sequence[str]) -> Located | None:
    """A refusal; who answers; how it ended, and what it took."""
    if block.kind == "refusal" and block.plain() != "The model declined":
        text = breakable(turn.refusal)
        places: list[list[int]] = []
        at = 0
        for row in rows:
            place = text.find(row, at) if row else NOWHERE
            places.append([place + number if place >= 0 else NOWHERE for number in range(len(row))])
            at = place + len(row) if place >= 0 else at
        return _one(places, "refusal", _only(turn.refusals.numbered), ShownMap(turn.refusal))
    if block.kind == "role":
        return _one([[0] * len(row) for row in rows], "model", 0)
    if block.kind == "ending":
        return _ending(rows, turn)
    return None


def _ending(rows: Sequence[str], turn: Turn) -> Located:
    """The first words are the finish reason; the tokens, and the rate that they give, the usage."""
    places: list[list[int]] = [[NOWHERE] * len(row) for row in rows]
    cells = [(number, at) for number, row in enumerate(rows) for at in range(len(row) + 1)]  # a blank for each break
    at = len(rows[0]) + 1 if rows and not rows[0] else 0
    words = _usage_words(turn)
    for number, piece in enumerate(" ".join(rows)[at:].split(" · ")):
        kind = 1 if piece in words else 0 if not number else NOWHERE
        for row, column in cells[at : at + len(piece)]:
            if column < len(places[row]):
                places[row][column] = kind
        at += len(piece) + 3
    facts: tuple[Strand, ...] = ("finish", "usage")
    return Located(
        places,
        lambda place: (facts[place], 0, 0),
        lambda range_: (at, at + 1) if range_.strand in facts and (at := facts.index(range_.strand)) >= 0 else None,
    )


def _usage_words(turn: Turn) -> set[str]:
    """The figures under a reply that its usage told; a price that rillet worked out is not one of them."""
    usage, speed = turn.usage, rate_of(turn)
    if usage is None:
        return set()
    words = {*usage_figures(usage), *server_figures(usage)}
    if speed is not None and speed[1]:
        words.add(describe_rate(speed[0]))
    return {each for each in words if not each.startswith("~")}
