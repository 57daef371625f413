"""The conversation's sheet by commands: one for each option, and presets."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import ConfigError
from tui.domain.option import OPTIONS, Option
from tui.ui.action.table import option_action
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.stage import Stage
from tui.wire.dialect import is_dialect


class SheetController:
    """Sets what a conversation asks of its model, in its turns to come."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def actions(self) -> Mapping[str, Run]:
        """Say how each option stands."""

        def telling(row: Option) -> Run:
            return lambda: self._tell(row)

        return {
            **{option_action(row): telling(row) for row in OPTIONS},
            "chat.preset": self._tell_presets,
            "chat.dialect": self._tell_dialect,
        }

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """Set an option, and use a preset."""

        def setting(row: Option) -> RunWith:
            return lambda text: self._set(row, text)

        return {
            **{option_action(row): setting(row) for row in OPTIONS},
            "chat.preset": self._preset,
            "chat.dialect": self._set_dialect,
        }

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """None."""
        return {}

    def _set(self, row: Option, text: str) -> None:
        """Set an option from the next turn on, or leave it to the endpoint."""
        try:
            value = row.read(text)
        except ConfigError:
            self._stage.composer.write_command(f"/{row.slash} {text}")
            raise
        self._stage.conversation.session.set_options(**{row.name: value})
        self._tell(row)

    def _tell(self, row: Option) -> None:
        conversation = self._stage.conversation
        own = row.write(getattr(conversation.sheet.options, row.name))
        usual = row.write(getattr(conversation.sheet.all_options, row.name))
        if not conversation.sheet.takes(row.name):
            set_words = f"{row.slash} {own} is kept, but" if own else f"{row.slash} cannot be set here:"
            self._stage.say(f"{set_words} {conversation.sheet.model} does not take it in this dialect", "warning")
            return
        now = f"is {own}, in this conversation" if own else f"is {usual}, by the settings" if usual else "is not set"
        self._stage.say(f"{row.slash} {now} · {row.about}")

    def _tell_dialect(self) -> None:
        talk = self._stage.conversation
        where = "in this conversation" if talk.sheet.dialect is not None else "as usual there"
        self._stage.say(f"{talk.sheet.asked.dialect} is spoken {where}: /dialect {' | '.join(DIALECT_NAMES)} | off")

    def _set_dialect(self, text: str) -> None:
        """Speak a dialect from the next turn on, or what the endpoint usually does."""
        name = text.strip().lower()
        if name != "off" and not is_dialect(name):
            raise ConfigError(
                f"there is no dialect “{text}”", f"There are: {', '.join(DIALECT_NAMES)}; off is the usual."
            )
        self._stage.conversation.session.set_dialect(name if is_dialect(name) else None)
        self._stage.tell_title()
        self._tell_dialect()

    def _tell_presets(self) -> None:
        from tui.chat.preset import presets_of

        names = ", ".join(presets_of(self._stage.program))
        self._stage.say(
            f"presets: {names}; /preset NAME begins from one"
            if names
            else "there is no preset; /preset save NAME keeps this sheet as one"
        )

    def _preset(self, text: str) -> None:
        """Take over a preset; with `save` before its name, keep this sheet under it."""
        from tui.chat.preset import preset_from, use_preset

        stage = self._stage
        first, _, rest = text.partition(" ")
        name = rest.strip()
        if first == "save" and name:
            presets = {**stage.program.choices.presets, name: preset_from(stage.conversation)}
            stage.choose(presets=presets)
            hidden = (
                " (but one of the settings has this name, and comes before it)"
                if name in stage.program.settings.presets
                else ""
            )
            stage.say(f"this sheet is the preset “{name}” now{hidden}")
            return
        use_preset(stage.program, stage.conversation, text.strip())
        stage.tell_title()
        stage.say(f"this conversation follows the preset “{text.strip()}” from the next turn on")
