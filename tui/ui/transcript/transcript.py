"""The transcript: a whole conversation in one widget, as it streams."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

from tui.domain.delta import Delta
from tui.domain.turn import ToolResults, Turn
from tui.ui.transcript.acting import ActingView
from tui.ui.transcript.brush import INDENT
from tui.ui.transcript.entry import Entry, PromptEntry
from tui.ui.transcript.reply import ReplyEntry
from tui.ui.transcript.wish import NewBelow

BUDGET = 0.006
"""Seconds of typesetting at a time; what is left then has to wait until others had their turn."""

PAUSE = 0.002
"""Seconds that others get at least; half of what the typesetting took, if that is more."""


class Transcript(ActingView):
    """Shows turns. It paints what a turn holds; the deltas it is fed only say where to look."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Start with an empty conversation."""
        super().__init__(id=id, classes=classes)
        self._replies: dict[int, int] = {}
        self._calls: dict[str, tuple[int, int]] = {}
        self._rest: asyncio.TimerHandle | None = None
        self._seen_total = 0
        self._told_below = 0

    # --- turns ---------------------------------------------------------------------------------------------------
    def load(self, turns: Sequence[Turn]) -> None:
        """Show another conversation, from its end; only what shows is typeset."""
        self.clear()
        if not self.rows:  # not laid out yet: with the width it will nearly always be, nothing is counted twice
            self.page.set_width(max(1, self.app.size.width - INDENT - 2))
        self._extend(turns)
        self.jump_end()

    def add_turn(self, turn: Turn) -> None:
        """Show a turn at the end: what was asked, and the reply that will grow."""
        self._extend([turn])
        self.settle()
        self.tell_below()

    def feed(self, turn: Turn, deltas: list[Delta]) -> None:
        """Paint what these deltas, already folded into the turn, have changed."""
        entry, index = self._reply_of(turn)
        if entry is None:
            return
        began = perf_counter()
        until = began + BUDGET
        entry.grow(deltas, lambda: perf_counter() < until)
        self._grown(index, is_urgent=True)
        if entry.unread and self._rest is None:
            wait = max(PAUSE, (perf_counter() - began) / 2)
            self._rest = asyncio.get_running_loop().call_later(wait, self._feed_rest, turn)

    def _feed_rest(self, turn: Turn) -> None:
        self._rest = None
        if self.is_attached:
            self.feed(turn, [])

    def end_turn(self, turn: Turn) -> None:
        """Paint the rest of a turn that is over, and how it ended, before this returns."""
        entry, index = self._reply_of(turn)
        if entry is not None:
            entry.end()
            self._grown(index, is_urgent=True)

    def clear(self) -> None:
        """Show nothing."""
        self.page.clear()
        self._replies.clear()
        self._calls.clear()
        self._cursor = None
        self._place = None
        self._strips.clear()
        self._seen_total = 0
        self.restart_find()
        self.clear_selection()
        self.settle()
        self.tell_below()

    @property
    def backlog(self) -> int:
        """Characters that came and are not typeset yet."""
        last = self.page.entries[-1] if self.page.entries else None
        return last.unread if isinstance(last, ReplyEntry) else 0

    def mark_call(self, turn: Turn, index: int, state: str, note: str = "") -> None:
        """Say how a tool call stands: arriving asked waiting running done failed denied dropped; and a few words."""
        entry, number = self._reply_of(turn)
        if entry is not None:
            entry.mark_call(index, state, note)
            self._grown(number)

    def _extend(self, turns: Sequence[Turn]) -> None:
        entries: list[Entry] = []
        first = len(self.page.entries)
        for turn in turns:
            entries += (PromptEntry(turn), ReplyEntry(turn))
            self._replies[id(turn)] = first + len(entries) - 1
            for call in turn.tool_calls:
                self._calls[call.id] = (first + len(entries) - 1, call.index)
        self.page.extend(entries)
        for turn in turns:
            if isinstance(turn.opening, ToolResults):
                for result in turn.opening.results:
                    self._mark_result(result.call_id, is_error=result.is_error)

    def _mark_result(self, call_id: str, *, is_error: bool) -> None:
        """A result was sent back: the call above was run."""
        number, index = self._calls.get(call_id, (-1, 0))
        entry = self.page.entries[number] if number >= 0 else None
        if isinstance(entry, ReplyEntry) and not entry.is_marked(index):
            entry.mark_call(index, "failed" if is_error else "done", "")
            self.page.restack(number)

    def _reply_of(self, turn: Turn) -> tuple[ReplyEntry | None, int]:
        index = self._replies.get(id(turn), -1)
        entry = self.page.entries[index] if index >= 0 else None
        return (entry, index) if isinstance(entry, ReplyEntry) else (None, index)

    def _grown(self, index: int, *, is_urgent: bool = False) -> None:
        """Paint an entry that has changed; what is urgent does not wait for Textual's next frame."""
        entry = self.page.entries[index]
        if isinstance(entry, ReplyEntry):
            for call in entry.turn.tool_calls:
                self._calls[call.id] = (index, call.index)
        self.page.restack(index)
        self._is_urgent = is_urgent
        try:
            self.settle(self.page.top_of(index) + entry.take_changed())
        finally:
            self._is_urgent = False
        self.tell_below()

    def settle_some(self) -> bool:
        """Do one piece of typesetting that was put off: the colours of a fence that has closed."""
        for index in reversed(range(max(0, len(self.page.entries) - 2), len(self.page.entries))):
            entry = self.page.entries[index]
            if isinstance(entry, ReplyEntry) and entry.is_built and entry.settle():
                self.page.restack(index)
                return True
        return False

    # --- following -----------------------------------------------------------------------------------------------
    def settle(self, since: int = 0) -> None:
        """Put the reader where they were, and let go of lines far above."""
        super().settle(since)
        if self.page.entries and self.rows:
            index, row = self.page.entry_at(self.top_row)
            for at in {index, len(self.page.entries) - 1}:
                body = self.page.entries[at].parts[1]
                if body.height:
                    first = row if at == index else body.height - self.rows
                    body.cool(max(0, first - 2 * self.rows), min(body.height - 1, first + 4 * self.rows))
            if self.follow:
                self._seen_total = self.page.total

    def _follow_reader(self, old: int, new: int) -> None:
        super()._follow_reader(old, new)
        self.tell_below()

    def jump_end(self) -> None:
        """Show the end and follow it again."""
        super().jump_end()
        self.tell_below()

    def tell_below(self) -> None:
        """Say how many rows came below what shows since the reader left the end."""
        hidden = self.page.total - self.top_row - self.rows
        count = 0 if self.follow else max(0, min(hidden, self.page.total - self._seen_total))
        if count != self._told_below:
            self._told_below = count
            self.post_message(NewBelow(count))
