"""Typing where a pane has the keys and nothing to be written into: it is a prompt that is written."""

from __future__ import annotations

from textual import events

from tui.ui.host import Chat


def hand_over(event: events.Key | events.Paste, chat: Chat, scope: str) -> None:
    """Have what is typed or pasted into a pane written in the composer, unless it is a key of the pane's scope."""
    if isinstance(event, events.Key):
        if not event.is_printable or not event.character or chat.rillet.keys.at(scope, event.key):
            return
        chat.composer.insert(event.character)
    else:
        chat.composer.post_message(events.Paste(event.text))
    event.stop()
    event.prevent_default()
    chat.composer.focus()
