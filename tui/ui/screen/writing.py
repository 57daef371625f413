"""Writing: prompts, drafts and their history, what is being edited, and commands."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence

from textual.message import Message

from tui.domain.error import ContextFullError, RilletError, StoreError
from tui.domain.turn import Prompt, Summary, Turn
from tui.ui.action.slash import command_named
from tui.ui.action.table import COMMANDS
from tui.ui.screen.calls import CallController
from tui.ui.screen.completing import CompletionController
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.stage import Stage
from tui.ui.widgets.welcome import TRIES, try_named
from tui.ui.wish import (
    DropQueued,
    EditCall,
    InsertPrompt,
    KeepDraft,
    OfferRoom,
    RecallQueued,
    RunCommand,
    SayNotice,
    SendPrompt,
    SteerQueued,
    TakeOffer,
)
from tui.wire.printable import printable


class WritingController:
    """Sends what is written: a prompt, an edited one, the arguments of a call, or a command."""

    def __init__(
        self,
        stage: Stage,
        calls: CallController,
        completing: CompletionController,
        commands: Callable[[], Mapping[str, RunWith]],
    ) -> None:
        self._stage = stage
        self._calls = calls
        self._completing = completing
        self._all_commands = commands
        self._editing: Turn | EditCall | None = None
        self._shelved = Prompt("")  # what was being written when the editing began, and comes back after it

    @property
    def actions(self) -> Mapping[str, Run]:
        """Edit the last prompt, send what waits, take a prompt to try."""

        def trying(number: int) -> Run:
            return lambda: self._try_prompt(number)

        return {
            "chat.edit": self.edit_last,
            "offer.send_queued": self.send_queued,
            **{f"offer.try_{number}": trying(number) for number in range(1, len(TRIES) + 1)},
        }

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """None."""
        return {}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """What the composer asks for."""
        return {
            SendPrompt: self.send,
            TakeOffer: lambda wish: self._stage.port.action_do(wish.action_id),
            KeepDraft: lambda wish: self.keep_draft(wish.draft),
            RecallQueued: lambda _wish: self.recall_queued(),
            DropQueued: lambda _wish: self.drop_queued(),
            EditCall: self.edit_call,
            SteerQueued: lambda _wish: self._stage.runner.steer(None),
            RunCommand: self.run_command,
            InsertPrompt: self.insert,
            SayNotice: lambda wish: self._stage.say(wish.text, wish.tone),
        }

    # -- sending ------------------------------------------------------------------------------------------

    @property
    def is_editing(self) -> bool:
        """Whether an earlier prompt or the arguments of a call are being edited."""
        return self._editing is not None

    def send(self, wish: SendPrompt) -> None:
        """Send what was written, or put it in the place of what is being edited."""
        editing, self._editing = self._editing, None
        if isinstance(editing, EditCall):
            self._send_arguments(editing, wish.prompt.text)
            return
        stage = self._stage
        prompt = wish.prompt
        if stage.welcome.display and (named := try_named(prompt.text)):
            prompt = Prompt(named)
        stage.tell_editing("")
        stage.key_bar.hush()
        session_id = stage.conversation.session.id
        try:
            if editing is not None and isinstance(editing.opening, Summary):
                stage.runner.write_summary(editing, prompt.text)
            elif editing is not None and not stage.runner.is_running:
                stage.runner.edit(prompt, editing)
            elif wish.at_once:
                stage.runner.steer(prompt)
            else:
                stage.runner.send(prompt)
        except RilletError as error:
            stage.composer.write(prompt.text, prompt.images)
            if editing is not None:
                self._begin_editing(editing)
            if isinstance(error, ContextFullError) and editing is None:
                stage.port.post_message(OfferRoom(error.message, prompt))
            else:
                stage.say(error.in_full, "warning")
            return
        self._forget_draft(prompt.text, session_id)
        if editing is not None:
            self._unshelve()
        stage.page.jump_end()

    def _send_arguments(self, edit: EditCall, text: str) -> None:
        stage = self._stage
        if problem := stage.runner.tools.gate.edit(edit.turn, edit.view, text):
            self._editing = edit
            stage.composer.write(text)
            stage.say(problem, "error")
            return
        stage.tell_editing("")
        self._unshelve()
        self._calls.focus_inspector()

    # -- editing ------------------------------------------------------------------------------------------

    def edit_last(self) -> None:
        """Put the last prompt, or a summary that stands last, into the composer, to be sent in its place."""
        turn = self._stage.runner.turn
        if turn is None or not isinstance(turn.opening, Summary):
            turn = self._stage.runner.last_prompt
        if turn is None:
            self._stage.say("there is no prompt to edit")
            return
        self.edit_turn(turn)

    def edit_turn(self, turn: Turn) -> None:
        """Put the prompt of a turn, or a summary, into the composer, to stand in its place: what followed it stays, as a branch."""
        stage, opening = self._stage, turn.opening
        if not isinstance(opening, Prompt | Summary):
            return
        self._shelve()
        if self._shelved.text:  # what is edited is the draft on disk from now on
            stage.save(lambda: stage.program.database.prompts.add_history(self._shelved.text))
        if isinstance(opening, Prompt):
            stage.composer.write(opening.text, opening.images)
        else:
            stage.composer.write(turn.text)
        stage.composer.focus()
        self._begin_editing(turn)

    def _begin_editing(self, turn: Turn) -> None:
        self._put_down()
        self._editing = turn
        does = (
            "keeps your summary in its place"
            if isinstance(turn.opening, Summary)
            else "sends it in place of the earlier one"
        )
        self._stage.tell_editing(f"editing: {{composer.send}} {does} · {{chat.back}} leaves it")

    def edit_call(self, wish: EditCall) -> None:
        """Put the arguments that would run into the composer."""
        composer, view = self._stage.composer, wish.view
        self._shelve()
        self._put_down()
        self._editing = wish
        view.is_in_hand = True
        composer.write(view.approval.text if view.approval is not None else printable(view.call.final_arguments))
        composer.focus()
        self._stage.tell_editing(
            f"arguments of {view.call.name}: {{composer.send}} keeps them · {{chat.back}} leaves them"
        )

    def _shelve(self) -> None:
        composer = self._stage.composer
        if self._editing is None:
            self._shelved = composer.draft
        elif composer.text:
            composer.earlier.add(composer.prompt.text)

    def _unshelve(self) -> None:
        shelved, self._shelved = self._shelved, Prompt("")
        self._stage.composer.write(shelved.text, shelved.images)

    def leave_editing(self) -> bool:
        """Stop editing; whether something was edited."""
        if self._editing is None:
            return False
        self._put_down()
        self._editing = None
        self._stage.tell_editing("")
        self._stage.composer.take()
        self._unshelve()
        return True

    def forget_editing(self) -> None:
        """What was edited belongs to another conversation, or is left."""
        self._put_down()
        self._editing, self._shelved = None, Prompt("")
        self._stage.tell_editing("")

    def _put_down(self) -> None:
        """A call whose arguments were being edited may run again, with those it has."""
        if isinstance(self._editing, EditCall):
            self._editing.view.is_in_hand = False

    # -- the queue ----------------------------------------------------------------------------------------

    def recall_queued(self) -> None:
        """Take the last queued prompt back into the composer."""
        composer = self._stage.composer
        if not composer.text and (prompt := self._stage.runner.take_queued()) is not None:
            composer.write(prompt.text, prompt.images)
            composer.focus()

    def drop_queued(self) -> None:
        """Drop the last queued prompt; it stays in the history."""
        if self._stage.runner.take_queued() is not None:
            self._stage.say("the queued prompt was dropped; {composer.up} finds it in the history")

    def send_queued(self) -> None:
        """Send the first of the prompts that were kept."""
        self._stage.runner.send_queued()

    def _try_prompt(self, number: int) -> None:
        """Put one of the things to try into the composer."""
        stage = self._stage
        if stage.welcome.display and not stage.composer.text:
            stage.composer.write(TRIES[number - 1][0])
            stage.composer.focus()

    # -- drafts and history -------------------------------------------------------------------------------

    def keep_draft(self, draft: Prompt) -> None:
        """Write the draft down; the arguments of a call are none: after a restart they would be sent as a prompt."""
        if isinstance(self._editing, EditCall):
            draft = self._shelved
        database, session_id = self._stage.program.database, self._stage.conversation.session.id
        self._stage.save(
            lambda: database.prompts.save_draft(session_id, draft.text, draft.images), f"draft of {session_id}"
        )

    def write_saved_draft(self) -> None:
        """Put what was in the composer when this conversation was last left into it."""
        stage = self._stage
        database, session_id = stage.program.database, stage.conversation.session.id
        try:
            stage.composer.write(database.prompts.draft(session_id), database.prompts.draft_images(session_id))
        except StoreError:
            stage.composer.write("")

    def clear_draft(self) -> None:
        """Put what is written into the history, and the composer is empty."""
        stage = self._stage
        text = stage.composer.take().text
        stage.composer.earlier.add(text)
        self._forget_draft(text, stage.conversation.session.id)
        stage.say("the draft was cleared; {composer.up} brings it back")

    def _forget_draft(self, prompt: str, session_id: str | None) -> None:
        """The draft of a session was sent or cleared: it belongs to the history now."""
        database = self._stage.program.database
        self._stage.save(lambda: database.prompts.save_draft(session_id, ""), f"draft of {session_id}")
        self._stage.save(lambda: database.prompts.add_history(prompt))

    def history(self) -> Sequence[str]:
        """The prompts sent before, newest first."""
        try:
            return self._stage.program.database.prompts.history()[::-1]
        except StoreError:
            return ()

    def insert(self, wish: InsertPrompt) -> None:
        """Put an earlier prompt in at the cursor; with nothing written it is all there is."""
        composer = self._stage.composer
        if composer.text:
            composer.paste(wish.text)
        else:
            composer.write(wish.text)
        composer.focus()

    # -- commands -----------------------------------------------------------------------------------------

    async def run_command(self, wish: RunCommand) -> None:
        """Run a command by its name; a name that is not one goes back into the composer."""
        self._completing.hide()
        stage = self._stage
        stage.key_bar.hush()
        action = command_named(wish.name)
        if action is None:
            try:
                if await self._completing.run_named(wish.name, wish.rest):
                    return
            except RilletError as error:
                stage.composer.write_command(f"/{wish.name} {wish.rest}".rstrip())
                stage.say(error.in_full, "warning")
                return
            near = " or ".join(f"/{slash}" for slash in _near(wish.name))
            stage.say(f"there is no command /{wish.name}" + (f"; did you mean {near}?" if near else ""), "warning")
            stage.composer.write_command(f"/{wish.name} {wish.rest}".rstrip())
            return
        try:
            if reason := stage.runner.why_not(action):
                stage.say(reason)
            elif action.takes(wish.rest):
                await settle(self._all_commands()[action.id](wish.rest))
            else:
                await stage.port.action_do(action.id)
        except RilletError as error:
            stage.say(error.in_full, "warning")


def _near(name: str) -> list[str]:
    """The commands that may be meant: spelled alike, else those that do what this says; two at most."""
    from difflib import get_close_matches

    word = name.lower()
    by_name = get_close_matches(word, [action.slash for action in COMMANDS], 1, cutoff=0.75)
    by_words = [action.slash for action in COMMANDS if len(word) > 3 and word in action.label.lower()]
    begins = [action.slash for action in COMMANDS if word and action.slash.startswith(word[:2])]
    return by_name or by_words[:2] or begins[:1]


async def settle(outcome: object) -> None:
    """Wait for what an action returned, if it has to be waited for."""
    if inspect.isawaitable(outcome):
        awaitable: Awaitable[object] = outcome
        await awaitable
