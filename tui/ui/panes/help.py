"""Help: every action where the reader is, then those that always apply, each with its keys and its id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.page.line import Line, pad
from tui.typeset.wrap import told_rows
from tui.ui.action.action import Action
from tui.ui.action.hint import Hint
from tui.ui.action.table import COMMANDS, SCOPES
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView

KEY_WIDTH = 18
ID_WIDTH = 24
WIDE = 80
"""Columns from which on the id stands at the end of the line; below that, on a line of its own."""

BESIDES = (
    ("/ at the start", "begins a command"),
    ("drop a file", "sends an image along"),
    ("Shift+drag", "selects with the terminal instead of with rillet"),
)
"""What is no action, and belongs into the help all the same."""


class HelpLine(NamedTuple):
    """A line of the help: keys, what they do, the id for the keymap; a title has words alone."""

    keys: str
    words: str
    id: str = ""


def _says(line: HelpLine, words: Sequence[str]) -> bool:
    """Whether a line of an action has every word in it."""
    text = f"{line.keys} {line.words} {line.id}".lower()
    return bool(line.keys) and all(word in text for word in words)


class HelpPane(Pane):
    """Lines to read, and nothing to press but what they name."""

    title_words = "Help"
    hints = (Hint(("list.up", "list.down"), "scroll"), "pane.close")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._keys = chat.rillet.keys
        self._pane = chat.pane_in_focus()
        self._is_reading = chat.page.has_focus
        self.rows = ListView(self._paint, has_cursor=False, takes_focus=False)
        self.field = Field("type to find", self.rows)
        self._lines: list[HelpLine] = []

    def content(self) -> ComposeResult:
        """The field and the lines."""
        yield self.field
        yield self.rows

    def on_mount(self) -> None:
        """Those of where the keys were come first."""
        writing = ("Writing", self._lines_of(SCOPES["composer"] + SCOPES["offer"]))
        reading = ("Reading", self._lines_of(SCOPES["page"]))
        sections = [reading, writing] if self._is_reading else [writing, reading]
        if self._pane is not None:
            own = SCOPES.get(self._pane.name_in_dock, ())
            sections.insert(0, (self._pane.title_words, self._lines_of(own + SCOPES["list"] + SCOPES["pane"])))
        bound = tuple(action for action in SCOPES["chat"] + SCOPES["app"] if self._keys.keys(action.id))
        sections.append(("Always", self._lines_of(bound)))
        sections.append(("Besides", [HelpLine(*one) for one in BESIDES]))
        named = [HelpLine(f"/{one.slash}", one.label, "" if one in bound else one.id) for one in COMMANDS]
        sections.append(("By name", named))
        for title, lines in sections:
            self._lines += [HelpLine("", ""), HelpLine("", title)] if self._lines else [HelpLine("", title)]
            self._lines += lines
        self.on_resize()

    def _lines_of(self, actions: Iterable[Action]) -> list[HelpLine]:
        return [HelpLine(self._keys.names(action.id) or "no key", action.label, action.id) for action in actions]

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show the lines that say what was typed."""
        self.on_resize()
        self.rows.scroll_home(animate=False)

    def on_resize(self) -> None:
        """Fold what is longer than the pane is wide."""
        width = self.size.width - 4
        room = max(20, width - KEY_WIDTH - (ID_WIDTH if width >= WIDE else 0))
        folded: list[HelpLine] = []
        words = self.field.value.lower().split()
        lines = [line for line in self._lines if not words or _says(line, words)]
        for line in lines:
            if not line.keys:
                folded.append(line)
                continue
            keys = told_rows(line.keys, KEY_WIDTH - 1)
            words = told_rows(line.words, room - 1)
            ids = [line.id] if width >= WIDE else []
            if width < WIDE and line.id:
                words.append(line.id)
            for at in range(max(len(keys), len(words))):
                cells = [column[at] if at < len(column) else "" for column in (keys, words, ids)]
                folded.append(HelpLine(cells[0] or "\0", cells[1], cells[2]))
        self.rows.show(folded, empty="No match")

    def _paint(self, line: HelpLine, width: int) -> Line:
        if not line.keys:
            return [(line.words, "title")]
        room = max(20, width - KEY_WIDTH - (ID_WIDTH if line.id else 0))
        return [(pad(line.keys.strip("\0"), KEY_WIDTH), "key"), (pad(line.words, room), ""), (line.id, "muted")]
