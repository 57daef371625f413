"""The chat screen's part about whole conversations: new ones, saved ones, what they are called, who answers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import on

from tui.domain.error import RilletError, StoreError
from tui.ui.screens.calls import CallActions
from tui.ui.wish import KeepDraft, OpenSession, UseModel

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.local.model import LocalState
    from tui.store.database import Database


class SessionActions(CallActions, is_part=True):
    """What can be done with conversations as a whole."""

    # -- opening ------------------------------------------------------------------------------------------

    def action_new_session(self) -> None:
        """Begin a new conversation, with the same model."""
        from tui.chat.conversation import Conversation

        if self._is_busy():
            return
        old = self.conversation
        new = Conversation(self.program, old.endpoint, old.model)
        new.tools, new.server_tools = old.tools, old.server_tools
        self._open(new)

    @on(OpenSession)
    def open_session(self, wish: OpenSession) -> None:
        """Open a saved conversation where it was left."""
        from tui.chat.conversation import Conversation

        if self._is_busy():
            return
        try:
            self._open(Conversation.reopen(self.program, wish.session_id))
        except RilletError as error:
            self.say(error.in_full, "error")

    def _is_busy(self) -> bool:
        if self.flow.is_running:
            self.say("a reply is still streaming: {chat.back} stops it")
        return self.flow.is_running

    def _open(self, conversation: Conversation) -> None:
        self.keep_draft(KeepDraft(self.composer.draft))
        self.composer.reset()
        self.editing = None
        self.desk.tell_editing("")
        self.flow = self.make_flow(conversation)
        self.forget_calls()
        self.show_turns()
        if (turn := self.flow.turn) is not None:
            self.status.watch_turn(turn)
        self.page.jump_end()
        self.write_kept_draft()
        self.composer.focus()
        self.start_worker(self.flow.reopen_calls())

    # -- what it is called, and what it is told -----------------------------------------------------------

    async def action_retitle_with(self, title: str) -> None:
        """Give the conversation a title."""
        if not title:
            self.composer.write_command(f"/title {self.conversation.title}")
            return
        self.conversation.rename(" ".join(title.split()))
        self.tell_title()

    def action_set_system(self) -> None:
        """Show the system prompt in the composer, to be changed there."""
        system = self.conversation.system
        self.composer.write_command(f"/system {system}")
        self.composer.focus()
        words = "/system off takes it away" if system else "there is none yet"
        self.say(f"this conversation's system prompt: Enter keeps what is written, {words}")

    async def action_set_system_with(self, text: str) -> None:
        """Give this conversation another system prompt, for its turns to come; `off` takes it away."""
        self.conversation.set_system("" if text == "off" else text)
        self.tell_title()
        self.say(
            "this conversation has no system prompt now"
            if text == "off"
            else "the system prompt is set, for this conversation from the next turn on; /system shows it"
        )

    async def action_export_with(self, name: str) -> None:
        """Write the conversation to a new file: Markdown, or by its name JSON."""
        from tui.ui.export import export

        self.say(export(self.conversation, name), "success")

    # -- who answers --------------------------------------------------------------------------------------

    @on(UseModel)
    def use_model(self, wish: UseModel) -> None:
        """Ask another model from the next turn on."""
        model = wish.model
        self.conversation.set_model(model.endpoint, model.id)
        if wish.is_default:
            self.choose(endpoint=model.endpoint, model=model.id)
        self.tell_title()
        self.watch_local()
        where = " and from now on" if wish.is_default else ""
        self.say(f"{model.id} answers the next prompt{where}")

    async def action_show_models_with(self, name: str) -> None:
        """Ask the model of that id, if there is one; else show those that are like it."""
        for endpoint in self.program.endpoints:
            if not self.program.has_key(endpoint):
                continue
            try:
                models = await self.program.models(endpoint)
            except RilletError:
                continue
            for model in models:
                if name in (model.id, *model.aliases) and model.can_stream:
                    self.use_model(UseModel(model))
                    return
        await self.run_action("show_models")
        self.say(f"there is no model “{name}” here", "warning")

    # -- the disk -----------------------------------------------------------------------------------------

    async def ask_before_leaving(self) -> bool:
        """Where something that was said is saved nowhere, offer a file; whether it was offered now."""
        if (over := self.over) is not None and over.name_in_dock == "leave":
            return False  # asked to leave twice
        if not self._unsaved_conversations():
            return False
        await self.show_over("leave")
        return True

    def _unsaved_conversations(self) -> list[Conversation]:
        """The conversations that would be gone; what can be saved now is."""
        from tui.chat.conversation import Conversation

        here, unsaved = self.conversation, self.program.database.unsaved_sessions
        others = [Conversation.reopen(self.program, each) for each in unsaved if each != here.session_id]
        is_owed = here.session_id in unsaved or not here.save_unsaved()
        return [here, *others] if is_owed else others

    def write_unsaved(self) -> list[str]:
        """Write what is saved nowhere into new files; a sentence for each.

        Raises:
            ConfigError: If a file cannot be written.
        """
        from pathlib import Path

        from tui.ui.export import export

        told: list[str] = []
        for conversation in self._unsaved_conversations():
            names = ("rillet.md" if number == 1 else f"rillet-{number}.md" for number in itertools.count(1))
            told.append(export(conversation, next(name for name in names if not Path(name).exists())))
        return told

    def look_after_file(self) -> None:
        """Behind everything else: look through a large file, and pack what an earlier rillet wrote whole.

        A small file was looked through when it was opened. The thread ends with the program, wherever it is.
        """
        from threading import Thread

        database = self.program.database
        if database.is_large or database.packing_left:
            Thread(target=self._look_after, args=(database,), name="rillet-file", daemon=True).start()

    def _look_after(self, database: Database) -> None:
        if database.is_large and (words := database.find_damage()):
            said = f"the sessions file is damaged ({words}): leave, and start rillet again, and it is mended"
            self._say_from_thread(said, "error")
            return
        database.pack_behind(lambda: self.is_attached)

    def _say_from_thread(self, words: str, tone: str) -> None:
        with suppress(RuntimeError):  # the program is ending
            self.app.call_from_thread(self.say, words, tone)

    def recall(self) -> Sequence[str]:
        """The prompts sent before, newest first."""
        try:
            return self.program.database.history()[::-1]
        except StoreError:
            return ()

    def write_kept_draft(self) -> None:
        """Put what was in the composer when this conversation was last left into it."""
        database, session_id = self.program.database, self.conversation.session_id
        try:
            self.composer.write(database.draft(session_id), database.draft_images(session_id))
        except StoreError:
            self.composer.write("")

    def watch_local(self) -> None:
        """Show how the model in the box is, and have it start if it is the one that answers."""
        local = self.program.local
        if local is None or not self.endpoint.is_local:
            return
        local.listener = self._hear_local
        local.start()
        self.tell_local()

    def _hear_local(self, _state: LocalState) -> None:
        self.call_later(self.tell_local)

    def tell_local(self) -> None:
        """Say how the model in the box is, while no turn has more to tell."""
        local = self.program.local
        if local is None or not self.endpoint.is_local:
            return
        state = local.state
        tones = {"ready": "success", "failed": "error"}
        symbols = {"ready": "●", "failed": "✖"}
        words = f"the model in the box is {state.name}" + (f": {state.reason}" if state.reason else "")
        self.local_words = [(f"{symbols.get(state.name, '◌')} ", tones.get(state.name, "accent")), (words, "muted")]
        if self.flow.turn is None:
            self.status.rest(self.local_words)
        elif state.name == "failed":
            self.say(words, "error")

    async def offer_local_model(self) -> None:
        """Where nothing can answer yet, offer the model in the box."""
        if self.endpoint.is_local and self.program.local is None and not self.flow.turn:
            await self.run_action("show_install")
        self.watch_local()
