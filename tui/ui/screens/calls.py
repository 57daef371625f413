"""The chat screen's part about tool calls: where they show, and how a person comes to decide about them."""

from __future__ import annotations

from textual import on

from tui.domain.error import RilletError
from tui.domain.turn import Turn
from tui.ui.notice import CallsChanged, CallsSettled
from tui.ui.screens.turns import TurnActions
from tui.ui.transcript import ShowToolCall
from tui.ui.wish import EditCall, SendPrompt
from tui.wire.printable import printable

PAGE_STATES = {"not run": "dropped"}
"""What the page calls a state, where it has another word."""


class CallActions(TurnActions, is_part=True):
    """What is shown of tool calls outside the inspector."""

    call_in_edit: EditCall | None = None

    @on(CallsChanged)
    async def show_calls(self, notice: CallsChanged) -> None:
        """Calls stand otherwise: on the page, in the status bar, and in the inspector, which opens for a question."""
        turn = notice.turn
        views = self.flow.calling.views(turn)
        for view in views:
            self.page.mark_call(turn, view.call.index, PAGE_STATES.get(view.state, view.state))
        waiting = [view for view in views if view.state == "waiting"]
        if waiting:
            await self._ask_person(turn)
        else:
            self._tell_running(turn)
        if (pane := self.docked("calls")) is not None:
            pane.show(turn)  # type: ignore[attr-defined]  # it is the inspector: it was asked for by its name

    async def _ask_person(self, turn: Turn) -> None:
        names = ", ".join(view.call.name for view in self.flow.calling.views(turn) if view.state == "waiting")
        is_writing = bool(self.composer.text)  # what is being typed was not meant for a question
        how = [("  Tab", "key"), (" to decide", "muted")] if is_writing else []
        self.status.ask([("? ", "warning"), (f"{names}: waiting for you", "warning"), *how])
        pane = self.docked("calls") or await self.toggle_docked("calls")
        if is_writing:
            self.composer.focus()
        elif pane is not None and self.composer.has_focus:
            pane.take_focus()

    def _tell_running(self, turn: Turn) -> None:
        running = [view.call.name for view in self.flow.calling.views(turn) if view.state == "running"]
        self.status.ask([("● ", "accent"), (f"running {', '.join(running)}", "")] if running else [])

    @on(CallsSettled)
    def take_results(self, notice: CallsSettled) -> None:
        """Every call has its result, or was stopped."""
        self.status.ask([])
        if notice.fault is not None:
            words = notice.fault.message if isinstance(notice.fault, RilletError) else type(notice.fault).__name__
            self.say(f"the tools could not be run: {words}", "error")
        pane = self.pane_in_focus()
        if notice.answer is not None and pane is not None and pane is self.docked("calls"):
            self.composer.focus()
        self.flow.take_results(notice)
        self.offer_keys()

    @on(ShowToolCall)
    async def show_call(self, wish: ShowToolCall) -> None:
        """Show one call in the inspector."""
        pane = self.docked("calls") or await self.toggle_docked("calls")
        if pane is not None:
            pane.show(wish.turn, wish.index)  # type: ignore[attr-defined]  # as above
            pane.take_focus()

    @on(EditCall)
    def edit_call(self, wish: EditCall) -> None:
        """Put the arguments that would run into the composer."""
        if self.composer.text:
            self.composer.earlier.add(self.composer.prompt.text)
        self.call_in_edit = wish
        approval = wish.view.approval
        self.composer.write(approval.text if approval is not None else printable(wish.view.call.arguments))
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

    def leave_editing(self) -> bool:
        """Stop editing a call's arguments, or an earlier prompt."""
        if self.call_in_edit is not None:
            self.call_in_edit = None
            self.desk.tell_editing("")
            self.composer.take()
            return True
        return super().leave_editing()
