"""The chat screen's part about turns: sending, stopping, asking again, and painting what comes."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on

from tui.domain.delta import Delta
from tui.domain.error import RilletError
from tui.domain.quantity import describe_seconds
from tui.domain.turn import Prompt, Turn, TurnState
from tui.ui.action.hint import Hint, hint_line
from tui.ui.notice import DeltasArrived, TurnEnded, TurnQuieted, TurnResumed
from tui.ui.screens.panes import PaneActions
from tui.ui.transcript.wish import NewBelow
from tui.ui.widgets.desk import JumpToEnd
from tui.ui.widgets.status import QUIET_OFFERS
from tui.ui.widgets.welcome import TRIES, try_named
from tui.ui.wish import DropQueued, KeepDraft, RecallQueued, SendPrompt, TakeOffer

READING_HINTS = (
    Hint(("page.block_before", "page.next_block"), "move"),
    "page.find",
    "page.open",
    "page.copy_block",
    "page.end",
    Hint(("chat.write",), "write"),
    "chat.help",
)
WRITING_HINTS = (
    "composer.new_line",
    "chat.models",
    "chat.sessions",
    "chat.calls",
    "chat.wire",
    Hint(("chat.commands",), "all"),
    "chat.help",
)


class TurnActions(PaneActions, is_part=True):
    """What can be done with turns, and how they are shown."""

    # -- wishes -------------------------------------------------------------------------------------------

    def send_prompt(self, wish: SendPrompt) -> None:
        """Send what was written, or put it in the place of what is being edited."""
        if self.welcome.display and (prompt := try_named(wish.prompt.text)):
            wish.prompt = Prompt(prompt)
        editing, self.editing = self.editing, None
        self.desk.tell_editing("")
        self.key_bar.hush()
        session_id = self.conversation.session_id
        try:
            if editing is not None and not self.flow.is_running:
                self.flow.edit(wish.prompt, editing)
            else:
                self.flow.send(wish.prompt)
        except RilletError as error:
            self.composer.write(wish.prompt.text, wish.prompt.images)
            self.say(error.in_full, "warning")
            if editing is not None:
                self._begin_editing(editing)
            return
        self.forget_draft(wish.prompt.text, session_id)
        self.page.jump_end()

    @on(TakeOffer)
    async def take_offer(self, wish: TakeOffer) -> None:
        """Do what a single key offers while nothing is written."""
        await self.run_action(f"do('{wish.action_id}')")

    def action_send_queued(self) -> None:
        """Send the first of the prompts that were kept."""
        self.flow.send_queued()

    @on(KeepDraft)
    def keep_draft(self, wish: KeepDraft) -> None:
        """Write the draft down."""
        database, session_id = self.program.database, self.conversation.session_id
        self.save(lambda: database.save_draft(session_id, wish.draft.text, wish.draft.images))

    @on(RecallQueued)
    def action_recall_queued(self) -> None:
        """Take the last queued prompt back into the composer."""
        if not self.composer.text and (prompt := self.flow.take_queued()) is not None:
            self.composer.write(prompt.text, prompt.images)
            self.composer.focus()

    @on(DropQueued)
    def action_drop_queued(self) -> None:
        """Drop the last queued prompt; it stays in the history."""
        if self.flow.take_queued() is not None:
            self.say("the queued prompt was dropped; Up finds it in the history")

    @on(JumpToEnd)
    def jump_to_end(self) -> None:
        """Show the end, and follow it."""
        self.page.jump_end()

    @on(NewBelow)
    def tell_below(self, notice: NewBelow) -> None:
        """Say how much is below what is seen."""
        self.desk.tell_below(notice.count)

    # -- actions ------------------------------------------------------------------------------------------

    def action_stop(self) -> None:
        """Stop the reply that is coming."""
        self.flow.stop()

    def action_wait_on(self) -> None:
        """Wait on for a reply that is late."""
        self.flow.wait_on()

    def action_keep_partial(self) -> None:
        """Give up waiting, and keep what came."""
        self.flow.keep_partial()

    def action_try_again(self) -> None:
        """Ask the last prompt again."""
        if self.flow.turn is None:
            self.say("nothing has been asked yet")
            return
        try:
            self.flow.try_again()
        except RilletError as error:
            self.say(error.in_full, "warning")

    def action_go_on(self) -> None:
        """Ask for the rest of a reply that was cut."""
        if self.flow.turn is None:
            self.say("nothing has been asked yet")
            return
        try:
            self.flow.go_on()
        except RilletError as error:
            self.say(error.in_full, "warning")

    def action_other_branch(self, step: int) -> None:
        """Show what came of the same point another time: nothing that was asked again or edited is gone."""
        if self.flow.is_running:
            self.say("a reply is still streaming: {chat.back} stops it")
            return
        for turn in reversed(self.conversation.turns):
            branches = self.conversation.siblings(turn)
            if len(branches) > 1:
                at = ([branch.id for branch in branches].index(turn.id) + step) % len(branches)
                self.conversation.switch(branches[at])
                self.flow.turn = self.conversation.head
                self.show_turns()
                if self.flow.turn is not None:
                    self.status.watch_turn(self.flow.turn)
                self.say(f"branch {at + 1} of {len(branches)}")
                return
        self.say("nothing here was asked twice: there is one branch")

    def action_edit_last(self) -> None:
        """Put the last prompt into the composer, to be sent in its place."""
        turn = self.flow.last_prompt
        if self.flow.is_running:
            self.say("a reply is still streaming: {chat.back} stops it")
        elif turn is None or not isinstance(turn.opening, Prompt):
            self.say("there is no prompt to edit")
        else:
            if self.composer.text:
                self.composer.earlier.add(self.composer.prompt.text)
            self.composer.write(turn.opening.text, turn.opening.images)
            self.composer.focus()
            self._begin_editing(turn)

    def _begin_editing(self, turn: Turn) -> None:
        self.editing = turn
        self.desk.tell_editing("editing: Enter sends it in place of the earlier one · Esc leaves it")

    def action_try_prompt(self, number: int) -> None:
        """Put one of the things to try into the composer."""
        if self.welcome.display and not self.composer.text and 1 <= number <= len(TRIES):
            self.composer.write(TRIES[number - 1][0])
            self.composer.focus()

    def leave_editing(self) -> bool:
        """Stop editing an earlier prompt; whether one was edited."""
        if self.editing is None:
            return False
        self.editing = None
        self.desk.tell_editing("")
        self.composer.take()
        return True

    # -- notices ------------------------------------------------------------------------------------------

    @on(DeltasArrived)
    def take_deltas(self, notice: DeltasArrived) -> None:
        """More of a reply came."""
        self.flow.take_deltas(notice)

    @on(TurnEnded)
    def take_ending(self, notice: TurnEnded) -> None:
        """A turn ended."""
        if notice.fault is not None:
            self.log.error(type(notice.fault).__name__)
        self.flow.take_ending(notice)

    @on(TurnQuieted)
    def ask_whether_to_wait(self, notice: TurnQuieted) -> None:
        """Nothing came for as long as it should: ask whether to wait on."""
        what = "no answer" if notice.phase == "first_byte" else "nothing new"
        self.status.ask_whether_to_wait(f"{what} for {describe_seconds(notice.seconds)}:")
        self.composer.offers = frozenset(QUIET_OFFERS)

    @on(TurnResumed)
    def take_question_back(self) -> None:
        """The question is settled."""
        self.status.ask_whether_to_wait("")
        self.composer.offers = frozenset()

    # -- what the flow tells --------------------------------------------------------------------------------

    def show_turn(self, turn: Turn) -> None:
        """Show a turn that begins."""
        self.show_page(is_empty=False)
        self.page.add_turn(turn)
        deadlines = self.program.endpoints[turn.endpoint].deadlines
        self.status.watch_turn(turn, deadlines.quiet_notice)
        self.composer.offers = frozenset()
        self.tell_title()
        self.offer_keys()

    def paint_deltas(self, turn: Turn, deltas: list[Delta]) -> None:
        """Paint what came."""
        self.page.feed(turn, deltas)
        self.status.notice_state()
        for pane in self.dock.panes:
            pane.feed(turn, deltas)

    def show_ending(self, turn: Turn) -> None:
        """Show how a turn ended."""
        self.page.end_turn(turn)
        for pane in self.dock.panes:
            pane.end_turn(turn)
        self.status.watch_turn(turn)
        self.tell_saving()
        if turn.tool_calls and not turn.can_be_answered:
            self.say("what the model called was not run: {chat.calls} shows why, {chat.retry} asks again", "warning")
        self.tell_title()
        self.offer_keys()

    def show_turns(self) -> None:
        """Show the turns of the conversation anew: a branch was taken, or another session opened."""
        turns = self.conversation.newest_turns
        running = self.flow.turn if self.flow.is_running else None
        self.page.load([turn for turn in turns if turn is not running and turn.state.is_over], self._turns_above)
        self.show_page(is_empty=not turns)
        self.tell_title()
        self.offer_keys()

    def _turns_above(self, turn: Turn, most: int) -> list[Turn]:
        """Turns further up in the conversation, for the page; if they cannot be read, that is told."""
        turns = self.conversation.turns_above(turn, most)
        if not turns and self.conversation.unreadable:
            self.say(f"what was said before is missing here: {self.conversation.unreadable}", "error")
        return turns

    def show_page(self, *, is_empty: bool) -> None:
        """Show the conversation, or the page that stands for an empty one."""
        self.page.display = not is_empty
        self.welcome.display = is_empty
        self.composer.offers = frozenset()

    def show_queue(self, queue: list[Prompt]) -> None:
        """Show the prompts that wait."""
        self.queue_lines.tell(queue)
        self.composer.has_queue = bool(queue)
        waits = bool(queue) and not self.flow.is_running
        self.composer.offers = (
            self.composer.offers | {"offer.send_queued"} if waits else self.composer.offers - {"offer.send_queued"}
        )

    def offer_keys(self) -> None:
        """Show the keys that matter now: few at the right of the status bar, more on the bottom line."""
        turn = self.flow.turn
        hints: list[str | Hint] = []
        if self.flow.is_running:
            hints = [Hint(("chat.back",), "stop"), "chat.help"]
        elif turn is not None and (turn.state is not TurnState.COMPLETE or turn.is_cut or not turn.has_finished):
            hints = ["chat.retry", *(["chat.continue"] if turn.text else []), "chat.edit"]
        self.status.offer(hint_line(hints, self.rillet.keys))
        self.key_bar.offer(hint_line(self._bottom_hints(), self.rillet.keys))

    def _bottom_hints(self) -> Sequence[str | Hint]:
        pane = self.pane_in_focus()
        if pane is not None and (hints := pane.hints_now()):
            return hints
        if self.page.has_focus:
            return READING_HINTS
        return [Hint(("composer.send",), "queue" if self.flow.is_running else "send"), *WRITING_HINTS]

    def forget_draft(self, prompt: str, session_id: str | None) -> None:
        """The draft of a session was sent or cleared: it belongs to the history now."""
        self.save(lambda: self.program.database.save_draft(session_id, ""))
        self.save(lambda: self.program.database.add_history(prompt))
