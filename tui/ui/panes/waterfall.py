"""The waterfall: every turn of the conversation with its time on one scale; Enter shows the wire of one."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from tui.chat.replies import reads_of
from tui.domain.error import RilletError
from tui.domain.turn import Turn
from tui.page.line import Line
from tui.page.waterfall import heading, longest_gap, turn_line
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.pane import Pane
from tui.ui.transcript import ShowOrigin
from tui.ui.widgets.list_view import ListView, RowChosen


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
        self._gaps: dict[str, float] = {}

    def content(self) -> ComposeResult:
        """The names of the columns, and the turns."""
        yield _Columns()
        yield self.rows

    def on_mount(self) -> None:
        """Show all of them, the last one under the cursor."""
        turns = self._chat.conversation.turns
        self._most = max((turn.timing.duration or 0.0 for turn in turns), default=0.0)
        self.rows.show(turns, cursor=len(turns) - 1)

    def _paint(self, turn: Turn, width: int) -> Line:
        return turn_line(turn, self._most, self._gap_of(turn), width)

    def _gap_of(self, turn: Turn) -> float:
        """The longest gap of a turn, from its tape; read when the turn is first seen."""
        if not turn.state.is_over:
            return 0.0
        if turn.id not in self._gaps:
            try:
                self._gaps[turn.id] = longest_gap(reads_of(self._chat.conversation.replies, turn))
            except RilletError:
                self._gaps[turn.id] = 0.0
        return self._gaps[turn.id]

    @on(RowChosen)
    async def show_wire(self, notice: RowChosen) -> None:
        """Show the wire of a turn."""
        notice.stop()
        await self._chat.close_pane(self)
        self._chat.post_message(ShowOrigin(notice.item, ("finish", 0, 0), opens=True))
