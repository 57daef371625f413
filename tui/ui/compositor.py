"""Textual's compositor, which renders nothing that is not seen, and cuts no wide character at the edge of what nobody sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import cast

from textual._compositor import Compositor, ReflowResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

Chops = list[dict[int, Strip | None]]
"""The pieces of each row of the screen, by the column at which they begin; `None` where nothing was rendered yet."""


class PaneCompositor(Compositor):
    """Cuts the rows of the screen where a widget begins or ends, but not at what is behind a pane that lies over it.

    Textual cuts them at the edges of all: a wide character of such a pane is lost where, behind it, the page ends.
    """

    @property
    def cuts(self) -> list[list[int]]:
        """Where the rows are cut: for each, the columns at which a widget begins or ends."""
        if self._cuts is None:
            width, height = self.size
            cuts = [{0, width} for _ in range(height)]
            covers: list[Region] = []
            for widget, (region, clip) in self.visible_widgets.items():  # from the front to the back
                part = region.intersection(clip)
                if part.area:
                    for y in range(part.y, part.bottom):
                        if not covers or not any(_hides(cover, part, y) for cover in covers):
                            cuts[y].update((part.x, part.right))
                    if widget.has_class("-over"):
                        covers.append(part)
            self._cuts = [sorted(row) for row in cuts]
        return self._cuts

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay everything out: the map of that holds every widget, so that Textual need not make it once more."""
        result = super().reflow(parent, size)
        self._full_map_invalidated = False
        return result

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        """Render the rows that an update is about, as far as they are seen.

        Textual renders every widget whole that shares the screen with it, those behind all others too, which was most of
        what the beginning and the end of a turn cost.
        """
        cuts = self.cuts
        chops: Chops = [dict.fromkeys(edges[:-1]) for edges in cuts]
        for widget, (region, clip) in self.visible_widgets.items():  # from the front to the back
            part = region.intersection(clip)
            seen = part.intersection(crop)
            rows = [y for y in seen.line_range if is_rendered_line(y) and _is_open(chops[y], cuts[y], seen)]
            if rows:
                first, height = rows[0], rows[-1] + 1 - rows[0]
                strips = widget.render_lines(Region(part.x - region.x, first - region.y, part.width, height))
                for y in rows:
                    _fill(chops[y], [edge for edge in cuts[y] if part.x <= edge <= part.right], strips[y - first])
        return cast("Sequence[Mapping[int, Strip]]", chops)  # as Textual does, which leaves out what is not asked for


def _is_open(row: Mapping[int, Strip | None], edges: Sequence[int], part: Region) -> bool:
    """Whether anything of a row is not rendered yet where a part of the screen shows."""
    for begins, ends in pairwise(edges):  # noqa: SIM110  each row of the screen asks, and a generator takes twice as long
        if row[begins] is None and begins < part.right and ends > part.x:
            return True
    return False


def _fill(row: dict[int, Strip | None], edges: Sequence[int], strip: Strip) -> None:
    """Put a row of a widget between its edges, but where something in front of it stands."""
    for begins, piece in zip(edges, strip.divide([edge - edges[0] for edge in edges[1:]]), strict=False):
        if row[begins] is None:
            row[begins] = piece


def _hides(cover: Region, part: Region, y: int) -> bool:
    """Whether nothing is seen of a row of a part that is behind a cover."""
    return cover.y <= y < cover.bottom and cover.x <= part.x and part.right <= cover.right
