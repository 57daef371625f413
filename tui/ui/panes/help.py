"""Help: the keys of where one is, then those that always work. It runs nothing by itself."""

from __future__ import annotations

import textwrap

from textual.app import ComposeResult

from tui.ui.command import COMMANDS
from tui.ui.host import Chat
from tui.ui.line import Line, pad
from tui.ui.panes.pane import Pane
from tui.ui.rows import Rows

WRITING = (
    ("Enter", "send; while a reply comes, queue"),
    ("Ctrl+J", "new line, always (Shift+Enter and Alt+Enter where the terminal tells them; a trailing \\ too)"),
    ("Up Down", "earlier prompts; Up takes a queued prompt back"),
    ("Ctrl+X", "drop the last queued prompt, or cut the selection"),
    ("Alt+P", "unfold a pasted text"),
    ("Ctrl+_", "undo; Ctrl+Y redoes"),
    ("F4", "write in $EDITOR"),
    ("/", "at the beginning: a command; /attach sends images along, as does a file dropped here"),
)
READING = (
    ("Tab", "to the conversation, and on to the panes"),
    ("↑ ↓ j k", "block by block; PageUp and PageDown by the page"),
    ("g G", "the beginning, the end"),
    ("Enter .", "open, or what can be done with a block"),
    ("c y m p", "copy the block, or the message as Markdown or as plain text"),
    ("s S", "save the block to a file; a structured table as CSV"),
    ("t", "a structured reply as the text it came as, and back"),
    ("/ n N", "find, the next, the one before"),
    ("Alt+R C E", "retry, continue, edit the prompt"),
    ("Ctrl+End", "to the end, and follow it"),
    ("i Esc", "back to writing"),
)
ALWAYS = (
    ("Esc", "one layer back: a pane, an edit, then the reply that is coming; it never leaves the program"),
    ("Ctrl+C", "copy the selection; else stop; else clear the draft into the history; twice: leave"),
    ("Alt+← Alt+→", "wider panes, narrower panes"),
    ("Ctrl+Z", "leave rillet waiting in the shell; fg comes back"),
    ("Ctrl+L", "paint the screen anew"),
    ("Shift+drag", "select with the terminal instead of with rillet"),
)


class HelpPane(Pane):
    """Lines to read, and nothing to press but what they name."""

    title_words = "Help"
    keys = (("↑↓", "read on", "pane('read_on')"), ("Esc", "close", "back"))

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._here = chat.pane_in_focus()
        self._is_reading = chat.page.has_focus
        self.rows = Rows(_paint, has_cursor=False)
        self._lines: list[tuple[str, str]] = []

    def content(self) -> ComposeResult:
        """The lines."""
        yield self.rows

    def on_mount(self) -> None:
        """Those of where the keys were come first."""
        lines: list[tuple[str, str]] = []
        sections = [("Writing", WRITING), ("Reading", READING)]
        if self._here is not None:
            sections.insert(0, (self._here.title_words, tuple((key, words) for key, words, _ in self._here.keys)))
        elif self._is_reading:
            sections.reverse()
        sections.append(("Always", ALWAYS))
        sections.append(
            (
                "By name",
                tuple(
                    (f"/{command.name}", command.words + (f"  {command.key}" if command.key else ""))
                    for command in COMMANDS
                ),
            )
        )
        for title, rows in sections:
            lines += [("", ""), ("", title)] if lines else [("", title)]
            lines += rows
        self._lines = lines
        self.on_resize()

    def action_read_on(self) -> None:
        """Show the next screenful."""
        self.rows.action_page(1)

    def on_resize(self) -> None:
        """Fold what is longer than the pane is wide."""
        room = max(20, self.size.width - KEY_WIDTH - 4)
        folded: list[tuple[str, str]] = []
        for key, words in self._lines:
            first, *rest = textwrap.wrap(words, room) or [""]
            folded += [(key, first), *(("\0", more) for more in rest)]
        self.rows.show(folded)


KEY_WIDTH = 14


def _paint(row: tuple[str, str], width: int) -> Line:
    del width
    key, words = row
    return [(pad(key.strip("\0"), KEY_WIDTH), "key"), (words, "")] if key else [(words, "title")]
