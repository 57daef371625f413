"""Races: the last prompt asked of several models side by side, and the answer that is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.message import Message

from tui.domain.error import RilletError
from tui.domain.turn import Prompt
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.model_words import favourites
from tui.ui.screen.panes import PaneController
from tui.ui.screen.stage import Stage
from tui.ui.screen.turns import TurnController
from tui.ui.wish import KeepRace, LeaveRace

if TYPE_CHECKING:
    from tui.domain.turn import Turn


class RaceController:
    """Begins a race, and lets the conversation go on with what came of it."""

    def __init__(self, stage: Stage, panes: PaneController, turns: TurnController) -> None:
        self._stage = stage
        self._panes = panes
        self._turns = turns
        self._before: Turn | None = None

    @property
    def actions(self) -> Mapping[str, Run]:
        """Race the favourites."""
        return {"chat.race": lambda: self.race("")}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """Race those that are named."""
        return {"chat.race": self.race}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """What becomes of a race."""
        return {KeepRace: self.keep, LeaveRace: lambda _wish: self.leave()}

    async def race(self, text: str) -> None:
        """Ask the last prompt of those that are named; of one alone beside the model that answers now."""
        from tui.chat.race import MOST, begin_round, make_ready, parse_columns

        stage = self._stage
        conversation, turn = stage.conversation, stage.runner.last_prompt
        if turn is None or not isinstance(turn.opening, Prompt):
            stage.say("there is no prompt to race: ask something first")
            return
        if stage.is_busy():
            return
        words = text.split() or [f"{model}@{endpoint}" for endpoint, model in favourites(stage)[:MOST]]
        if len(words) <= 1:
            words = [f"{conversation.sheet.model}@{conversation.sheet.endpoint}", *words]
        if len(words) == 1:
            stage.composer.write_command("/race ")
            stage.say("name who runs: /race MODEL MODEL@ENDPOINT, or mark favourites in {chat.models}", "warning")
            return
        try:
            columns = parse_columns(words, stage.program, conversation.sheet.endpoint)
            await asyncio.to_thread(make_ready, stage.program, columns)
            self._before = conversation.head
            asked = begin_round(conversation, columns, lambda: conversation.regenerate(turn))
        except RilletError as error:
            stage.say(error.in_full, "warning")
            return
        from tui.ui.panes.race import RacePane

        await self._panes.show_over("race")
        if isinstance(pane := self._panes.over, RacePane):
            await pane.run(columns, asked, " ".join(turn.opening.text.split())[:120])

    async def keep(self, wish: KeepRace) -> None:
        """Go on with an answer, and with the model that gave it; the others stay as branches."""
        self._before = None
        stage = self._stage
        stage.conversation.switch(wish.turn)
        stage.conversation.session.set_model(wish.endpoint, wish.model)
        await self._close()
        stage.say("kept; the other answers are its branches: {chat.next_branch}")

    async def leave(self) -> None:
        """Be where the conversation was, unless an answer was kept."""
        before, self._before = self._before, None
        if before is not None:
            self._stage.conversation.switch(before)
            self._show()

    async def _close(self) -> None:
        if (over := self._panes.over) is not None:
            await self._panes.close(over)
        self._show()

    def _show(self) -> None:
        stage = self._stage
        stage.runner.turn = stage.conversation.head
        self._turns.show_turns()
        if stage.runner.turn is not None:
            stage.status.watch_turn(stage.runner.turn)
