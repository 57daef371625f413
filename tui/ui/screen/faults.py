"""Faults of tools, roots and servers: looked for when the screen stands, and marked in the title until they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.message import Message

from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.stage import Stage

if TYPE_CHECKING:
    from tui.tools.mcp.connection import McpConnection


class FaultController:
    """Looks what of the settings does not work, before anybody needs it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._problems: dict[str, str] = {}

    @property
    def actions(self) -> Mapping[str, Run]:
        """None."""
        return {}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """None."""
        return {}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """None."""
        return {}

    async def look(self) -> None:
        """Build the tools that the settings describe, start their servers, and tell what does not work."""
        tools = self._stage.runner.tools
        if not tools.is_wanted:
            return
        registry = await tools.load()
        for server in registry.servers:
            if self._hear not in server.listeners:
                server.listeners.append(self._hear)
        self._stage.tell_saving()
        await registry.has_begun()
        self._stage.tell_saving()

    def _hear(self, server: McpConnection) -> None:
        """A server fails, or has come back: the mark follows. It tells more often than that."""
        if self._problems.get(server.name, "") != server.problem:
            self._problems[server.name] = server.problem
            self._stage.tell_saving()
