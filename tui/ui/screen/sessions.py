"""Whole conversations: new ones, saved ones, their title and system prompt, and what is saved nowhere."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.message import Message

from tui.domain.error import RilletError
from tui.ui.screen.calls import CallController
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.panes import PaneController
from tui.ui.screen.saving import LAST_PATIENCE
from tui.ui.screen.stage import Stage
from tui.ui.screen.turns import TurnController
from tui.ui.screen.writing import WritingController
from tui.ui.turn_runner import TurnRunner
from tui.ui.wish import OpenCurl, OpenSession

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.domain.turn import Turn
    from tui.store.database import Database


class SessionController:
    """Opens conversations, names them, and takes care that nothing is left behind unsaved."""

    def __init__(
        self,
        stage: Stage,
        panes: PaneController,
        turns: TurnController,
        calls: CallController,
        writing: WritingController,
        *,
        make_runner: Callable[[Conversation], TurnRunner],
    ) -> None:
        self._stage = stage
        self._panes = panes
        self._turns = turns
        self._calls = calls
        self._writing = writing
        self._make_runner = make_runner

    @property
    def actions(self) -> Mapping[str, Run]:
        """Begin another conversation, and show the system prompt of this one."""
        return {"chat.new": self.begin_new, "chat.system": self.show_system}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """Title, system prompt, export, import."""
        return {
            "chat.title": self.retitle,
            "chat.system": self.set_system,
            "chat.export": self.export,
            "chat.imports": self.import_file,
        }

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """A saved session that was chosen."""
        return {OpenCurl: self.open_curl, OpenSession: self.open_session}

    # -- opening ------------------------------------------------------------------------------------------

    def begin_new(self) -> None:
        """Begin a new conversation, with the same model."""
        from tui.chat.conversation import Conversation

        old = self._stage.conversation
        new = Conversation(self._stage.program, old.sheet.endpoint, old.sheet.model)
        new.sheet.tools, new.sheet.server_tools = old.sheet.tools, old.sheet.server_tools
        self.open(new)

    def open_session(self, wish: OpenSession) -> None:
        """Open a saved conversation where it was left, or at the turn in which something was found."""
        from tui.chat.conversation import Conversation

        if self._stage.is_busy():
            return
        try:
            conversation = Conversation.reopen(self._stage.program, wish.session_id)
            turn = conversation.go_through(wish.turn_id) if wish.turn_id else None
            self.open(conversation, turn, wish.words)
        except RilletError as error:
            self._stage.say(error.in_full, "error")

    async def open_curl(self, wish: OpenCurl) -> None:
        """Open the request of a curl command as a conversation; what is none, and while a reply streams, is text."""
        from tui.chat.curl_command import is_curl, read_curl
        from tui.chat.request_import import open_request

        stage = self._stage
        if stage.runner.is_running or not is_curl(wish.text):
            stage.composer.paste(wish.text)
            return
        try:
            request = read_curl(wish.text)
            self._writing.keep_draft(stage.composer.draft)  # now: of two that have not begun there is one draft
            self.open(open_request(stage.program, request), has_draft=True)
            if (pane := self._panes.over) is not None:  # that nothing can answer yet is not so any more
                await self._panes.close(pane)
        except RilletError as error:
            stage.composer.paste(wish.text)
            stage.say(error.in_full, "warning")
            return
        said = ["the request is opened as a conversation; its prompt waits to be sent", *request.left_out]
        stage.say("; ".join(said), "warning" if request.left_out else "muted")

    def open(
        self, conversation: Conversation, at: Turn | None = None, words: str = "", *, has_draft: bool = False
    ) -> None:
        """Put a conversation on the screen, from its end or at a turn of it; the draft of the last one is saved, unless that is done."""
        stage = self._stage
        if not has_draft:
            self._writing.keep_draft(stage.composer.draft)
        stage.composer.reset()
        self._writing.forget_editing()
        stage.saving.leave(stage.conversation)
        stage.runner = self._make_runner(conversation)
        self._calls.forget()
        if at is None:
            self._turns.show_turns()
        else:
            self._turns.show_turns_at(at, words)
        for pane in stage.dock.panes:
            pane.follow_conversation()
        if (turn := stage.runner.turn) is not None:
            stage.status.watch_turn(turn)
        self._writing.write_saved_draft()
        stage.composer.focus()
        stage.port.start_worker(stage.runner.reopen_calls())

    # -- what it is called, and what it is told -----------------------------------------------------------

    def retitle(self, title: str) -> None:
        """Give the conversation a title."""
        conversation = self._stage.conversation
        if not title:
            self._stage.composer.write_command(f"/title {conversation.session.title}")
            return
        conversation.session.rename(" ".join(title.split()))
        self._stage.tell_title()

    def show_system(self) -> None:
        """Show the system prompt in the composer, to be changed there."""
        stage, system = self._stage, self._stage.conversation.sheet.system
        stage.composer.write_command(f"/system {system}")
        stage.composer.focus()
        words = "/system off takes it away" if system else "there is none yet"
        stage.say(f"this conversation's system prompt: {{composer.send}} keeps what is written, {words}")

    def set_system(self, text: str) -> None:
        """Give this conversation another system prompt, for its turns to come; `off` takes it away."""
        self._stage.conversation.session.set_system("" if text == "off" else text)
        self._stage.tell_title()
        self._stage.say(
            "this conversation has no system prompt now"
            if text == "off"
            else "the system prompt is set, for this conversation from the next turn on; /system shows it"
        )

    def export(self, name: str) -> None:
        """Write the conversation to a new file: Markdown, or by its name JSON."""
        from tui.chat.export import export, export_apart, may_take_long

        stage = self._stage
        if may_take_long(stage.program, stage.conversation):
            stage.work.begin("exporting", lambda tell: export_apart(stage.conversation, name, tell))
        else:
            stage.say(export(stage.conversation, name), "success")

    async def import_file(self, words: str) -> None:
        """Take over the chats in a file; a curl command is a conversation too."""
        from tui.chat.curl_command import is_curl
        from tui.ui.panes.imports import ImportPane

        if is_curl(words):
            await self.open_curl(OpenCurl(words))
            return
        await self._panes.show_over("imports")
        if isinstance(pane := self._panes.over, ImportPane):
            pane.begin([words.strip("\"'")])

    # -- what is saved nowhere ----------------------------------------------------------------------------

    async def ask_before_leaving(self) -> bool:
        """Where something that was said is saved nowhere, offer a file; whether it was offered now."""
        if (over := self._panes.over) is not None and over.name_in_dock == "leave":
            return False  # asked to leave twice
        await self._stage.conversation.session.wait_for_disk(LAST_PATIENCE)
        if not self._unsaved():
            return False
        await self._panes.show_over("leave")
        return True

    def _unsaved(self) -> list[Conversation]:
        """The conversations that would be gone; what can be saved now is."""
        from tui.chat.conversation import Conversation

        program, here = self._stage.program, self._stage.conversation
        unsaved = program.database.unsaved_sessions
        others = [Conversation.reopen(program, each) for each in unsaved if each != here.session.id]
        is_owed = here.session.id in unsaved or not here.session.save_unsaved()
        return [here, *others] if is_owed else others

    def write_unsaved(self) -> list[str]:
        """Write what is saved nowhere into new files; a sentence for each.

        Raises:
            ConfigError: If a file cannot be written.
        """
        from pathlib import Path

        from tui.chat.export import export

        sentences: list[str] = []
        for conversation in self._unsaved():
            names = ("rillet.md" if number == 1 else f"rillet-{number}.md" for number in itertools.count(1))
            sentences.append(export(conversation, next(name for name in names if not Path(name).exists())))
        return sentences

    def mend(self) -> None:
        """Mend interrupted replies behind everything else, where another program had the file locked at the start."""
        from threading import Thread

        database = self._stage.program.database
        if database.path is not None and database.has_owned_turns:
            Thread(target=self._mend, args=(database,), name="rillet-mend", daemon=True).start()

    def _mend(self, database: Database) -> None:
        from tui.chat.recovery import recover_behind

        if sentences := recover_behind(database, lambda: self._stage.port.is_attached):
            self._from_thread(self._show_mended, " ".join(sentences))

    def _show_mended(self, sentences: str) -> None:
        """Say what was mended; a conversation whose last reply that is, is shown anew."""
        from tui.chat.conversation import Conversation

        stage = self._stage
        head, session_id = stage.conversation.head, stage.conversation.session.id
        if session_id is not None and head is not None and not (head.state.is_over or stage.runner.is_running):
            with suppress(RilletError):
                self.open(Conversation.reopen(stage.program, session_id))
        stage.say(sentences, "warning")

    def look_after_file(self) -> None:
        """Behind everything else: look through a large file, pack what an earlier rillet wrote whole, drop old tapes.

        A small file was looked through when it was opened. The thread ends with the program, wherever it is.
        """
        from threading import Thread

        database = self._stage.program.database
        if database.path is not None:
            Thread(target=self._look_after, args=(database,), name="rillet-file", daemon=True).start()

    def _look_after(self, database: Database) -> None:
        from tui.store.keep import parse_keep

        if database.upkeep.is_large and (words := database.upkeep.find_damage()):
            sentence = f"the sessions file is damaged ({words}): leave, and start rillet again, and it is mended"
            self._from_thread(self._stage.say, sentence, "error")
            return
        keep = parse_keep(self._stage.program.settings.tapes.keep)

        def tell(share: float | None) -> None:
            words = f"packing {share:.0%}" if share is not None else ""
            self._from_thread(self._stage.status.tell_work, words)

        database.upkeep.pack_behind(lambda: self._stage.port.is_attached, keep, tell)

    def _from_thread(self, call: Callable[..., object], *given: str) -> None:
        with suppress(RuntimeError):  # the program is ending
            self._stage.port.rillet.call_from_thread(call, *given)
