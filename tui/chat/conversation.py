"""A conversation, without a screen: a tree of turns, kept in step with the disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.chat.context import may_summarise
from tui.chat.live_replies import LiveReplies
from tui.chat.replies import Replies
from tui.chat.requests import Requests
from tui.chat.saved_session import SavedSession
from tui.chat.sheet import ConversationSheet
from tui.chat.turn_tree import TurnTree
from tui.domain.error import ConfigError
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.timing import Timing
from tui.domain.turn import Continuation, Prompt, Summary, ToolResults, Turn, TurnState

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram


class Recorded(Struct, frozen=True):
    """Who answered on a tape, as it says itself: which model, where, in which dialect."""

    model: str
    place: str
    dialect: str


class Conversation:
    """Says, asks again, branches. What it does with the turns is said here, what it is made of by its parts.

    Attributes:
        sheet: Whom it asks, and with what.
        tree: All of its turns, and where it stands.
        session: What of it is on disk.
        requests: What its turns ask, as it is sent.
        replies: Where its replies come from: endpoints, or a tape.
        runs_tools: Whether the calls of a reply are decided about and run.
        recorded: Who answered, where its turns are those of tapes.
        follow: Gives the next turn of a file that is still read, once the last one is over; `None` behind its end.
    """

    def __init__(
        self,
        program: ChatProgram,
        endpoint: str,
        model: str,
        *,
        tree: TurnTree | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin one, with a model at an endpoint."""
        self.sheet = ConversationSheet(program, endpoint, model)
        self.tree = tree if tree is not None else TurnTree()
        self.session = SavedSession(program, self.sheet, self.tree)
        self.requests = Requests(program, self.sheet, self.session, self.tree)
        self.replies: Replies = LiveReplies(program, self, clock)
        self.runs_tools = True
        self.recorded: Recorded | None = None
        self.follow: Callable[[], Turn | None] = lambda: None
        self._clock = clock

    @classmethod
    def reopen(cls, program: ChatProgram, session_id: str) -> Conversation:
        """Open a saved session where it was left; the model is the one last asked, where it is still known.

        Only its newest turns are read now, the others when they are asked for.

        Raises:
            StoreError: If the database cannot be read.
        """
        summary = program.database.sessions.summary(session_id)
        tree = TurnTree.reading(program.database.turns, session_id)
        sheet = program.database.sessions.sheet(session_id)
        asked = (sheet.endpoint, sheet.model)
        newest = tree.newest_said or tree.find(program.database.sessions.head(session_id))
        if not sheet.endpoint and newest is not None:  # only who answered last is known
            asked = (newest.endpoint, newest.model)
        is_known = asked[0] in program.endpoints
        conversation = cls(
            program, *(asked if is_known else (program.default_endpoint, program.default_model)), tree=tree
        )
        conversation.sheet.lost_endpoint = "" if is_known else asked[0]
        conversation.sheet.dialect = sheet.dialect if is_known else None
        conversation.session.open(session_id, summary.title)
        return conversation

    def now(self) -> float:
        """The clock that turns are timed by."""
        return self._clock()

    # -- where it stands --------------------------------------------------------------------------

    @property
    def turns(self) -> list[Turn]:
        """The turns from the root to where the conversation stands, oldest first."""
        return self.tree.path(self.tree.head)

    @property
    def head(self) -> Turn | None:
        """The turn the conversation stands at."""
        return self.tree.find(self.tree.head)

    def switch(self, turn: Turn) -> None:
        """Stand at the newest turn below this one."""
        self.session.stand_at(self.tree.outline.newest_below(turn.id))

    def go_through(self, turn_id: str) -> Turn | None:
        """Have a turn on the path to where the conversation stands; it, if there is such a turn."""
        turn = self.tree.find(turn_id)
        if turn is not None and not self.tree.is_on_path(turn):
            self.switch(turn)
        return turn

    # -- saying something ---------------------------------------------------------------------------

    def say(self, text: str, images: Sequence[ImagePart] = ()) -> Turn:
        """Begin a turn with a prompt. When this returns, the prompt is on disk."""
        return self.replies.begin(Prompt(text, tuple(images)), self.tree.head)

    def regenerate(self, turn: Turn) -> Turn:
        """Ask again what a turn asked; the earlier reply stays, as a branch. In place of a person's summary comes a model's."""
        opening = turn.opening
        if isinstance(opening, Summary) and opening.is_own:
            opening = Summary(opening.keeps, opening.focus)
        return self.replies.begin(opening, turn.parent, turn)

    def edit(self, turn: Turn, text: str, images: Sequence[ImagePart] = ()) -> Turn:
        """Ask something else in a turn's place; the earlier one stays, as a branch."""
        return self.replies.begin(Prompt(text, tuple(images)), turn.parent, turn)

    def continue_(self, turn: Turn) -> Turn:
        """Ask for the rest of a reply that was cut."""
        return self.replies.begin(Continuation(), turn.id, turn)

    def answer(self, turn: Turn, results: Sequence[ToolResultPart]) -> Turn:
        """Send the results of a turn's tool calls."""
        return self.replies.begin(ToolResults(tuple(results)), turn.id, turn)

    # -- summaries, and what is asked beside it -------------------------------------------------------

    def summarise(self, keeps: int, focus: str = "") -> Turn:
        """Have the turns so far summarised, but for the latest prompts: the reply stands for them from then on.

        Raises:
            ConfigError: If there is nothing that it could stand for.
        """
        opening = Summary(keeps, focus)
        if not may_summarise(self.tree.up(self.tree.head), opening):
            but_latest = (
                "" if not keeps else f", as the latest {keeps} are kept" if keeps > 1 else ", as the latest is kept"
            )
            raise ConfigError(f"there is nothing to summarise yet{but_latest}", "/compact 0 keeps none.")
        return self.replies.begin(opening, self.tree.head)

    def write_summary(self, turn: Turn, text: str) -> Turn:
        """Put a summary of one's own in the place of one; the earlier one stays, as a branch."""
        wish = turn.opening if isinstance(turn.opening, Summary) else Summary(0)
        own = self.replies.begin(Summary(wish.keeps, wish.focus, is_own=True), turn.parent, turn)
        own.timing = Timing(begun_at=self._clock(), ended_at=self._clock())
        own.answered_by, own.has_finished, own.finish_reason = "You", True, "stop"
        own.body.add(text)
        own.end(TurnState.COMPLETE)
        self.session.save_ending(own)
        return own

    def ask_aside(self, text: str) -> Turn:
        """Ask something beside the conversation: it is seen, and neither question nor answer become part of it.

        Raises:
            ConfigError: If there is no conversation yet.
        """
        if self.tree.head is None:
            raise ConfigError("nothing has been said yet that a side question could see", "Ask it as a prompt.")
        return self.replies.begin(Prompt(text), self.tree.head, standing="aside")

    def take_in(self, turn: Turn) -> None:
        """Go on from a turn that was asked beside the conversation: it is part of it from now on."""
        self.session.set_standing(turn, "")
        self.switch(turn)
