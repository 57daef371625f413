"""A controller: one thing that is done on the screen, with the actions and messages that it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from textual.message import Message

Run = Callable[[], object]
"""Does an action; what it returns may have to be awaited."""
RunWith = Callable[[str], object]
"""Does what a slash command asks for, with the text behind its name."""
Take = Callable[[Any], object]
"""Takes a message of the type that it is registered for."""


class Controller(Protocol):
    """What the screen routes to. A controller knows the stage, and those controllers that it needs."""

    @property
    def actions(self) -> Mapping[str, Run]:
        """The actions of the table that it does, by their ids."""

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """The actions that take a text behind a slash command, by their ids."""

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """The messages that it takes, by their types."""
