"""Slash commands as they are written."""

from __future__ import annotations

import re

from tui.ui.action.action import Action
from tui.ui.action.table import COMMANDS


def split_command(text: str) -> tuple[str, str] | None:
    """The name and the rest of a command; `None` where a text is none: it begins otherwise, or goes on over lines."""
    match = re.fullmatch(r"/(?!/)(\S*)(.*)", text, re.DOTALL)
    if match is None:
        return None
    name, rest = match[1], match[2].strip()
    is_long = "\n" in text.rstrip()
    if is_long and not any(action.takes_lines and action.slash == name for action in COMMANDS):
        return None
    return name, rest


def commands_that_begin(name: str) -> list[Action]:
    """The slash commands whose names begin so."""
    return [action for action in COMMANDS if action.slash.startswith(name)]
