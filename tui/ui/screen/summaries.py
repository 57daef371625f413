"""Summaries in place of turns: made, undone, edited; and what is offered where the context would be filled."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from textual.message import Message

from tui.chat.context import read_wish
from tui.domain.error import RilletError
from tui.domain.turn import Prompt, Summary, Turn
from tui.ui.notice import TurnsChanged
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.panes import PaneController
from tui.ui.screen.stage import Stage
from tui.ui.screen.writing import WritingController
from tui.ui.wish import MakeRoom, OfferRoom, SendPrompt

_BREATH = 32
"""After so many turns that are looked at, everything else has its turn."""


class SummaryController:
    """Has the earlier turns summarised, with the person in control of what stands for them."""

    def __init__(self, stage: Stage, panes: PaneController, writing: WritingController) -> None:
        self._stage = stage
        self._panes = panes
        self._writing = writing
        self._prompt = Prompt("")

    @property
    def actions(self) -> Mapping[str, Run]:
        """Summarise all but the latest."""
        return {"chat.compact": lambda: self.compact("")}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """The same, with how many stay and what matters; or undo, redo and edit what is there."""
        return {"chat.compact": self.compact}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """A prompt that would fill the context, and what is to be done about it."""
        return {OfferRoom: self.offer, MakeRoom: self.make_room}

    def compact(self, text: str) -> None:
        """`[KEEP] [WHAT MATTERS]`, or `undo`, `redo`, `edit`."""
        if text in ("undo", "redo", "edit"):
            self._stage.port.start_worker(self._change(text))
            return
        try:
            tree = self._stage.conversation.tree
            self._stage.runner.summarise(*read_wish(text, tree.up(tree.head)))
        except RilletError as error:
            self._stage.say(error.in_full, "warning")

    async def _change(self, what: str) -> None:
        stage, tree = self._stage, self._stage.conversation.tree
        in_use: Turn | None = None
        last: Turn | None = None
        for number, turn in enumerate(tree.up(tree.head)):
            if isinstance(turn.opening, Summary) and turn.text:
                last = last or turn
                in_use = turn if turn.stands_in else None
                if in_use is not None or what == "redo":
                    break
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        if stage.conversation.tree is not tree:
            return
        if what == "edit" and (summary := in_use or last) is not None:
            self._writing.edit_turn(summary)
        elif what == "undo" and in_use is not None:
            self._set(in_use, is_out=True)
            stage.say("the turns themselves are sent again; /compact redo puts the summary back in their place")
        elif what == "redo" and last is not None and last.standing == "out":
            self._set(last, is_out=False)
            stage.say("the summary is sent in place of the turns above it again")
        else:
            stage.say(f"there is no summary to {what}")

    def _set(self, turn: Turn, *, is_out: bool) -> None:
        self._stage.conversation.session.set_standing(turn, "out" if is_out else "")
        self._stage.port.post_message(TurnsChanged())

    # -- room ---------------------------------------------------------------------------------------------

    async def offer(self, wish: OfferRoom) -> None:
        """Say that a prompt would fill the context, and what can be done; it waits in the composer."""
        from tui.ui.panes.room import RoomPane

        self._prompt = wish.prompt
        await self._panes.show_over("room")
        if isinstance(pane := self._panes.over, RoomPane):
            pane.tell(wish.words)

    async def make_room(self, wish: MakeRoom) -> None:
        """Do what was chosen; but for sending it, the prompt goes on waiting in the composer."""
        stage, port = self._stage, self._stage.port
        if (over := self._panes.over) is not None:
            await self._panes.close(over)
        match wish.how:
            case "summarise":
                self.compact("")
            case "turns":
                await port.action_do("chat.request")
            case "send":
                stage.composer.take()
                port.post_message(SendPrompt(self._prompt))
            case "model":
                await port.action_do("chat.models")
            case "new":
                prompt = stage.composer.take()
                await port.action_do("chat.new")
                stage.composer.write(prompt.text, prompt.images)
