"""The sessions: saved conversations to open, rename and delete, and deleted ones to have back."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import WorkType

from tui.domain.error import RilletError
from tui.domain.session import SessionSummary
from tui.page.line import Line
from tui.store.query import parse_query
from tui.store.search import Hit
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, Hints
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.list_height import ListHeight
from tui.ui.panes.pane import Pane
from tui.ui.panes.session_changes import SessionChanges
from tui.ui.panes.session_list import SessionList, Shown
from tui.ui.panes.session_rows import Day, Preview, row_of
from tui.ui.widgets.list_view import ListView, NothingChosen, RowChosen, RowReached
from tui.ui.wish import OpenSession

LISTING: Hints = (
    Hint(("list.choose",), "open"),
    "chat.row_menu",
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
    "chat.row_menu",
    Hint(("sessions.archive",), "put back"),
    Hint(("sessions.archived",), "saved ones"),
    "pane.close",
)
DELETED: Hints = (
    Hint(("list.choose",), "restore"),
    "chat.row_menu",
    Hint(("sessions.deleted",), "saved ones"),
    Hint(("pane.close",), "back"),
)
PREVIEW_WIDTH = 108
"""Columns of the pane from which on there is room for a session beside the list."""
PREVIEW_ROWS = 12
"""Rows that it has there at least."""
EDGE = 5
"""Columns of the pane's edge."""
FIRST = 100
"""So many sessions are read before the list is shown, more than the highest screen holds."""
SEARCH_DELAY = 0.01
"""Seconds after a letter, which is shown first, until what was said is looked through, for as many sessions as a list shows."""
REST_DELAY = 0.12
"""Seconds after those are shown before the others are looked for: nobody waits for them by what is half a word."""
RENAMING: Hints = (Hint(("list.choose",), "keep it"), Hint(("pane.close",), "leave it as it was"))


class Edit(Struct, frozen=True):
    """What is written in the place of the filter: another title of a session, or its tags; and the filter."""

    session: SessionSummary
    is_tags: bool
    filter: str


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
        self._list = SessionList(chat.program.database)
        self._changes = SessionChanges(chat)
        self._edit: Edit | None = None
        # What is deleted can be restored, and no more.
        self.suits_row = lambda _action, _parameters: self._edit is None and self._changeable is not None
        self._search_timer: Timer | None = None
        self._looked_for = ""
        self._opens = ""
        self.rows = ListView(self._paint, empty="nothing is saved yet", takes_focus=False, is_passive=_is_day)
        self.list_height = ListHeight(self, self.rows, least=_least_rows)
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

    # -- what is listed -----------------------------------------------------------------------------------

    def _read(self, *, at: str | None = None, most: int = -1) -> None:
        """Read the list from the disk and show it, the cursor at a session by its id or where it was.

        Where there are more than so many, the others are read when those are on the screen.
        """
        try:
            self._list.read(most)
        except RilletError as error:
            self.rows.show((), empty=error.message)
            return
        if self._list.is_partial:
            self.call_after_refresh(self._read)
        self._show(at=at)

    def _show(self, cursor: int | None = None, at: str | None = None) -> None:
        if self._edit is not None:
            self.rows.show([self._edit.session], cursor=0)
            what = "Tags" if self._edit.is_tags else "Another title"
            self.heading.tell([(what, "title")], [(f"for “{self._edit.session.title}”", "muted")])
            return
        rows, empty = self._list.rows(self.field.value)
        if at is not None:
            cursor = next(
                (number for number, row in enumerate(rows) if isinstance(row, SessionSummary) and row.id == at), cursor
            )
        self.rows.show(rows, cursor=cursor, empty=empty)
        # Where nothing is saved, that is what must be said.
        unsaved = " · what is said now is not saved" if self._chat.program.database.why_unsaved else " saved"
        title, words = self._list.heading(self.title_words, unsaved)
        self.heading.tell([(title, "title")], [(words, "muted")])
        self._show_preview()

    @on(RowReached)
    def _show_preview(self) -> None:
        """Show the session under the cursor beside the list."""
        session = self._chosen
        if not self.preview.display or session is None:
            self.preview.tell(None, None, ())
            return
        try:
            turns = self._chat.program.database.turns.of_session(session.id, most=4)
        except RilletError:
            turns = []
        self.preview.tell(session, self._list.hit_in(session.id), turns)

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit."""
        if self._edit is None and self.field.value != self._list.typed:  # a title that was written is told late
            self._show(cursor=0)
        if self.field.value != self._opens:
            self._opens = ""
        if self._edit is not None or self.field.value == self._looked_for:  # the list may have been read anew meanwhile
            return
        self._looked_for = self.field.value
        if self._search_timer is not None:
            self._search_timer.stop()
        self.workers.cancel_group(self, "search")
        if self.field.value.strip() and not self._list.shows_deleted:
            # All that was said is looked through, not on the loop, for it may take a while.
            search: WorkType[None] = self._search  # begun by the worker, unless it is given up before
            begin = partial(self.run_worker, search, group="search", exclusive=True, exit_on_error=False)
            self._search_timer = self.set_timer(SEARCH_DELAY, begin)

    @on(NothingChosen)
    @on(Input.Submitted)
    def open_when_found(self) -> None:
        """Enter came before what was said was looked through: open the first that is found."""
        typed = self.field.value
        if self._edit is None and parse_query(typed).words and self._list.said_for != typed:
            self._opens = typed
            self._chat.say("looking through all that was said…")

    async def _search(self) -> None:
        typed, database = self.field.value, self._chat.program.database
        words = parse_query(typed).words
        if not words:
            return
        loop, given_up = asyncio.get_running_loop(), threading.Event()
        delays = itertools.chain([REST_DELAY], itertools.repeat(0.0))

        def take(hits: list[Hit]) -> bool:
            loop.call_soon_threadsafe(self._take_hits, typed, hits)
            return not given_up.wait(next(delays))

        try:
            await asyncio.to_thread(database.search_apart, words, take)
        except RilletError:
            return  # the titles are there, and what ails the file is told elsewhere
        finally:
            given_up.set()
        if self._list.said_for != typed:
            self._take_hits(typed, ())

    def _take_hits(self, typed: str, hits: Sequence[Hit]) -> None:
        """Show where it was said what is typed still."""
        if self.is_attached and typed == self.field.value and self._edit is None and not self._list.shows_deleted:
            self._list.take_hits(typed, hits)
            session = self._chosen
            is_first = self.rows.cursor == 0
            self._chat.expect_echo()
            self._show(cursor=0 if is_first else None, at=None if is_first or session is None else session.id)
            if self._opens == typed:
                self._opens = ""
                self._chat.key_bar.hush()
                if self._chosen is not None:
                    self.rows.action_choose()

    def _use(self, hints: Hints) -> None:
        self.hints = hints
        self._chat.key_bar.hush()
        self._chat.offer_keys()

    def _paint(self, row: SessionSummary | Day, width: int) -> Line:
        if isinstance(row, Day):
            return [(row.words, "title")]
        is_here = row.id == self._chat.conversation.session.id
        return row_of(row, width, is_here=is_here, hit=self._list.hit_to_show(row))

    @property
    def _chosen(self) -> SessionSummary | None:
        """The session under the cursor."""
        item = self.rows.item
        return item if isinstance(item, SessionSummary) else None

    @property
    def _changeable(self) -> SessionSummary | None:
        """The session under the cursor, where it is no deleted one."""
        return None if self._list.shows_deleted else self._chosen

    @on(RowChosen)
    async def open(self, notice: RowChosen) -> None:
        """Open it; or have it back, or take its new title."""
        notice.stop()
        if isinstance(notice.item, Day):
            return
        if self._edit is not None:
            self._take_edit(self._edit)
        elif self._list.shows_deleted:
            self._changes.restore(notice.item)
            self._read(at=notice.item.id)
        else:
            hit = self._list.hit_in(notice.item.id) if self.field.value == self._list.typed else None
            words = parse_query(self.field.value).words
            at = (hit.turn_id, words) if hit is not None else ("", "")
            self._chat.post_message(OpenSession(notice.item.id, *at))
            await self._chat.close_pane(self)

    # -- another title, tags, out of the way ---------------------------------------------------------------

    def action_rename(self) -> None:
        """Write another title, in the place of the filter."""
        self._write(is_tags=False)

    def action_tag(self) -> None:
        """Write its tags, in the place of the filter."""
        self._write(is_tags=True)

    def _write(self, *, is_tags: bool) -> None:
        session = self._changeable
        if session is not None and self._edit is None:
            self._edit = Edit(session, is_tags, self.field.value)
            self.field.value = " ".join(session.tags) if is_tags else session.title
            self.field.cursor_position = len(self.field.value)
            self._show()
            self._use(RENAMING)

    def _take_edit(self, edit: Edit) -> None:
        words = self.field.value.split()
        self._leave_edit(edit)
        if edit.is_tags:
            self._changes.set_tags(edit.session, words)
        else:
            self._changes.rename(edit.session, " ".join(words))
        self._read(at=edit.session.id)

    def _leave_edit(self, edit: Edit) -> None:
        self._edit = None
        self.field.value = edit.filter
        self.field.cursor_position = len(edit.filter)
        self._use(ARCHIVED if self._list.shows == "archived" else LISTING)

    def action_pin(self) -> None:
        """Keep it at the top of the list, or no longer."""
        if (session := self._changeable) is not None:
            self._changes.pin(session)
            self._read(at=session.id)

    def action_archive(self) -> None:
        """Put it out of the way, where it is still found; or back into the list."""
        if (session := self._changeable) is not None:
            self._changes.archive(session)
            self._read()

    def action_switch_archived(self) -> None:
        """Show the archived sessions, or the saved ones again."""
        self._switch("saved" if self._list.shows == "archived" else "archived")

    # -- deleted, and back again --------------------------------------------------------------------------

    def action_delete(self) -> None:
        """Delete it; for thirty days it can be had back, here or by `rillet sessions restore`."""
        if (session := self._chosen) is not None and self._changes.delete(session):
            self._read()

    def action_restore_last(self) -> None:
        """Have the session back that was deleted last, whenever that was."""
        if self._edit is None and (session := self._changes.restore_last()) is not None:
            self._read(at=session.id)

    def action_switch_list(self) -> None:
        """Show the deleted sessions, or the saved ones again."""
        self._switch("saved" if self._list.shows_deleted else "deleted")

    def _switch(self, shows: Shown) -> None:
        if self._edit is not None:
            return
        self._list.shows = shows
        self.field.value = ""
        self._use({"saved": LISTING, "archived": ARCHIVED, "deleted": DELETED}[shows])
        self.rows.cursor = 0
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense now: elsewhere than in the list of saved ones, Delete is the field's own key."""
        if action == "delete" and (self._edit is not None or self._list.shows_deleted):
            return False
        return super().check_action(action, parameters)

    def action_close(self) -> None:
        """Leave what is being edited, the deleted or the archived sessions, or the pane."""
        if (edit := self._edit) is not None:
            self._leave_edit(edit)
            self._show(at=edit.session.id)
        elif self._list.shows != "saved":
            self._switch("saved")
        else:
            super().action_close()


def _is_day(row: object) -> bool:
    return isinstance(row, Day)


def _least_rows(columns: int) -> int:
    """A session beside the list can be read."""
    return PREVIEW_ROWS if columns - EDGE >= PREVIEW_WIDTH else 1
