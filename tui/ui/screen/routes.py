"""Routes: which controller does an action, runs a command, takes a message."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message

from tui.ui.screen.controller import Controller, Run, RunWith, Take
from tui.ui.screen.writing import settle


class Routes:
    """What the controllers say that they do.

    Attributes:
        actions: The actions of the table, by their ids.
        commands: The actions that take a text behind a slash command, by their ids.
        messages: What is done with messages, by their types.
    """

    def __init__(self) -> None:
        """Know of no controller yet."""
        self.actions: dict[str, Run] = {}
        self.commands: dict[str, RunWith] = {}
        self.messages: dict[type[Message], Take] = {}

    def add(self, controllers: Sequence[Controller]) -> None:
        """Route to these."""
        for controller in controllers:
            self.actions |= controller.actions
            self.commands |= controller.commands
            self.messages |= controller.messages

    async def take(self, message: Message) -> None:
        """Hand a message to the controller that takes it, if any does."""
        if (take := self.messages.get(type(message))) is not None:
            await settle(take(message))

    def take_now(self, message: Message) -> None:
        """Hand a message to the controller that takes it, before anything else is done."""
        self.messages[type(message)](message)
