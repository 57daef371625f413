"""The sessions: saved conversations to open, rename and delete, and deleted ones to have back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import Input

from tui.domain.error import RilletError
from tui.domain.quantity import describe_size
from tui.domain.session import SessionSummary
from tui.page.block import cut_line
from tui.page.line import Line, pad, width_of
from tui.store.search import Hit
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, Hints
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.match import FAR, best, fit
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowChosen
from tui.ui.wish import OpenSession

LISTING: Hints = (
    Hint(("list.choose",), "open"),
    "sessions.rename",
    "sessions.delete",
    "sessions.deleted",
    "pane.close",
)
DELETED: Hints = (
    Hint(("list.choose",), "restore"),
    Hint(("sessions.deleted",), "saved ones"),
    Hint(("pane.close",), "back"),
)
ABOUT = 37
"""Cells for what is told about a session beside its title and its time."""
SEARCH_DELAY = 0.12
"""Seconds for which nothing is typed before what was said is looked through: nobody waits for what is half a word."""
RENAMING: Hints = (Hint(("list.choose",), "keep the title"), Hint(("pane.close",), "leave it as it was"))


class SessionsPane(Pane):
    """A list of conversations that shrinks as one types. No letter is a key: every letter filters."""

    title_words = "Sessions"
    hints = LISTING
    BINDINGS: ClassVar[list[BindingType]] = bindings("sessions")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._all: list[SessionSummary] = []
        self._shows_deleted = False
        self._renamed: SessionSummary | None = None
        self._filter = ""
        self._shown_for = ""
        self._said: dict[str, Hit] = {}
        self._said_for = ""
        self._search_timer: Timer | None = None
        self.rows = ListView(self._paint, empty="nothing is saved yet", takes_focus=False)
        self.field = Field("type to find", self.rows)

    def content(self) -> ComposeResult:
        """The field and the list."""
        yield self.field
        yield self.rows

    def on_mount(self) -> None:
        """List them."""
        self._read()

    def _read(self, *, at: str | None = None) -> None:
        """Read the list from the disk and show it, the cursor at a session by its id or where it was."""
        database = self._chat.program.database
        try:
            self._all = database.deleted_sessions() if self._shows_deleted else database.sessions()
        except RilletError as error:
            self.rows.show((), empty=error.message)
            return
        self._show(at=at)

    def _show(self, cursor: int | None = None, at: str | None = None) -> None:
        if self._renamed is not None:
            self.rows.show([self._renamed], cursor=0)
            self.heading.tell([("Another title", "title")], [(f"for “{self._renamed.title}”", "muted")])
            return
        self._shown_for = self.field.value
        shown = self._fitting()
        if at is not None:
            cursor = next((number for number, one in enumerate(shown) if one.id == at), cursor)
        nothing = "nothing was deleted in the last 30 days" if self._shows_deleted else "nothing is saved yet"
        self.rows.show(shown, cursor=cursor, empty="No match" if self._all else nothing)
        held = f"{len(self._all):,}"
        title, words = (
            ("Deleted sessions", f"{held} kept, each for 30 days")
            if self._shows_deleted
            else (self.title_words, self._saved_words(held))
        )
        self.heading.tell([(title, "title")], [(words, "muted")])

    def _fitting(self) -> Sequence[SessionSummary]:
        """The sessions that fit: by title, model or id; in which the words were said; that fit letter by letter."""
        words = self._shown_for
        if words != self._said_for:
            self._said = {}
        shown = best(words, self._all, _text_of)
        if not self._said:
            return shown
        near = [session for session in shown if self._is_near(session)]
        by_id = {session.id: session for session in self._all}
        said = [by_id[each] for each in self._said if each in by_id]
        listed = {session.id: session for session in (*near, *said, *shown)}
        return [*listed.values()]

    def _is_near(self, session: SessionSummary) -> bool:
        score = fit(self._shown_for, _text_of(session))
        return score is not None and score < FAR

    def _look_inside(self) -> None:
        """Look for the words in all that was said, when typing pauses: not on the loop, for it may take a while."""
        if self._search_timer is not None:
            self._search_timer.stop()
        if self.field.value.strip() and not self._shows_deleted:
            self._search_timer = self.set_timer(SEARCH_DELAY, self._begin_search)

    def _begin_search(self) -> None:
        self.run_worker(self._search(), group="search", exclusive=True, exit_on_error=False)

    async def _search(self) -> None:
        words, database = self.field.value, self._chat.program.database
        try:
            hits = await asyncio.to_thread(database.search_apart, words)
        except RilletError:
            return  # the titles are there, and what ails the file is told elsewhere
        if words == self.field.value and self._renamed is None and not self._shows_deleted:
            self._said, self._said_for = {hit.session_id: hit for hit in hits}, words
            session: SessionSummary | None = self.rows.item
            is_first = self.rows.cursor == 0
            self._show(cursor=0 if is_first else None, at=None if is_first or session is None else session.id)

    def _use(self, hints: Hints) -> None:
        self.hints = hints
        self._chat.key_bar.hush()
        self._chat.offer_keys()

    def _saved_words(self, held: str) -> str:
        """How many are saved; where nothing is, that is what must be said."""
        return f"{held} · what is said now is not saved" if self._chat.program.database.why_unsaved else f"{held} saved"

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit."""
        if self._renamed is None and self.field.value != self._shown_for:  # a title that was written is told late
            self._show(cursor=0)
            self._look_inside()

    @on(RowChosen)
    async def open(self, notice: RowChosen) -> None:
        """Open it; or have it back, or take its new title."""
        notice.stop()
        if self._renamed is not None:
            self._take_title(self._renamed)
        elif self._shows_deleted:
            self._restore(notice.item)
        else:
            hit = self._said.get(notice.item.id) if self._said_for == self.field.value else None
            self._chat.post_message(OpenSession(notice.item.id, hit.turn_id if hit is not None else ""))
            await self._chat.close_pane(self)

    # -- another title ------------------------------------------------------------------------------------

    def action_rename(self) -> None:
        """Write another title, in the place of the filter."""
        session: SessionSummary | None = self.rows.item
        if session is not None and not self._shows_deleted and self._renamed is None:
            self._renamed, self._filter = session, self.field.value
            self.field.value = session.title
            self.field.cursor_position = len(session.title)
            self._show()
            self._use(RENAMING)

    def _take_title(self, session: SessionSummary) -> None:
        title = " ".join(self.field.value.split())
        self._leave_renaming()
        if title:
            if session.id == self._chat.conversation.session_id:
                self._chat.conversation.rename(title)
                self._chat.tell_title()
            else:
                self._chat.save(lambda: self._chat.program.database.rename_session(session.id, title))
        self._read(at=session.id)

    def _leave_renaming(self) -> None:
        self._renamed = None
        self.field.value = self._filter
        self.field.cursor_position = len(self._filter)
        self._use(LISTING)

    # -- deleted, and back again --------------------------------------------------------------------------

    def action_delete(self) -> None:
        """Delete it; for thirty days it can be had back, here or by `rillet sessions restore`."""
        session: SessionSummary | None = self.rows.item
        if session is None:
            return
        if session.id == self._chat.conversation.session_id:
            self._chat.say("this is the conversation you are in; {chat.new} begins another", "warning")
            return
        self._chat.save(lambda: self._chat.program.database.delete_session(session.id))
        self._chat.say(
            f"deleted “{session.title}”: {{sessions.undo}} restores it, {{sessions.deleted}} shows what was deleted in the last 30 days"
        )
        self._read()

    def action_restore_last(self) -> None:
        """Have the session back that was deleted last, whenever that was."""
        if self._renamed is not None:
            return
        try:
            deleted = self._chat.program.database.deleted_sessions()
        except RilletError as error:
            self._chat.say(error.message, "error")
            return
        if deleted:
            self._restore(deleted[0])
        else:
            self._chat.say("nothing was deleted in the last 30 days")

    def _restore(self, session: SessionSummary) -> None:
        self._chat.save(lambda: self._chat.program.database.undelete_session(session.id))
        self._chat.say(f"“{session.title}” is among the saved sessions again", "success")
        self._read(at=session.id)

    def action_switch_list(self) -> None:
        """Show the deleted sessions, or the saved ones again."""
        if self._renamed is not None:
            return
        self._shows_deleted = not self._shows_deleted
        self.field.value = ""
        self._use(DELETED if self._shows_deleted else LISTING)
        self.rows.cursor = 0
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense now: elsewhere than in the list of saved ones, Delete is the field's own key."""
        if action == "delete":
            return self._renamed is None and not self._shows_deleted
        return super().check_action(action, parameters)

    def action_close(self) -> None:
        """Leave the new title, the deleted sessions, or the pane."""
        if self._renamed is not None:
            session = self._renamed
            self._leave_renaming()
            self._show(at=session.id)
        elif self._shows_deleted:
            self.action_switch_list()
        else:
            super().action_close()

    def _paint(self, session: SessionSummary, width: int) -> Line:
        is_here = session.id == self._chat.conversation.session_id
        room = max(12, width - 54)
        moment = when(session.updated_at if session.deleted_at is None else session.deleted_at)
        return [
            ("● " if is_here else "  ", "accent"),
            (pad(session.title or "Untitled", room), ""),
            ("  ", ""),
            (pad(moment, 12), "muted"),
            *(self._said_line(session) or self._about(session)),
        ]

    def _about(self, session: SessionSummary) -> Line:
        turns = "1 turn" if session.turns == 1 else f"{session.turns:,} turns"
        size = describe_size(session.size_bytes)
        return [(pad(session.model, 20) + pad(turns, 9, right=True) + pad(size, 8, right=True), "muted")]

    def _said_line(self, session: SessionSummary) -> Line:
        """What was said, where a session was found by that; in the room of what is otherwise told about it."""
        hit = self._said.get(session.id)
        if hit is None or not hit.spans or self._is_near(session):
            return []
        begin, end = hit.spans[0]
        before = hit.excerpt[max(0, begin - 8) : begin].lstrip()
        line: Line = [
            ("said: " + ("…" if begin > 8 else "") + before.replace("\n", " "), "muted"),
            (hit.excerpt[begin:end].replace("\n", " "), "accent"),
            (hit.excerpt[end:].replace("\n", " "), "muted"),
        ]
        line = cut_line(line, ABOUT)
        return [*line, (" " * (ABOUT - width_of(line)), "")]


def _text_of(session: SessionSummary) -> str:
    return f"{session.title} {session.model} {session.id}"


def when(at: float, now: float | None = None) -> str:
    """A moment, as far back as it is: a time today, a day this year, else a date."""
    then, today = time.localtime(at), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M", then)
    return time.strftime("%d %b" if then.tm_year == today.tm_year else "%Y-%m-%d", then)
