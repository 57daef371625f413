"""The title line: the program, the conversation, and who answers it."""

from __future__ import annotations

from tui.page.line import Line, crop, spread
from tui.ui.line import Lines


class TitleLine(Lines):
    """One line; on a narrow screen it folds to the model."""

    DEFAULT_CSS = "TitleLine { height: 1; padding: 0 1; background: $background; }"

    def __init__(self) -> None:
        super().__init__(id="title")
        self._title = ""
        self._model = ""
        self._place = ""
        self._dialect = ""
        self._effort = ""
        self._has_system = False
        self._faults = 0

    def tell(self, *, title: str, model: str, place: str, dialect: str, effort: str, has_system: bool) -> None:
        """Show these."""
        new = (title, model, place, dialect, effort, has_system)
        if new != (self._title, self._model, self._place, self._dialect, self._effort, self._has_system):
            self._title, self._model, self._place, self._dialect, self._effort, self._has_system = new
            self.refresh()

    def tell_faults(self, count: int) -> None:
        """Mark that so many things do not work which the settings want; nothing once they have been read."""
        if count != self._faults:
            self._faults = count
            self.refresh()

    def lines(self, width: int) -> list[Line]:
        """The line at a width."""
        model: Line = [
            (self._model or "no model", "accent@chat.models"),
            (f" · {self._place} · {self._dialect}", "muted@chat.models"),
        ]
        if self._effort:
            model.append((f" · effort {self._effort}", "muted@chat.sheet"))
        if self._has_system:
            model.append((" · system prompt", "muted@chat.system"))
        mark: Line = []
        if self._faults:
            words = f" ! {self._faults} {'fault' if self._faults == 1 else 'faults'} " if width >= 60 else " ! "
            mark = [("  ", ""), (words, "loud@chat.notices")]
        if width < 60:
            return [spread([("rillet", "title"), *mark], crop(model, width - 10 - 5 * bool(mark)), width)]
        room = width - sum(len(text) for text, _ in [*model, *mark]) - 14
        left: Line = [("rillet", "title"), *mark, ("  ", ""), *crop([(self._title, "")], max(8, room))]
        return [spread(left, model, width)]
