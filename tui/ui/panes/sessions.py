"""The sessions: saved conversations to open, rename and delete, and deleted ones to have back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input

from tui.domain.error import RilletError
from tui.domain.session import SessionSummary
from tui.page.line import Line
from tui.store.query import Query, parse_query
from tui.store.search import Hit
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, Hints
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.match import FAR, best, fit
from tui.ui.panes.pane import Pane
from tui.ui.panes.session_rows import Day, Preview, row_of, with_days
from tui.ui.widgets.list_view import ListView, RowChosen, RowReached
from tui.ui.wish import OpenSession

LISTING: Hints = (
    Hint(("list.choose",), "open"),
    "sessions.rename",
    "sessions.delete",
    "sessions.pin",
    "sessions.tag",
    "sessions.archive",
    "sessions.deleted",
    "pane.close",
)
ARCHIVED: Hints = (
    Hint(("list.choose",), "open"),
    Hint(("sessions.archive",), "put back"),
    Hint(("sessions.archived",), "saved ones"),
    "pane.close",
)
DELETED: Hints = (
    Hint(("list.choose",), "restore"),
    Hint(("sessions.deleted",), "saved ones"),
    Hint(("pane.close",), "back"),
)
PREVIEW_WIDTH = 108
"""Columns of the pane from which on there is room for a session beside the list."""
FIRST = 100
"""So many sessions are read before the list is shown, more than the highest screen holds."""
SEARCH_DELAY = 0.12
"""Seconds for which nothing is typed before what was said is looked through: nobody waits for what is half a word."""
RENAMING: Hints = (Hint(("list.choose",), "keep it"), Hint(("pane.close",), "leave it as it was"))
Shown = Literal["saved", "archived", "deleted"]


class SessionsPane(Pane):
    """A list of conversations that shrinks as one types. No letter is a key: every letter filters."""

    DEFAULT_CSS = """
    SessionsPane > Horizontal { height: 1fr; }
    SessionsPane ListView { width: 3fr; }
    """
    wide_columns = 150

    title_words = "Sessions"
    hints = LISTING
    BINDINGS: ClassVar[list[BindingType]] = bindings("sessions")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._all: list[SessionSummary] = []
        self._archived: list[SessionSummary] = []
        self._is_partial = False
        self._shows: Shown = "saved"
        self._edited: SessionSummary | None = None
        self._edits_tags = False
        self._filter = ""
        self._shown_for = ""
        self._said: dict[str, Hit] = {}
        self._said_for = ""
        self._search_timer: Timer | None = None
        self.rows = ListView(self._paint, empty="nothing is saved yet", takes_focus=False, is_passive=_is_day)
        self.field = Field("type to find: words, model:, tag:, since:, state:, endpoint:", self.rows)
        self.preview = Preview()

    def content(self) -> ComposeResult:
        """The field, the list, and beside it the session under the cursor."""
        yield self.field
        with Horizontal():
            yield self.rows
            yield self.preview

    def on_mount(self) -> None:
        """List them."""
        self.preview.display = False
        self._read(most=FIRST)

    def on_resize(self) -> None:
        """Show the session beside the list where there is room."""
        self.preview.display = self.size.width >= PREVIEW_WIDTH
        self._show_preview()

    @property
    def _shows_deleted(self) -> bool:
        return self._shows == "deleted"

    def _read(self, *, at: str | None = None, most: int = -1) -> None:
        """Read the list from the disk and show it, the cursor at a session by its id or where it was.

        Where there are more than so many, the others are read when those are on the screen.
        """
        database = self._chat.program.database
        try:
            if self._shows == "saved":
                self._all = database.sessions.summaries(most=most)
                self._is_partial = 0 <= most <= len(self._all)
                if self._is_partial:
                    self.call_after_refresh(self._read)
                else:
                    self._archived = database.sessions.archived()
            else:
                self._archived = database.sessions.archived()
                self._all = database.sessions.deleted() if self._shows_deleted else self._archived
        except RilletError as error:
            self.rows.show((), empty=error.message)
            return
        self._show(at=at)

    def _show(self, cursor: int | None = None, at: str | None = None) -> None:
        if self._edited is not None:
            self.rows.show([self._edited], cursor=0)
            what = "Tags" if self._edits_tags else "Another title"
            self.heading.tell([(what, "title")], [(f"for “{self._edited.title}”", "muted")])
            return
        self._shown_for = self.field.value
        query = parse_query(self._shown_for)
        found = self._fitting(query)
        shown: Sequence[SessionSummary | Day] = found if query.words or self._shows_deleted else with_days(found)
        if at is not None:
            cursor = next(
                (number for number, one in enumerate(shown) if isinstance(one, SessionSummary) and one.id == at), cursor
            )
        nothing = {
            "deleted": "nothing was deleted in the last 30 days",
            "archived": "nothing is archived",
            "saved": "nothing is saved yet",
        }[self._shows]
        no_match = (
            f"“{query.unclear}” is no day: since:monday, since:2026-11-28, since:3d" if query.unclear else "No match"
        )
        self.rows.show(shown, cursor=cursor, empty=no_match if self._all or query.has_filter else nothing)
        held = "…" if self._is_partial else f"{len(self._all):,}"
        title, words = {
            "deleted": ("Deleted sessions", f"{held} kept, each for 30 days"),
            "archived": ("Archived sessions", f"{held} out of the way"),
            "saved": (self.title_words, self._saved_words(held)),
        }[self._shows]
        self.heading.tell([(title, "title")], [(words, "muted")])
        self._show_preview()

    def _fitting(self, query: Query) -> Sequence[SessionSummary]:
        """The sessions that fit: by title, model or id; in which the words were said; that fit letter by letter."""
        held = self._asked_for(query)
        words = query.words
        if self._shown_for != self._said_for:
            self._said = {}
        shown = best(words, held, _text_of)
        if not self._said:
            return shown
        near = [session for session in shown if self._is_near(session, words)]
        by_id = {session.id: session for session in held}
        said = [by_id[each] for each in self._said if each in by_id]
        listed = {session.id: session for session in (*near, *said, *shown)}
        return [*listed.values()]

    def _asked_for(self, query: Query) -> list[SessionSummary]:
        """The sessions of which all is so that is asked beside the words; archived ones are found, and not listed."""
        if self._shows != "saved":
            return self._all
        if not query.has_filter:
            return [*self._all, *self._archived] if query.words else self._all
        try:
            return self._chat.program.database.sessions.matching(replace(query, words=""))
        except RilletError:
            return self._all

    def _is_near(self, session: SessionSummary, words: str) -> bool:
        score = fit(words, _text_of(session))
        return score is not None and score < FAR

    def _show_preview(self) -> None:
        """Show the session under the cursor beside the list."""
        session = self.rows.item
        if not self.preview.display or not isinstance(session, SessionSummary):
            self.preview.tell(None, None, ())
            return
        try:
            turns = self._chat.program.database.turns.of_session(session.id, most=4)
        except RilletError:
            turns = []
        self.preview.tell(session, self._said.get(session.id), turns)

    @on(RowReached)
    def show_other(self) -> None:
        """The cursor is at another session."""
        self._show_preview()

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
        query = parse_query(words)
        if not query.words:
            return
        try:
            hits = await asyncio.to_thread(database.search_apart, query.words)
        except RilletError:
            return  # the titles are there, and what ails the file is told elsewhere
        if words == self.field.value and self._edited is None and not self._shows_deleted:
            self._said, self._said_for = {hit.session_id: hit for hit in hits}, words
            session = self._chosen
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
        if self._edited is None and self.field.value != self._shown_for:  # a title that was written is told late
            self._show(cursor=0)
            self._look_inside()

    @on(RowChosen)
    async def open(self, notice: RowChosen) -> None:
        """Open it; or have it back, or take its new title."""
        notice.stop()
        if isinstance(notice.item, Day):
            return
        if self._edited is not None:
            self._take_edit(self._edited)
        elif self._shows_deleted:
            self._restore(notice.item)
        else:
            hit = self._said.get(notice.item.id) if self._said_for == self.field.value else None
            words = parse_query(self.field.value).words
            at = (hit.turn_id, words) if hit is not None else ("", "")
            self._chat.post_message(OpenSession(notice.item.id, *at))
            await self._chat.close_pane(self)

    @property
    def _chosen(self) -> SessionSummary | None:
        """The session under the cursor."""
        item = self.rows.item
        return item if isinstance(item, SessionSummary) else None

    # -- another title, tags, out of the way ---------------------------------------------------------------

    def action_rename(self) -> None:
        """Write another title, in the place of the filter."""
        self._edit(tags=False)

    def action_tag(self) -> None:
        """Write its tags, in the place of the filter."""
        self._edit(tags=True)

    def _edit(self, *, tags: bool) -> None:
        session = self._chosen
        if session is not None and not self._shows_deleted and self._edited is None:
            self._edited, self._edits_tags, self._filter = session, tags, self.field.value
            self.field.value = " ".join(session.tags) if tags else session.title
            self.field.cursor_position = len(self.field.value)
            self._show()
            self._use(RENAMING)

    def _take_edit(self, session: SessionSummary) -> None:
        words, database = self.field.value.split(), self._chat.program.database
        title, tags = " ".join(words), [word.removeprefix("#") for word in words]
        edits_tags = self._edits_tags
        self._leave_edit()
        if edits_tags:
            self._chat.save(lambda: database.sessions.set_tags(session.id, filter(None, tags)), f"tags of {session.id}")
        elif title and session.id == self._chat.conversation.session.id:
            self._chat.conversation.session.rename(title)
            self._chat.tell_title()
        elif title:
            self._chat.save(lambda: database.sessions.rename(session.id, title), f"title of {session.id}")
        self._read(at=session.id)

    def _leave_edit(self) -> None:
        self._edited = None
        self.field.value = self._filter
        self.field.cursor_position = len(self._filter)
        self._use(ARCHIVED if self._shows == "archived" else LISTING)

    def action_pin(self) -> None:
        """Keep it at the top of the list, or no longer."""
        session, database = self._chosen, self._chat.program.database
        if session is not None and not self._shows_deleted:
            is_pinned = not session.is_pinned
            self._chat.save(lambda: database.sessions.pin(session.id, is_pinned=is_pinned), f"pin of {session.id}")
            self._chat.say(f"“{session.title}” is {'pinned' if is_pinned else 'no longer pinned'}")
            self._read(at=session.id)

    def action_archive(self) -> None:
        """Put it out of the way, where it is still found; or back into the list."""
        session, database = self._chosen, self._chat.program.database
        if session is not None and not self._shows_deleted:
            goes = session.archived_at is None
            self._chat.save(lambda: database.sessions.archive(session.id, is_archived=goes), f"place of {session.id}")
            words = (
                "is archived: {sessions.archived} shows such ones, and what is typed finds them"
                if goes
                else "is in the list again"
            )
            self._chat.say(f"“{session.title}” {words}")
            self._read()

    def action_switch_archived(self) -> None:
        """Show the archived sessions, or the saved ones again."""
        self._switch("saved" if self._shows == "archived" else "archived")

    # -- deleted, and back again --------------------------------------------------------------------------

    def action_delete(self) -> None:
        """Delete it; for thirty days it can be had back, here or by `rillet sessions restore`."""
        session = self._chosen
        if session is None:
            return
        if session.id == self._chat.conversation.session.id:
            self._chat.say("this is the conversation you are in; {chat.new} begins another", "warning")
            return
        self._chat.save(lambda: self._chat.program.database.sessions.delete(session.id))
        self._chat.say(
            f"deleted “{session.title}”: {{sessions.undo}} restores it, {{sessions.deleted}} shows what was deleted in the last 30 days"
        )
        self._read()

    def action_restore_last(self) -> None:
        """Have the session back that was deleted last, whenever that was."""
        if self._edited is not None:
            return
        try:
            deleted = self._chat.program.database.sessions.deleted()
        except RilletError as error:
            self._chat.say(error.message, "error")
            return
        if deleted:
            self._restore(deleted[0])
        else:
            self._chat.say("nothing was deleted in the last 30 days")

    def _restore(self, session: SessionSummary) -> None:
        self._chat.save(lambda: self._chat.program.database.sessions.undelete(session.id))
        self._chat.say(f"“{session.title}” is among the saved sessions again", "success")
        self._read(at=session.id)

    def action_switch_list(self) -> None:
        """Show the deleted sessions, or the saved ones again."""
        self._switch("saved" if self._shows_deleted else "deleted")

    def _switch(self, shows: Shown) -> None:
        if self._edited is not None:
            return
        self._shows = shows
        self.field.value = ""
        self._use({"saved": LISTING, "archived": ARCHIVED, "deleted": DELETED}[shows])
        self.rows.cursor = 0
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense now: elsewhere than in the list of saved ones, Delete is the field's own key."""
        if action == "delete":
            return self._edited is None and not self._shows_deleted
        return super().check_action(action, parameters)

    def action_close(self) -> None:
        """Leave what is being edited, the deleted or the archived sessions, or the pane."""
        if self._edited is not None:
            session = self._edited
            self._leave_edit()
            self._show(at=session.id)
        elif self._shows != "saved":
            self._switch("saved")
        else:
            super().action_close()

    def _paint(self, row: SessionSummary | Day, width: int) -> Line:
        if isinstance(row, Day):
            return [(row.words, "title")]
        hit = (
            None
            if self._is_near(row, parse_query(self._shown_for).words) and self._shown_for
            else self._said.get(row.id)
        )
        return row_of(row, width, is_here=row.id == self._chat.conversation.session.id, hit=hit)


def _is_day(row: object) -> bool:
    return isinstance(row, Day)


def _text_of(session: SessionSummary) -> str:
    return f"{session.title} {session.model} {session.id}"
