"""Find: words to look for in the conversation."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from tui.ui.action.binding import bindings
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.pane import Pane


class FindPane(Pane):
    """One line over the page; the page shows what is found as one types."""

    DEFAULT_CSS = """
    FindPane.-over { dock: top; width: 1fr; height: 2; margin: 1 0 0 0; padding: 0 2; border-right: none; }
    FindPane > Heading { display: none; }
    """
    title_words = "Find"
    leaves_room = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("find")
    hints = ("find.go", "pane.close")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.field = Field("find in this conversation")

    def content(self) -> ComposeResult:
        """The field."""
        yield self.field

    @on(Input.Changed)
    def look(self) -> None:
        """Show what fits so far."""
        self._chat.page.find(self.field.value)

    @on(Input.Submitted)
    async def leave(self, notice: Input.Submitted) -> None:
        """Enter was pressed."""
        notice.stop()
        await self.action_go()

    async def action_go(self) -> None:
        """To the page, where n and N go on."""
        await self._chat.close_pane(self)
        self._chat.page.focus()
