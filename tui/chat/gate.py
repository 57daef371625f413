"""The gate: what becomes of the tool calls of a turn. It decides, asks, runs, and answers the model.

Every call has one `CallView`, live from its first fragment; the screen shows it and a person decides through it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct, field

from tui.chat.conversation import Conversation
from tui.domain.turn import ToolCall, ToolResults, Turn
from tui.tools.approval import Allow, Approval, Ask, Grants, Pattern, allow_once, decide, needs_permission_to_go_on
from tui.tools.result import Result, denied_result, not_run_result
from tui.tools.runner import Runner

CallState = Literal["arriving", "waiting", "running", "done", "failed", "denied", "not run"]


class EditedCall(Struct):
    """A call whose arguments a person rewrote before it ran."""

    id: str
    name: str
    arguments: str


class CallView(Struct, eq=False):
    """One call, as it stands: `approval` is what would run, `result` what came of it.

    `has_changed` when the tool is no longer what was once allowed. `was_edited` when its arguments are a
    person's. `early_denial` is a no that was said before the arguments had ended. `unreadable` is what the model
    would be told of arguments that are no JSON: it waits for a person's yes, since the model may only have stumbled.
    """

    call: ToolCall
    state: CallState = "arriving"
    approval: Approval | None = None
    result: Result | None = None
    has_changed: bool = False
    was_edited: bool = False
    early_denial: str | None = None
    unreadable: Result | None = None


class Round(Struct):
    """The calls of one turn; `settled` is set when each has its result."""

    turn: Turn
    views: list[CallView] = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    is_open: bool = False
    is_held: bool = False
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Gate:
    """Decides about the calls of one conversation. Nothing runs that was not allowed, exactly so.

    Attributes:
        listener: Called with a turn whenever one of its calls changed.
        is_attended: Whether someone can be asked; without, what is not allowed stays `waiting` for ever.
    """

    def __init__(
        self,
        conversation: Conversation,
        runner: Runner,
        patterns: Iterable[Pattern] = (),
        grants: Grants | None = None,
        listener: Callable[[Turn], None] | None = None,
    ) -> None:
        self.listener = listener
        self.grants = grants or Grants()
        self._conversation = conversation
        self._runner = runner
        self._patterns = tuple(patterns)
        self._rounds: dict[str, Round] = {}
        self._alone = asyncio.Lock()

    # -- looking ----------------------------------------------------------------------------------------

    def views(self, turn: Turn) -> list[CallView]:
        """The calls of a turn, live, as it ended, or as it was saved."""
        round_ = self._round(turn)
        for call in turn.tool_calls[len(round_.views) :]:
            round_.views.append(self._view(turn, call))
        if turn.state.is_over and not turn.can_be_answered:
            for view in round_.views:
                if view.state == "arriving":
                    view.state = "not run"
        return round_.views

    def is_held(self, turn: Turn) -> bool:
        """Whether the turn stands at the limit of rounds, and a person must say that it may go on."""
        return self._round(turn).is_held

    def _view(self, turn: Turn, call: ToolCall) -> CallView:
        answered = self._answer_of(turn)
        for part in answered.results if answered else ():
            if part.call_id == call.id:
                result = Result(call.id, part.text, part.is_error, "failed" if part.is_error else "done")
                denied = part.text.startswith("The user denied this call")
                not_run = part.text.startswith("Not run:")
                state: CallState = "denied" if denied else "not run" if not_run else result.state
                return CallView(call, state, result=result)
        return CallView(call)

    def _answer_of(self, turn: Turn) -> ToolResults | None:
        """The results that a saved turn's calls were answered with."""
        for other in self._conversation.below(turn):
            if isinstance(other.opening, ToolResults):
                return other.opening
        return None

    # -- deciding -----------------------------------------------------------------------------------------

    def open(self, turn: Turn) -> bool:
        """Take up the calls of a turn that is complete; whether there are any to decide about."""
        if not turn.can_be_answered or self._answer_of(turn) is not None:
            return False
        round_ = self._round(turn)
        if not round_.is_open:
            round_.is_open = True
            round_.is_held = needs_permission_to_go_on(self._rounds_so_far(turn))
            for view in self.views(turn):
                self._take_up(round_, view)
            self._tell(round_)
        return True

    def go_on(self, turn: Turn) -> None:
        """Let a turn that was held at the limit of rounds go on."""
        round_ = self._round(turn)
        round_.is_held = False
        for view in round_.views:
            if view.state == "waiting":
                self._take_up(round_, view)
        self._tell(round_)

    def approve(self, turn: Turn, view: CallView, *, for_session: bool = False) -> None:
        """Run a call that waits; with `for_session`, its tool runs unasked from now on, as it is defined now.

        A call with unreadable arguments cannot run: its yes tells the model what is wrong with them.
        """
        if view.state == "waiting" and view.unreadable is not None:
            self._finish(self._round(turn), view, view.unreadable)
            return
        if view.state != "waiting" or view.approval is None:
            return
        if for_session:
            self.grants.allow_tool(view.approval.tool)
        self._run(self._round(turn), view, allow_once(view.approval, self.grants))
        if for_session:
            self.go_on(turn)

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
        prepared = self._runner.prepare(EditedCall(view.call.id, view.call.name, arguments))
        if isinstance(prepared, Result):
            return prepared.text.removeprefix("Not run: ")
        view.approval, view.was_edited, view.unreadable = prepared, True, None
        self._tell(self._round(turn))
        return ""

    async def run_again(self, turn: Turn, view: CallView) -> None:
        """Run a call once more, to look at; the model keeps the result it was given."""
        if view.state not in ("done", "failed"):
            return
        prepared = view.approval or self._runner.prepare(view.call)
        if isinstance(prepared, Result):
            view.result = prepared
        else:
            view.state = "running"
            self._tell(self._round(turn))
            result = await self._runner.run(prepared, allow_once(prepared, self.grants))
            view.result, view.state = result, result.state
        self._tell(self._round(turn))

    # -- running ------------------------------------------------------------------------------------------

    async def settle(self, turn: Turn) -> Turn:
        """Wait until every call of a turn has its result, then begin the turn that tells the model."""
        round_ = self._round(turn)
        try:
            await round_.settled.wait()
        except asyncio.CancelledError:
            await self.abandon(turn)
            raise
        return self._conversation.answer(turn, [view.result.part() for view in round_.views if view.result])

    async def abandon(self, turn: Turn) -> None:
        """Kill what runs, and leave the rest unrun."""
        round_ = self._round(turn)
        for task in round_.tasks:
            task.cancel()
        await asyncio.gather(*round_.tasks, return_exceptions=True)
        for view in round_.views:
            if view.result is None:
                view.result = not_run_result(view.call, "the user stopped before it ran.")
                view.state = "not run"
        self._tell(round_)

    def _take_up(self, round_: Round, view: CallView) -> None:
        if view.early_denial is not None:
            self._finish(round_, view, denied_result(view.call, view.early_denial))
            return
        if view.approval is None:
            prepared = self._runner.prepare(view.call)
            if isinstance(prepared, Result):
                if prepared.position is None and not round_.is_held:  # a held round waits whatever is in it
                    self._finish(round_, view, prepared)
                else:
                    view.unreadable, view.state = prepared, "waiting"
                return
            view.approval = prepared
        view.state = "waiting"
        if round_.is_held:
            return
        match decide(view.approval, self.grants, self._patterns):
            case Allow() as allow:
                self._run(round_, view, allow)
            case Ask(has_changed=has_changed):
                view.has_changed = has_changed

    def _run(self, round_: Round, view: CallView, allow: Allow) -> None:
        view.state = "running"
        task = asyncio.ensure_future(self._run_one(round_, view, allow))
        round_.tasks.add(task)
        task.add_done_callback(round_.tasks.discard)
        self._tell(round_)

    async def _run_one(self, round_: Round, view: CallView, allow: Allow) -> None:
        approval = view.approval
        if approval is None:
            return
        if approval.tool.runs_parallel:
            result = await self._runner.run(approval, allow)
        else:
            async with self._alone:
                result = await self._runner.run(approval, allow)
        self._finish(round_, view, result)

    def _finish(self, round_: Round, view: CallView, result: Result) -> None:
        view.result, view.state = result, result.state
        if all(other.result is not None for other in round_.views) and len(round_.views) == len(round_.turn.tool_calls):
            round_.settled.set()
        self._tell(round_)

    def _round(self, turn: Turn) -> Round:
        return self._rounds.setdefault(turn.id, Round(turn))

    def _rounds_so_far(self, turn: Turn) -> int:
        """How many rounds of results the model has had since the last prompt."""
        count = 0
        for other in reversed(self._conversation.path_to(turn)):
            if not isinstance(other.opening, ToolResults):
                break
            count += 1
        return count

    def _tell(self, round_: Round) -> None:
        if self.listener is not None:
            self.listener(round_.turn)


def is_waiting(views: Iterable[CallView]) -> bool:
    """Whether a person must decide about one of these calls."""
    return any(view.state == "waiting" for view in views)
