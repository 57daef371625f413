"""Room in the context: what can be done where a prompt would fill it, before it is sent."""

from __future__ import annotations

import time

from textual import on
from textual.app import ComposeResult

from tui.page.line import Line, pad
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.panes.install import Page
from tui.ui.panes.notices import wrapped
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowChosen
from tui.ui.wish import MakeRoom, Room

ARMED_AFTER = 0.4
"""Seconds after which a key counts."""

CHOICES: tuple[tuple[Room, str, str], ...] = (
    ("summarise", "Summarise", "the earlier turns become one, to be read, edited and undone"),
    ("turns", "Take turns out", "see what would be sent, and leave turns out of it"),
    ("send", "Send all the same", "the endpoint may refuse it, or forget the beginning"),
    ("model", "Another model", "choose one that reads more"),
    ("new", "New conversation", "begin anew with this prompt"),
)


class RoomPane(Pane):
    """How full it would be, and a row for each way on."""

    DEFAULT_CSS = "RoomPane Page { height: auto; margin: 0 0 1 0; }"
    columns = 96
    title_words = "This would fill the context"
    is_snug = True
    hints = (Hint(("list.up", "list.down"), "move"), "list.choose", Hint(("pane.close",), "back to the prompt"))

    def __init__(self, chat: Chat) -> None:
        del chat
        super().__init__(is_over=True)
        self._text = Page()
        self._armed_at = time.monotonic() + ARMED_AFTER
        self.rows = ListView(self._paint)

    def take_focus(self) -> None:
        """The rows have the keys."""
        self.screen.set_focus(self.rows)

    def content(self) -> ComposeResult:
        """The sentence, and the rows."""
        yield self._text
        yield self.rows

    def on_mount(self) -> None:
        """Show the ways on."""
        self.rows.show(CHOICES, cursor=0)

    def tell(self, words: str) -> None:
        """Say why it is asked."""
        self._text.show(
            wrapped(f"{words[:1].upper()}{words[1:]}.", max(20, min(self.columns, self.app.size.width) - 8))
        )

    @property
    def is_armed(self) -> bool:
        """Whether a key was meant for this: one that comes at once was pressed to send."""
        return time.monotonic() >= self._armed_at

    @on(RowChosen)
    def choose(self, notice: RowChosen) -> None:
        """Go that way."""
        notice.stop()
        if self.is_armed:
            self.post_message(MakeRoom(notice.item[0]))

    def _paint(self, choice: tuple[Room, str, str], width: int) -> Line:
        _, name, about = choice
        return [(pad(name, 20), ""), (pad(about, max(8, width - 20)), "muted")]
