"""The gate: what becomes of the tool calls of a turn. It decides, asks, runs, and answers the model.

Every call has one `CallView`, live from its first fragment; the screen shows it and a person decides through it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Literal

from msgspec.structs import replace

from tui.chat.call_view import CallView, EditedCall, Round, answer_of, rounds_before
from tui.chat.conversation import Conversation
from tui.chat.remote import is_named
from tui.domain.tool_call import UNKNOWN, CallOutcome, ToolCall
from tui.domain.turn import Turn
from tui.schema.json_value import canonical
from tui.tools.approval import Allow, Approval, Ask, Grants, Pattern, allow_once, decide, needs_permission_to_go_on
from tui.tools.clock import Progress, Reports
from tui.tools.result import Result, allowed_result, denied_result, not_run_result, stopped_result
from tui.tools.runner import Runner

PROGRESS_PAUSE = 0.2
"""Seconds at least between two showings of a call's progress."""


class Gate:
    """Decides about the calls of one conversation. Nothing runs that was not allowed, exactly so.

    Attributes:
        listener: Called with a turn whenever one of its calls changed.
        patterns: The calls that run unasked.
        is_attended: Whether someone can be asked once calls run; without, a tool that changed is not run.
        allowed_remotely: Which calls at MCP servers the endpoint may make unasked, by `is_named`, none, as a rule.
    """

    def __init__(
        self,
        conversation: Conversation,
        runner: Runner,
        patterns: Iterable[Pattern] = (),
        grants: Grants | None = None,
        listener: Callable[[Turn], object] | None = None,
    ) -> None:
        self.listener = listener
        self.is_attended = False
        self.allowed_remotely: tuple[str, ...] = ()
        self.grants = grants or Grants()
        self._conversation = conversation
        self._runner = runner
        self.patterns = tuple(patterns)
        self._rounds: dict[int, Round] = {}
        self._alone = asyncio.Lock()

    # -- looking ----------------------------------------------------------------------------------------

    def views(self, turn: Turn) -> list[CallView]:
        """The calls of a turn, live, as it ended, or as it was saved."""
        round_ = self._round(turn)
        for call in turn.tool_calls[len(round_.views) :]:
            round_.views.append(self._view(turn, call))
        if turn.state.is_over and not (turn.can_be_answered and self._is_open(turn) and self._conversation.runs_tools):
            for view in round_.views:
                if view.state == "arriving":
                    view.state = "not run" if self._conversation.runs_tools else "asked"
        return round_.views

    def is_undecided(self, turn: Turn) -> bool:
        """Whether a turn that was read from the disk has calls that nobody ever decided about."""
        return (
            turn.can_be_answered
            and self._conversation.head is turn
            and any(call.outcome is None and call.is_recorded for call in turn.tool_calls)
        )

    def _is_open(self, turn: Turn) -> bool:
        """Whether a turn's calls may still be decided about: it is the last one."""
        return not self._conversation.tree.below(turn)

    def is_held(self, turn: Turn) -> bool:
        """Whether the turn stands at the limit of rounds, and a person must say that it may go on."""
        return self._round(turn).is_held

    def _view(self, turn: Turn, call: ToolCall) -> CallView:
        if call.outcome is not None:
            result = Result.of(call.id, call.outcome)
            return CallView(call, result.state, result=result)
        answered = answer_of(self._conversation.tree, turn)
        if answered is None and not call.is_recorded:
            return CallView(call, "stopped", result=Result(call.id, UNKNOWN, is_error=True, state="stopped"))
        if answered is None:
            return CallView(call)
        # Saved before outcomes were recorded: all that is known is what the model was told.
        before = sum(other.id == call.id for other in turn.tool_calls[: call.index])
        parts = [part for part in answered.results if part.call_id == call.id][before:]
        if not parts:
            return CallView(call)
        state: Literal["done", "failed"] = "failed" if parts[0].is_error else "done"
        return CallView(call, state, result=Result(call.id, parts[0].text, parts[0].is_error, state))

    # -- deciding -----------------------------------------------------------------------------------------

    def open(self, turn: Turn, *, is_reopened: bool = False) -> bool:
        """Take up the calls of a turn that is complete; whether there are any to decide about.

        With `is_reopened` an earlier run left them undecided: then each waits for a person, whatever is allowed.
        """
        if not turn.can_be_answered or answer_of(self._conversation.tree, turn) is not None:
            return False
        round_ = self._round(turn)
        if not round_.is_open:
            round_.is_open = True
            round_.is_reopened = is_reopened
            round_.is_held = not is_reopened and needs_permission_to_go_on(rounds_before(self._conversation.tree, turn))
            for view in self.views(turn):
                if view.result is None:
                    self._take_up(round_, view)
            self._tell(round_)
        return True

    def leave(self) -> None:
        """Another turn begins: what still waits for a decision anywhere is not run."""
        for round_ in self._rounds.values():
            waiting = [view for view in round_.views if round_.is_open and view.state == "waiting"]
            for view in waiting:
                self._put(view, not_run_result(view.call, "the conversation went on before it was decided."))
            if waiting:
                self._save(round_)
                self._tell(round_)

    def go_on(self, turn: Turn) -> None:
        """Let a turn that was held at the limit of rounds go on."""
        round_ = self._round(turn)
        round_.is_held = False
        for view in round_.views:
            if view.state == "waiting" and not view.is_in_hand:
                self._take_up(round_, view)
        self._tell(round_)

    def approve(self, turn: Turn, view: CallView, *, for_session: bool = False) -> None:
        """Run a call that waits; with `for_session`, its tool runs unasked from the next round on, as it is defined now.

        Other calls of the round go on waiting: nobody looked at them. A call with unreadable arguments cannot
        run: its yes tells the model what is wrong with them.
        """
        if view.state == "waiting" and view.unreadable is not None and not view.is_in_hand:
            self._finish(self._round(turn), view, view.unreadable)
            return
        if view.state == "waiting" and view.call.server:
            self._finish(self._round(turn), view, allowed_result(view.call))
            return
        if view.state != "waiting" or view.approval is None or view.is_in_hand:
            return
        if refusal := self._refusal(turn, view.call.name):
            self._finish(self._round(turn), view, not_run_result(view.call, refusal))
            return
        if for_session:
            self.grants.allow_tool(view.approval.tool)
        self._run(self._round(turn), view, allow_once(view.approval, self.grants))

    def deny(self, turn: Turn, view: CallView, reason: str = "") -> None:
        """Refuse a call; the model is told, with the reason. A call may be denied before its arguments end."""
        if view.state == "arriving" and not turn.state.is_over:
            view.early_denial = reason
            self._tell(self._round(turn))
        elif view.state == "waiting":
            self._finish(self._round(turn), view, denied_result(view.call, reason))

    def edit(self, turn: Turn, view: CallView, arguments: str) -> str:
        """Put other arguments in place of those the model gave.

        Returns:
            What is wrong with them; empty when they can run, and then they wait to be approved as any other.
        """
        if view.state != "waiting":
            return "this call no longer waits"
        if view.call.server:
            return "the endpoint makes this call: it can be allowed as it is, or denied"
        prepared = self._runner.prepare(EditedCall(view.call.id, view.call.name, arguments))
        if isinstance(prepared, Result):
            return prepared.text.removeprefix("Not run: ")
        if isinstance(given := self._runner.prepare(view.call), Result) or given.arguments != prepared.arguments:
            view.call.edited = canonical(prepared.arguments)
        else:
            view.call.edited = ""
        view.approval, view.unreadable, view.is_in_hand = replace(prepared, call=view.call), None, False
        self._save(self._round(turn))
        self._tell(self._round(turn))
        return ""

    async def run_again(self, turn: Turn, view: CallView, approval: Approval) -> None:
        """Run a call once more, as `prepare_again` showed it, to look at; the model keeps the result it was given."""
        if view.state not in ("done", "failed", "stopped") or self._refusal(turn, view.call.name) or view.call.server:
            return
        round_, call = self._round(turn), view.call
        call.again = CallOutcome("running")
        self._begin(view)
        self._save(round_)
        self._tell(round_)
        try:
            await self._conversation.session.wait_for_disk()
            result = await self._runner.run(approval, allow_once(approval, self.grants), self._reports(round_, view))
            call.again = result.outcome()
        finally:
            if call.again.state == "running":
                call.again = stopped_result(call).outcome()
            view.state = view.result.state if view.result is not None else "stopped"
            self._save(round_)
            self._tell(round_)

    def prepare_again(self, turn: Turn, view: CallView) -> Approval | Result:
        """What would run if a call that has ended ran once more, or why nothing can."""
        if view.state not in ("done", "failed", "stopped"):
            return not_run_result(view.call, "it has not run yet.")
        if view.call.server:
            return not_run_result(view.call, "the endpoint made this call, not rillet.")
        if refusal := self._refusal(turn, view.call.name):
            return not_run_result(view.call, refusal)
        return self._runner.prepare(EditedCall(view.call.id, view.call.name, view.call.final_arguments))

    # -- running ------------------------------------------------------------------------------------------

    async def settle(self, turn: Turn) -> Turn:
        """Wait until every call of a turn has its result, then begin the turn that tells the model."""
        round_ = self._round(turn)
        try:
            await round_.settled.wait()
        except asyncio.CancelledError:
            await self.abandon(turn, keeps_approvals=True)
            raise
        return self._conversation.answer(
            turn, [part for call in turn.tool_calls if (part := call.answer()) is not None]
        )

    async def abandon(
        self, turn: Turn, reason: str = "the user stopped before it ran.", *, keeps_approvals: bool = False
    ) -> None:
        """Kill what runs, and leave the rest unrun, for this reason; what has a result keeps it.

        With `keeps_approvals`, what the endpoint asks to be allowed stays open: it can be answered later, and in another run.
        """
        round_ = self._round(turn)
        for task in round_.tasks:
            task.cancel()
        await asyncio.gather(*round_.tasks, return_exceptions=True)
        for view in round_.views:
            if view.call.outcome is not None and view.call.outcome.state == "running":
                self._put(view, stopped_result(view.call))
            elif view.result is None and not (keeps_approvals and view.call.server):
                self._put(view, not_run_result(view.call, reason))
        self._save(round_)
        self._tell(round_)

    def _take_up(self, round_: Round, view: CallView) -> None:
        if view.early_denial is not None:
            self._finish(round_, view, denied_result(view.call, view.early_denial))
            return
        if view.call.server:
            view.state = "waiting"
            if not (round_.is_held or round_.is_reopened) and is_named(view.call, self.allowed_remotely):
                self._finish(round_, view, allowed_result(view.call))
            return
        if refusal := self._refusal(round_.turn, view.call.name):
            self._finish(round_, view, not_run_result(view.call, refusal))
            return
        if view.approval is None:
            prepared = self._prepare(view.call)
            if isinstance(prepared, Result):
                if prepared.position is None and not round_.is_held:  # a held round waits whatever is in it
                    self._finish(round_, view, prepared)
                else:
                    view.unreadable, view.state = prepared, "waiting"
                return
            view.approval = prepared
        view.state = "waiting"
        if round_.is_held or round_.is_reopened:
            return
        match decide(view.approval, self.grants, self.patterns):
            case Allow() as allow:
                self._run(round_, view, allow)
            case Ask(has_changed=has_changed, changes=changes):
                view.has_changed, view.changes = has_changed, changes

    def _prepare(self, call: ToolCall) -> Approval | Result:
        """What would run for a call, with a person's arguments where an earlier run of rillet saved them."""
        if not call.edited:
            return self._runner.prepare(call)
        prepared = self._runner.prepare(EditedCall(call.id, call.name, call.edited))
        return prepared if isinstance(prepared, Result) else replace(prepared, call=call)

    def _refusal(self, turn: Turn, name: str) -> str:
        """Why a tool may not run for this turn, whatever else allows it; empty when it may.

        A name that no tool has is for the runner to refuse.
        """
        if not self._runner.knows(name):
            return ""
        if turn.offered is not None and name not in turn.offered:
            return f"{name} was not offered to the model with this request."
        if all(tool.name != name for tool in self._conversation.sheet.tools):
            return f"{name} is switched off."
        return ""

    def _run(self, round_: Round, view: CallView, allow: Allow) -> None:
        view.state = "queued"
        task = asyncio.ensure_future(self._run_one(round_, view, allow))
        round_.tasks.add(task)

        def end(task: asyncio.Task[None]) -> None:
            round_.tasks.discard(task)
            if not task.cancelled() and (fault := task.exception()) is not None:
                # It must have a result whatever happened, or the round would wait for ever.
                words = f"rillet could not see it to its end ({type(fault).__name__}); it may have done part of it."
                self._finish(round_, view, Result(view.call.id, words, is_error=True, state="stopped"))

        task.add_done_callback(end)
        self._tell(round_)

    async def _run_one(self, round_: Round, view: CallView, allow: Allow) -> None:
        approval = view.approval
        if approval is None:
            return
        if approval.tool.runs_parallel:
            await self._run_now(round_, view, approval, allow)
        else:
            async with self._alone:
                await self._run_now(round_, view, approval, allow)

    async def _run_now(self, round_: Round, view: CallView, approval: Approval, allow: Allow) -> None:
        """Run it. That it runs is on disk before it does, and its result the moment it comes."""
        if refusal := self._refusal(round_.turn, view.call.name):  # it may have been switched off in the queue
            self._finish(round_, view, not_run_result(view.call, refusal))
            return
        self._begin(view)
        view.call.outcome = CallOutcome("running")
        self._save(round_)
        self._tell(round_)
        await self._conversation.session.wait_for_disk()
        result = await self._runner.run(approval, allow, self._reports(round_, view))
        if result.state == "not run" and allow.reason != "once" and self._asks_again(round_, view, approval):
            return
        self._finish(round_, view, result)

    def _begin(self, view: CallView) -> None:
        view.state, view.began_at, view.progress = "running", time.monotonic(), None

    def _reports(self, round_: Round, view: CallView) -> Reports:
        """What takes a tool's progress: the newest is shown, a few times a second at most."""
        told_at = 0.0

        def take(progress: Progress) -> None:
            nonlocal told_at
            view.progress = progress
            if (now := time.monotonic()) - told_at >= PROGRESS_PAUSE:
                told_at = now
                self._tell(round_)

        return take

    def _asks_again(self, round_: Round, view: CallView, before: Approval) -> bool:
        """Ask a person about a call whose tool turned out to be another one; whether it is asked about now."""
        fresh = self._prepare(view.call)
        if not self.is_attended or isinstance(fresh, Result) or fresh.tool.hash == before.tool.hash:
            return False
        view.approval, view.call.outcome = fresh, None
        self._take_up(round_, view)
        self._save(round_)
        self._tell(round_)
        return True

    def _put(self, view: CallView, result: Result) -> None:
        """Give a call its result."""
        view.result, view.state = result, result.state
        view.call.outcome = result.outcome()

    def _save(self, round_: Round) -> None:
        self._conversation.session.save_ending(round_.turn)

    def _finish(self, round_: Round, view: CallView, result: Result) -> None:
        self._put(view, result)
        self._save(round_)
        if all(other.result is not None for other in round_.views) and len(round_.views) == len(round_.turn.tool_calls):
            round_.settled.set()
        self._tell(round_)

    def _round(self, turn: Turn) -> Round:
        # Not by the turn's id: one that could not be saved at first gets another.
        return self._rounds.setdefault(id(turn), Round(turn))

    def _tell(self, round_: Round) -> None:
        if self.listener is not None:
            self.listener(round_.turn)
