"""Room in the context: what can be done where a prompt would fill it, before it is sent."""

from __future__ import annotations

import time

from textual import events, on
from textual.app import ComposeResult

from tui.page.line import Line, pad
from tui.tools.approval import Arming
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.panes.install import Page
from tui.ui.panes.notices import wrapped
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowChosen
from tui.ui.wish import MakeRoom, Room

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
        super().__init__(is_over=True)
        self._rillet = chat.rillet
        self._text = Page()
        self._arming = Arming(time.monotonic)
        self.rows = ListView(self._paint)

    def take_focus(self) -> None:
        """The rows have the keys."""
        self.screen.set_focus(self.rows)

    def content(self) -> ComposeResult:
        """The sentence, and the rows."""
        yield self._text
        yield self.rows

    def on_mount(self) -> None:
        """Show the ways on; a key counts a moment after the terminal has shown them."""
        self.rows.show(CHOICES, cursor=0)
        self.call_after_refresh(self._rillet.when_shown, self._arming.begin)

    def tell(self, words: str) -> None:
        """Say why it is asked."""
        self._text.show(
            wrapped(f"{words[:1].upper()}{words[1:]}.", max(20, min(self.columns, self.app.size.width) - 8))
        )

    @property
    def is_armed(self) -> bool:
        """Whether what is pressed now was meant for this: what comes at once was pressed to send."""
        return self._arming.is_armed

    def on_key(self, event: events.Key) -> None:
        """Drop a key that would choose and came too early, however late it is dealt with."""
        if self._rillet.keys.at("list", event.key) == "list.choose" and not self._arming.accepts(event.time):
            event.stop()
            event.prevent_default()

    @on(RowChosen)
    def choose(self, notice: RowChosen) -> None:
        """Go that way."""
        notice.stop()
        if self.is_armed:
            self.post_message(MakeRoom(notice.item[0]))

    def _paint(self, choice: tuple[Room, str, str], width: int) -> Line:
        _, name, about = choice
        return [(pad(name, 20), ""), (pad(about, max(8, width - 20)), "muted")]
