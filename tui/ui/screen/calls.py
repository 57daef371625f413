"""Tool calls: where they show outside the inspector, and how a person comes to decide about them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.message import Message
from textual.timer import Timer

from tui.domain.error import RilletError
from tui.domain.turn import Turn
from tui.page.block import standing_of
from tui.ui.action.hint import Hint, hint_line
from tui.ui.notice import CallsChanged, CallsSettled
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.panes import PaneController
from tui.ui.screen.questions import QuestionController
from tui.ui.screen.stage import Stage
from tui.ui.transcript import ShowToolCall
from tui.wire.printable import printable_line

if TYPE_CHECKING:
    from tui.ui.panes.calls import CallsPane

LOOK_EVERY = 1.0
"""Seconds after which the time of a running call is told again."""

STOP_GRACE = 3.0
"""Seconds within which a second Esc gives up calls that wait for a decision."""


class CallController:
    """Shows how calls stand, and leads to the decision about them."""

    def __init__(
        self, stage: Stage, panes: PaneController, questions: QuestionController, focus_next: Callable[[], object]
    ) -> None:
        self._stage = stage
        self._panes = panes
        self._questions = questions
        self._focus_next = focus_next
        self._warned_at = 0.0
        self._asks_about: Turn | None = None
        self._timer: Timer | None = None
        self._called_about: Turn | None = None

    @property
    def actions(self) -> Mapping[str, Run]:
        """Decide, and stop."""
        return {"chat.decide": self.decide, "chat.stop": self.stop_reply}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """None."""
        return {}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """How calls stand, and the wish to see one."""
        return {CallsChanged: self.show_calls, CallsSettled: self.take_results, ShowToolCall: self.show_call}

    async def show_calls(self, notice: CallsChanged) -> None:
        """Show the calls' new states: on the page, in the status bar, and in the inspector, which opens for a question."""
        turn, stage = notice.turn, self._stage
        views = stage.runner.tools.views(turn)
        for view in views:
            stage.page.mark_call(turn, view.call.index, *standing_of(view.call, view.state))
        waiting = [view for view in views if view.state == "waiting"]
        self._asks_about = turn if waiting else None
        if waiting:
            # The keys stay where they are: what is typed now was not meant for a question.
            await self._panes.open_docked("calls")
            self.tell_waiting()
            if turn is not self._called_about:
                self._called_about = turn
                stage.port.rillet.attention.call(f"{printable_line(waiting[0].call.label)} waits for your decision")
        else:
            self._tell_running(turn)
        if (pane := self._inspector()) is not None:
            pane.show(turn)

    def _inspector(self) -> CallsPane | None:
        """The pane of tool calls, where it is open."""
        pane = self._panes.docked("calls")
        if pane is None:
            return None
        from tui.ui.panes.calls import CallsPane

        return pane if isinstance(pane, CallsPane) else None

    def _waiting(self) -> list[str]:
        """The names of the tools whose calls wait for a decision."""
        if self._asks_about is None:
            return []
        views = self._stage.runner.tools.views(self._asks_about)
        return [printable_line(view.call.label) for view in views if view.state == "waiting"]

    def tell_waiting(self) -> None:
        """Say what waits for a decision, if anything does, and how to come there."""
        if names := self._waiting():
            pane, keys = self._panes.in_focus, self._stage.port.rillet.keys
            is_there = pane is not None and pane is self._panes.docked("calls")
            how = [] if is_there else [("  ", ""), *hint_line((Hint(("chat.decide",), "to decide"),), keys)]
            self._stage.status.ask([("? ", "warning"), (f"{', '.join(names)}: waiting for you", "warning"), *how])

    def decide(self) -> None:
        """Go where a call waits for a decision; else to the next part of the screen."""
        pane = self._panes.docked("calls")
        if self._waiting() and pane is not None:
            pane.take_focus()
        else:
            self._focus_next()

    def stop_reply(self) -> bool:
        """Stop what runs; whether something did. Calls that wait for a decision are given up at the second try only."""
        now, runner = time.monotonic(), self._stage.runner
        if runner.is_running and self._waiting() and now - self._warned_at > STOP_GRACE:
            self._warned_at = now
            names = ", ".join(self._waiting())
            self._stage.say(f"{names} waits for you: {{chat.decide}} decides, once more gives it up", "warning")
            return True
        return runner.stop()

    def _tell_running(self, turn: Turn) -> None:
        if self._questions.tell():
            return
        from tui.page.call_lines import running_time

        running = [view for view in self._stage.runner.tools.views(turn) if view.state == "running"]
        words = ", ".join(f"{view.call.name} {running_time(view)}" for view in running)
        self._stage.status.ask([("● ", "accent"), (f"running {words}", "")] if running else [])
        if running and self._timer is None:
            self._timer = self._stage.status.set_timer(LOOK_EVERY, lambda: self._look_again(turn))

    def _look_again(self, turn: Turn) -> None:
        """Say for how long calls have been running, as long as they do."""
        self._timer = None
        if (pane := self._inspector()) is not None:
            pane.note_time()
        if not self._waiting():
            self._tell_running(turn)

    async def take_results(self, notice: CallsSettled) -> None:
        """Every call has its result, or was stopped."""
        stage, panes = self._stage, self._panes
        self._asks_about = None
        stage.status.ask([])
        if notice.fault is not None:
            words = notice.fault.message if isinstance(notice.fault, RilletError) else type(notice.fault).__name__
            stage.say(f"the tools could not be run: {words}", "error")
        pane = panes.in_focus
        if notice.answer is not None and pane is not None and pane is panes.docked("calls"):
            stage.composer.focus()
        if panes.is_narrow and (covering := panes.docked("calls")) is not None:
            await panes.close(covering)  # the answer comes on the page, which it would hide
        stage.runner.take_results(notice)
        stage.port.offer_keys()

    async def show_call(self, wish: ShowToolCall) -> None:
        """Show one call in the inspector."""
        await self._panes.open_docked("calls")
        if (pane := self._inspector()) is not None:
            pane.show(wish.turn, wish.index)
            pane.take_focus()
            self._stage.port.offer_keys()

    def focus_inspector(self) -> None:
        """Go to the inspector, where it is open."""
        if (pane := self._panes.docked("calls")) is not None:
            pane.take_focus()

    def distrust(self, came_at: float) -> None:
        """What came no later than this may have been meant for what stood where a question stands now."""
        if (pane := self._inspector()) is not None:
            pane.distrust(came_at)

    def forget(self) -> None:
        """Another conversation is on the screen: show its calls, and no question about others."""
        self._asks_about = None
        self._stage.status.ask([])
        if (pane := self._inspector()) is not None:
            pane.reopen()
