"""The feed: what streams into the replies on the page, and the ways from a turn or a call to its entry."""

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
        """Know no turn yet."""
        self._page = page
        self._scroller = scroller
        self._renderer = renderer
        self._replies: dict[int, int] = {}
        self._calls: dict[str, tuple[int, int]] = {}
        self._rest: asyncio.TimerHandle | None = None
        self._letters = Letters(scroller, renderer)

    def shift(self, count: int) -> None:
        """So many entries were put above all others: they are registered, and the others under their new numbers."""
        self._letters.forget()
        self.register(0)
        # The first turn of those that were there may hold results of calls in the last turn of these.
        self._mark_results(self._page.entries[: count + 1])

    def reset(self) -> None:
        """The conversation is another one."""
        self._replies.clear()
        self._calls.clear()
        self._letters.forget()
        self.stop()

    def add(self, entries: Sequence[Entry]) -> None:
        """Put entries at the end of the page."""
        first = len(self._page.entries)
        self._page.extend(entries)
        self.register(first)
        self._mark_results(entries)

    def register(self, first: int) -> None:
        """Know the replies and calls of the entries from one on by their numbers."""
        for number, entry in enumerate(self._page.entries[first:], first):
            if isinstance(entry, ReplyEntry):
                self._replies[id(entry.turn)] = number
                self._register_calls(number, entry)

    def _register_calls(self, number: int, entry: ReplyEntry) -> None:
        for call in entry.turn.tool_calls:
            self._calls[call.id] = (number, call.index)

    # --- streaming -----------------------------------------------------------------------------------------------
    @property
    def backlog(self) -> int:
        """Characters that came and are not typeset yet."""
        last = self._page.entries[-1] if self._page.entries else None
        return last.unread if isinstance(last, ReplyEntry) else 0

    def take(self, turn: Turn, deltas: list[Delta]) -> None:
        """Paint what these deltas, already folded into the turn, have changed."""
        if self._letters.take(turn, deltas):
            return
        entry, number = self._reply_of(turn)
        if entry is None:
            return
        began = perf_counter()
        until = began + BUDGET
        entry.grow(deltas, lambda: perf_counter() < until)
        self._grown(number, entry, is_urgent=True)
        if entry.unread and self._rest is None:
            wait = max(PAUSE, (perf_counter() - began) / 2)
            self._rest = asyncio.get_running_loop().call_later(wait, self._take_rest, turn)

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
        self._register_calls(number, entry)
        self._page.restack(number)
        self._renderer.is_urgent = is_urgent
        try:
            self._scroller.settle_end(self._page.top_of(number) + entry.take_changed())
        finally:
            self._renderer.is_urgent = False
        self._letters.begin(entry, self._page.top_of(number))

    def swap(self, turn: Turn, entry: ReplyEntry) -> None:
        """Put an entry in the place of the reply of a turn; the reader stays where they are."""
        number = self._replies.pop(id(turn), -1)
        if number < 0:
            return
        self._page.entries[number] = entry
        entry.set_width(self._page.width)
        self._replies[id(entry.turn)] = number
        self._page.ensure(number)
        self._grown(number, entry)

    # --- calls ---------------------------------------------------------------------------------------------------
    def mark_call(self, turn: Turn, index: int, state: str, note: str) -> None:
        """Show the state of a tool call, and a few words beside it."""
        entry, number = self._reply_of(turn)
        if entry is not None:
            entry.mark_call(index, state, note)
            self._grown(number, entry)

    def _mark_results(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry, PromptEntry) and isinstance(entry.turn.opening, ToolResults):
                for result in entry.turn.opening.results:
                    self._mark_result(result.call_id, is_error=result.is_error)

    def _mark_result(self, call_id: str, *, is_error: bool) -> None:
        """A result was sent back: the call above was run."""
        number, index = self._calls.get(call_id, (-1, 0))
        entry = self._page.entries[number] if number >= 0 else None
        if not isinstance(entry, ReplyEntry) or entry.turn.tool_calls[index].outcome is not None:
            return
        if not entry.is_marked(index):
            entry.mark_call(index, "failed" if is_error else "done", "")
            self._page.restack(number)

    def _reply_of(self, turn: Turn) -> tuple[ReplyEntry | None, int]:
        number = self._replies.get(id(turn), -1)
        entry = self._page.entries[number] if number >= 0 else None
        return (entry, number) if isinstance(entry, ReplyEntry) else (None, number)
