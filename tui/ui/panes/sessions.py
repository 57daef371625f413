"""The sessions: saved conversations to open, rename and delete."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.domain.error import RilletError
from tui.domain.session import SessionSummary
from tui.ui.host import Chat
from tui.ui.line import Line, pad
from tui.ui.panes.field import Field
from tui.ui.panes.match import best
from tui.ui.panes.pane import Pane
from tui.ui.rows import RowChosen, Rows
from tui.ui.wish import OpenSession
from tui.ui.wording import size

KEYS = frozenset({"d", "u", "r", "delete"})


class SessionsPane(Pane):
    """A list of conversations that shrinks as one types. While nothing is typed, single letters are keys."""

    title_words = "Sessions"
    keys = (
        ("Enter", "open", "send"),
        ("r", "rename", "send"),
        ("d", "delete", "send"),
        ("u", "undo", "send"),
        ("Esc", "close", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "rename", "Rename", show=False, id="sessions.rename"),
        Binding("d,delete", "delete", "Delete", show=False, id="sessions.delete"),
        Binding("u", "undelete", "Undo", show=False, id="sessions.undo"),
    ]

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._all: list[SessionSummary] = []
        self._deleted: list[str] = []
        self._renamed: str | None = None
        self.rows = Rows(self._paint, empty="nothing is saved yet")
        self.field = Field("type to find", self.rows, keys=KEYS)

    def content(self) -> ComposeResult:
        """The field and the list."""
        yield self.field
        yield self.rows

    def on_mount(self) -> None:
        """List them."""
        self._read()

    def _read(self) -> None:
        try:
            self._all = self._chat.program.database.sessions()
        except RilletError as error:
            self.rows.show((), empty=error.message)
            return
        self._show()

    def _show(self, cursor: int | None = None) -> None:
        words = "" if self._renamed else self.field.value.lstrip("/")
        shown = best(words, self._all, lambda one: f"{one.title} {one.model} {one.id}")
        self.rows.show(shown, cursor=cursor, empty="nothing fits" if self._all else "nothing is saved yet")
        held = len(self._all)
        self.heading.tell([(self.title_words, "title")], [(f"{held:,} saved", "muted")])

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit."""
        if self._renamed is None:
            self._show(cursor=0)

    @on(RowChosen)
    async def open(self, notice: RowChosen) -> None:
        """Open it; or, while renaming, take the new title."""
        notice.stop()
        if self._renamed is not None:
            self._take_title()
            return
        self._chat.post_message(OpenSession(notice.item.id))
        await self._chat.close_pane(self)

    def action_rename(self) -> None:
        """Write another title."""
        if (session := self.rows.item) is not None:
            self._renamed = session.id
            self.field.value = session.title
            self.field.cursor_position = len(session.title)
            self._chat.say("write the new title; Enter keeps it, Esc does not")

    def _take_title(self) -> None:
        title = " ".join(self.field.value.split())
        renamed, self._renamed = self._renamed, None
        self.field.value = ""
        if title and renamed is not None:
            if renamed == self._chat.conversation.session_id:
                self._chat.conversation.rename(title)
                self._chat.tell_title()
            else:
                self._chat.save(lambda: self._chat.program.database.rename_session(renamed, title))
        self._read()

    def action_delete(self) -> None:
        """Delete it; u has it back."""
        session = self.rows.item
        if session is None:
            return
        if session.id == self._chat.conversation.session_id:
            self._chat.say("this is the conversation you are in; Ctrl+N begins another", "warning")
            return
        self._chat.save(lambda: self._chat.program.database.delete_session(session.id))
        self._deleted.append(session.id)
        self._chat.say(f"deleted “{session.title}”; u has it back")
        self._read()

    def action_undelete(self) -> None:
        """Have the last deleted one back."""
        if self._deleted:
            last = self._deleted.pop()
            self._chat.save(lambda: self._chat.program.database.undelete_session(last))
            self._read()
        else:
            self._chat.say("nothing was deleted here")

    def action_close(self) -> None:
        """Leave the new title, or the pane."""
        if self._renamed is not None:
            self._renamed = None
            self.field.value = ""
            self._show()
        else:
            super().action_close()

    def _paint(self, session: SessionSummary, width: int) -> Line:
        is_here = session.id == self._chat.conversation.session_id
        room = max(12, width - 54)
        turns = "1 turn" if session.turns == 1 else f"{session.turns:,} turns"
        return [
            ("● " if is_here else "  ", "accent"),
            (pad(session.title or "Untitled", room), ""),
            ("  ", ""),
            (pad(when(session.updated_at), 12), "muted"),
            (pad(session.model, 20), "muted"),
            (pad(turns, 9, right=True), "muted"),
            (pad(size(session.size_bytes), 8, right=True), "muted"),
        ]


def when(at: float, now: float | None = None) -> str:
    """A moment, as far back as it is: a time today, a day this year, else a date."""
    then, today = time.localtime(at), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M", then)
    return time.strftime("%d %b" if then.tm_year == today.tm_year else "%Y-%m-%d", then)
