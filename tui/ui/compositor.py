"""Textual's compositor, which cuts no wide character at the edge of what nobody sees."""

from __future__ import annotations

from textual._compositor import Compositor
from textual.geometry import Region


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
                        if not any(_hides(cover, part, y) for cover in covers):
                            cuts[y].update((part.x, part.right))
                    if widget.has_class("-over"):
                        covers.append(part)
            self._cuts = [sorted(row) for row in cuts]
        return self._cuts


def _hides(cover: Region, part: Region, y: int) -> bool:
    """Whether nothing is seen of a row of a part that is behind a cover."""
    return cover.y <= y < cover.bottom and cover.x <= part.x and part.right <= cover.right
