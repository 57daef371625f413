"""What must be read: it stays marked on the screen until somebody says that it was."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tui.domain.error import StoreError
from tui.page.line import Line
from tui.typeset.wrap import wrap_told
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, hint_line
from tui.ui.host import Chat
from tui.ui.panes.install import Page
from tui.ui.panes.pane import Pane


class NoticesPane(Pane):
    """The notes of the database, whole, and Enter to say that they were read."""

    columns = 84
    title_words = "To be read"
    is_snug = True
    hints = ("notices.confirm", Hint(("pane.close",), "later"))
    BINDINGS: ClassVar[list[BindingType]] = bindings("notices")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.text = Page()

    def content(self) -> ComposeResult:
        """The page."""
        yield self.text

    def on_mount(self) -> None:
        """Show them."""
        database = self._chat.program.database
        texts = [f"Nothing is saved: {database.why_unsaved}."] if database.why_unsaved else []
        with suppress(StoreError):
            texts += database.notes()
        texts += self._chat.faults.unread
        if (file := self._chat.program.settings_file) is not None and file.problem:
            texts.append(f"The settings file cannot be used as it is now; those read before stay. {file.problem}")
        columns = max(20, min(self.columns, self.app.size.width) - 8)
        lines: list[Line] = []
        for text in texts or ["There is nothing to be read."]:
            lines += [*wrapped(text, columns), []]
        self.text.show(
            [*lines, hint_line((Hint(("notices.confirm",), "says that you have read it"),), self._chat.rillet.keys)]
        )

    async def action_confirm(self) -> None:
        """They have been read."""
        self._chat.save(self._chat.program.database.confirm_notes)
        self._chat.faults.confirm()
        self._chat.tell_saving()
        await self._chat.close_pane(self)


def wrapped(text: str, columns: int) -> list[Line]:
    """A text as lines of at most so many columns."""
    return [row for row, _ in wrap_told([(text, "")], columns)]
