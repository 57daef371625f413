"""The tools: which of them the model is told of."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from tui.domain.error import RilletError
from tui.tools.definition import Tool
from tui.tools.registry import Problem
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.line import Line, pad
from tui.ui.panes.pane import Pane
from tui.ui.rows import RowChosen, Rows


class ToolsPane(Pane):
    """A list of tools to switch on and off, and what is wrong with the others."""

    title_words = "Tools"
    hints = (Hint(("list.choose",), "on or off"), "pane.close")
    BINDINGS: ClassVar[list[BindingType]] = bindings("tools")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.rows = Rows(self._paint, empty="looking…")

    def content(self) -> ComposeResult:
        """The list."""
        yield self.rows

    def on_mount(self) -> None:
        """Load the tools; servers may take a while."""
        self.run_worker(self._load(), exit_on_error=False)

    async def _load(self) -> None:
        calling = self._chat.flow.calling
        try:
            registry = await calling.load()
            await calling.prepare()
        except RilletError as error:
            self.rows.show((), empty=error.message)
            return
        self.rows.show([*registry.tools, *registry.problems], empty="there are no tools; the settings describe them")

    @on(RowChosen)
    def switch_chosen(self, notice: RowChosen) -> None:
        """Switch it on or off."""
        notice.stop()
        self.action_switch()

    def action_switch(self) -> None:
        """Tell the model of it from the next prompt on, or no longer."""
        tool = self.rows.item
        if isinstance(tool, Tool):
            self._chat.flow.calling.offer(self._chat.flow.calling.offered ^ {tool.name})
            self.rows.refresh()

    def _paint(self, item: Tool | Problem, width: int) -> Line:
        if isinstance(item, Problem):
            return [("! ", "warning"), (str(item), "warning")]
        is_on = item.name in self._chat.flow.calling.offered
        return [
            ("● on   " if is_on else "○ off  ", "accent" if is_on else "muted"),
            (pad(item.name, 20), ""),
            (pad(item.origin, 12), "muted"),
            (item.description.split("\n")[0][: max(10, width)], "muted"),
        ]
