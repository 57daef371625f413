"""The field: one line to write into, at the top of a list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from tui.ui.widgets.list_view import ListView
from tui.wire.printable import printable_line


class Field(Input):
    """One line of text: a letter is always written. Keys that move go to the list it stands over."""

    DEFAULT_CSS = """
    Field, Field:focus { height: 1; border: none; padding: 0; background: $surface; background-tint: transparent; }
    Field > .input--placeholder { color: $muted; }
    """

    def __init__(self, words: str, rows: ListView | None = None, *, value: str = "", is_hidden: bool = False) -> None:
        super().__init__(
            printable_line(value),
            placeholder=str(Content(words)),
            compact=True,
            select_on_focus=False,
            password=is_hidden,
        )
        self.cursor_blink = False
        self._rows = rows

    @property
    def selected_text(self) -> str:
        """What a copy takes; nothing of what is hidden."""
        return "" if self.password else super().selected_text

    async def _on_key(self, event: events.Key) -> None:
        # Textual calls the handlers of all base classes, unless told that the default is prevented.
        if self._rows is not None and (action := _MOVES.get(event.key)):
            event.stop()
            event.prevent_default()
            name, argument = action
            self._tell_list(partial(getattr(self._rows, f"action_{name}"), argument))
            return
        if self._rows is not None and not self.value and event.key in ("home", "end"):  # there is no text to move in
            event.stop()
            event.prevent_default()
            self._rows.action_edge(0 if event.key == "home" else -1)
            return
        if self._rows is not None and self._rows.items and event.key == "enter":  # else it is what was written
            event.stop()
            event.prevent_default()
            self._tell_list(self._rows.action_choose)
            return
        if event.key != "enter" and (own := self._bindings.key_to_bindings.get(event.key)):
            # At once: on its way through the bindings of the screen, letters typed right behind it would pass it by.
            event.stop()
            event.prevent_default()
            await self.run_action(own[0].action)

    def _tell_list(self, act: Callable[[], object]) -> None:
        """Act on the list, but not before it has narrowed to what was written: Enter may be typed right behind a word."""
        if self._rows is not None and self._rows.hear is not None:  # what is written narrows nothing there
            act()
        else:
            self.call_later(self._tell_pane, act)  # behind what tells of each letter, here and in the pane

    def _tell_pane(self, act: Callable[[], object]) -> None:
        if isinstance(self.parent, Widget):
            self.parent.call_later(act)

    def _on_paste(self, event: events.Paste) -> None:
        """Take pasted text as one printable line."""
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(printable_line(" ".join(event.text.split())))


_MOVES: dict[str, tuple[str, Any]] = {
    "up": ("move", -1),
    "down": ("move", 1),
    "shift+tab": ("move", -1),
    "tab": ("move", 1),
    "pageup": ("page", -1),
    "pagedown": ("page", 1),
}
