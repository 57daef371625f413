"""The waterfall: every turn of the conversation with its time on one scale; Enter shows the wire of one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain, islice
from time import perf_counter

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer

from tui.domain.error import RilletError
from tui.domain.turn import Turn, unreadable
from tui.page.line import Line
from tui.page.timeline import Timeline
from tui.page.waterfall import heading, lasted, turn_line
from tui.page.wire_list import times_of
from tui.page.wire_log import WireLog
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.pane import Pane
from tui.ui.transcript import ShowOrigin
from tui.ui.widgets.list_view import ListView, RowChosen

READ_EVERY = 1 / 30
BUDGET = 0.008
"""Seconds between two times at which tapes are read on, and how long each takes at most."""

AT_ONCE = 1024
"""So many turns are shown at first, and looked through at a time."""


class _Columns(Lines):
    """The names of the columns."""

    DEFAULT_CSS = "_Columns { height: 1; }"

    def lines(self, width: int) -> list[Line]:
        """The line at a width."""
        return [heading(width)]


class WaterfallPane(Pane):
    """The turns, one a row; the longest takes the whole bar."""

    columns = 140
    title_words = "The turns of this conversation"
    hints = (
        Hint(("list.up", "list.down"), "move"),
        Hint(("list.choose",), "its wire"),
        Hint(("pane.close",), "leave"),
    )

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.rows = ListView(self._paint, empty="nothing was asked yet")
        self._most = 0.0
        self._timelines: dict[str, Timeline | None] = {}
        self._unread: dict[str, tuple[Turn, WireLog]] = {}
        self._timer: Timer | None = None

    def content(self) -> ComposeResult:
        """The names of the columns, and the turns."""
        yield _Columns()
        yield self.rows

    def on_mount(self) -> None:
        """Show the last ones, the very last one under the cursor; those of a long conversation follow."""
        tree = self._chat.conversation.tree
        upward = iter(()) if tree.head is None else chain([tree.head], tree.outline.above(tree.head))
        ids = [*islice(upward, AT_ONCE)][::-1]
        self._most = max(tree.longest(ids), default=0.0)
        self.rows.show(ids, cursor=len(ids) - 1)
        self.run_worker(self._show_rest(ids, upward), exit_on_error=False)

    async def _show_rest(self, last: list[str], upward: Iterator[str]) -> None:
        """Show all of them, and find the longest, in steps: others go on between them."""
        above: list[str] = []
        while some := [*islice(upward, AT_ONCE)]:
            above += some
            await asyncio.sleep(0)
        if above:
            above.reverse()
            from_end = len(last) - self.rows.cursor
            ids = [*above, *last]
            self.rows.show(ids, cursor=len(ids) - from_end)
        before = self._most
        for longest in self._chat.conversation.tree.longest(above):
            self._most = max(self._most, longest)
            await asyncio.sleep(0)
        if self._most > before:
            self.rows.refresh()

    def _turn(self, turn_id: str) -> Turn:
        return self._chat.conversation.tree.find(turn_id) or unreadable(turn_id)

    def _paint(self, turn_id: str, width: int) -> Line:
        turn = self._turn(turn_id)
        if turn.state.is_over and turn.id not in self._timelines:
            self._timelines[turn.id] = None
            self._unread[turn.id] = turn, times_of(self._chat.conversation.replies, turn)
            if self._timer is None:
                self._timer = self.set_interval(READ_EVERY, self._read)
        return turn_line(turn, self._most, self._timelines.get(turn.id), width)

    def _read(self) -> None:
        """Read for a moment in the tapes of the turns that were seen, one after the other."""
        until = perf_counter() + BUDGET
        while self._unread and (left := until - perf_counter()) > 0:
            turn, log = next(iter(self._unread.values()))
            try:
                if not log.advance(left, is_over=True):
                    break
                self._timelines[turn.id] = log.timeline
                self._most = max(self._most, lasted(turn, log.timeline))
            except RilletError:
                pass  # it was not recorded: a plain bar says what is known
            del self._unread[turn.id]
        self.rows.refresh()
        if not self._unread and self._timer is not None:
            self._timer.stop()
            self._timer = None

    @on(RowChosen)
    async def show_wire(self, notice: RowChosen) -> None:
        """Show the wire of a turn."""
        notice.stop()
        await self._chat.close_pane(self)
        self._chat.post_message(ShowOrigin(self._turn(notice.item), ("finish", 0, 0), opens=True))
