"""Routes: which controller does an action, runs a command, takes a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.widget import Widget

from tui.ui.screen.controller import Controller, Run, RunWith, Take
from tui.ui.screen.writing import settle
from tui.ui.widgets.list_view import ListView

if TYPE_CHECKING:
    from tui.ui.panes.pane import Pane
    from tui.ui.transcript import Transcript
    from tui.ui.widgets.composer import Composer


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


class Owners(Protocol):
    """The widgets of a screen that own scopes."""

    composer: Composer
    page: Transcript

    @property
    def app(self) -> App[Any]:
        """The app."""

    @property
    def focused(self) -> Widget | None:
        """What has the keys."""


def owner_of(scope: str, screen: Owners, pane: Pane | None) -> DOMNode | None:
    """The widget on which the actions of a scope are run; those of a pane on the one that counts now."""
    if scope == "list":
        focused = screen.focused if isinstance(screen.focused, ListView) else None
        return focused or (pane.query(ListView).first() if pane is not None else None)
    owners: dict[str, DOMNode] = {"app": screen.app, "composer": screen.composer, "page": screen.page}
    return owners.get(scope, pane)
