"""The palette: everything that can be done, by name."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.page.line import Line, pad
from tui.ui.action.action import Action
from tui.ui.action.hint import Hint
from tui.ui.action.keymap import fill_keys
from tui.ui.action.table import COMMANDS
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.list_height import ListHeight
from tui.ui.panes.match import best
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowChosen


class CommandsPane(Pane):
    """A list of commands that shrinks as one types."""

    title_words = "Commands"
    hints = (Hint(("list.choose",), "run"), "pane.close")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.rows = ListView(self._paint, empty="No match", takes_focus=False)
        self.list_height = ListHeight(self, self.rows)
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
        self.rows.show(best(self.field.value, COMMANDS, lambda action: f"{action.slash} {action.label}"), cursor=0)

    @on(RowChosen)
    async def run_chosen(self, notice: RowChosen) -> None:
        """Run what was chosen, with the palette out of the way."""
        action: Action = notice.item
        notice.stop()
        await self._chat.close_pane(self)
        await self._chat.action_do(action.id)

    def _paint(self, action: Action, width: int) -> Line:
        keys = self._chat.rillet.keys
        reason = fill_keys(self._chat.runner.why_not(action), keys)
        return [
            (pad(action.slash, 12), "muted" if reason else ""),
            (pad(reason or action.label, max(10, width - 24)), "muted"),
            (pad(keys.name(action.id), 10, right=True), "muted" if reason else "key"),
        ]
