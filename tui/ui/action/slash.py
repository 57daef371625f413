"""Slash commands as they are written."""

from __future__ import annotations

import re

from tui.ui.action.action import Action
from tui.ui.action.table import COMMANDS


def split_command(text: str) -> tuple[str, str] | None:
    """The name and the rest of a command; `None` where a text is none: it begins otherwise, or goes on over lines."""
    if not text.startswith("/"):  # as most of what is sent
        return None
    match = re.fullmatch(r"/(?!/)(\S*)(.*)", text, re.DOTALL)
    if match is None:
        return None
    name, rest = match[1], match[2].strip()
    is_long = "\n" in text.rstrip()
    if is_long and not any(action.takes_lines and action.slash == name for action in COMMANDS):
        return None
    return name, rest


OTHER_NAMES = {
    "clear": "new",
    "context": "request",
    "cost": "stats",
    "exit": "quit",
    "history": "prompts",
    "options": "sheet",
    "rename": "title",
    "resume": "sessions",
    "search": "find",
    "undo": "edit",
}
"""What some commands are called elsewhere; they run by these names too."""

SAID = 3
"""Letters from which on what a command does counts."""


def command_named(name: str) -> Action | None:
    """The slash command of a name, or of what it is called elsewhere."""
    meant = OTHER_NAMES.get(name, name)
    return next((action for action in COMMANDS if action.slash == meant), None)


def commands_that_begin(name: str) -> list[Action]:
    """The slash commands whose names begin so."""
    return [action for action in COMMANDS if action.slash.startswith(name)]


def commands_that_say(word: str) -> list[Action]:
    """The slash commands that are called so elsewhere, or in whose words a word begins so."""
    if len(word) < SAID:
        return []
    lower = word.lower()
    elsewhere = [command_named(other) for other in OTHER_NAMES if other.startswith(lower)]
    by_words = [action for action in COMMANDS if any(each.startswith(lower) for each in action.label.lower().split())]
    return list({action.id: action for action in [*elsewhere, *by_words] if action is not None}.values())
