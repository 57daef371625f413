"""The menu of a block: what can be done with it, and the keys that do it without the menu."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult

from tui.ui.host import Chat
from tui.ui.line import Line, pad
from tui.ui.panes.pane import Pane
from tui.ui.rows import RowChosen, Rows
from tui.ui.transcript import Choice


class MenuPane(Pane):
    """A few choices; Enter or a choice's own key takes one."""

    columns = 48
    title_words = "This block"
    keys = (("Enter", "do it", "pane('choose')"), ("Esc", "close", "back"))

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.rows = Rows(_paint)

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
        choice = next((choice for choice in self.rows.items if event.key == choice.key), None)
        if choice is not None:
            event.stop()
            event.prevent_default()
            await self._do(choice)

    async def _do(self, choice: Choice) -> None:
        await self._chat.close_pane(self)
        self._chat.page.focus()
        await self._chat.page.run_action(choice.action)


def _paint(choice: Choice, width: int) -> Line:
    del width
    return [(pad(choice.key, 8), "key"), (choice.words, "")]
