"""One call in full: its question, its arguments as a tree or as they came, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.domain.turn import Turn
from tui.page.call_lines import (
    Reading,
    again_lines,
    parameters_of,
    question_lines,
    raw_lines,
    result_lines,
    text_lines,
)
from tui.page.line import Line
from tui.ui.action.hint import Hint, hint_line
from tui.ui.action.keymap import Keymap

if TYPE_CHECKING:
    from tui.chat.call_view import CallView
    from tui.chat.tool_session import ToolSession
    from tui.tools.approval import Approval


class CallDetail:
    """Makes the lines of a call.

    Attributes:
        shows_result: Whether the result is shown, and not the request.
        is_raw: Whether the request is shown as its fragments came, and not as a tree.
        question_rows: How many of the lines are the question.
    """

    def __init__(self) -> None:
        self.shows_result = False
        self.is_raw = False
        self.question_rows = 0
        self._readings: dict[tuple[str, int, bool], Reading] = {}

    def clear(self) -> None:
        """Other tools are there now, or another conversation is shown."""
        self._readings.clear()

    def lines(
        self, turn: Turn, view: CallView, again: Approval | None, *, tools: ToolSession, keymap: Keymap, width: int
    ) -> list[Line]:
        """All of a call at a width."""
        lines: list[Line] = []
        if tools.gate.is_held(turn):
            lines.append([("Many rounds of calls. May it go on?", "warning")])
            lines += [hint_line(("calls.go_on", Hint(("chat.stop",), "stop")), keymap), []]
        if again is not None:
            lines += again_lines(view, again, width)
        elif view.state == "waiting" and not self.shows_result:
            lines += question_lines(view, width)
        self.question_rows = len(lines)
        reading = self._reading(turn, view, tools)
        tree = reading.lines(view.call.final_arguments)
        is_told = again is None and view.approval is not None and view.state == "waiting" and reading.is_sound
        if lines:
            lines.append([])
        if not is_told or self.shows_result or self.is_raw:  # the question has the arguments, once
            lines.append(self._tabs(view))
        if self.shows_result:
            return lines + result_lines(view, width)
        if self.is_raw:
            lines += raw_lines(tools.fragments(turn, view.call.index), view.call.arguments, width)
        else:
            lines += tree if not is_told else []
            if view.was_edited:
                asked = text_lines(view.call.arguments, width)
                lines += [[], [("edited by you; the model asked for", "muted")], *asked]
        if view.result is not None:
            lines += [[], [("→ ", "muted"), *result_lines(view, width)[0]]]
        return lines

    def _tabs(self, view: CallView) -> Line:
        here, there = ("accent", "muted") if not self.shows_result else ("muted", "accent")
        raw = " · raw" if self.is_raw and not self.shows_result else ""
        return [(f"request{raw}", here), ("   ", ""), ("result", there), (f"   {view.call.id}", "muted")]

    def _reading(self, turn: Turn, view: CallView, tools: ToolSession) -> Reading:
        key = (turn.id, view.call.index, view.was_edited)
        if key not in self._readings:
            tool = None if view.call.server else tools.tool(view.call.name)
            self._readings[key] = Reading(parameters_of(tool))
        return self._readings[key]
