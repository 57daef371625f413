"""The queue: prompts that wait for the running turn to end."""

from __future__ import annotations

from tui.domain.turn import Prompt
from tui.page.line import Line, crop, spread
from tui.ui.action.hint import Hint, hint_line, keymap_of
from tui.ui.line import Lines

SHOWN = 4
"""How many are shown; of more, only their number."""


class QueueLines(Lines):
    """One line for each queued prompt, oldest first."""

    DEFAULT_CSS = "QueueLines { height: auto; padding: 0 1; display: none; background: $background; }"

    def __init__(self) -> None:
        super().__init__(id="queue")
        self._queue: list[Prompt] = []

    def tell(self, queue: list[Prompt]) -> None:
        """Show these."""
        self._queue = list(queue)
        self.display = bool(queue)
        self.refresh(layout=True)

    def lines(self, width: int) -> list[Line]:
        """The lines at a width."""
        lines: list[Line] = []
        hidden = max(0, len(self._queue) - SHOWN)
        if hidden:
            lines.append([(f"  {hidden} more wait", "muted")])
        for at, prompt in enumerate(self._queue[hidden:], hidden + 1):
            left: Line = [
                ("⧗ ", "accent"),
                ("next  " if at == 1 else "then  ", "muted"),
                (" ".join(prompt.text[:400].split()), ""),
            ]
            is_last = at == len(self._queue)
            keys = hint_line((Hint(("composer.up",), "edit"), Hint(("composer.cut",), "drop")), keymap_of(self))
            lines.append(spread(crop(left, width - 24) if is_last else left, keys if is_last else [], width))
        return lines
