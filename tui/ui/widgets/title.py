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
        self._has_system = False

    def tell(self, *, title: str, model: str, place: str, dialect: str, has_system: bool) -> None:
        """Show these."""
        told = (title, model, place, dialect, has_system)
        if told != (self._title, self._model, self._place, self._dialect, self._has_system):
            self._title, self._model, self._place, self._dialect, self._has_system = told
            self.refresh()

    def lines(self, width: int) -> list[Line]:
        """The line at a width."""
        model: Line = [
            (self._model or "no model", "accent@chat.models"),
            (f" · {self._place} · {self._dialect}", "muted@chat.models"),
        ]
        if self._has_system:
            model.append((" · system prompt", "muted@chat.system"))
        if width < 60:
            return [spread([("rillet", "title")], crop(model, width - 10), width)]
        room = width - sum(len(text) for text, _ in model) - 14
        left: Line = [("rillet", "title"), ("  ", ""), *crop([(self._title, "")], max(8, room))]
        return [spread(left, model, width)]
