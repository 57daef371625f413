"""The prompts of before, over all sessions: a filter, and a list, the newest first."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input
from textual.worker import Worker

from tui.chat.prompt_search import PastPrompt, PromptSearch
from tui.domain.error import StoreError
from tui.page.line import Line, pad
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.list_height import ListHeight
from tui.ui.panes.pane import Pane
from tui.ui.transcript import CopyText
from tui.ui.widgets.list_view import ListView, RowChosen
from tui.ui.wish import InsertPrompt
from tui.wire.printable import printable_line

SHOWN = 200
"""Rows at most: who wants another one writes more letters."""
AT_ONCE = 400
"""So many turns are read at a time."""
BUDGET = 0.008
"""Seconds of looking at a time; a key that was pressed meanwhile has its turn then."""


class PromptsPane(Pane):
    """A list that shrinks as one types; Enter puts the prompt into the composer."""

    title_words = "Prompts"
    hints = (Hint(("list.choose",), "into the composer"), "chat.row_menu", "prompts.copy", "pane.close")
    BINDINGS: ClassVar[list[BindingType]] = bindings("prompts")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._search = PromptSearch()
        self._before: int | None = None
        self._has_read = False
        self._looked = 0
        self._exact: list[int] = []
        self._near: list[int] = []
        self._working: Worker[None] | None = None
        self.rows = ListView(self._paint, empty="No match", takes_focus=False)
        self.list_height = ListHeight(self, self.rows)
        self.field = Field("type to find", self.rows)

    def content(self) -> ComposeResult:
        """The field and the list."""
        yield self.field
        yield self.rows

    def on_mount(self) -> None:
        """Read what was asked, the newest first, and show it as it comes."""
        self._work()

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit."""
        self._looked, self._exact, self._near = 0, [], []
        self._work()

    def _work(self) -> None:
        if self._working is None or self._working.is_finished:
            self._working = self.run_worker(self._read_and_look(), exit_on_error=False)

    async def _read_and_look(self) -> None:
        """Look through what was read, then read on; between two steps a key that was pressed has its turn."""
        while True:
            until = time.perf_counter() + BUDGET
            is_done = False
            while time.perf_counter() < until and not is_done:
                is_done = not (self._look() or self._read())
            self._show()
            if is_done:
                return
            await asyncio.sleep(0)

    def _look(self) -> bool:
        """Look through some prompts; whether there were any to look through."""
        if self._looked >= len(self._search.prompts) or len(self._exact) >= SHOWN:
            return False
        for number, is_exact in self._search.find(self.field.value, self._looked, self._looked + AT_ONCE):
            (self._exact if is_exact else self._near).append(number)
        self._looked += AT_ONCE
        self._looked = min(self._looked, len(self._search.prompts))
        return True

    def _read(self) -> bool:
        """Read some prompts; whether there were any to be read."""
        if self._has_read:
            return False
        prompts = self._chat.program.database.prompts
        try:
            asked, self._before = prompts.asked(self._before, AT_ONCE)
            for at, text in asked:
                self._search.add(PastPrompt(text, at))
            self._has_read = self._before is None or self._search.is_full
            if self._has_read:
                for text in reversed(prompts.history()):  # also what was written and never sent
                    self._search.add(PastPrompt(text))
        except StoreError as error:
            self._has_read = True
            self._chat.say(error.in_full, "warning")
        return True

    def _show(self) -> None:
        prompts = self._search.prompts
        rows = [prompts[number] for number in (*self._exact, *self._near)[:SHOWN]]
        is_first = self._looked <= AT_ONCE
        self.rows.show(rows, cursor=0 if is_first else None)
        more = "" if self._has_read else " so far"
        self.heading.tell([(self.title_words, "title")], [(f"{len(prompts):,}{more}", "muted")])

    @on(RowChosen)
    async def insert(self, notice: RowChosen) -> None:
        """Put the prompt into the composer."""
        notice.stop()
        prompt: PastPrompt = notice.item
        await self._chat.close_pane(self)
        self._chat.post_message(InsertPrompt(prompt.text))

    def action_copy(self) -> None:
        """Copy the prompt under the cursor."""
        if isinstance(prompt := self.rows.item, PastPrompt):
            self.post_message(CopyText(prompt.text, "the prompt"))

    def _paint(self, prompt: PastPrompt, width: int) -> Line:
        when = datetime.fromtimestamp(prompt.at).astimezone().strftime("%d %b %Y") if prompt.at else ""
        room = max(8, width - 13)
        return [
            (pad(printable_line(" ".join(prompt.text[: room * 2].split())), room), ""),
            (pad(when, 13, right=True), "muted"),
        ]
