"""Tables: rows as they come, columns that fit the page, records where they cannot; or all of it, scrolled sideways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.typeset.bidi import is_rtl
from tui.typeset.block import NO_MARGIN, LeafBlock, Margin, Row
from tui.typeset.inline import Environment, inline_runs
from tui.typeset.line import IMAGE, LINK, Line, Run, join_styles, line_room, line_text, line_width, style_target
from tui.typeset.row import cells_of
from tui.typeset.wrap import break_text, crop, pad, shown_end, wrap

_BAR = (" │ ", "rule")
_LEAST = 3  # cells of a column
_LEAST_WRAPPED = 8  # cells below which a column that has to wrap is no longer readable
_STEP = 4  # wide columns grow in such steps, so that a long table is seldom laid out again
_WIDEST = 100  # cells of a column of a table that is scrolled sideways
_CELL_CHARS = 4000  # of one cell; more is cut
_PARTIAL_CHARS = 1000  # of the unfinished row

Cell = list[Run]


class TableBlock(LeafBlock):
    """A table. Its columns only ever grow while rows come in."""

    __slots__ = (
        "_aligns",
        "_cells",
        "_columns",
        "_done",
        "_environment",
        "_extra",
        "_is_records",
        "_natural",
        "_rows",
        "_shift",
    )

    def __init__(
        self, head: str, aligns: tuple[str, ...], environment: Environment, margin: Margin = NO_MARGIN, gap: int = 0
    ) -> None:
        super().__init__("table", margin, gap)
        self._environment = environment
        self._aligns = aligns
        self._rows = [head]
        self._cells: list[list[Cell]] = []  # of the first rows, as far as they are parsed; the head is the first
        self._natural: list[int] = [_LEAST] * len(aligns)
        self._extra: list[int] = [0] * len(aligns)  # cells by which a terminal may draw a cell of the column wider
        self._columns: list[int] = []
        self._is_records = False
        self._shift: int | None = None  # cells it is scrolled sideways by; nothing where it is made to fit
        self._done = 0

    def is_wide(self, width: int) -> bool:
        """Whether not all of it is shown as it is: cells wrap, or rows have become records."""
        self._measure()
        return self._whole_width() > self.margin.fit(width)[2]

    def scroll(self, by: int, width: int) -> bool:
        """Scroll sideways by so many cells; back beyond the beginning it is made to fit again. Whether it changed."""
        if not self.is_wide(width):
            by, most = -1, 0
        else:
            most = self._whole_width() - self.margin.fit(width)[2]
        before = self._shift
        if before is None:
            self._shift = 0 if by > 0 else None
        elif before + by < 0 and (before == 0 or not most):
            self._shift = None
        else:
            self._shift = max(0, min(before + by, most))
        if self._shift == before:
            return False
        self._lines = None
        self.height_known = None
        return True

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return len(self._aligns)

    @property
    def text(self) -> str:
        """All rows as they were written."""
        return "\n".join(self._rows)

    def append(self, row: str) -> None:
        """One more row, complete."""
        self._rows.append(row)
        self._is_stale = True

    def close(self) -> None:
        """Nothing more will come."""
        self.is_open = False
        self.show("")

    def drop(self) -> None:
        """Forget the lines and the parsed cells; the widths stay."""
        super().drop()
        self._cells = []

    def renew(self) -> None:
        """Parse again: a definition came."""
        self._natural = [_LEAST] * len(self._aligns)
        self._extra = [0] * len(self._aligns)
        super().renew()

    def plain(self) -> str:
        """A line for each row, cells apart by tabs."""
        return "\n".join(
            [
                "\t".join(["".join([text for text, _ in cell]).replace("\n", " ") for cell in self._parse(row)])
                for row in self._rows
            ]
        )

    @property
    def links(self) -> list[tuple[str, str]]:
        """Every link and image: its text and its real target, in order."""
        return [
            (text, style_target(style))
            for row in self._rows
            for cell in self._parse(row)
            for text, style in cell
            if LINK in style or IMAGE in style
        ]

    def lines(self, width: int) -> list[Line]:
        """The rows at this width."""
        if self._is_stale or self._lines is None or self._width != width:
            self._measure()
            _, _, inner = self.margin.fit(width)
            columns, is_records = self._fit(inner)
            if columns != self._columns or is_records != self._is_records:
                self._columns, self._is_records = columns, is_records
                self._lines = None
        return super().lines(width)

    def _parse(self, row: str) -> list[Cell]:
        cells = cells_of(row, len(self._aligns))
        cells += [""] * (len(self._aligns) - len(cells))
        return [self._parse_cell(cell) for cell in cells]

    def _parse_cell(self, text: str) -> Cell:
        return inline_runs(text if len(text) <= _CELL_CHARS else text[:_CELL_CHARS] + "…", self._environment)

    def _measure(self) -> None:
        """Parse the rows that are not parsed yet and widen the columns for them."""
        for row in self._rows[len(self._cells) :]:
            cells = self._parse(row)
            self._cells.append(cells)
            for at, cell in enumerate(cells):
                self._natural[at] = max(self._natural[at], _natural_width(cell))
                for text, _ in cell:
                    if not text.isascii():
                        self._extra[at] = max(self._extra[at], line_room(cell) - line_width(cell))
                        break

    def _fit(self, width: int) -> tuple[list[int], bool]:
        """The columns' widths, and whether they are too narrow to be read as columns."""
        natural = self._natural
        if self._shift is not None:
            return [min(cells, _WIDEST) for cells in natural], False
        room = width - len(_BAR[0]) * (len(natural) - 1) - sum(self._extra)
        if sum(natural) <= room:
            return list(natural), False
        least = [min(cells, _LEAST_WRAPPED) for cells in natural]
        if sum(least) > room:
            return [], True
        cap = _LEAST_WRAPPED
        while sum([min(cells, cap + 1) for cells in natural]) <= room:
            cap += 1
        columns = [min(cells, cap) for cells in natural]
        spare = room - sum(columns)
        for at, cells in enumerate(natural):
            if spare and cells > columns[at]:
                columns[at] += 1
                spare -= 1
        return columns, False

    def _is_rtl(self) -> bool:
        head = self._rows[0]
        return not head.isascii() and is_rtl(head.replace("|", " "))

    def _whole_width(self) -> int:
        """The cells it takes in columns as wide as they are, and as a terminal may draw them."""
        columns = [min(cells, _WIDEST) for cells in self._natural]
        return sum(columns) + sum(self._extra) + len(_BAR[0]) * (len(columns) - 1)

    def _begin(self) -> None:
        self._done = 0

    def _grow(self, width: int) -> None:
        for at in range(self._done, len(self._cells)):
            self._put_row(self._cells[at], width, at)
        self._done = len(self._cells)
        self._set_fixed()
        if self.partial:
            self._put_row(self._parse(self.partial[:_PARTIAL_CHARS]), width, self._done)
        elif self._is_records and self._done == 1:  # the names alone, until there is a record
            names = [run for cell in self._cells[0] for run in (_BAR, *cell)][1:]
            self._put(wrap([(text, join_styles("th", style)) for text, style in names], width))

    def _put_row(self, cells: list[Cell], width: int, at: int) -> None:
        if self._is_records:
            if at:
                self._put(self._record(cells, width, is_first=at == 1))
            return
        if at == 0:
            cells = [[(text, join_styles("th", style)) for text, style in cell] for cell in cells]
        wrapped = [[line for line, _ in wrap(cell, column)] for cell, column in zip(cells, self._columns, strict=True)]
        rows: list[Row] = []
        for index in range(max(map(len, wrapped))):
            line: Line = []
            for number, (parts, column) in enumerate(zip(wrapped, self._columns, strict=True)):
                if number:
                    line.append(_BAR)
                part = parts[index] if index < len(parts) else []
                line += pad(part, column, self._aligns[number], self._extra[number])
            rows.append((line, "\n"))
        if at == 0:
            rows.append(([("─┼─".join(["─" * column for column in self._columns]), "rule")], "\n"))
        if self._shift is not None:
            rows = [(crop(line, self._shift, width), seam) for line, seam in rows]
            if at == 0:
                is_more = sum(self._columns) + len(_BAR[0]) * (len(self._columns) - 1) > self._shift + width
                rows[-1] = ([(_edges(line_text(rows[-1][0]), self._shift, is_more=is_more), "rule")], "\n")
        self._put(rows)

    @property
    def environment(self) -> Environment:
        """What its links are looked up in."""
        return self._environment

    def layout(
        self, rows: Sequence[str], cells: Sequence[Sequence[str]]
    ) -> Iterator[tuple[int, int, int, int, int, int]]:
        """Where the text of cells stands in the rows that were made last.

        Yields:
            Which line of the table and which cell; in which row; which characters of the cell, from and to; and at
            which character of the row they begin.
        """
        row = self.gap
        for number, line in enumerate(cells):
            texts = [*line[: len(self._aligns)], *[""] * (len(self._aligns) - len(line))]
            if self._is_records:
                for piece in self._record_layout(number, texts, row, rows, cells[0]):
                    yield piece
                    row = piece[2] + 1
                row += number > 0 and number + 1 < len(cells)
                continue
            places = [break_text(text, column) for text, column in zip(texts, self._columns, strict=True)]
            first, rest, _ = self._body_margin
            margin = len(line_text(first if row == self.gap else rest))
            for index in range(max(map(len, places))):
                at = margin
                for column, (text, lines) in enumerate(zip(texts, places, strict=True)):
                    start, stop = lines[index][:2] if index < len(lines) else (0, 0)
                    seam = lines[index][2] if index < len(lines) else "\n"
                    part = shown_end([(text[start:stop], "")] if start < stop else [], seam)
                    padded = line_text(pad(part, self._columns[column], self._aligns[column], self._extra[column]))
                    if start < stop:
                        lead = padded.find(text[start:stop])
                        yield number, column, row + index, start, stop, at + lead - (self._shift or 0)
                    at += len(padded) + len(_BAR[0])
            row += max(map(len, places)) + (number == 0)

    def _record_layout(
        self, number: int, texts: Sequence[str], row: int, rows: Sequence[str], head: Sequence[str]
    ) -> Iterator[tuple[int, int, int, int, int, int]]:
        """Where the cells of a row stand that is shown as lines "head: cell"."""
        if not number:
            return
        for column, text in enumerate(texts):
            label = f"{head[column] if column < len(head) else ''}: "
            while row < len(rows) and label.strip() not in rows[row]:
                row += 1
            at = 0
            start = rows[row].find(label.strip()) if row < len(rows) else 0
            if row < len(rows):
                yield 0, column, row, 0, len(label) - 2, start
            begin = start + len(label)
            while at < len(text) and row < len(rows):
                shown = rows[row][begin:].rstrip()
                if not shown or not text.startswith(shown, at):
                    break
                yield number, column, row, at, at + len(shown), begin
                at += len(shown)
                while text[at : at + 1] == " ":
                    at += 1
                row, begin = row + 1, len(line_text(self._body_margin[1]))

    def _record(self, cells: list[Cell], width: int, *, is_first: bool) -> list[Row]:
        """A row as lines "head: cell", for pages too narrow for the columns."""
        rows: list[Row] = [] if is_first else [([("─" * min(width, _LEAST_WRAPPED), "rule")], "\n")]
        head = self._cells[0] if self._cells else []
        for name, cell in zip(head, cells, strict=False):
            label: Cell = [(text, join_styles("th", style)) for text, style in name if text != "\n"]
            rows += wrap([*label, (": ", "th"), *cell], width)
        return rows


def _natural_width(cell: Cell) -> int:
    if len(cell) == 1 and "\n" not in cell[0][0]:
        cells = line_room(cell)
    else:
        cells = max([line_room(line) for line, _ in wrap(cell, 10_000)])
    return cells if cells <= _STEP * _STEP else cells + -cells % _STEP


def _edges(rule: str, shift: int, *, is_more: bool) -> str:
    """The rule below the head, with signs at its ends where there is more of the table."""
    return ("‹" + rule[1:] if shift else rule)[: -1 if is_more else None] + "›" * is_more
