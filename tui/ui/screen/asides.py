"""Side questions: asked beside the conversation, and made part of it only on wish."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from tui.domain.error import RilletError
from tui.domain.turn import Prompt
from tui.ui.notice import TurnsChanged
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.outside import OutsideController
from tui.ui.screen.panes import PaneController
from tui.ui.screen.stage import Stage
from tui.ui.wish import AsideEnded, TakeAside


class AsideController:
    """Asks a side question, and does with its answer what is wished."""

    def __init__(self, stage: Stage, panes: PaneController, outside: OutsideController) -> None:
        self._stage = stage
        self._panes = panes
        self._outside = outside

    @property
    def actions(self) -> Mapping[str, Run]:
        """None: a question must stand behind it."""
        return {}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """Ask."""
        return {"chat.aside": self.ask}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """What becomes of an answer."""
        return {TakeAside: self.take, AsideEnded: lambda _notice: self._stage.tell_account()}

    async def ask(self, text: str) -> None:
        """Ask a side question; the reply that streams, if one does, goes on."""
        from tui.ui.panes.aside import AsidePane

        stage = self._stage
        if not text:
            stage.composer.write_command("/btw ")
            return
        try:
            turn = stage.conversation.ask_aside(text)
        except RilletError as error:
            stage.composer.write_command(f"/btw {text}")
            stage.say(error.in_full, "warning")
            return
        await self._panes.show_over("aside")
        if isinstance(pane := self._panes.over, AsidePane):
            pane.run(turn)

    async def take(self, wish: TakeAside) -> None:
        """Go on from it, ask it as a prompt, or copy the answer."""
        stage, turn = self._stage, wish.turn
        if wish.what == "copy":
            await self._outside.copy(turn.text, "the answer")
            return
        if wish.what == "go on" and stage.is_busy():
            return
        if (over := self._panes.over) is not None:
            await self._panes.close(over)
        if wish.what == "go on":
            stage.conversation.take_in(turn)
            stage.runner.turn = stage.conversation.head
            stage.port.post_message(TurnsChanged())
            stage.status.watch_turn(turn)
            stage.say("it is part of the conversation now, which goes on from here", "success")
        elif isinstance(turn.opening, Prompt):
            stage.composer.write(turn.opening.text)
            stage.composer.focus()
