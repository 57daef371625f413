"""Positions: where in its document each character of a block's rows was written; worked out when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence

from tui.typeset.alignment import align, place_inline, place_lines
from tui.typeset.block import Block
from tui.typeset.code import CodeBlock
from tui.typeset.line import NOWHERE, line_text
from tui.typeset.row import cells_of
from tui.typeset.table import TableBlock
from tui.typeset.text import TextBlock
from tui.typeset.text_places import TextPlaces, spread
from tui.typeset.written import WrittenBlock

Places = Sequence[list[int]]
"""For each row, and each of its characters, its place in the source; `NOWHERE` for what nobody wrote."""


def places_of(block: Block, width: int) -> Places:
    """Where the characters of a block's rows at a width were written, in the source of its document."""
    rows = [line_text(line) for line in block.lines(width)]
    if block.origin is None:
        return [[NOWHERE] * len(row) for row in rows]
    begin, end = block.span
    written = block.origin.between(begin, end)
    if isinstance(block, TableBlock):
        return _table(block, rows, written, begin)
    if isinstance(block, TextBlock):
        return TextPlaces(block, rows, width, (written, begin))
    if isinstance(block, WrittenBlock):
        text = block.plain()
        places = _spread(rows, block.decorations(width), text, place_lines(text, written, begin))
        label = block.label if isinstance(block, CodeBlock) else ""
        for part in (label, *label.split()) if block.gap < len(rows) else ():
            if (at := written.find(part)) >= 0:
                _put_label(part, rows[block.gap], places[block.gap], begin + at)
        return places
    return [[NOWHERE] * len(row) for row in rows]


def _put_label(label: str, head: str, places: list[int], start: int) -> None:
    """The label over code was written behind the fence; a narrow page shows its beginning."""
    for count in range(len(label), 0, -1):
        if (at := head.find(label[:count])) >= 0:
            places[at : at + count] = range(start, start + count)
            return


def _spread(rows: Sequence[str], decorations: Sequence[int], text: str, places: Sequence[int]) -> list[list[int]]:
    """Give the characters of rows the places of the text that was broken into them."""
    given: list[list[int]] = []
    for row, (lead, _, letters) in zip(rows, spread(rows, decorations, text), strict=True):
        row_places = [NOWHERE] * lead
        row_places += [places[at] if 0 <= at < len(places) else NOWHERE for at in letters]
        given.append(row_places + [NOWHERE] * (len(row) - len(row_places)))
    return given


def _table(block: TableBlock, rows: Sequence[str], written: str, begin: int) -> Places:
    """The rows of a table, cell by cell."""
    lines = [*block.text.split("\n"), *([block.partial] if block.partial else [])]
    starts = place_lines("\n".join([lines[0], "", *lines[1:]]), written, begin)
    places = [[NOWHERE] * len(row) for row in rows]
    offset = 0
    cells: list[list[tuple[str, list[int]]]] = []
    for number, line in enumerate(lines):
        cells.append(_cells(block, line, starts[offset : offset + len(line)]))
        offset += len(line) + 1 + (number == 0)
    for number, column, row, start, stop, at in block.layout(rows, [[text for text, _ in line] for line in cells]):
        inner = cells[number][column][1][start:stop]
        if row < len(places):
            fits = inner[: max(0, len(places[row]) - at)]
            places[row][at : at + len(fits)] = fits
    return places


def _cells(block: TableBlock, line: str, places: Sequence[int]) -> list[tuple[str, list[int]]]:
    """The cells of a line of a table: as they are shown, and where that was written."""
    cells: list[tuple[str, list[int]]] = []
    at = 0
    for cell in cells_of(line, block.columns):
        raw = align(cell, line[at:])
        raw = [place + at if place >= 0 else NOWHERE for place in raw]
        if cell:
            direct = line.find(cell, at)
            raw = list(range(direct, direct + len(cell))) if direct >= 0 else raw
            at = max(raw) + 1 if raw and max(raw) >= 0 else at
        bar = line.find("|", at)
        at = bar + 1 if bar >= 0 else at
        shown, inner = place_inline(cell, block.environment)
        written = [raw[place] if place >= 0 else NOWHERE for place in inner]
        cells.append((shown, [places[place] if 0 <= place < len(places) else NOWHERE for place in written]))
    return [*cells, *[("", [])] * (block.columns - len(cells))]
