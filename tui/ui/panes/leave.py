"""Leaving while something is saved nowhere: a file is offered, and only then is it left behind."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tui.domain.error import RilletError
from tui.page.line import Line
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, hint_line
from tui.ui.host import Chat
from tui.ui.panes.install import Page
from tui.ui.panes.notices import wrapped
from tui.ui.panes.pane import Pane


class LeavePane(Pane):
    """Why nothing is saved, and what can be done about it."""

    columns = 84
    title_words = "This conversation is not saved"
    is_snug = True
    hints = ("leave.write", "leave.leave", Hint(("pane.close",), "stay"))
    BINDINGS: ClassVar[list[BindingType]] = bindings("leave")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.text = Page()

    def content(self) -> ComposeResult:
        """The page."""
        yield self.text

    def on_mount(self) -> None:
        """Say what would be gone."""
        program = self._chat.program
        self._tell(f"{program.store_problem or program.database.why_unsaved}.", "It is gone when you leave now.")

    def _tell(self, *texts: str) -> None:
        columns = max(20, min(self.columns, self.app.size.width) - 8)
        keys = self._chat.rillet.keys
        lines: list[Line] = []
        for text in texts:
            lines += [*wrapped(text, columns), []]
        self.text.show(
            [
                *lines,
                hint_line((Hint(("leave.write",), "writes it to a file here, as Markdown"),), keys),
                hint_line((Hint(("leave.leave",), "leaves all the same"),), keys),
                hint_line((Hint(("pane.close",), "stays"),), keys),
            ]
        )

    def action_write_file(self) -> None:
        """Write what is not saved into new files."""
        try:
            self._tell(*self._chat.sessions.write_unsaved(), f"{self._chat.rillet.keys.name('leave.leave')} leaves.")
        except RilletError as error:
            self._tell(f"{error.message}. {error.hint}".strip())

    async def action_leave(self) -> None:
        """Leave."""
        await self._chat.rillet.leave()
