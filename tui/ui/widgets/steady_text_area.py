"""A text area that looks up its colours when they have changed, and not for every key."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import TextArea


class SteadyTextArea(TextArea, inherit_bindings=False):
    """Textual's own, which puts its styles together anew whenever it is painted: a third of what a typed letter took."""

    _has_styles = False

    def notify_style_update(self) -> None:
        """The rules that its styles come from have changed."""
        self._has_styles = False
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows in a region."""
        if self._has_styles:
            return super(TextArea, self).render_lines(crop)
        self._has_styles = True
        return super().render_lines(crop)
