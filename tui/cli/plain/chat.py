"""The chat in plain mode: a prompt, the reply as it streams, and commands that ask by numbers."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING

from tui.chat.context import usual_keeps
from tui.chat.tool_session import ToolSession
from tui.cli.plain.call import decide_calls, tell_results
from tui.cli.plain.command import Commands
from tui.cli.plain.reply import ReplyTeller
from tui.cli.plain.terminal import Leaving, LineTerminal
from tui.domain.error import ContextFullError, RilletError
from tui.domain.quantity import describe_seconds, describe_turns
from tui.domain.turn import Turn
from tui.page.wording import model_and_place

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.chat.program import Program
    from tui.net.watch import Quiet


class PlainChat:
    """One conversation after the other, line by line.

    Attributes:
        conversation: The one that goes on.
        tools: Its tools, and the calls of its turns.
    """

    conversation: Conversation
    tools: ToolSession

    def __init__(self, program: Program, conversation: Conversation, terminal: LineTerminal) -> None:
        self.program = program
        self.terminal = terminal
        self._running: asyncio.Task[None] | None = None
        self._was_asked_to_leave = False
        self._problems_told: set[str] = set()
        self._taken_up: set[str] = set()
        self.open(conversation)
        self._commands = Commands(self)

    def open(self, conversation: Conversation) -> None:
        """Go on with this conversation."""
        self.conversation = conversation
        self.tools = ToolSession(
            self.program, conversation, lambda _turn: None, lambda text, _tone: self.terminal.say(text)
        )

    async def run(self) -> None:
        """Talk until the person leaves."""
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError):
            loop.add_signal_handler(signal.SIGINT, self._interrupt)
        self._greet()
        with suppress(Leaving):
            while True:
                await self._guard(self._take_up_calls())
                text = await self.terminal.read_prompt("You:")
                self._was_asked_to_leave = False
                await self._guard(self._take(text))
        self.terminal.end_line()
        if self.conversation.session.id is not None and not self.program.database.is_memory:
            self.terminal.say(f"Go on later with: rillet --plain --session {self.conversation.session.id}")

    def _greet(self) -> None:
        endpoint = self.program.endpoints[self.conversation.sheet.endpoint]
        self.terminal.say(f"rillet. The model is {model_and_place(self.conversation.sheet.model, endpoint)}.")
        if (count := len(self.conversation.turns)) > 0:
            self.terminal.say(
                f"{self.conversation.session.title or 'This conversation'}: {describe_turns(count)}. /history reads them."
            )
        self.terminal.say("Type a prompt, or /help. Ctrl+C stops a reply; Ctrl+D leaves.")
        for notice in self.program.notices:
            self.terminal.say(notice)
        self.program.notices.clear()
        if problem := self.conversation.session.problem or self.program.database.why_unsaved:
            self.terminal.say(f"Nothing is saved: {problem}")

    def _interrupt(self) -> None:
        """Ctrl+C: stop what runs; where nothing does, the second time leaves."""
        if self._running is not None:
            self._running.cancel()
        elif self._was_asked_to_leave:
            self.terminal.leave()
        else:
            self._was_asked_to_leave = True
            self.terminal.say("Ctrl+C again leaves.")

    async def _guard(self, work: Awaitable[None]) -> None:
        try:
            await work
        except RilletError as error:
            self.terminal.say(error.message)
            if error.hint:
                self.terminal.say(error.hint)

    async def _take(self, text: str) -> None:
        if text.startswith("/"):
            await self._commands.run(text[1:])
        elif text.strip():
            await self._say(text)

    async def _say(self, text: str) -> None:
        """Ask a prompt; where it would fill the context, say so first, and offer a summary of the earlier turns."""
        try:
            turn = self.conversation.say(text)
        except ContextFullError as error:
            self.terminal.say(f"{error.message[0].upper()}{error.message[1:]}.")
            ways = ("Have the earlier turns summarised first", "Send it all the same")
            at = await self.terminal.choose("What shall be done?", ways)
            if at is None:
                return
            if at == 0 and not await self._summarise_first():
                return
            turn = self.conversation.say(text)
        await self.answer(turn)

    async def _summarise_first(self) -> bool:
        """Have the turns but for the latest summarised; whether that came whole."""
        summary = self.conversation.summarise(usual_keeps(reversed(self.conversation.turns)))
        await self.answer(summary)
        return summary.stands_in

    async def answer(self, turn: Turn) -> None:
        """Stream a reply, and the rounds of tool calls that follow it."""
        following: Turn | None = turn
        while following is not None:
            turn = following
            if not await self._interruptible(partial(self._stream, turn)):
                return
            following = await self._settle(turn)

    async def _take_up_calls(self) -> None:
        """Ask about the calls that an earlier run left undecided, once."""
        turn = self.conversation.head
        if turn is None or turn.id in self._taken_up or not self.tools.is_undecided(turn):
            return
        self._taken_up.add(turn.id)
        self.terminal.say("Calls of the last reply wait for your decision.")
        await self.tools.load()
        await self.tools.prepare()
        if (following := await self._settle(turn, is_reopened=True)) is not None:
            await self.answer(following)

    async def _stream(self, turn: Turn) -> None:
        self.tools.leave()
        teller = ReplyTeller(self.terminal, turn)

        async def wait_on(quiet: Quiet) -> bool:
            self.terminal.say(f"Nothing new for {describe_seconds(quiet.seconds)}. Ctrl+C stops; what came is kept.")
            return True

        try:
            async with aclosing(self.conversation.replies.stream(turn, wait_on, self._prepare)) as deltas:
                async for delta in deltas:
                    teller.tell(delta)
        finally:
            teller.end()

    async def _prepare(self) -> None:
        """Before a prompt is sent: the tools there are now, and once what is wrong with any."""
        await self.tools.prepare()
        if self.tools.is_wanted:
            registry = await self.tools.load()
            for problem in map(str, registry.problems):
                if problem not in self._problems_told:
                    self._problems_told.add(problem)
                    self.terminal.say(problem)

    async def _settle(self, turn: Turn, *, is_reopened: bool = False) -> Turn | None:
        """Have the calls of a turn decided about and run; the turn that tells the model, where there is one."""
        if not (turn.can_be_answered and self.conversation.runs_tools):
            return None
        await self.tools.load()
        gate = self.tools.gate
        self._taken_up.add(turn.id)
        if not gate.open(turn, is_reopened=is_reopened):
            return None
        try:
            may_go_on = await decide_calls(self.terminal, gate, turn)
        except Leaving:
            await gate.abandon(turn, keeps_approvals=True)
            raise
        if not may_go_on:
            await gate.abandon(turn, keeps_approvals=True)
            return None
        answers: list[Turn] = []

        async def settle() -> None:
            answers.append(await gate.settle(turn))

        is_whole = await self._interruptible(settle)
        tell_results(self.terminal, gate, turn)
        return answers[0] if is_whole and answers else None

    async def _interruptible(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do something that Ctrl+C stops; whether it came to its end."""

        async def run() -> None:
            await work()

        self._running = asyncio.ensure_future(run())
        try:
            await self._running
        except asyncio.CancelledError:
            return False
        finally:
            self._running = None
        return True
