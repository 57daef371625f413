"""Positions: where in its document each character of a block's rows was written; worked out when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence

from tui.typeset.alignment import align, place_inline, place_lines
from tui.typeset.block import Block
from tui.typeset.code import CodeBlock
from tui.typeset.line import NOWHERE, clusters, line_text
from tui.typeset.row import cells_of
from tui.typeset.table import TableBlock
from tui.typeset.text import TextBlock
from tui.typeset.written import WrittenBlock

Places = list[list[int]]
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
        text, inner = _text(block)
        own = place_lines(block.written, written, begin)
        return _spread(rows, block.decorations(width), text, [own[at] if at >= 0 else NOWHERE for at in inner])
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


def _text(block: TextBlock) -> tuple[str, list[int]]:
    """The text of a block as it is shown, and where in what it was written as."""
    shown: list[str] = []
    places: list[int] = []
    offset = 0
    for piece in block.pieces_written():
        text, inner = place_inline(piece, block.environment)
        shown.append(text)
        places += [at + offset if at >= 0 else NOWHERE for at in inner]
        offset += len(piece)
    return "".join(shown), places


def _spread(rows: Sequence[str], decorations: Sequence[int], text: str, places: Sequence[int]) -> Places:
    """Give the characters of rows the places of the text that was broken into them."""
    spread: Places = []
    at = 0
    for row, margin in zip(rows, decorations, strict=True):
        first = _characters(row, margin)
        row_places = [NOWHERE] * min(first, len(row))
        letters = row[first:]
        here = at
        while letters and here < len(text) and text[here] != letters[0] and text[here] in " \t\n\r":
            here += 1
        if letters and text.startswith(letters, here):  # most rows
            row_places += places[here : here + len(letters)]
            spread.append(row_places + [NOWHERE] * (len(row) - len(row_places)))
            at = here + len(letters)
            continue
        for letter in letters:
            here = at
            while here < len(text) and text[here] != letter and text[here] in " \t\n\r":
                here += 1
            if here < len(text) and text[here] == letter:
                row_places.append(places[here] if here < len(places) else NOWHERE)
                at = here + 1
            elif at < len(text) and letter == " " and text[at] == "\t":
                row_places.append(places[at])  # one cell of a tab; the next letter goes past it
            else:
                row_places.append(NOWHERE)
        spread.append(row_places)
    return spread


def _characters(row: str, cells: int) -> int:
    """How many characters of a row stand in so many cells."""
    if row.isascii():
        return min(cells, len(row))
    count = used = 0
    for piece, size in clusters(row):
        if used >= cells:
            break
        used += size
        count += len(piece)
    return count


def _table(block: TableBlock, rows: Sequence[str], written: str, begin: int) -> Places:
    """The rows of a table, cell by cell."""
    lines = [*block.text.split("\n"), *([block.partial] if block.partial else [])]
    starts = place_lines("\n".join([lines[0], "", *lines[1:]]), written, begin)
    places: Places = [[NOWHERE] * len(row) for row in rows]
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
