"""The glass: what the terminal shows, so that only what differs is written.

Textual writes every changed line of a widget in full, and the whole page whenever it scrolls by a line: 6 to 8 KB
for one word. Here each update is compared with what was written before. Lines that only moved are moved by the
terminal itself, and of a line that grew only the new end is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

from tui.typeset.line import clusters, width_of
from tui.ui.terminal.difference import Unsure, find_difference, has_unsure_letters, is_unsure
from tui.ui.terminal.move import Row, find_move, may_move
from tui.ui.theme.eight_bit import BY_HAND

_FIRST_SIGN = "\u2000"
"""From here on come signs that stand for themselves; before it, letters."""


class ScreenDiff:
    """Knows what the terminal shows and writes what is different.

    Attributes:
        forgotten: How often what the terminal shows was not known any more.

    An app passes every update through `narrow` on its way to the terminal, and says `forget` when something
    else has written there.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._rows: dict[int, Row] = {}
        self._style: _Codes | None = None  # in which the terminal writes now
        self._size = Size(0, 0)
        self._is_unsure: Unsure = is_unsure
        self.forgotten = 0

    def trust_signs(self, *, does: bool) -> None:
        """Whether the terminal gives emoji the cells that are counted here."""
        self._is_unsure = has_unsure_letters if does else is_unsure

    def forget(self) -> None:
        """What the terminal shows is not known any more; everything is written again as it is updated."""
        self._rows.clear()
        self._style = None
        self.forgotten += 1

    def narrow(
        self, update: RenderableType | CompositorUpdate | None, size: Size, *, is_synced: bool = False
    ) -> RenderableType | CompositorUpdate | None:
        """The same update, which will write only what differs from the screen when it is rendered.

        Args:
            update: What the compositor made, or `None`.
            size: Columns and rows of the terminal.
            is_synced: Whether the terminal shows an update as a whole; then rows may be moved together with a
                pane beside the page, which is put back in the same update.
        """
        if isinstance(update, LayoutUpdate | ChopsUpdate):
            return _Narrow(self, update, size, is_synced=is_synced)
        if update is not None:
            self.forget()
        return update

    def write_rows(self, x: int, rows: Iterable[tuple[int, Strip]], size: Size, colours: ColorSystem) -> str:
        """What has to be written to have rows of the screen show these from a column on; no row is moved for it."""
        self._fit(size)
        pen = _Pen(colours, self._style, self._is_unsure)
        try:
            for y, strip in rows:
                self._write(pen, y, x, strip)
        finally:
            self._style = pen.style
        return pen.written()

    def shown(self, x: int, y: int) -> Strip | None:
        """The strip that a row of the screen shows from a column on; `None` where none is known to begin there."""
        row = self._rows.get(y)
        return None if row is None else row.get(x)

    def write_behind(
        self, at: tuple[int, int], x: int, strips: tuple[Strip, Strip], text: Iterable[Segment], colours: ColorSystem
    ) -> str:
        """What has to be written to have a text stand in a cell (column, row), which turns one strip into another.

        No sign of them is unsure. Nothing, where the row does not show the one strip from column `x` on.
        """
        column, y = at
        before, after = strips
        row = self._rows.get(y)
        if row is None or row.get(x) is not before:
            return ""
        row[x] = after
        out = f"\x1b[{y + 1};{column + 1}H"
        for letters, style, _ in text:
            codes = _PLAIN if style is None else _codes(style, colours)
            if codes != self._style:
                out += _turn(self._style, codes)
                self._style = codes
            out += letters
        return out

    def scroll(
        self,
        at: tuple[int, int],
        strips: Sequence[Strip],
        by: int,
        size: Size,
        colours: ColorSystem,
        *,
        is_synced: bool,
    ) -> str | None:
        """What has to be written to have rows show these from a cell (column, row) on, mostly what stands `by` rows below.

        Nothing is done where it would take less, or do no harm, to write them again: then it is `None`.
        """
        self._fit(size)
        x, y = at
        before = [row for row in map(self._rows.get, range(y, y + len(strips))) if row is not None]
        if len(before) != len(strips) or not may_move(before, x, strips, by, size.width, is_synced=is_synced):
            return None
        beside = [[(column, strip) for column, strip in row.items() if column != x] for row in before]
        pen = _Pen(colours, self._style, self._is_unsure)
        try:
            pen.shift(y, y + len(strips) - 1, by)
            for at_row, row in enumerate([*before[by:], *({} for _ in range(by))], y):
                self._rows[at_row] = row
                for column, strip in ((x, strips[at_row - y]), *beside[at_row - y]):
                    if row.get(column) is not strip:
                        self._write(pen, at_row, column, strip)
        finally:
            self._style = pen.style
        return pen.written()

    def _fit(self, size: Size) -> None:
        if size != self._size:
            self.forget()
            self._size = size

    def _render(self, update: LayoutUpdate | ChopsUpdate, size: Size, colours: ColorSystem, *, is_synced: bool) -> str:
        self._fit(size)
        if isinstance(update, LayoutUpdate):
            self.forget()
        pen = _Pen(colours, self._style, self._is_unsure)
        try:
            self._draw(pen, update, size, is_synced=is_synced)
        finally:
            self._style = pen.style
        return pen.written()

    def _draw(self, pen: _Pen, update: LayoutUpdate | ChopsUpdate, size: Size, *, is_synced: bool) -> None:
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                x = update.region.x
                for strip in strips:
                    self._write(pen, y, x, strip)
                    x += strip.cell_length
            return
        wanted = _rows_of(update)
        if move := find_move(self._rows, wanted, size.width, is_synced=is_synced):
            wanted = self._move(pen, *move, wanted)
        for y in sorted(wanted):
            shown = self._rows.get(y, {})
            for x, strip in wanted[y].items():
                if shown.get(x) is not strip:
                    self._write(pen, y, x, strip)

    def _write(self, pen: _Pen, y: int, x: int, strip: Strip) -> None:
        row = self._rows.setdefault(y, {})
        before = row.get(x)
        if before is strip:
            return
        cells, segments = 0, list(strip)
        if before is not None and before.cell_length == strip.cell_length:
            patch = find_difference(before, strip, self._is_unsure)
            if patch is None:
                row[x] = strip
                return
            cells, segments = patch
        else:
            end = x + strip.cell_length
            for at in [at for at, other in row.items() if at < end and at + other.cell_length > x]:
                del row[at]
        row[x] = strip
        pen.move(x + cells, y)
        for segment in segments:
            pen.write(segment)
        if any(
            self._is_unsure(text) for text, _, _ in strip
        ):  # it may have been drawn wider than it is, over what stands beside it
            for at, other in sorted(row.items()):
                if at >= x + strip.cell_length:
                    pen.move(at, y)
                    for segment in other:
                        pen.write(segment)

    def _move(self, pen: _Pen, first: int, last: int, by: int, wanted: dict[int, Row]) -> dict[int, Row]:
        """Let the terminal move the rows `first` to `last` up by `by` rows (down if negative)."""
        before = {y: self._rows[y] for y in range(first, last + 1)}
        pen.shift(first, last, by)
        for y in range(first, last + 1):
            self._rows[y] = dict(before.get(y + by, {}))
        # What stood beside the page was moved too, and has to be put back.
        return wanted | {y: before[y] | wanted.get(y, {}) for y in before}


class _Narrow(CompositorUpdate):
    """An update that compares itself with the glass at the moment it is written."""

    def __init__(self, glass: ScreenDiff, update: LayoutUpdate | ChopsUpdate, size: Size, *, is_synced: bool) -> None:
        self._diff = glass
        self._update = update
        self._size = size
        self._is_synced = is_synced

    def render_segments(self, console: Console) -> str:
        """The bytes to write."""
        colours = console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001  as Textual's own Strip.render
        return self._diff._render(self._update, self._size, colours, is_synced=self._is_synced)  # noqa: SLF001


def _rows_of(update: ChopsUpdate) -> dict[int, Row]:
    """The strips an update paints: outside its spans the compositor leaves blanks in place of what stands there."""
    rows: dict[int, Row] = {}
    for y, begin, end in update.spans:
        row = rows.setdefault(y, {})
        row.update(
            (x, strip) for x, strip in update.chops[y].items() if strip and x < end and x + strip.cell_length > begin
        )
    return rows


def anchor(text: str, x: int, unsure: Unsure = is_unsure) -> str:
    """The text with the cursor put where it should be after each sign that terminals give different widths.

    The cells of such a sign are blanked first, for it may take fewer of them than it has. Letters of scripts that
    are drawn together are one sign.
    """
    pieces: list[tuple[str, int, bool]] = []
    for piece, cells in clusters(text):
        is_sign = unsure(piece)
        if pieces and pieces[-1][2] == is_sign and (not is_sign or piece < _FIRST_SIGN > pieces[-1][0]):
            before, width, _ = pieces[-1]
            pieces[-1] = (before + piece, width + cells, is_sign)
        else:
            pieces.append((piece, cells, is_sign))
    out: list[str] = []
    for piece, cells, is_sign in pieces:
        out.append(f"{' ' * cells}\x1b[{x + 1}G{piece}\x1b[{x + cells + 1}G" if is_sign else piece)
        x += cells
    return "".join(out)


class _Pen:
    """Writes at places in styles, with as few bytes as that takes."""

    def __init__(self, colours: ColorSystem, style: _Codes | None, unsure: Unsure) -> None:
        """Go on in the style that the terminal is in, `None` where nobody knows which that is."""
        self._colours = colours
        self._out: list[str] = []
        self._at: tuple[int, int] | None = None
        self._is_unsure = unsure
        self.style = style

    def move(self, x: int, y: int) -> None:
        """Go to a cell."""
        if self._at != (x, y):
            self._out.append(f"\x1b[{y + 1};{x + 1}H")
            self._at = (x, y)

    def write(self, segment: Segment) -> None:
        """Write text in its style."""
        text, style, _ = segment
        if self._at is not None and self._is_unsure(text):
            text = anchor(text, self._at[0], self._is_unsure)
        codes = _PLAIN if style is None else _codes(style, self._colours)
        if codes != self.style:
            self._out.append(_turn(self.style, codes))
            self.style = codes
        if style is not None and style._link:  # noqa: SLF001  as Textual's own Strip.render_style
            text = f"\x1b]8;id={style._link_id};{style._link}\x1b\\{text}\x1b]8;;\x1b\\"  # noqa: SLF001
        self._out.append(text)
        if self._at is not None:
            self._at = (self._at[0] + width_of(segment.text), self._at[1])

    def shift(self, first: int, last: int, by: int) -> None:
        """Move rows up (down if negative) and leave the rest of the screen as it is."""
        if self.style != _PLAIN:  # rows that come in are filled with the colour in use
            self._out.append("\x1b[0m")
            self.style = _PLAIN
        verb = "M" if by > 0 else "L"
        self._out.append(f"\x1b[{first + 1};{last + 1}r\x1b[{first + 1};1H\x1b[{abs(by)}{verb}\x1b[r")
        self._at = None

    def written(self) -> str:
        """Everything written; the style stays, since the next update will mostly need the same."""
        return "".join(self._out)


_Codes = tuple[str, str, str]
_PLAIN: _Codes = ("", "", "")


def _fewer(colour: Color, colours: ColorSystem) -> Color:
    """A colour as a terminal of so many shows it: by hand where that was chosen, else by Rich's rule."""
    if colours is ColorSystem.EIGHT_BIT and colour.triplet is not None:
        number = BY_HAND.get(colour.triplet.hex)
        if number is not None:
            return Color.from_ansi(number)
    return colour.downgrade(colours)


@lru_cache(maxsize=4096)
def _codes(style: Style, colours: ColorSystem) -> _Codes:
    """A style as the terminal's codes: attributes, colour, background."""
    colour, ground = style.color, style.bgcolor
    attributes = style.without_color
    return (
        Strip.render_ansi(attributes, colours),
        ";".join(_fewer(colour, colours).get_ansi_codes()) if colour else "",
        ";".join(_fewer(ground, colours).get_ansi_codes(foreground=False)) if ground else "",
    )


@lru_cache(maxsize=4096)
def _turn(before: _Codes | None, after: _Codes) -> str:
    """What turns one style into another."""
    if before is None or before[0] != after[0] or (before[1] and not after[1]) or (before[2] and not after[2]):
        codes: Iterable[str] = ("0", *after)
    else:
        codes = (code for code, old in zip(after, before, strict=True) if code != old)
    return f"\x1b[{';'.join(filter(None, codes))}m"
