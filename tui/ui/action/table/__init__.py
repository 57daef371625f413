"""The table of actions: everything a person can do, one row each. Keys, hints, help, commands and README are views of it."""

from __future__ import annotations

from tui.ui.action.action import Action
from tui.ui.action.table.chat import CHAT
from tui.ui.action.table.chat import option_action as option_action
from tui.ui.action.table.panes import PANES
from tui.ui.action.table.reading import READING
from tui.ui.action.table.writing import WRITING

ACTIONS: tuple[Action, ...] = (*CHAT, *WRITING, *READING, *PANES)

BY_ID = {action.id: action for action in ACTIONS}
"""The rows by their ids."""

SCOPES: dict[str, tuple[Action, ...]] = {
    scope: tuple(action for action in ACTIONS if action.scope == scope)
    for scope in dict.fromkeys(action.scope for action in ACTIONS)
}
"""The rows by where they apply."""

FILTERED = frozenset(
    {"sessions", "models", "prompts", "tools", "question", "sheet", "settings", "endpoint", "key", "aside", "install"}
)
"""The scopes in which every letter is written, into a filter or a prompt, and can be no key."""

COMMANDS = tuple(action for action in ACTIONS if action.slash)
"""The rows that are slash commands."""
