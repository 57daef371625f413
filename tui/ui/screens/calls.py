"""The chat screen's part about tool calls: where they show, and how a person comes to decide about them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual import events, on

from tui.domain.error import RilletError
from tui.domain.turn import Turn
from tui.ui.action.hint import Hint, hint_line
from tui.ui.notice import CallsChanged, CallsSettled
from tui.ui.person import OpenSignIn, ServerAsks
from tui.ui.screens.turns import TurnActions
from tui.ui.transcript import ShowToolCall
from tui.ui.transcript.block import standing_of
from tui.ui.wish import EditCall, SendPrompt
from tui.wire.printable import printable, printable_line

if TYPE_CHECKING:
    from tui.ui.panes.calls import CallsPane

STOP_GRACE = 3.0
"""Seconds within which a second Esc gives up calls that wait for a decision."""


class CallActions(TurnActions, is_part=True):
    """What is shown of tool calls outside the inspector."""

    call_in_edit: EditCall | None = None
    _warned_at = 0.0
    _asks_about: Turn | None = None

    @on(CallsChanged)
    async def show_calls(self, notice: CallsChanged) -> None:
        """Calls stand otherwise: on the page, in the status bar, and in the inspector, which opens for a question."""
        turn = notice.turn
        views = self.flow.calling.views(turn)
        for view in views:
            self.page.mark_call(turn, view.call.index, *standing_of(view.call, view.state))
        waiting = [view for view in views if view.state == "waiting"]
        self._asks_about = turn if waiting else None
        if waiting:
            # The keys stay where they are: what is typed now was not meant for a question.
            await self.open_docked("calls")
            self._tell_waiting()
        else:
            self._tell_running(turn)
        if (pane := self._inspector()) is not None:
            pane.show(turn)

    def _inspector(self) -> CallsPane | None:
        """The pane of tool calls, where it is open."""
        pane = self.docked("calls")
        if pane is None:
            return None
        from tui.ui.panes.calls import CallsPane

        return pane if isinstance(pane, CallsPane) else None

    def _waiting(self) -> list[str]:
        """The names of the tools whose calls wait for a decision."""
        if self._asks_about is None:
            return []
        return [view.call.name for view in self.flow.calling.views(self._asks_about) if view.state == "waiting"]

    def _tell_waiting(self) -> None:
        if names := self._waiting():
            pane = self.pane_in_focus()
            is_there = pane is not None and pane is self.docked("calls")
            how = [] if is_there else [("  ", ""), *hint_line((Hint(("chat.decide",), "to decide"),), self.rillet.keys)]
            self.status.ask([("? ", "warning"), (f"{', '.join(names)}: waiting for you", "warning"), *how])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Other keys matter now."""
        del event
        self._tell_waiting()
        self.offer_keys()

    def action_decide(self) -> None:
        """Go where a call waits for a decision; else to the next part of the screen."""
        pane = self.docked("calls")
        if self._waiting() and pane is not None:
            pane.take_focus()
        else:
            self.focus_next()

    async def action_answer(self) -> None:
        """Go where a server's question is answered."""
        if self.questions:
            await self.show_over("question")
        else:
            self.say("no server asks anything")

    def stop_reply(self) -> bool:
        """Stop what runs; whether something did. Calls that wait for a decision are given up at the second try only."""
        now = time.monotonic()
        if self.flow.is_running and self._waiting() and now - self._warned_at > STOP_GRACE:
            self._warned_at = now
            self.say(
                f"{', '.join(self._waiting())} waits for you: {{chat.decide}} decides, once more gives it up", "warning"
            )
            return True
        return self.flow.stop()

    @on(ServerAsks)
    async def hear_question(self, notice: ServerAsks) -> None:
        """A server asks something: it is told, and waits until a person goes there."""
        self.questions.append(notice)
        notice.reply.add_done_callback(lambda _: self._end_question(notice))
        self._tell_question()

    def _end_question(self, notice: ServerAsks) -> None:
        """It was answered, or nobody waits for the answer any more."""
        self.questions = [other for other in self.questions if other is not notice]
        self.status.ask([])
        if (over := self.over) is not None and over.name_in_dock == "question":
            self.call_later(self.close_pane, over)
        self._tell_question()

    def _tell_question(self) -> None:
        if self.questions:
            question = self.questions[0].question
            words = printable_line(f"{question.server} asks: {question.message}")
            how = hint_line((Hint(("chat.answer",), "to answer"),), self.rillet.keys)
            self.status.ask([("? ", "warning"), (words[:60], "warning"), ("  ", ""), *how])

    @on(OpenSignIn)
    def open_sign_in(self, notice: OpenSignIn) -> None:
        """Open the address at which a person signs in; it is shown too, for where no browser opens."""
        self.say(printable_line(f"{notice.server}: {self.open_address(notice.address)}"))

    def open_address(self, address: str) -> str:
        """Open an address in the browser; the sentence that says what was done."""
        from tui.ui.editor import open_address

        return open_address(address)

    def allow_sign_in(self, server: str) -> None:
        """The next sign-in at this server was asked for."""
        self.person.allow_sign_in(server)

    def _tell_running(self, turn: Turn) -> None:
        if self.questions:
            self._tell_question()
            return
        running = [view.call.name for view in self.flow.calling.views(turn) if view.state == "running"]
        self.status.ask([("● ", "accent"), (f"running {', '.join(running)}", "")] if running else [])

    @on(CallsSettled)
    async def take_results(self, notice: CallsSettled) -> None:
        """Every call has its result, or was stopped."""
        self._asks_about = None
        self.status.ask([])
        if notice.fault is not None:
            words = notice.fault.message if isinstance(notice.fault, RilletError) else type(notice.fault).__name__
            self.say(f"the tools could not be run: {words}", "error")
        pane = self.pane_in_focus()
        if notice.answer is not None and pane is not None and pane is self.docked("calls"):
            self.composer.focus()
        if self.is_narrow and (covering := self.docked("calls")) is not None:
            await self.close_pane(covering)  # the answer comes on the page, which it would hide
        self.flow.take_results(notice)
        self.offer_keys()

    @on(ShowToolCall)
    async def show_call(self, wish: ShowToolCall) -> None:
        """Show one call in the inspector."""
        await self.open_docked("calls")
        if (pane := self._inspector()) is not None:
            pane.show(wish.turn, wish.index)
            pane.take_focus()
            self.offer_keys()

    @on(EditCall)
    def edit_call(self, wish: EditCall) -> None:
        """Put the arguments that would run into the composer."""
        if self.composer.text:
            self.composer.earlier.add(self.composer.prompt.text)
        self.call_in_edit = wish
        approval = wish.view.approval
        self.composer.write(approval.text if approval is not None else printable(wish.view.call.final_arguments))
        self.composer.focus()
        self.desk.tell_editing(f"arguments of {wish.view.call.name}: Enter keeps them · Esc leaves them")

    @on(SendPrompt)
    async def send_written(self, wish: SendPrompt) -> None:
        """What was written is a prompt, or the arguments of a call that waits."""
        edit, self.call_in_edit = self.call_in_edit, None
        if edit is None:
            self.send_prompt(wish)
            return
        problem = self.flow.calling.gate.edit(edit.turn, edit.view, wish.prompt.text)
        if problem:
            self.call_in_edit = edit
            self.composer.write(wish.prompt.text)
            self.say(problem, "error")
            return
        self.desk.tell_editing("")
        if (pane := self.docked("calls")) is not None:
            pane.take_focus()

    def forget_calls(self) -> None:
        """Another conversation is on the screen: show its calls, and no question about others."""
        self.call_in_edit = self._asks_about = None
        self.status.ask([])
        if (pane := self._inspector()) is not None:
            pane.reopen()

    def leave_editing(self) -> bool:
        """Stop editing a call's arguments, or an earlier prompt."""
        if self.call_in_edit is not None:
            self.call_in_edit = None
            self.desk.tell_editing("")
            self.composer.take()
            return True
        return super().leave_editing()
