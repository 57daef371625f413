"""Importing: what other programs keep on this machine, or a file by its name, taken over while one looks on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Input

from tui.chat.importing.outcome import left_out_of, outcome_of, progress_of
from tui.chat.importing.run import Import, Report, Scanned, scan, sources_of
from tui.domain.error import RilletError, StoreError
from tui.domain.session import SessionSummary
from tui.page.line import Line, crop, pad, spread
from tui.ui.action.hint import Hint, Hints
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.pane import Pane
from tui.ui.panes.session_rows import wrapped
from tui.ui.widgets.list_view import ListView, RowChosen
from tui.ui.wish import OpenSession
from tui.wire.printable import printable_line

LISTED = 10
"""So many of the sessions that came are listed, to be opened."""
SHOWN_PROBLEMS = 200
CHOOSING: Hints = (Hint(("list.choose",), "import"), Hint(("pane.close",), "leave"))
RUNNING: Hints = (Hint(("pane.close",), "stop, and keep what is whole"),)
OVER: Hints = (Hint(("list.choose",), "open"), Hint(("pane.close",), "leave"))


class _Named(Struct, frozen=True):
    """A file or a folder that is written into the field."""

    path: str


class _All(Struct, frozen=True):
    """All that was found, by the names of the programs."""

    names: tuple[str, ...]


class _Told(Struct, frozen=True):
    """A line to read."""

    text: str = ""
    key: str = ""


_Row = _Named | _All | _Told | Scanned | SessionSummary


class ImportPane(Pane):
    """First what there is to choose from, then how far it is, then what came of it."""

    title_words = "Import"
    hints = CHOOSING

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._found: list[Scanned] | None = None
        self._work: Import | None = None
        self._is_over_with = False
        self._wants_stop = False
        self._timer: Timer | None = None
        self.rows = ListView(self._paint, takes_focus=False, is_passive=lambda row: isinstance(row, _Told))
        self.field = Field("the name of a file or a folder, or choose below", self.rows)

    def content(self) -> ComposeResult:
        """The field, and the rows below it."""
        yield self.field
        yield self.rows

    def on_mount(self) -> None:
        """Look for what there is."""
        self._show()
        self.run_worker(self._scan(), exit_on_error=False)

    def on_unmount(self) -> None:
        """An import that still goes on is stopped; what is whole is kept."""
        self._wants_stop = True

    async def _scan(self) -> None:
        self._found = await asyncio.to_thread(lambda: list(scan()))
        if self._work is None and not self._is_over_with:
            self._show()

    @on(Input.Changed)
    def take_name(self) -> None:
        """A file is named."""
        if self._work is None:
            self._show()

    def _show(self) -> None:
        if name := self.field.value.strip():
            self.rows.show([_Named(name)], cursor=0)
            return
        rows: list[_Row] = [*(self._found or ())]
        names = tuple(each.format.name for each in self._found or () if each.conversations)
        if len(names) > 1:
            rows.append(_All(names))
        looking, nothing = (
            "looking for chats of other programs …",
            "no chats of other programs are found on this machine",
        )
        self.rows.show(rows, empty=looking if self._found is None else nothing)

    @on(RowChosen)
    async def choose(self, notice: RowChosen) -> None:
        """Import it, or open what came."""
        notice.stop()
        row: _Row = notice.item
        match row:
            case SessionSummary():
                self._chat.post_message(OpenSession(row.id))
                await self._chat.close_pane(self)
            case _Named():
                self.begin([row.path.strip("\"'")])
            case _All():
                self.begin(row.names)
            case Scanned():
                self.begin([row.format.name])

    def begin(self, words: Sequence[str]) -> None:
        """Import files, folders, or what is found of programs by their names."""
        if self._work is not None:
            return
        try:
            database = self._chat.program.database
            if database.is_memory:
                raise StoreError(f"nothing can be imported: {database.why_unsaved or 'there is no sessions file'}")
            beside = database.beside()
        except StoreError as error:
            self._end([_Told(error.in_full, "error")])
            return
        self._work = work = Import(beside, lambda _: not self._wants_stop)
        self.field.display = False
        self._use(RUNNING)
        self.rows.show((), empty="")
        self._tell_progress()
        self._timer = self.set_interval(0.1, self._tell_progress)

        def run() -> Report:
            with closing(beside):
                return work.run(sources_of(words, work))

        self.run_worker(self._import(run), exit_on_error=False)

    async def _import(self, run: Callable[[], Report]) -> None:
        try:
            report = await asyncio.to_thread(run)
        except RilletError as error:
            self._end([_Told(error.in_full, "error")])
            return
        rows: list[_Row] = []
        self._add(rows, outcome_of(report), "warning" if report.was_stopped or report.problems else "success")
        database = self._chat.program.database
        if report.sessions:
            rows.append(_Told())
            rows += [database.sessions.summary(each) for each in report.sessions[:LISTED]]
            if (rest := len(report.sessions) - LISTED) > 0:
                self._add(rows, f"and {rest:,} more, in the list of sessions", "muted")
        if report.problems or report.left_out:
            rows.append(_Told())
        for place, words in report.problems[:SHOWN_PROBLEMS]:
            self._add(rows, f"{place}: {words}", "warning")
        if (rest := len(report.problems) - SHOWN_PROBLEMS) > 0:
            self._add(rows, f"and {rest:,} more that could not be read", "warning")
        for words in left_out_of(report):
            self._add(rows, words, "muted")
        self._end(rows)

    def _add(self, rows: list[_Row], words: str, key: str) -> None:
        rows += [_Told(line, key) for line in wrapped(printable_line(words), max(20, self.rows.size.width - 1))]

    def _end(self, rows: Sequence[_Row]) -> None:
        """Show what came of it."""
        if self._timer is not None:
            self._timer.stop()
        self._is_over_with = True
        self.field.display = False
        self.rows.can_focus = True
        self.rows.show(rows, cursor=0)
        self.rows.focus()
        self.heading.tell([(self.title_words, "title")], [])
        self._use(OVER)

    def _tell_progress(self) -> None:
        if (work := self._work) is not None and not self._is_over_with:
            words = progress_of(work.report.done, work.expected)
            self.heading.tell([(self.title_words, "title")], [(words, "muted")])
            last = "stopping …" if self._wants_stop else "importing …"
            self.rows.show((), empty=last)

    def _use(self, hints: Hints) -> None:
        self.hints = hints
        self._chat.key_bar.hush()
        self._chat.offer_keys()

    def action_close(self) -> None:
        """Stop what goes on, or leave."""
        if self._work is not None and not self._is_over_with:
            self._wants_stop = True
            self._tell_progress()
        else:
            super().action_close()

    def _paint(self, row: _Row, width: int) -> Line:
        match row:
            case _Told():
                return [(row.text, row.key)]
            case _Named():
                return crop([("import ", "muted"), (row.path, "")], width)
            case _All():
                return [("all of them", "")]
            case Scanned():
                return _scanned(row, width)
            case SessionSummary():
                turns = "1 turn" if row.turns == 1 else f"{row.turns:,} turns"
                return spread(crop([(row.title or "without a title", "")], width - 14), [(turns, "muted")], width)


def _scanned(scanned: Scanned, width: int) -> Line:
    """A program: how many conversations, how new they are, and where they stand."""
    chats = "1 chat" if scanned.conversations == 1 else f"{scanned.conversations:,} chats"
    day = datetime.fromtimestamp(scanned.changed_at).astimezone().strftime("%Y-%m-%d") if scanned.changed_at else ""
    home = os.path.expanduser("~")  # noqa: PTH111  # Path.expanduser raises without a home
    where = str(scanned.paths[0]).replace(home, "~", 1) if scanned.paths else ""
    more = f" and {len(scanned.paths) - 1:,} more" if len(scanned.paths) > 1 else ""
    line: Line = [(pad(scanned.format.title, 12), ""), (f"{chats:>14}  {day:<10}  ", "muted")]
    line.append((printable_line(f"{where}{more}"), "muted") if where else (printable_line(scanned.problem), "warning"))
    return crop(line, width)
