"""Faults of tools, roots and servers: looked for when the screen stands, and marked in the title until they are read."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.stage import Stage


class FaultController:
    """Looks what of the settings does not work, before anybody needs it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

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
        self._stage.tell_saving()
        await registry.has_begun()
        self._stage.tell_saving()
