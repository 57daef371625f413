"""The settings of the running program: read again when their file changed, and changed on confirmation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from tui.domain.error import ConfigError, SettingsError
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.models import ModelController
from tui.ui.screen.panes import PaneController
from tui.ui.screen.stage import Stage
from tui.ui.theme.auto import AUTO

if TYPE_CHECKING:
    from tui.chat.endpoint_form import EndpointForm
    from tui.store.setting_edit import Draft, Edit

LOOK_EVERY = 2.0
"""Seconds between two looks at the settings file while no reply streams; a look is two questions to the disk."""


class SettingsController:
    """Keeps the program and the screen in step with the settings file.

    Attributes:
        at: The setting that the screen of settings begins at.
        draft: What would be written.
        key_for: The endpoint that a key is typed for.
        key_back: The pane that is opened after that.
        form: The endpoint that is being set up.
    """

    def __init__(self, stage: Stage, panes: PaneController, models: ModelController) -> None:
        self._stage = stage
        self._panes = panes
        self._models = models
        self._is_looking = False
        self._back = ""
        self._edits: Sequence[Edit] = ()
        self.at: tuple[str, ...] = ()
        self.draft: Draft | None = None
        self.key_for = self.key_back = ""
        self._set_up_model = ""
        self.form: EndpointForm | None = None

    @property
    def actions(self) -> Mapping[str, Run]:
        """Read the file again, and take a key."""
        return {"chat.reload": self.reload, "chat.key": self.ask_key_here}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """Take a key for an endpoint, and use a theme by its name."""
        return {"chat.key": self.ask_key_named, "chat.themes": self.use_theme}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """None."""
        return {}

    # -- reading ------------------------------------------------------------------------------------------

    @property
    def has_changed(self) -> bool:
        """Whether the file is another than when it was last read."""
        file = self._stage.program.settings_file
        return file is not None and file.has_changed()

    async def look_by_itself(self) -> None:
        """Read the file where it changed; while a reply streams it is left alone."""
        if self.has_changed and not self._stage.runner.is_running:
            await self.look()

    async def reload(self) -> None:
        """Read the file again because somebody wants it, and say what came of it."""
        if self._stage.program.settings_file is None:
            self._stage.say("there is no settings file here", "warning")
        elif not self._stage.is_busy():
            await self.look(is_asked=True)

    async def look(self, *, is_asked: bool = False, tells: bool = True) -> bool:
        """Read the settings again where they changed; whether they can be used. Those that cannot leave all as it was."""
        if self._is_looking or not (is_asked or self.has_changed):
            return True
        self._is_looking = True
        try:
            return await self._take_over(is_asked=is_asked, tells=tells)
        finally:
            self._is_looking = False

    async def _take_over(self, *, is_asked: bool, tells: bool) -> bool:
        from tui.chat.settings_file import reload, told

        stage, program = self._stage, self._stage.program
        before, asked = program.settings, (program.default_endpoint, program.default_model)
        file = program.settings_file
        was_wrong = file is not None and bool(file.problem)
        try:
            names = await reload(program)
        except SettingsError as error:
            stage.tell_saving()
            words = error.in_full.replace(f"{file.path}:", f"{file.path.name}:") if file is not None else error.in_full
            stage.say(f"the settings stay as they were: {words}", "warning")
            self._tell_pane()
            return False
        stage.tell_saving()
        if not names:
            if was_wrong:
                stage.say("the settings file can be used again", "success")
            elif is_asked and tells:
                stage.say("the settings file says nothing new")
            self._tell_pane()
            return True
        if "theme" in names and program.choices.theme:
            stage.choose(theme="")  # what was just written counts, and no earlier choice
        stage.conversation.sheet.heed_settings(before, asked, is_begun=stage.conversation.head is not None)
        notices = stage.port.rillet.use_settings(before, names)
        tables = {name.partition(".")[0] for name in names}
        if tables & {"tools", "roots"}:
            stage.runner.tools.renew()
        if "panes" in tables:
            await self._panes.use_settings(before.panes)
        if "local" in tables and (lack := self._models.heed_settings()):
            notices = [*notices, lack]
        stage.status.calm(is_calm=program.settings.reduced_motion)
        stage.tell_title()
        stage.port.offer_keys()
        if lost := stage.conversation.sheet.lost_endpoint:
            notices = [f"“{lost}”, which answered here, is not in the settings any more", *notices]
        if tells:
            stage.say(told(names))
        for notice in notices:
            stage.key_bar.say(notice, "warning", waits=True)
        self._tell_pane()
        return True

    def _tell_pane(self) -> None:
        if (over := self._panes.over) is not None:
            over.heed_settings()

    # -- changing -----------------------------------------------------------------------------------------

    async def propose(self, edits: Sequence[Edit], *, back: str) -> None:
        """Show what a change would write, and write it once that is confirmed; then open the pane `back` again.

        Raises:
            RilletError: If it cannot be made.
        """
        from tui.store.setting_edit import draft

        file = self._stage.program.settings_file
        if file is None:
            raise ConfigError("there is no settings file here")
        made = draft(file.path, edits)
        if made.after == (made.before or "") and not self._drop_choices(edits):
            self._stage.say("the settings say so already")
            return
        self.draft, self._back, self._edits = made, back, edits
        if made.after == (made.before or ""):
            await self._go_back()
        else:
            await self._panes.show_over("write")

    async def confirm(self) -> None:
        """Write what was shown, go by it, and go back to where that came from."""
        from tui.store.setting_edit import write_draft

        made, self.draft = self.draft, None
        if made is None:
            return
        write_draft(made)
        self._drop_choices(self._edits)
        await self.look(is_asked=True)
        for edit in self._edits:
            if edit.keys[0] == "endpoints" and len(edit.keys) == 2 and isinstance(edit.value, Mapping):
                self._set_up_model = f"{edit.keys[1]}/{edit.value.get('model', '')}"
        await self._go_back()

    async def leave(self) -> None:
        """Nothing is written."""
        self.draft = None
        await self._go_back()

    async def _go_back(self) -> None:
        over = self._panes.over
        if self._back:
            await self._panes.show_over(self._back)
        elif over is not None:
            await self._panes.close(over)

    def _drop_choices(self, edits: Sequence[Edit]) -> bool:
        """What was chosen in rillet would count before what the file now says; whether there was such a theme."""
        stage = self._stage
        gone = [
            edit.keys[1] for edit in edits if edit.keys[0] == "endpoints" and len(edit.keys) == 2 and not edit.value
        ]
        if stage.program.choices.endpoint in gone:
            stage.choose(endpoint="", model="")
        if ("theme",) not in [edit.keys for edit in edits] or not stage.program.choices.theme:
            return False
        stage.choose(theme="")
        stage.port.rillet.use_settings(stage.program.settings, ("theme",))
        return True

    def use_theme(self, name: str) -> None:
        """Use the theme of that name, now and the next time."""
        rillet = self._stage.port.rillet
        names = [AUTO, *(theme.name for theme in rillet.read_themes()[0])]
        if name not in names:
            self._stage.say("Themes: " + ", ".join(names), "warning")
            return
        rillet.following.choose(name)
        self._stage.choose(theme=name)

    # -- keys and endpoints -------------------------------------------------------------------------------

    async def ask_key(self, endpoint: str, *, back: str = "") -> None:
        """Have a key typed for an endpoint, hidden; then open the pane `back` again."""
        self.key_for, self.key_back = endpoint, back
        await self._panes.show_over("key")

    async def ask_key_here(self) -> None:
        """Have a key typed for the endpoint that is asked; where that is the built-in model, for xAI."""
        endpoint = self._stage.endpoint
        await self.ask_key("xai" if endpoint.is_local else endpoint.name)

    async def ask_key_named(self, name: str) -> None:
        """Have a key typed for an endpoint by its name."""
        await self.ask_key(self._stage.program.endpoint(name.strip()).name)

    async def leave_key(self, *, keeps: bool = False) -> None:
        """A key was typed, or was not."""
        from tui.chat.endpoint_form import KEYRING, TYPED

        if self.form is not None and self.key_back == "endpoint":
            typed = self._stage.program.has_typed_key(self.key_for)
            self.form.key = KEYRING if keeps else TYPED if typed else self.form.key
        self._back, self.key_back = self.key_back, ""
        await self._go_back()

    def take_set_up_model(self) -> str:
        """The model of the endpoint that was written just now, as `endpoint/model`; told once, and empty where there is none."""
        model, self._set_up_model = self._set_up_model, ""
        return model

    async def set_up(self, form: EndpointForm) -> None:
        """Have an endpoint set up, beginning with what is known of it."""
        self.form = form
        await self._panes.show_over("endpoint")
