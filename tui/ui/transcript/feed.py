"""The feed: what streams into the replies on the page, and what became of the calls in them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

from tui.domain.delta import Delta
from tui.domain.turn import ToolResults, Turn
from tui.page.entry import Entry, PromptEntry
from tui.page.page import Page
from tui.page.reply import ReplyEntry
from tui.ui.transcript.letters import Letters
from tui.ui.transcript.render import Renderer
from tui.ui.transcript.scroll import Scroller

BUDGET = 0.006
"""Seconds of typesetting at a time; what is left then has to wait until others had their turn."""

PAUSE = 0.002
"""Seconds that others get at least; half of what the typesetting took, if that is more."""


class TurnFeed:
    """Paints what a turn holds; the deltas it is fed only say where to look."""

    def __init__(self, page: Page, scroller: Scroller, renderer: Renderer) -> None:
        """Nothing streams yet."""
        self._page = page
        self._scroller = scroller
        self._renderer = renderer
        self._rest: asyncio.TimerHandle | None = None
        self._letters = Letters(page, scroller, renderer)

    def shift(self, count: int) -> None:
        """So many entries were put above all others: a turn is known by itself."""
        del count
        self._letters.forget()

    def reset(self) -> None:
        """The conversation is another one."""
        self._letters.forget()
        self.stop()

    def add(self, entries: Sequence[Entry]) -> None:
        """Put entries at the end of the page."""
        first = len(self._page.entries)
        self._page.extend(entries)
        for number, entry in enumerate(entries, first):
            if number > 0 and isinstance(entry, PromptEntry) and isinstance(entry.turn.opening, ToolResults):
                self._mark_results(number - 1, entry.turn.opening)

    def take_woken(self, number: int, entry: Entry) -> None:
        """An entry was made of a turn that was only sketched: the results of its calls may stand below it."""
        if isinstance(entry, ReplyEntry) and any(call.outcome is None for call in entry.turn.tool_calls):
            below = self._page.entries[number + 1] if number + 1 < len(self._page.entries) else None
            if below is not None and isinstance(below.turn.opening, ToolResults):
                self._mark_results(number, below.turn.opening)

    # --- streaming -----------------------------------------------------------------------------------------------
    def count_backlog(self) -> int:
        """Characters that came and are not typeset yet."""
        if self._letters.is_ready:
            return 0
        last = self._page.entries[-1] if self._page.entries else None
        return last.unread if isinstance(last, ReplyEntry) else 0

    def write(self, turn: Turn, deltas: Sequence[Delta]) -> bool:
        """Show text that changes nothing but rows of the last block; `False` where these deltas are more than that."""
        return self._letters.take(turn, deltas)

    def take(self, turn: Turn, deltas: list[Delta]) -> None:
        """Paint what these deltas, already folded into the turn, have changed."""
        if self.write(turn, deltas):
            return
        entry, number = self._reply_of(turn)
        if entry is None:
            return
        began = perf_counter()
        until = began + BUDGET
        entry.grow(deltas, lambda: perf_counter() < until)
        self._grown(number, entry, is_urgent=True)
        self._go_on_soon(entry, max(PAUSE, (perf_counter() - began) / 2))

    def _go_on_soon(self, entry: ReplyEntry, wait: float) -> None:
        """Take what there was no time for, after a moment for others."""
        if entry.unread and self._rest is None:
            self._rest = asyncio.get_running_loop().call_later(wait, self._take_rest, entry.turn)

    def _take_rest(self, turn: Turn) -> None:
        self._rest = None
        self.take(turn, [])

    def end(self, turn: Turn) -> None:
        """Paint the rest of a turn that is over, and how it ended, before this returns."""
        entry, number = self._reply_of(turn)
        if entry is not None:
            entry.end()
            self._grown(number, entry, is_urgent=True)

    def stop(self) -> None:
        """Let go of the timer."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _grown(self, number: int, entry: ReplyEntry, *, is_urgent: bool = False) -> None:
        """Paint an entry that has changed; what is urgent does not wait for Textual's next frame."""
        self._page.restack(number)
        self._renderer.is_urgent = is_urgent
        try:
            self._scroller.settle_end(self._page.top_of(number) + entry.take_changed())
        finally:
            self._renderer.is_urgent = False
        self._letters.begin(entry, number)

    def swap(self, turn: Turn, entry: ReplyEntry) -> None:
        """Put an entry in the place of the reply of a turn; the reader stays where they are."""
        before, number = self._reply_of(turn)
        if before is None:
            return
        self._page.entries[number] = entry
        entry.set_width(self._page.width)
        self._page.ensure(number)
        self._grown(number, entry)
        self.stop()  # what is left of the other is left
        self._go_on_soon(entry, PAUSE)

    # --- calls ---------------------------------------------------------------------------------------------------
    def mark_call(self, turn: Turn, index: int, state: str, note: str) -> None:
        """Show the state of a tool call, and a few words beside it."""
        entry, number = self._reply_of(turn)
        if entry is not None:
            entry.mark_call(index, state, note)
            self._grown(number, entry)

    def _mark_results(self, number: int, answers: ToolResults) -> None:
        """Results were sent back: the calls of the reply above were run, where nothing else says what became of them."""
        entry = self._page.entries.find_live(number)
        if not isinstance(entry, ReplyEntry):
            return
        calls = {call.id: call for call in entry.turn.tool_calls if call.outcome is None}
        for result in answers.results:
            call = calls.get(result.call_id)
            if call is not None and not entry.is_marked(call.index):
                entry.mark_call(call.index, "failed" if result.is_error else "done", "")
                self._page.restack(number)

    def reply_of(self, turn: Turn) -> ReplyEntry | None:
        """The entry of a turn's reply, where it is on the page."""
        return self._reply_of(turn)[0]

    def _reply_of(self, turn: Turn) -> tuple[ReplyEntry | None, int]:
        number = self._page.entries.index_of(turn)
        while number is not None and number < len(self._page.entries):
            entry = self._page.entries[number]
            if entry.turn is not turn:
                break
            if isinstance(entry, ReplyEntry):
                return entry, number
            number += 1
        return None, -1
