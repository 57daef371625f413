"""The completion: commands that begin like what is being typed, just above the composer."""

from __future__ import annotations

from tui.page.line import Line, pad
from tui.ui.action.action import Action
from tui.ui.action.slash import commands_that_begin
from tui.ui.widgets.list_view import ListView

MOST = 8
"""Rows it takes at most."""


class Completion(ListView):
    """A short list over the page; the composer moves through it."""

    DEFAULT_CSS = """
    Completion { layer: over; dock: bottom; display: none; height: auto; width: 72; max-width: 100%;
        background: $surface; scrollbar-background: $surface; padding: 0 0 0 1; margin: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(_paint, id="completion")
        self.can_focus = False
        self.display = False

    def offer(self, text: str, room_below: int) -> None:
        """Show what fits a text that begins with a slash; nothing for any other."""
        matches: list[Action] = []
        if text.startswith("/") and " " not in text and "\n" not in text:
            matches = commands_that_begin(text[1:])
        self.display = bool(matches)
        if matches:
            self.styles.height = min(MOST, len(matches))
            self.styles.margin = (0, 1, room_below, 1)
            self.show(matches, cursor=0)


def _paint(action: Action, width: int) -> Line:
    del width
    return [(pad(f"/{action.slash}", 12), "accent"), (pad(action.argument, 12), "muted"), (action.label, "")]
