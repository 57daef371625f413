"""Models: which one answers, and how the built-in one stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.message import Message

from tui.domain.endpoint_word import EFFORTS
from tui.domain.error import RilletError
from tui.domain.model import refuses_effort
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.panes import PaneController
from tui.ui.screen.stage import Stage
from tui.ui.wish import UseModel

if TYPE_CHECKING:
    from tui.local.model import LocalState


KEPT_RECENTS = 10
"""How many of the models used last are remembered."""


class ModelController:
    """Chooses the model of the turns to come."""

    def __init__(self, stage: Stage, panes: PaneController) -> None:
        self._stage = stage
        self._panes = panes

    @property
    def actions(self) -> Mapping[str, Run]:
        """Install the built-in model, and say how hard the model thinks."""
        return {"chat.install": self.install, "chat.effort": self.tell_effort}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """Use a model by its id, and let it think harder or less."""
        return {"chat.models": self.use_named, "chat.effort": self.set_effort}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """A model that was chosen."""
        return {UseModel: self.use}

    def use(self, wish: UseModel) -> None:
        """Ask another model from the next turn on."""
        stage, model = self._stage, wish.model
        stage.conversation.session.set_model(model.endpoint, model.id)
        name = f"{model.endpoint}/{model.id}"
        others = [each for each in stage.program.choices.recents if each != name]
        stage.choose(recents=(name, *others)[:KEPT_RECENTS])
        if wish.is_default:
            stage.choose(endpoint=model.endpoint, model=model.id)
        stage.tell_title()
        self.watch_local()
        where = " and from now on" if wish.is_default else ""
        stage.say(f"{model.id} answers the next prompt{where}")

    def tell_effort(self) -> None:
        """Say how hard the model thinks in this conversation, and what could be said."""
        stage = self._stage
        if self._takes_no_effort:
            stage.say(f"{stage.conversation.sheet.model} cannot be told how hard to think", "warning")
            return
        own, usual = stage.conversation.sheet.effort, stage.endpoint.effort
        now = (
            f"is {own} in this conversation"
            if own
            else f"is {usual}, by the settings"
            if usual
            else "is left to the endpoint"
        )
        stage.say(f"the effort {now}: /effort {' | '.join(EFFORTS)} | off")

    @property
    def _takes_no_effort(self) -> bool:
        return self._stage.endpoint.is_local or refuses_effort(self._stage.conversation.sheet.model)

    def set_effort(self, word: str) -> None:
        """Let the model think so hard from the next turn on, in this conversation; `off` leaves it to the endpoint."""
        stage, wanted = self._stage, word.strip().lower()
        effort = next((each for each in EFFORTS if each == wanted), None)
        if effort is None and wanted != "off":
            stage.say(f"there is no effort “{word}”: {', '.join(EFFORTS)}, or off", "warning")
            return
        stage.conversation.session.set_effort(effort or "")
        stage.tell_title()
        if effort is None or self._takes_no_effort:
            self.tell_effort()
        else:
            stage.say(f"the effort is {effort}, for this conversation from the next turn on")

    async def use_named(self, name: str) -> None:
        """Ask the model of that id, if there is one; else show those that are like it."""
        program = self._stage.program
        for endpoint in program.endpoints:
            if not program.has_key(endpoint):
                continue
            try:
                models = await program.models(endpoint)
            except RilletError:
                continue
            for model in models:
                if name in (model.id, *model.aliases) and model.can_stream:
                    self.use(UseModel(model))
                    return
        from tui.ui.panes.field import Field

        await self._panes.show_over("models")
        if (pane := self._panes.over) is not None:
            pane.query_one(Field).value = name  # what fits it, and itself
        self._stage.say(f"no endpoint lists a model “{name}”", "warning")

    # -- the built-in model -------------------------------------------------------------------------------

    async def install(self) -> None:
        """Offer the built-in model, where it is not here yet."""
        if self._stage.program.built_in.is_missing:
            await self._panes.show_over("install")
        else:
            self._stage.say(self._stage.program.built_in.lack or "the built-in model is installed")

    async def offer_local(self) -> None:
        """Where nothing can answer yet, offer the built-in model."""
        stage = self._stage
        if stage.endpoint.is_local and stage.program.built_in.is_missing and not stage.runner.turn:
            await self.install()
        self.watch_local()

    def heed_settings(self) -> str:
        """The settings may name another built-in model: show how that one stands; why it cannot be asked, if so."""
        program = self._stage.program
        self.watch_local()
        return "" if program.built_in.is_missing else program.built_in.lack

    def watch_local(self) -> None:
        """Show how the built-in model stands, and have it start if it is the one that answers."""
        stage, local = self._stage, self._stage.program.built_in.model
        if not stage.endpoint.is_local:
            return
        if local is None:
            words = stage.program.built_in.lack + (": /local installs it" if stage.program.built_in.is_missing else "")
            stage.local_words = [("○ ", "warning"), (words, "muted")]
            if stage.runner.turn is None:
                stage.status.rest(stage.local_words)
            return
        local.listener = self._hear_local
        local.start()
        self._tell_local()

    def _hear_local(self, _state: LocalState) -> None:
        self._stage.port.call_later(self._tell_local)

    def _tell_local(self) -> None:
        """Say how the built-in model stands, while no turn has more to tell."""
        stage, local = self._stage, self._stage.program.built_in.model
        if local is None or not stage.endpoint.is_local:
            return
        state = local.state
        tones = {"ready": "success", "failed": "error"}
        symbols = {"ready": "●", "failed": "✖"}
        words = f"the built-in model is {state.name}" + (f": {state.reason}" if state.reason else "")
        stage.local_words = [(f"{symbols.get(state.name, '◌')} ", tones.get(state.name, "accent")), (words, "muted")]
        if stage.runner.turn is None:
            stage.status.rest(stage.local_words)
        elif state.name == "failed":
            stage.say(words, "error")
