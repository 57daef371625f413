"""Questions of servers: they are told, and wait until the person goes there; and the sign-ins that were asked for."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from tui.ui.action.hint import Hint, hint_line
from tui.ui.person import OpenSignIn, ScreenPerson, ServerAsks
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.panes import PaneController
from tui.ui.screen.stage import Stage
from tui.wire.printable import printable_line

SHOWN = 60
"""Characters of a question that the status bar shows."""


class QuestionController:
    """Leads to what a server asks, and opens addresses to sign in at.

    Attributes:
        questions: What servers ask, oldest first.
        person: Who answers them.
    """

    def __init__(self, stage: Stage, panes: PaneController) -> None:
        self._stage = stage
        self._panes = panes
        self.questions: list[ServerAsks] = []
        self.person = stage.program.person = ScreenPerson(stage.port.post_message)

    @property
    def actions(self) -> Mapping[str, Run]:
        """Answer."""
        return {"chat.answer": self.answer}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """None."""
        return {}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """What servers ask for."""
        return {ServerAsks: self.hear, OpenSignIn: self.open_sign_in}

    async def answer(self) -> None:
        """Go where a server's question is answered."""
        if self.questions:
            await self._panes.show_over("question")
        else:
            self._stage.say("no server asks anything")

    def hear(self, notice: ServerAsks) -> None:
        """A server asks something: it is told, and waits until a person goes there."""
        self.questions.append(notice)
        notice.reply.add_done_callback(lambda _: self._end(notice))
        self.tell()

    def _end(self, notice: ServerAsks) -> None:
        """It was answered, or nobody waits for the answer any more."""
        stage = self._stage
        self.questions = [other for other in self.questions if other is not notice]
        stage.status.ask([])
        if (over := self._panes.over) is not None and over.name_in_dock == "question":
            stage.port.call_later(self._panes.close, over)
        self.tell()

    def tell(self) -> bool:
        """Show the first question in the status bar; whether there is one."""
        stage = self._stage
        if not self.questions:
            return False
        question = self.questions[0].question
        words = printable_line(f"{question.server} asks: {question.message}")
        how = hint_line((Hint(("chat.answer",), "to answer"),), stage.port.rillet.keys)
        stage.status.ask([("? ", "warning"), (words[:SHOWN], "warning"), ("  ", ""), *how])
        return True

    def open_sign_in(self, notice: OpenSignIn) -> None:
        """Open the address at which a person signs in; it is shown too, for where no browser opens."""
        self._stage.port.start_worker(self._open_or_show(notice.address, notice.server))

    async def _open_or_show(self, address: str, server: str) -> None:
        await self.open_address(address, server)

    async def open_address(self, address: str, server: str) -> bool:
        """Open a server's address in the browser, and say so; whether one did. Where there is none, it is shown."""
        from tui.ui.terminal.editor import open_address

        def say(words: str) -> None:
            self._stage.say(printable_line(f"{server}: {words}"))

        if await open_address(address, say):
            return True
        say(f"no browser opened it. The address is {address}")
        return False

    def allow_sign_in(self, server: str) -> None:
        """The next sign-in at this server was asked for."""
        self.person.allow_sign_in(server)
