"""Textual's compositor, which cuts no wide character at the edge of what nobody sees."""

from __future__ import annotations

from textual._compositor import Compositor
from textual.geometry import Region


class WholeCompositor(Compositor):
    """Cuts the rows of the screen at the edges of what can be seen of its widgets.

    Textual cuts them at the edges of all, those behind others too: a wide character of a pane that lies over the page
    is lost where, behind it, the page ends.
    """

    @property
    def cuts(self) -> list[list[int]]:
        """Where the rows are cut: for each, the columns at which a widget begins or ends that something is seen of."""
        if self._cuts is None:
            width, height = self.size
            cuts = [{0, width} for _ in range(height)]
            for region in self._seen():
                for row in cuts[region.y : region.bottom]:
                    row.add(region.x)
                    row.add(region.right)
            self._cuts = [sorted(row) for row in cuts]
        return self._cuts

    def _seen(self) -> list[Region]:
        """The regions of the widgets that are not wholly behind another, from the front to the back."""
        regions: list[Region] = []
        for region, clip in self.visible_widgets.values():
            part = region.intersection(clip)
            if part.area and not any(each.contains_region(part) for each in regions):
                regions.append(part)
        return regions
