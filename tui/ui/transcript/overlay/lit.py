"""What one frame brought: exactly its characters are lit, wherever they stand on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from tui.domain.turn import Turn
from tui.page.entry import Spot
from tui.page.page import Page, Place, Point
from tui.page.reply import ReplyEntry
from tui.typeset.line import NOWHERE, Line, line_text
from tui.ui.transcript.line_renderer import Mark, characters_of
from tui.ui.transcript.scroll import Scroller

if TYPE_CHECKING:
    from tui.page.located import Located, Source
    from tui.page.origin import Range


class Lit:
    """The light on what a frame brought, and the way back from a character to its strand."""

    def __init__(self, page: Page, scroller: Scroller, repaint: Callable[[], None]) -> None:
        """Start with nothing lit."""
        self._page = page
        self._scroller = scroller
        self._repaint = repaint
        self._turn: Turn | None = None
        self._ranges: Sequence[Range] = ()
        self._known: dict[tuple[int, int, int], tuple[object, Located]] = {}
        self._before: dict[tuple[int, int, int], tuple[object, Located]] = {}

    @property
    def has_marks(self) -> bool:
        """Whether anything may be lit."""
        return bool(self._ranges)

    def shift(self, count: int) -> None:
        """So many entries were put above all others."""
        del count
        self._forget()

    def reset(self) -> None:
        """The conversation is another one."""
        self._turn, self._ranges = None, ()
        self._forget()

    def _forget(self) -> None:
        self._known, self._before = {}, {}

    def light(self, turn: Turn | None, ranges: Sequence[Range], *, reveals: bool = True) -> None:
        """Light what a frame of a turn brought, and show it; nothing puts the light out."""
        if turn is self._turn and list(ranges) == list(self._ranges):
            return
        self._turn, self._ranges = turn, ranges
        self._known, self._before = {}, self._known  # the next frame is of the same block, mostly
        if ranges and reveals and self._scroller.viewport.rows:
            self._reveal()
        self._repaint()

    def marks(self, index: int, row: int, line: Line) -> Sequence[Mark]:
        """Light the characters of a row."""
        del line
        entry = self._page.entries[index]
        if not isinstance(entry, ReplyEntry) or entry.turn is not self._turn or not entry.is_built:
            return ()
        from tui.page.located import may_hold

        spot = entry.spot_at(row)
        if not may_hold(entry, spot, self._ranges):
            return ()
        located = self._located(index, entry, spot)
        if located is None or spot.row >= len(located.rows):
            return ()
        spans = [span for each in self._ranges if (span := located.places_of(each)) is not None]
        lit = [any(low <= place < high for low, high in spans) for place in located.rows[spot.row]]
        return _marks(lit)

    def source_at(self, point: Point) -> Source | None:
        """What stands at a point; `None` for what no frame brought."""
        index, spot = point.place
        entry = self._page.entries[index]
        located = self._located(index, entry, spot) if isinstance(entry, ReplyEntry) else None
        if located is None or spot.row >= len(located.rows):
            return None
        text = line_text(self._page.lines_at(point.place)[spot.row])
        at, _ = characters_of(text, point.cell, point.cell + 1)
        row = located.rows[spot.row]
        place = row[at] if at < len(row) else NOWHERE
        return located.source_of(place) if place != NOWHERE else None

    def is_blank(self, point: Point) -> bool:
        """Whether nothing stands at a point: beside a row, or in a row of air."""
        text = line_text(self._page.lines_at(point.place)[point.place.spot.row])
        at, _ = characters_of(text, point.cell, point.cell + 1)
        return not text[at:].strip()

    def first_source(self, index: int, part: int, block: int) -> Source | None:
        """The first character of a block that a frame brought."""
        entry = self._page.entries[index]
        located = self._located(index, entry, Spot(part, block, 0)) if isinstance(entry, ReplyEntry) else None
        if located is None:
            return None
        return next((located.source_of(place) for row in located.rows for place in row if place != NOWHERE), None)

    def _located(self, index: int, entry: ReplyEntry, spot: Spot) -> Located | None:
        block = entry.block_at(spot)
        state = (block, getattr(block, "span", None), entry.width, entry.turn.body.size, entry.turn.thoughts.size)
        is_frozen = block is not None and not getattr(block, "is_open", True)
        stamp = state[:3] if is_frozen else state
        key = (index, spot.part, spot.block)
        if (stamped := self._known.get(key) or self._before.get(key)) is not None and stamped[0] == stamp:
            self._known[key] = stamped
            return stamped[1]
        from tui.page.located import locate

        located = locate(entry, spot)
        if located is not None:
            self._known[key] = (stamp, located)
        return located

    def _reveal(self) -> None:
        """Scroll to the first that is lit, where none of it is seen."""
        place = self._first_place()
        if place is None:
            return
        viewport, row = self._scroller.viewport, self._page.row_of(place)
        if not viewport.top_row <= row < viewport.top_row + viewport.rows:
            self._page.firm_down(place, viewport.rows)
            self._scroller.hold(place, viewport.rows // 3)
            self._scroller.tell_below()

    def _first_place(self) -> Place | None:
        from tui.page.located import spots_of

        index = None if self._turn is None else self._page.entries.index_of(self._turn)
        if index is not None and not self._is_reply(index):
            index += 1  # what was asked stands above it
        if index is None or index >= len(self._page.entries) or not self._is_reply(index):
            return None
        entry = self._page.entries[index]
        if self._page.ensure(index):
            self._page.restack(index)
        if not isinstance(entry, ReplyEntry):
            return None
        for spot in spots_of(entry, self._ranges):
            located = self._located(index, entry, spot)
            spans = [span for each in self._ranges if located and (span := located.places_of(each)) is not None]
            row = None if located is None else located.first_row(spans)
            if row is not None:
                return Place(index, Spot(spot.part, spot.block, row))
        return None

    def _is_reply(self, number: int) -> bool:
        entry = self._page.entries[number]
        return isinstance(entry, ReplyEntry) and entry.turn is self._turn


def _marks(lit: list[bool]) -> list[Mark]:
    """The stretches that are lit."""
    edges = [at for at, (before, here) in enumerate(pairwise([False, *lit, False])) if before != here]
    return [Mark(start, stop, "lit") for start, stop in zip(edges[::2], edges[1::2], strict=True)]
