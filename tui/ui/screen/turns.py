"""Turns: what can be done with them, and how they are shown as they stream and end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from textual.message import Message

from tui.domain.delta import LEFT_OUT, Delta, OddityDelta
from tui.domain.error import RilletError
from tui.domain.extent import Extent
from tui.domain.quantity import describe_seconds
from tui.domain.turn import Prompt, Summary, Turn, TurnState
from tui.ui.action.action import Need
from tui.ui.notice import (
    DeltasArrived,
    QueueChanged,
    Said,
    TurnBegan,
    TurnEnded,
    TurnQuieted,
    TurnResumed,
    TurnsChanged,
    Unsaid,
)
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.stage import Stage
from tui.ui.transcript.earlier import FEWEST, NEARBY, Around
from tui.ui.transcript.later import Rest

GROWN = 4000
"""Tokens from which on it matters how much a model can read."""


class TurnController:
    """Asks again, continues, goes from branch to branch, and paints what streams."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._asked: set[str] = set()
        self._outlined: object = None  # the tree of which it was told that all of it is known

    @property
    def actions(self) -> Mapping[str, Run]:
        """What can be done with the last turn, and at the end of patience."""

        def wait_on() -> None:
            self._stage.runner.wait_on()

        def keep_partial() -> None:
            self._stage.runner.keep_partial()

        return {
            "chat.retry": self.try_again,
            "chat.continue": self.go_on,
            "chat.next_branch": lambda: self._other_branch(1),
            "chat.branch_before": lambda: self._other_branch(-1),
            "chat.wait": wait_on,
            "chat.keep": keep_partial,
        }

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """None."""
        return {}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """What the runner of turns and its worker tell."""
        return {
            TurnBegan: lambda notice: self.show_turn(notice.turn),
            TurnsChanged: lambda _notice: self.show_turns(),
            QueueChanged: lambda notice: self.show_queue(notice.queue),
            Said: lambda notice: self._stage.say(notice.text, notice.tone),
            Unsaid: lambda notice: self._stage.key_bar.take_back(notice.text),
            DeltasArrived: self.take_deltas,
            TurnEnded: self.take_ending,
            TurnQuieted: self.ask_whether_to_wait,
            TurnResumed: self.take_question_back,
        }

    # -- actions ------------------------------------------------------------------------------------------

    def try_again(self) -> None:
        """Ask the last prompt again."""
        try:
            self._stage.runner.try_again()
        except RilletError as error:
            self._stage.say(error.in_full, "warning")

    def go_on(self) -> None:
        """Ask for the rest of a reply that was cut."""
        try:
            self._stage.runner.go_on()
        except RilletError as error:
            self._stage.say(error.in_full, "warning")

    def _other_branch(self, step: int) -> None:
        """Show another answer to the same prompt: nothing that was asked again or edited is gone."""
        stage = self._stage
        conversation = stage.conversation
        outline, head = conversation.tree.outline, conversation.tree.head or ""
        if (turn_id := next(outline.forks_above(head), None)) is not None:
            branches = outline.siblings(turn_id)
            at = (branches.index(turn_id) + step) % len(branches)
            if (branch := conversation.tree.find(branches[at])) is not None:
                conversation.switch(branch)
                stage.runner.turn = conversation.head
                self.show_turns()
                if stage.runner.turn is not None:
                    stage.status.watch_turn(stage.runner.turn)
                stage.say(f"branch {at + 1} of {len(branches)}")
                return
        stage.say(Need.BRANCHES.value)

    # -- what the worker of a turn tells ------------------------------------------------------------------

    def take_deltas(self, notice: DeltasArrived) -> None:
        """More of a reply came."""
        self._stage.runner.take_deltas(notice)
        self.paint_deltas(notice.turn, notice.deltas)

    def write_letters(self, turn: Turn, deltas: Sequence[Delta]) -> bool:
        """Show what came where it is letters behind the last, and no pane has to be fed it; whether it was."""
        dock = self._stage.dock
        if dock.children and dock.display and any(pane.follows_words for pane in dock.panes):
            return False
        return self._stage.page.turn_feed.write(turn, deltas)

    def take_ending(self, notice: TurnEnded) -> None:
        """A turn ended."""
        self._stage.runner.release()
        self._show_ending(notice.turn)
        self._stage.runner.take_ending(notice)
        if not self._stage.runner.is_running:
            turn, title = notice.turn, self._stage.conversation.session.title or "rillet"
            how = "the reply is ready" if turn.state is TurnState.COMPLETE else f"the reply is {turn.state.value}"
            self._stage.port.rillet.attention.call(f"{title}: {how}")
            self._learn_window()
        self.catch_up()

    def _learn_window(self) -> None:
        """Where nobody knows how much the model can read and the conversation has grown, ask its endpoint once."""
        stage = self._stage
        account, name = stage.tell_account(), stage.conversation.sheet.endpoint
        if account is not None and not account.window and account.used > GROWN and name not in self._asked:
            self._asked.add(name)
            stage.port.start_worker(self._ask_window(name))

    async def _ask_window(self, name: str) -> None:
        with suppress(RilletError):
            await self._stage.program.models(name)
            self._stage.tell_account()

    # -- patience -----------------------------------------------------------------------------------------

    def ask_whether_to_wait(self, notice: TurnQuieted) -> None:
        """Nothing came for as long as it should: ask whether to wait on."""
        what = "no answer" if notice.phase == "first_byte" else "nothing new"
        self._stage.status.ask_whether_to_wait(f"{what} for {describe_seconds(notice.seconds)}:")

    def take_question_back(self, _notice: TurnResumed) -> None:
        """The question is settled."""
        self._stage.status.ask_whether_to_wait("")

    # -- what is shown ------------------------------------------------------------------------------------

    def show_turn(self, turn: Turn) -> None:
        """Show a turn that begins."""
        stage = self._stage
        self._show_page(is_empty=False)
        stage.page.add_turn(turn)
        stage.status.watch_turn(turn, stage.program.endpoints[turn.endpoint].deadlines)
        for pane in stage.dock.panes:
            pane.feed(turn, [])
        stage.tell_title()
        stage.port.offer_keys()
        self._tell_news()

    def paint_deltas(self, turn: Turn, deltas: list[Delta]) -> None:
        """Paint what came."""
        for delta in deltas:
            if isinstance(delta, OddityDelta) and delta.kind == LEFT_OUT:
                self._stage.say(delta.detail)
        stage = self._stage
        stage.page.feed(turn, deltas)
        stage.status.notice_state()
        if stage.dock.children:
            for pane in stage.dock.panes:
                pane.feed(turn, deltas)

    def _show_ending(self, turn: Turn) -> None:
        """Show how a turn ended."""
        stage = self._stage
        stage.page.end_turn(turn)
        for pane in stage.dock.panes:
            pane.end_turn(turn)
        stage.status.watch_turn(turn)
        stage.tell_saving()
        if turn.stands_in:
            stage.say("this is sent in place of the turns above: {chat.edit} edits it, /compact undo takes it back")
        elif isinstance(turn.opening, Summary):
            self.show_turns()  # what stands above it is not so
            stage.say(
                "no whole summary came: the turns themselves are sent as before, {chat.retry} asks again", "warning"
            )
        elif turn.tool_calls and not turn.can_be_answered:
            stage.say("Tool calls were not run: {chat.calls} shows why, {chat.retry} asks again", "warning")
        stage.tell_title()
        stage.port.offer_keys()

    def show_turns(self) -> None:
        """Show the turns of the conversation anew: a branch was switched, or another session opened."""
        stage = self._stage
        turns = stage.conversation.tree.newest_path()
        running = stage.runner.turn if stage.runner.is_running else None
        shown = [turn for turn in turns if turn is not running and turn.state.is_over]
        stage.page.load(shown, self._around)
        self._show_page(is_empty=not turns)
        stage.tell_title()
        stage.port.offer_keys()

    def show_turns_at(self, turn: Turn, words: str = "") -> None:
        """Show the conversation at a turn on the way to where it stands, and mark these words in it."""
        stage = self._stage
        tree = stage.conversation.tree
        turns = [*tree.above(turn, FEWEST), turn, *tree.toward_head(turn, NEARBY)]
        stage.page.load(turns, self._around, Rest(self._turns_below, self.show_turns))
        stage.page.show_turn(turn, words)
        self._show_page(is_empty=False)
        stage.tell_title()
        stage.port.offer_keys()

    def look_by_itself(self) -> None:
        """See what another window has added, where the reader is at the end: elsewhere they would lose their place.

        Not every terminal tells when one comes back to it.
        """
        stage = self._stage
        if not stage.runner.is_running and stage.page.scroller.follow and stage.program.database.has_changed():
            self.catch_up()

    def catch_up(self) -> None:
        """Show, or say, what another window has added to this conversation."""
        stage = self._stage
        conversation = stage.conversation
        if stage.runner.is_running:
            return
        if conversation.session.catch_up() and conversation.session.follow():
            stage.runner.turn = conversation.head
            self.show_turns()
            if stage.runner.turn is not None:
                stage.status.watch_turn(stage.runner.turn)
        self._tell_news()

    def _tell_news(self) -> None:
        """Say that another window has added something, and where it is."""
        others = self._stage.conversation.session.others
        news, others.news = others.news, []
        if not news:
            return
        path = set(map(id, self._stage.conversation.tree.newest_path()))
        turns = "a turn" if len(news) == 1 else f"{len(news)} turns"
        if all(id(turn) in path for turn in news):
            self._stage.say(f"another window went on from here: {turns}")
        else:
            self._stage.say(
                f"another window added a branch, {turns}: {{chat.branch_before}} and {{chat.next_branch}} go there"
            )

    @property
    def _around(self) -> Around:
        """Where the page gets turns from that are not on it."""
        tree = self._stage.conversation.tree
        return Around(self._turns_above, tree.fetch, tree.said, self._read_outline, tree.may_say)

    def _read_outline(self, has_time: Callable[[], bool]) -> bool:
        """Read on which turn follows which; when all of it is known, so is how full the context is."""
        tree = self._stage.conversation.tree
        is_known = tree.read_outline(has_time)
        if is_known and self._outlined is not tree:
            self._outlined = tree
            self._stage.tell_account()
        return is_known

    def _turns_above(self, turn_id: str, most: int) -> list[Extent]:
        """Turns further up in the conversation, for the page; if they cannot be read, that is told."""
        conversation = self._stage.conversation
        extents = conversation.tree.extents_above(turn_id, most)
        if not extents and conversation.tree.unreadable:
            self._stage.say(f"what was said before is missing here: {conversation.tree.unreadable}", "error")
        return extents

    def _turns_below(self, turn_id: str, most: int) -> list[Extent]:
        """Turns further down on the way to where the conversation stands; one that streams is none of them."""
        tree = self._stage.conversation.tree
        head = tree.find(tree.head)
        extents = tree.extents_toward_head(turn_id, most)
        return [each for each in extents if head is None or each.turn_id != head.id or head.state.is_over]

    def _show_page(self, *, is_empty: bool) -> None:
        """Show the conversation, or the page that stands for an empty one."""
        stage = self._stage
        stage.page.display = not is_empty
        stage.welcome.display = is_empty
        stage.composer.offers = frozenset()

    def show_queue(self, queue: list[Prompt]) -> None:
        """Show the prompts that wait."""
        composer = self._stage.composer
        self._stage.queue_lines.tell(queue)
        composer.has_queue = bool(queue)
        offer = {"offer.send_queued"}
        waits = bool(queue) and not self._stage.runner.is_running
        composer.offers = composer.offers | offer if waits else composer.offers - offer
