"""The menu of a block: what can be done with it, and the keys that do it without the menu."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult

from tui.page.line import Line, pad
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.panes.pane import Pane
from tui.ui.transcript import Choice
from tui.ui.widgets.list_view import ListView, RowChosen


class MenuPane(Pane):
    """A few choices; Enter or the key of an action takes one."""

    columns = 48
    title_words = "This block"
    is_snug = True
    hints = (Hint(("list.choose",), "run"), "pane.close")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.rows = ListView(self._paint)

    def content(self) -> ComposeResult:
        """The choices."""
        yield self.rows

    def tell(self, choices: tuple[Choice, ...]) -> None:
        """Offer these."""
        self.rows.show(choices, cursor=0)

    @on(RowChosen)
    async def do_chosen(self, notice: RowChosen) -> None:
        """Do it."""
        notice.stop()
        await self._do(notice.item)

    async def on_key(self, event: events.Key) -> None:
        """Do what a key stands for."""
        keys = self._chat.rillet.keys
        choice = next((choice for choice in self.rows.items if event.key in keys.keys(choice.id)), None)
        if choice is not None:
            event.stop()
            event.prevent_default()
            await self._do(choice)

    async def _do(self, choice: Choice) -> None:
        await self._chat.close_pane(self)
        self._chat.page.focus()
        await self._chat.action_do(choice.id)

    def _paint(self, choice: Choice, width: int) -> Line:
        del width
        return [(pad(self._chat.rillet.keys.name(choice.id), 8), "key"), (choice.words, "")]
