"""The palette: everything that can be done, by name."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.ui.command import COMMANDS, Command
from tui.ui.host import Chat
from tui.ui.line import Line, pad
from tui.ui.panes.field import Field
from tui.ui.panes.match import best
from tui.ui.panes.pane import Pane
from tui.ui.rows import RowChosen, Rows


class CommandsPane(Pane):
    """A list of commands that shrinks as one types."""

    title_words = "Everything"
    keys = (("Enter", "do it", "pane('choose')"), ("Esc", "close", "back"))

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.rows = Rows(_paint, empty="nothing is called so", takes_focus=False)
        self.field = Field("type to find", self.rows)

    def content(self) -> ComposeResult:
        """The field and the list."""
        yield self.field
        yield self.rows

    def on_mount(self) -> None:
        """Show all of them."""
        self.rows.show(COMMANDS, cursor=0)

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit."""
        self.rows.show(best(self.field.value, COMMANDS, lambda command: f"{command.name} {command.words}"), cursor=0)

    @on(RowChosen)
    async def run_chosen(self, notice: RowChosen) -> None:
        """Run what was chosen, with the palette out of the way."""
        command: Command = notice.item
        notice.stop()
        await self._chat.close_pane(self)
        if command.takes and not command.takes.startswith("["):
            self._chat.composer.write_command(f"/{command.name} ")
        else:
            await self._chat.run_action("app.quit" if command.action == "quit" else command.action)


def _paint(command: Command, width: int) -> Line:
    return [
        (pad(command.name, 12), ""),
        (pad(command.words, max(10, width - 24)), "muted"),
        (pad(command.key, 10, right=True), "key"),
    ]
