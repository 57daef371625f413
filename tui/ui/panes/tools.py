"""The tools and the servers they come from: what the model is told of, what does not run, and why."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from tui.domain.error import RilletError
from tui.page.line import Line, pad
from tui.tools.definition import Tool
from tui.tools.mcp.connection import McpConnection, ServerState
from tui.tools.registry import Problem, Registry
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.list_height import ListHeight
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowChosen
from tui.wire.printable import printable_line

Item = Tool | McpConnection | Problem | str
_SIGNS: dict[ServerState, tuple[str, str]] = {
    "off": ("○", "muted"),
    "idle": ("○", "muted"),
    "starting": ("◌", "accent"),
    "signing in": ("◌", "accent"),
    "ready": ("●", "accent"),
    "needs a sign-in": ("!", "warning"),
    "failed": ("!", "warning"),
    "ended": ("○", "muted"),
}


class ToolsPane(Pane):
    """Servers, each with its state and its tools, and the tools that need none; every letter filters."""

    title_words = "Tools"
    hints = (
        Hint(("list.choose",), "on or off, sign in"),
        "tools.switch_all",
        "chat.row_menu",
        "tools.restart",
        "tools.log",
        "pane.close",
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings("tools")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._registry: Registry | None = None
        self._shown_for = ""
        self._log_of: McpConnection | None = None
        # Only a server is started anew, and has a log.
        self.suits_row = lambda _action, _parameters: self._log_of is None and self._server() is not None
        self.rows = ListView(self._paint, empty="looking…", takes_focus=False)
        self.list_height = ListHeight(self, self.rows)
        self.field = Field("type to find", self.rows)

    def content(self) -> ComposeResult:
        """The field and the list."""
        yield self.field
        yield self.rows

    def on_mount(self) -> None:
        """Load the tools; servers start meanwhile."""
        self.run_worker(self._load(), exit_on_error=False)

    def on_unmount(self) -> None:
        """Listen to servers no longer."""
        for server in self._registry.servers if self._registry is not None else ():
            server.listeners.remove(self._hear)

    async def _load(self) -> None:
        try:
            registry = self._registry = await self._chat.runner.tools.load()
        except RilletError as error:
            self.rows.show((), empty=error.message)
            return
        for server in registry.servers:
            server.listeners.append(self._hear)
        self._chat.runner.tools.take_up()
        self._show()

    def _hear(self, server: McpConnection) -> None:
        del server
        self._chat.runner.tools.take_up()
        self._show()

    def _show(self, cursor: int | None = None) -> None:
        registry = self._registry
        if registry is None or not self.is_attached:
            return
        self._shown_for = self.field.value
        server = self._log_of
        if server is not None:
            lines = [line for line in server.log.lines if _has(self._shown_for, line)]
            self.rows.show(lines, cursor=len(lines) - 1, empty="it has complained about nothing")
            self.heading.tell(
                [(f"What {server.name} complains about", "title")], [(str(server.log.path or ""), "muted")]
            )
            return
        items: list[Item] = []
        down = {other.name for other in registry.servers}
        for each in registry.servers:
            tools = [tool for tool in registry.tools if tool.server == each.name]
            notes = [note for note in registry.notes if note.name == each.name]
            below: list[Item] = [*tools, *notes]
            fitting = [item for item in below if self._fits(item)]
            if fitting or self._fits(each):
                items += [each, *fitting]
        rest: list[Item] = [
            *(tool for tool in registry.tools if not tool.server),
            *(one for one in registry.problems if one.name not in down),
        ]
        items += [item for item in rest if self._fits(item)]
        nothing = "No match" if self._shown_for else "there are no tools; the settings describe them"
        self.rows.show(items, cursor=cursor, empty=nothing)
        count, offered = len(registry.tools), len(self._chat.runner.tools.offered)
        self.heading.tell([(self.title_words, "title")], [(f"the model is told of {offered} of {count}", "muted")])

    def _fits(self, item: Item) -> bool:
        match item:
            case Tool():
                text = f"{item.name} {item.description[:500]}"
            case McpConnection():
                text = f"{item.name} {item.title} {item.state}"
            case _:
                text = str(item)
        return _has(self._shown_for, text)

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit."""
        if self.field.value != self._shown_for:
            self._show(cursor=0)

    @on(RowChosen)
    def choose(self, notice: RowChosen) -> None:
        """Switch it on or off; sign in where a server waits for that."""
        notice.stop()
        self.action_switch()

    def action_switch(self) -> None:
        """Tell the model of a tool from the next prompt on, or no longer; do without a server, or with it again."""
        match self.rows.item:
            case Tool() as tool:
                self._offer(self._chat.runner.tools.offered ^ {tool.name})
            case McpConnection() as server if server.state == "needs a sign-in":
                self._chat.say(f"{server.name}: opening the sign-in in your browser")
                self._chat.servers.allow_sign_in(server.name)
                self.run_worker(server.restart(), exit_on_error=False)
            case McpConnection() as server if server.state in ("off", "failed", "ended"):
                self.run_worker(server.restart(), exit_on_error=False)
            case McpConnection() as server:
                self.run_worker(server.switch_off(), exit_on_error=False)
            case _:
                pass

    def action_switch_all(self) -> None:
        """Tell the model of all tools that are listed, or of none of them where it is told of all."""
        listed = {item.name for item in self.rows.items if isinstance(item, Tool)}
        if not listed:
            self._chat.say("no tool is listed")
            return
        tools = self._chat.runner.tools
        is_off = bool(listed - tools.offered)
        self._offer(tools.offered | listed if is_off else tools.offered - listed)
        count = f"{len(listed)} tool{'' if len(listed) == 1 else 's'}"
        self._chat.say(f"{count} switched {'on' if is_off else 'off'}")

    def _offer(self, names: Collection[str]) -> None:
        """Tell the model of these tools from the next prompt on, in this conversation and the next ones."""
        tools = self._chat.runner.tools
        tools.offer(names)
        self._chat.choose(switched_tools=tools.switched)
        self._chat.conversation.sheet.switched_tools = tools.switched
        self._chat.conversation.session.save_sheet()
        self._show()

    def action_restart(self) -> None:
        """Start the server under the cursor anew."""
        if (server := self._server()) is not None:
            self.run_worker(server.restart(), exit_on_error=False)

    def action_log(self) -> None:
        """Show what the server under the cursor complains about, or the tools again."""
        self._log_of = None if self._log_of is not None else self._server()
        self.field.value = ""
        self._show(cursor=0)

    def action_close(self) -> None:
        """Go back to the tools, or close."""
        if self._log_of is not None:
            self.action_log()
        else:
            super().action_close()

    def _server(self) -> McpConnection | None:
        """The server under the cursor, or the one that the tool there is of."""
        item = self.rows.item
        if isinstance(item, McpConnection):
            return item
        name = item.server if isinstance(item, Tool) else item.name if isinstance(item, Problem) else ""
        return self._registry.server(name) if self._registry is not None else None

    def _paint(self, item: Item, width: int) -> Line:
        match item:
            case McpConnection():
                sign, tone = _SIGNS[item.state]
                count = f"{len(item.tools)} tool{'' if len(item.tools) == 1 else 's'}" if item.state == "ready" else ""
                restarts = f"started {item.starts} times" if item.starts > 1 else ""
                facts = " · ".join(part for part in (item.trouble or item.state, count, restarts, item.title) if part)
                return [
                    (f"{sign} ", tone),
                    (pad(item.name, 25), "strong"),
                    (printable_line(facts)[: max(10, width)], "muted"),
                ]
            case Problem():
                return [("  ! ", "warning"), (printable_line(item.what if item.name else str(item)), "warning")]
            case str():
                return [(printable_line(item), "")]
            case Tool():
                is_on = item.name in self._chat.runner.tools.offered
                hints = f"{', '.join(item.hints)} · " if item.hints else ""
                about = f"{hints}{item.title or item.description}".split("\n")[0]
                return [
                    ("  ● on   " if is_on else "  ○ off  ", "accent" if is_on else "muted"),
                    (pad(item.name, 28), ""),
                    (pad("" if item.server else item.origin, 9), "muted"),
                    (printable_line(about)[: max(10, width)], "muted"),
                ]


def _has(words: str, text: str) -> bool:
    """Whether every word stands in a text: in descriptions, letters here and there would fit everything."""
    low = text.lower()
    return all(word in low for word in words.lower().split())
