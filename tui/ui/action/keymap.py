"""The keymap: which keys run which action now, what they are called, and what is wrong with the settings' wishes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.domain.lazy_pattern import LazyPattern
from tui.ui.action.action import UNBOUND, Action
from tui.ui.action.table import ACTIONS, BY_ID, FILTERED, SCOPES

if TYPE_CHECKING:
    from tui.store.settings import Settings

_NAMES = {
    "escape": "Esc",
    "delete": "Del",
    "pageup": "PageUp",
    "pagedown": "PageDown",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "slash": "/",
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "underscore": "_",
}


def key_name(key: str) -> str:
    """A key as people write it: `ctrl+o` is "Ctrl+O", `full_stop` is "."; a letter stays as it is typed."""
    *modifiers, last = key.split("+")
    name = (
        _NAMES.get(last) or _sign(last) or (last.capitalize() if len(last) > 1 else last.upper() if modifiers else last)
    )
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


def _sign(key: str) -> str:
    """The sign that a key types, where Textual names it in words: `exclamation_mark` is "!"; else nothing."""
    if "_" not in key:
        return ""
    import unicodedata

    try:
        return unicodedata.lookup(key.replace("_", " "))
    except KeyError:
        return ""


class Keymap:
    """The keys of every action: those of the table, or those that the settings want instead.

    Attributes:
        changed: The ids whose keys are not those of the table, with the keys they have.
    """

    def __init__(self, changed: Mapping[str, str] | None = None) -> None:
        self.changed = dict(changed or {})

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys of an action, as Textual names them; none where it has none."""
        keys = self.changed.get(action_id) or BY_ID[action_id].keys
        return tuple(key.strip() for key in keys.split(",") if key.strip())

    def name(self, action_id: str) -> str:
        """The first key of an action as people write it; empty where it has none."""
        keys = self.keys(action_id)
        return key_name(keys[0]) if keys else ""

    def short(self, action_id: str) -> str:
        """What an action does, in a word."""
        return BY_ID[action_id].short

    def names(self, action_id: str) -> str:
        """All keys of an action as people write them, with spaces between."""
        return " ".join(map(key_name, self.keys(action_id)))

    def at(self, scope: str, key: str) -> str:
        """The action of a scope that a key runs; empty where it runs none."""
        return next((action.id for action in SCOPES[scope] if key in self.keys(action.id)), "")


DEFAULT = Keymap()
"""The keys of the table."""


BREAKING_ENTER = "enter,ctrl+j,shift+enter,alt+enter"
"""The keys of a new line where the settings have Ctrl+Enter send."""


def keymap_of(settings: Settings) -> tuple[Keymap, list[str]]:
    """The keys that the settings ask for, and a sentence for each part of them that makes no sense."""
    wishes = dict(settings.keymap)
    if settings.send_key == "ctrl+enter":
        wishes = {"composer.send": "ctrl+enter", "composer.new_line": BREAKING_ENTER, **wishes}
    return read_keymap(wishes) if wishes else (DEFAULT, [])


def read_keymap(wishes: Mapping[str, str]) -> tuple[Keymap, list[str]]:
    """The part of the settings' keymap that makes sense, and a sentence for each part that does not."""
    notices: list[str] = []
    good: dict[str, str] = {}
    for name, keys in wishes.items():
        if name not in BY_ID:
            near = difflib.get_close_matches(name, BY_ID, 1)
            notices.append(f"keymap: there is no “{name}”" + (f"; did you mean “{near[0]}”?" if near else ""))
        elif BY_ID[name].scope in FILTERED and (letter := _letter_in(keys)):
            notices.append(f"keymap: “{letter}” is written where “{name}” applies; take another key")
        else:
            good[name] = keys
    keymap = Keymap(good)
    taken: dict[tuple[str, str], str] = {}
    for action in ACTIONS:
        for key in keymap.keys(action.id):
            place = (_clashes_in(action), key)
            other = taken.setdefault(place, action.id)
            if other != action.id and (action.id in good or other in good):
                notices.append(f"keymap: {key} is meant for both “{other}” and “{action.id}”")
    return keymap, notices


def _letter_in(keys: str) -> str:
    return next((key.strip() for key in keys.split(",") if len(key.strip()) == 1), "")


def _clashes_in(action: Action) -> str:
    """The scope within which a key can mean one thing only: those of the app count everywhere the chat's do."""
    return "chat" if action.scope == "app" else action.scope


def textual_keys(action: Action) -> str:
    """The keys to bind an action to, before any keymap."""
    return action.keys or UNBOUND


_PLACEHOLDER = LazyPattern(r"\{([a-z]+\.[a-z_0-9]+)\}")


def fill_keys(sentence: str, keymap: Keymap) -> str:
    """A sentence in which `{chat.retry}` stands for the key that retries; without a key, for the action's name."""

    def key_of(match: re.Match[str]) -> str:
        action = BY_ID.get(match[1])
        return match[0] if action is None else keymap.name(action.id) or f"/{action.slash or action.id}"

    return _PLACEHOLDER.sub(key_of, sentence) if "{" in sentence else sentence
