"""The transcript: a whole conversation in one widget, as it streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter

from tui.domain.delta import Delta
from tui.domain.turn import ToolResults, Turn
from tui.ui.action.hint import keymap_of
from tui.ui.action.keymap import Keymap
from tui.ui.transcript.acting import ActingView
from tui.ui.transcript.brush import INDENT
from tui.ui.transcript.entry import Entry, PromptEntry
from tui.ui.transcript.reply import ReplyEntry
from tui.ui.transcript.wish import NewBelow

BUDGET = 0.006
"""Seconds of typesetting at a time; what is left then has to wait until others had their turn."""

PAUSE = 0.002
"""Seconds that others get at least; half of what the typesetting took, if that is more."""

FEWEST = 12
"""So many turns are loaded at least, that what comes above them later is out of sight."""

AT_ONCE = 64
"""So many turns are fetched from above at a time."""

Above = Callable[[Turn, int], Sequence[Turn]]


class Transcript(ActingView):
    """Shows turns. It paints what a turn holds; the deltas it is fed only say where to look."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Start with an empty conversation."""
        super().__init__(id=id, classes=classes)
        self._replies: dict[int, int] = {}
        self._calls: dict[str, tuple[int, int]] = {}
        self._rest: asyncio.TimerHandle | None = None
        self._seen = (0, 0)
        self._told_below = 0
        self._above: Above | None = None
        self._topmost: Turn | None = None
        self._coming: list[list[Entry]] = []

    # --- turns ---------------------------------------------------------------------------------------------------
    def load(self, turns: Sequence[Turn], above: Above | None = None) -> None:
        """Show another conversation, from its end; only what shows is typeset.

        Args:
            turns: The end of the conversation, or all of it.
            above: What gives the turns above one, at most so many: those are asked for when there is time, or need.
        """
        self.clear()
        while above is not None and 0 < len(turns) < FEWEST and (more := above(turns[0], AT_ONCE)):
            turns = [*more, *turns]
        if not self.rows:  # not laid out yet: with the width it will nearly always be, nothing is counted twice
            self.page.set_width(max(1, self.app.size.width - INDENT - 2))
        self._extend(turns)
        if turns and above is not None and turns[0].parent is not None:
            self._above, self._topmost = above, turns[0]
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
        self._seen = (0, 0)
        self._above = self._topmost = None
        self._coming.clear()
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
        """Say how a tool call stands: arriving asked waiting running done failed denied stopped dropped; and a few words."""
        entry, number = self._reply_of(turn)
        if entry is not None:
            entry.mark_call(index, state, note)
            self._grown(number)

    # --- what stands above what was loaded -----------------------------------------------------------------------
    @property
    def has_more_above(self) -> bool:
        """Whether there are turns above the page that are not on it yet."""
        return self._above is not None

    def read_above(self, has_time: Callable[[], bool]) -> bool:
        """Fetch turns from above; they come onto the page all at once, so that its scroll bar changes once."""
        while self._above is not None and self._topmost is not None:
            turns = self._above(self._topmost, AT_ONCE)
            if not turns:
                self._above = None
                self._put_above()
                return True
            self._topmost = turns[0]
            self._coming.append(_entries_of(turns, keymap_of(self)))
            for entry in self._coming[-1]:
                entry.set_width(self.page.width)
            if not has_time():
                break
        return False

    def move_down(self, count: int) -> None:
        """So many entries were put above all others."""
        super().move_down(count)
        self._seen = (self._seen[0] + count, self._seen[1])

    def _put_above(self) -> None:
        entries = [entry for chunk in reversed(self._coming) for entry in chunk]
        self._coming.clear()
        self.page.prepend(entries)
        self.move_down(len(entries))
        self._register(0)
        # The first turn of those that were there may hold results of calls in the last turn of these.
        self._mark_results(self.page.entries[: len(entries) + 1])

    def _extend(self, turns: Sequence[Turn]) -> None:
        first = len(self.page.entries)
        self.page.extend(_entries_of(turns, keymap_of(self)))
        self._register(first)
        self._mark_results(self.page.entries[first:])

    def _register(self, first: int) -> None:
        """Know the replies and calls of the entries from one on by their numbers."""
        for number, entry in enumerate(self.page.entries[first:], first):
            if isinstance(entry, ReplyEntry):
                self._replies[id(entry.turn)] = number
                for call in entry.turn.tool_calls:
                    self._calls[call.id] = (number, call.index)

    def _mark_results(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry, PromptEntry) and isinstance(entry.turn.opening, ToolResults):
                for result in entry.turn.opening.results:
                    self._mark_result(result.call_id, is_error=result.is_error)

    def _mark_result(self, call_id: str, *, is_error: bool) -> None:
        """A result was sent back: the call above was run."""
        number, index = self._calls.get(call_id, (-1, 0))
        entry = self.page.entries[number] if number >= 0 else None
        if not isinstance(entry, ReplyEntry) or entry.turn.tool_calls[index].outcome is not None:
            return
        if not entry.is_marked(index):
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
                self._seen = (len(self.page.entries) - 1, self.page.entries[-1].height)

    def _follow_reader(self, old: int, new: int) -> None:
        super()._follow_reader(old, new)
        self.tell_below()

    def widen(self) -> None:
        """Rows mean something else at another width: of the entry that was seen to its end, nothing is new."""
        super().widen()
        if self.page.entries:
            self._seen = (self._seen[0], self.page.entries[self._seen[0]].height)

    def refold(self, index: int, fold: Callable[[], None]) -> None:
        """Show more or less of an entry; rows that come of it are no news."""
        before = self.page.entries[index].height
        super().refold(index, fold)
        if index == self._seen[0]:
            self._seen = (index, self._seen[1] + self.page.entries[index].height - before)

    def jump_end(self) -> None:
        """Show the end and follow it again."""
        super().jump_end()
        self.tell_below()

    def tell_below(self) -> None:
        """Say how many rows came below what shows since the reader left the end."""
        page = self.page
        count = 0
        if not self.follow and page.entries:
            seen_to = page.top_of(self._seen[0]) + self._seen[1]
            count = max(0, page.total - max(seen_to, self.top_row + self.rows))
        if count != self._told_below:
            self._told_below = count
            self.post_message(NewBelow(count))


def _entries_of(turns: Sequence[Turn], keymap: Keymap) -> list[Entry]:
    return [entry for turn in turns for entry in (PromptEntry(turn), ReplyEntry(turn, keymap))]
