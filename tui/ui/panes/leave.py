"""Leaving while something is saved nowhere: a file is offered, and only then is it left behind."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.domain.error import RilletError
from tui.ui.host import Chat
from tui.ui.line import Line
from tui.ui.panes.install import Page
from tui.ui.panes.notices import wrapped
from tui.ui.panes.pane import Pane


class LeavePane(Pane):
    """Why nothing is saved, and what can be done about it."""

    columns = 84
    title_words = "This conversation is not saved"
    keys = (("s", "write a file", "focus_page"), ("q", "leave all the same", "focus_page"), ("Esc", "stay", "back"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "write_file", "Write a file", show=False, id="leave.write"),
        Binding("q", "leave", "Leave all the same", show=False, id="leave.leave"),
    ]

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
        lines: list[Line] = []
        for text in texts:
            lines += [*wrapped(text, columns), []]
        self.text.show(
            [
                *lines,
                [("s", "key@focus_page"), ("  writes it to a file here, as Markdown", "")],
                [("q", "key@focus_page"), ("  leaves all the same", "")],
                [("Esc", "key@back"), ("  stays", "")],
            ]
        )

    def action_write_file(self) -> None:
        """Write what is not saved into new files."""
        try:
            self._tell(*self._chat.write_unsaved(), "q leaves.")
        except RilletError as error:
            self._tell(f"{error.message}. {error.hint}".strip())

    async def action_leave(self) -> None:
        """Leave."""
        await self._chat.rillet.leave()
