"""The turn runner of a conversation on the screen: what is sent now, what waits, and what became of the last turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, assert_never

from textual.message import Message
from textual.worker import Worker

from tui.chat.tool_session import ToolSession
from tui.domain.delta import Delta
from tui.domain.error import RilletError
from tui.domain.turn import Prompt, Summary, Turn, TurnState
from tui.ui.action.action import Action, Need
from tui.ui.notice import CallsSettled, DeltasArrived, QueueChanged, Said, TurnBegan, TurnEnded, TurnsChanged, Unsaid
from tui.ui.worker import TurnWorker

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation


WAIT_TOLD = 0.3
"""Seconds after which a person is told that a prompt is not on its way yet; a disk that is merely busy takes less."""

Start = Callable[[Coroutine[Any, Any, None]], "Worker[None]"]


class TurnRunner:
    """Sends prompts one at a time, and queues those that come while a turn runs or its calls do.

    Attributes:
        conversation: The one on the screen.
        tools: Its tools and their calls.
        turn: The turn that runs, or the last one.
        queue: Prompts that wait for the turn to end, oldest first.

    What it tells goes to whoever takes it at once, by `route`, and what its worker tells in its turn, by `post`, but for what
    `write` has shown. `backlog` counts the characters that the page has taken and not painted yet.
    """

    def __init__(
        self,
        conversation: Conversation,
        tools: ToolSession,
        *,
        route: Callable[[Message], object],
        post: Callable[[Message], object],
        start: Start,
        backlog: Callable[[], int],
        write: Callable[[Turn, list[Delta]], bool] = lambda _turn, _deltas: False,
    ) -> None:
        self.conversation = conversation
        self.tools = tools
        self.turn: Turn | None = conversation.head
        self.queue: list[Prompt] = []
        self._route = route
        self._start = start
        self._post = post
        self._is_settling = False
        self._unpainted = 0
        self._worker = TurnWorker(self._posting(post), lambda: self._unpainted + backlog(), tools.keep_fragment, write)
        self._running: Worker[None] | None = None
        self._then: Callable[[], None] | None = None

    def _posting(self, post: Callable[[Message], object]) -> Callable[[Message], object]:
        def counted(message: Message) -> object:
            if isinstance(message, DeltasArrived):
                self._unpainted += sum(len(getattr(delta, "text", "")) for delta in message.deltas)
            return post(message)

        return counted

    @property
    def is_running(self) -> bool:
        """Whether a turn runs, or its calls do."""
        return self._running is not None

    def why_not(self, action: Action) -> str:
        """Why an action of the table makes no sense now, as its need says it; empty where it does."""
        return next((need.value for need in action.needs if not self._meets(need)), "")

    def _meets(self, need: Need) -> bool:
        match need:
            case Need.IDLE:
                return not self.is_running
            case Need.RUNNING:
                return self.is_running
            case Need.TURN | Need.PROMPT:
                return self.turn is not None
            case Need.REPLY:
                return self.turn is not None and bool(self.turn.text)
            case Need.BRANCHES:
                return self.conversation.tree.may_branch
            case _:
                assert_never(need)

    # -- sending --------------------------------------------------------------------------------------

    def send(self, prompt: Prompt) -> None:
        """Send a prompt, or queue it while a turn runs."""
        if self.is_running:
            self.queue.append(prompt)
            self._route(QueueChanged(self.queue))
        else:
            self.run(self.conversation.say(prompt.text, prompt.images))

    def steer(self, prompt: Prompt | None) -> None:
        """Send a prompt, or the oldest of the queue, in place of the rest of the reply that streams, which is kept."""
        if prompt is None:
            if not self.queue:
                return
            prompt = self.queue.pop(0)
            self._route(QueueChanged(self.queue))
        if not self.is_running:
            self.send(prompt)
            return
        sent = prompt
        self._then = lambda: self._say_queued(sent)
        self.stop()

    def run(self, turn: Turn) -> None:
        """Show a turn that has begun, and stream its reply."""
        self.tools.leave()
        self.turn = turn
        self._running = self._start(self._worker.run(self.conversation, turn, self.tools.prepare))
        self._route(TurnBegan(turn))
        if self.conversation.session.waits_for_disk(turn):
            self._start(self._tell_wait(turn))

    async def _tell_wait(self, turn: Turn) -> None:
        """Say that a prompt waits for the disk, if it does so for longer than a moment, and as long as it does."""
        session = self.conversation.session
        await asyncio.sleep(WAIT_TOLD)
        if session.waits_for_disk(turn):
            self._route(Said(words := f"goes out as soon as it is saved: {session.why_late}"))
            await session.wait_for_disk()
            self._route(Unsaid(words))

    def stop(self) -> bool:
        """Stop the turn that runs; whether one did."""
        if self._running is None:
            return False
        if not (
            self._worker.has_begun or self._is_settling
        ):  # a task that is cancelled before its first step never reaches its ending
            asyncio.get_running_loop().call_soon(self.stop)
        else:
            self._running.cancel()
        return True

    def keep_partial(self) -> bool:
        """Answer the question at the end of patience: no more waiting, what came is kept."""
        return self._worker.answer(waits=False)

    def wait_on(self) -> bool:
        """Answer the question at the end of patience: wait on."""
        return self._worker.answer(waits=True)

    def try_again(self) -> None:
        """Ask once more what the last turn asked; a turn that runs is stopped first."""
        turn = self.turn
        if turn is None:
            return
        if self.is_running:
            self._then = lambda: self._again(turn)
            self.stop()
        else:
            self._again(turn)

    def _again(self, turn: Turn) -> None:
        again = self.conversation.regenerate(turn)
        self._route(TurnsChanged())
        self.run(again)

    def ask_again(self, turn: Turn) -> None:
        """Ask once more what any turn asked; what followed it stays, as a branch."""
        if not self.is_running:
            self._again(turn)

    def go_on(self) -> None:
        """Ask for the rest of the last reply, if it was cut."""
        if self.turn is not None:
            self.go_on_from(self.turn)

    def go_on_from(self, turn: Turn) -> None:
        """Ask for the rest of a reply that was cut, wherever it stands."""
        if self.is_running:
            return
        if isinstance(turn.opening, Summary):
            self._route(Said("a summary is made anew, not continued: {chat.retry}"))
        elif turn.state is TurnState.COMPLETE and not turn.is_cut and turn.has_finished:
            self._route(Said("this reply is complete: there is nothing to continue"))
        elif not turn.text:
            self._route(Said("nothing of this reply came: {chat.retry} asks again"))
        else:
            continued = self.conversation.continue_(turn)
            if turn is not self.turn:
                self._route(TurnsChanged())
            self.run(continued)

    def edit(self, prompt: Prompt, turn: Turn) -> None:
        """Ask something else in a turn's place."""
        edited = self.conversation.edit(turn, prompt.text, prompt.images)
        self._route(TurnsChanged())
        self.run(edited)

    def summarise(self, keeps: int, focus: str) -> None:
        """Have the turns so far summarised, but for the latest."""
        if not self.is_running:
            self.run(self.conversation.summarise(keeps, focus))

    def write_summary(self, turn: Turn, text: str) -> None:
        """Put a person's summary in the place of one."""
        self.turn = self.conversation.write_summary(turn, text)
        self._route(TurnsChanged())

    @property
    def last_prompt(self) -> Turn | None:
        """The turn with the last prompt a person wrote."""
        tree = self.conversation.tree
        return next((turn for turn in tree.up(tree.head) if isinstance(turn.opening, Prompt)), None)

    # -- the queue ------------------------------------------------------------------------------------

    def take_queued(self) -> Prompt | None:
        """Take the last queued prompt away, and return it."""
        if not self.queue:
            return None
        prompt = self.queue.pop()
        self._route(QueueChanged(self.queue))
        return prompt

    def send_queued(self) -> None:
        """Send the oldest queued prompt, if nothing runs."""
        if self.queue and not self.is_running:
            self._say_queued(self.queue.pop(0))
            self._route(QueueChanged(self.queue))

    def _say_queued(self, prompt: Prompt) -> None:
        """Send a prompt that waited; one that is refused goes on waiting, and why is told."""
        try:
            turn = self.conversation.say(prompt.text, prompt.images)
        except RilletError as error:
            self.queue.insert(0, prompt)
            self._route(QueueChanged(self.queue))
            self._route(Said(error.in_full, "warning"))
        else:
            self.run(turn)

    # -- facts ----------------------------------------------------------------------------------------

    def take_deltas(self, notice: DeltasArrived) -> None:
        """The page has what arrived: it is no longer on its way."""
        self._unpainted -= sum(len(getattr(delta, "text", "")) for delta in notice.deltas)

    def release(self) -> None:
        """What ran has ended; what was to come after it is still to come."""
        self._running = None

    def take_ending(self, notice: TurnEnded) -> None:
        """A turn ended, and that is shown: do what was to come after it."""
        turn = notice.turn
        then, self._then = self._then, None
        if then is not None:
            then()
        elif turn.can_be_answered and self.conversation.runs_tools:
            self._running = self._start(self._settle(turn))
        elif not self._follow():
            self._send_next(is_complete=turn.state is TurnState.COMPLETE)

    def _follow(self) -> bool:
        """Show the next turn of a file that is still read; whether there is one."""
        try:
            following = self.conversation.follow()
        except RilletError as error:
            self._route(Said(error.in_full, "warning"))
            return False
        if following is not None:
            self.run(following)
        return following is not None

    async def reopen_calls(self) -> None:
        """Take up the calls that an earlier run left undecided: they wait for a person, and nothing runs unasked."""
        turn = self.turn
        if turn is None or self.is_running or not self.conversation.runs_tools or not self.tools.is_undecided(turn):
            return
        await self.tools.load()
        await self.tools.prepare()
        if turn is self.turn and not self.is_running:
            self.tools.gate.open(turn, is_reopened=True)

    def settle_calls(self, turn: Turn) -> None:
        """A decision was made about a call: see its round to the end, where nobody does yet."""
        if turn is self.turn and not self.is_running and turn.can_be_answered:
            self._running = self._start(self._settle(turn))

    async def _settle(self, turn: Turn) -> None:
        """Have the calls of a turn decided about and run; `CallsSettled` is posted exactly once."""
        self._is_settling = True
        answer: Turn | None = None
        fault: Exception | None = None
        try:
            await self.tools.load()
            if self.tools.gate.open(turn):
                answer = await self.tools.gate.settle(turn)
        except Exception as error:  # noqa: BLE001  the outer guard: a fault of ours or of a tool must not take the program along
            fault = error
        finally:
            self._is_settling = False
            self._post(CallsSettled(turn, answer, fault))

    def take_results(self, notice: CallsSettled) -> None:
        """Every call has its result: tell the model, unless the person stopped it."""
        self._running = None
        then, self._then = self._then, None
        if then is not None:
            then()
        elif notice.answer is not None:
            self.run(notice.answer)
        else:
            self._send_next(is_complete=False)

    def _send_next(self, *, is_complete: bool) -> None:
        if self.queue:
            if is_complete:
                self.send_queued()
            else:
                waiting = len(self.queue)
                words = "1 queued prompt was" if waiting == 1 else f"{waiting} queued prompts were"
                keys = "{composer.up} edits, {composer.send} on an empty line sends"
                self._route(Said(f"{words} kept and not sent: {keys}", "warning"))

    async def finish(self) -> None:
        """Stop what runs, and wait until it has been put away."""
        if (running := self._running) is not None:
            self.stop()
            from textual.worker import WorkerCancelled, WorkerFailed

            with suppress(WorkerCancelled, WorkerFailed):
                await running.wait()
