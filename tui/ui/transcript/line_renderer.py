"""The line renderer: turns lines of styled runs into the strips that Textual shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from tui.page.block import PROSE
from tui.typeset.bidi import Bidi, arrange, cell_as_read, has_rtl, row_end
from tui.typeset.line import SOFT_HYPHEN, Line, clusters, line_width, style_keys
from tui.ui.strip import LightStrip


class Mark(NamedTuple):
    """Characters of a line, from and to, and the style laid over them."""

    start: int
    end: int
    style: str


BAR = Mark(-1, 0, "accent")
"""What stands before a line that the cursor is on."""

SIDE = Mark(-1, 0, "prompt-side")
"""What stands before every line of a prompt: the eye jumps from one to the next."""

INDENT = 2
"""Columns of air left of the text; the cursor's bar stands in the first."""

_BREAK_PLACE = "\u200b"
"""A place where a line may be broken; terminals need not know, and not all of them show it as nothing."""

_FALLBACK: dict[str, Style] = {
    "strong": Style(bold=True),
    "em": Style(italic=True),
    "strike": Style(strike=True),
    "link": Style(underline=True),
    "muted": Style(dim=True),
    "role-user": Style(bold=True),
    "role-reply": Style(bold=True),
    "selection": Style(reverse=True),
    "match": Style(reverse=True),
}


class LineRenderer:
    """The styles of a palette on a base, and the filters (no colour, no faint text) that every strip goes through."""

    def __init__(
        self,
        palette: Mapping[str, Style],
        base: Style,
        filters: Sequence[LineFilter] = (),
        ground: Color | None = None,
        bidi: Bidi = "visual",
    ) -> None:
        """Take what lines are painted with."""
        self._palette = palette or _FALLBACK
        self._base = base
        self._filters = filters
        self._ground = ground or Color(0, 0, 0)
        self._styles: dict[str, Style] = {"": self._filtered(base)}
        self._bidi = bidi

    def _filtered(self, style: Style) -> Style:
        """A style as the filters leave it, which look at nothing else of a segment."""
        segments = [Segment(" ", style)]
        for line_filter in self._filters:
            segments = line_filter.apply(segments, self._ground)
        return segments[0].style or style

    def style(self, key: str) -> Style:
        """The style of a key as typesetting writes it: several joined by "+", a link's target last."""
        style = self._styles.get(key)
        if style is None:
            style = self._base
            for one in style_keys(key):
                part = self._palette.get(one)
                if part is None and one == "match-now":
                    part = self._palette.get("match", Style(reverse=True)) + Style(bold=True, underline=True)
                if part is not None:
                    style += part
            if len(self._styles) > 4096:  # every link is a key of its own
                self._styles = {"": self._styles[""]}
            style = self._styles[key] = self._filtered(style)
        return style

    def strip(self, line: Line, width: int, marks: Sequence[Mark] = ()) -> Strip:
        """Paint a line, indented and filled to a width."""
        ground = line[-1][1] if line and line[-1][1].startswith("fence") else ""
        shown = self._arranged(line, marks, width - INDENT)
        taken, room = line_width(shown), width - INDENT
        under = max(0, min(PROSE, room) - taken) if ground else 0
        runs = [*shown, (" " * under, ground), (" " * max(0, room - taken - under), "")]
        base = self._styles[""]
        segments: list[Segment] = []
        text, style = " " * INDENT, base
        if BAR in marks:
            segments.append(Segment("▌", self.style(BAR.style)))
            text = " " * (INDENT - 1)
        elif SIDE in marks:
            segments.append(Segment("▎", self.style(SIDE.style)))
            text = " " * (INDENT - 1)
        for run, key in runs:
            piece = run if run.isascii() else run.replace(_BREAK_PLACE, "").replace(SOFT_HYPHEN, "")
            if not piece:
                continue
            own = self.style(key)
            if own is style or own == style:
                text += piece
            else:
                segments.append(Segment(text, style))
                text, style = piece, own
        segments.append(Segment(text, style))
        strip: Strip = LightStrip(segments, INDENT + max(taken, room))
        return strip if strip.cell_length <= width else strip.crop(0, width)

    def _arranged(self, line: Line, marks: Sequence[Mark], columns: int) -> Line:
        """The line with its marks, in the order it is seen in; from right to left it begins at the right."""
        is_rtl, width = row_end(line)
        marked = mark_line(line, marks) if marks else line
        if self._bidi == "off" or not (is_rtl or any(has_rtl(text) for text, _ in line)):
            return marked
        shown = arrange(marked, is_rtl=is_rtl, bidi=self._bidi)
        space = min(width, columns) - line_width(line)
        return [(" " * space, ""), *shown] if is_rtl and space > 0 else shown

    def cell_as_read(self, line: Line, cell: int, columns: int) -> int:
        """The cell of a line as it is read that stands in a cell of the line as it is shown."""
        is_rtl, width = row_end(line)
        if self._bidi == "off" or not (is_rtl or any(has_rtl(text) for text, _ in line)):
            return cell
        space = max(0, min(width, columns) - line_width(line)) if is_rtl else 0
        return cell_as_read(line, max(0, cell - space), is_rtl=is_rtl)


def mark_line(line: Line, marks: Sequence[Mark]) -> Line:
    """The line with marks laid over it; where marks overlap, the later one is on top."""
    out: Line = []
    at = 0
    for text, key in line:
        cuts = {at, at + len(text)}
        for start, end, _ in marks:
            cuts.update(edge for edge in (start, end) if at < edge < at + len(text))
        edges = sorted(cuts)
        for begin, stop in pairwise(edges):
            own = key
            for start, end, mark in marks:
                if start <= begin and stop <= end:
                    own = f"{_without_target(own)}+{mark}" if own else mark
            out.append((text[begin - at : stop - at], own))
        at += len(text)
    return out


def _without_target(key: str) -> str:
    return "+".join(style_keys(key))


def characters_of(text: str, left: int, right: int) -> tuple[int, int]:
    """The characters of a row that stand between two cells."""
    if text.isascii():
        return min(left, len(text)), min(right, len(text))
    first = last = None
    at = cells = 0
    for piece, size in clusters(text):
        if first is None and cells + size > left:
            first = at
        if last is None and cells >= right:
            last = at
        at += len(piece)
        cells += size
    return (at if first is None else first), (at if last is None else last)
