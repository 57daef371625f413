"""Two answers to the same prompt, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from tui.domain.turn import Prompt, Turn
from tui.page.ending import describe_figures
from tui.page.line import Line, Run, pad
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.panes.pane import Pane
from tui.ui.panes.session_rows import wrapped
from tui.ui.widgets.list_view import ListView, RowChosen
from tui.ui.wish import GoToTurn

_BETWEEN = " │ "


class ComparePane(Pane):
    """The branch that is shown at the left, another at the right; what both say alike is quiet."""

    title_words = "Compare"
    wide_columns = 150
    hints = (Hint(("list.choose",), "go to the right one"), "compare.next", "pane.close")
    BINDINGS: ClassVar[list[BindingType]] = bindings("compare")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._turns: Sequence[Turn] = ()
        self._left = self._right = 0
        self.rows = ListView(self._paint, empty="nothing was asked twice here")

    def content(self) -> ComposeResult:
        """Both, line by line."""
        yield self.rows

    def on_mount(self) -> None:
        """Find the last place where the way forks."""
        tree = self._chat.conversation.tree
        for turn in reversed(tree.path(tree.head)):
            siblings = tree.siblings(turn)
            if len(siblings) > 1:
                self._turns = siblings
                self._left = next(at for at, other in enumerate(siblings) if other is turn)
                self._right = (self._left + 1) % len(siblings)
                break
        self._show()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._show()

    def action_step(self, step: int) -> None:
        """Show another one at the right."""
        if len(self._turns) > 2:
            self._right = (self._right + step) % len(self._turns)
            if self._right == self._left:
                self._right = (self._right + step) % len(self._turns)
            self._show()

    @on(RowChosen)
    async def go(self, notice: RowChosen) -> None:
        """Show the branch at the right."""
        notice.stop()
        self._chat.post_message(GoToTurn(self._turns[self._right]))
        await self._chat.close_pane(self)

    def _show(self) -> None:
        if not self._turns:
            return
        room = max(8, (self.rows.size.width - len(_BETWEEN)) // 2)
        left, right = (self._lines(at, room) for at in (self._left, self._right))
        alike = {text for text, _ in left} & {text for text, _ in right}
        rows = [
            tuple((text, "muted" if text in alike and not key else key) for text, key in pair)
            for pair in zip_longest(left, right, fillvalue=("", ""))
        ]
        self.rows.show(rows)
        count = len(self._turns)
        words = f"‹ {self._left + 1} of {count} › beside ‹ {self._right + 1} of {count} ›"
        self.heading.tell([(self.title_words, "title")], [(words, "muted")])

    def _lines(self, at: int, room: int) -> list[Run]:
        """One of them: who answered and what it took, what was asked, and what was said."""
        turn = self._turns[at]
        figures = " · ".join([turn.answered_by or turn.model, str(turn.state), *describe_figures(turn)])
        lines: list[Run] = [(text, "accent") for text in wrapped(figures, room)]
        if isinstance(turn.opening, Prompt):
            lines += [("", ""), *(("› " + text, "title") for text in wrapped(turn.opening.text, room - 2))]
        lines.append(("", ""))
        for paragraph in (turn.prose or turn.refusal).split("\n"):
            lines += [(text, "") for text in wrapped(paragraph, room)] or [("", "")]
        return lines

    def _paint(self, pair: tuple[Run, Run], width: int) -> Line:
        room = max(8, (width - len(_BETWEEN)) // 2)
        (left, left_key), (right, right_key) = pair
        return [(pad(left, room), left_key), (_BETWEEN, "muted"), (pad(right, room), right_key)]
