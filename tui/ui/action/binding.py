"""Bindings: the table's keys as Textual wants them."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tui.ui.action.keymap import textual_keys
from tui.ui.action.table import SCOPES


def bindings(scope: str) -> list[BindingType]:
    """The bindings of the widget that owns a scope; an action without keys gets one that is never sent."""
    return [
        Binding(
            textual_keys(action), action.textual, action.short, show=False, priority=action.is_priority, id=action.id
        )
        for action in SCOPES[scope]
    ]
