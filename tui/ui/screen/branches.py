"""Branches: any prompt edited, any reply asked again or gone on with, a branch as a session of its own, the map of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace
from textual.message import Message

from tui.domain.error import RilletError
from tui.domain.turn import Prompt, Summary, Turn
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.sessions import SessionController
from tui.ui.screen.stage import Stage
from tui.ui.screen.turns import TurnController
from tui.ui.screen.writing import WritingController
from tui.ui.transcript.wish import AboutTurn
from tui.ui.wish import GoToTurn


class BranchController:
    """Does with any turn of the page what is else done with the last one."""

    def __init__(
        self, stage: Stage, turns: TurnController, writing: WritingController, sessions: SessionController
    ) -> None:
        self._stage = stage
        self._turns = turns
        self._writing = writing
        self._sessions = sessions
        stage.page.branch_of = self._place

    @property
    def actions(self) -> Mapping[str, Run]:
        """A session of its own, from where this one stands."""
        return {"chat.fork": lambda: self._fork(self._stage.conversation.head)}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """None."""
        return {}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """What is wished of a turn on the page, and a turn that was chosen on the map."""
        return {AboutTurn: self.take, GoToTurn: lambda wish: self.go_to(wish.turn)}

    def _place(self, turn: Turn) -> tuple[int, int]:
        """Which of how many answers to the same point a turn is."""
        return self._stage.conversation.tree.place(turn)

    def take(self, wish: AboutTurn) -> None:
        """Do with a turn what is wished."""
        stage, turn = self._stage, wish.turn
        if stage.is_busy():
            return
        try:
            match wish.what:
                case "rewrite":
                    self._rewrite(turn)
                case "ask_again":
                    stage.runner.ask_again(turn)
                case "go_on":
                    stage.runner.go_on_from(turn)
                case "fork":
                    self._fork(turn)
                case "branch_before" | "next_branch":
                    self._step(turn, 1 if wish.what == "next_branch" else -1)
        except RilletError as error:
            stage.say(error.in_full, "warning")

    def _rewrite(self, turn: Turn) -> None:
        """Edit the prompt that led to a turn."""
        tree = self._stage.conversation.tree
        for asked in tree.up(turn.id):
            if isinstance(asked.opening, Prompt | Summary):
                self._writing.edit_turn(asked)
                return
        self._stage.say("there is no prompt to edit")

    def _step(self, turn: Turn, step: int) -> None:
        siblings = self._stage.conversation.tree.siblings(turn)
        if len(siblings) < 2:
            self._stage.say("nothing was asked twice here")
            return
        at = next(at for at, other in enumerate(siblings) if other is turn)
        self.go_to(siblings[(at + step) % len(siblings)])

    def go_to(self, turn: Turn) -> None:
        """Show the branch that a turn is on."""
        stage = self._stage
        if stage.is_busy():
            return
        conversation = stage.conversation
        conversation.switch(turn)
        stage.runner.turn = conversation.head
        self._turns.show_turns()
        if stage.runner.turn is not None:
            stage.status.watch_turn(stage.runner.turn)
        at, count = self._place(turn)
        if count > 1:
            stage.say(f"branch {at} of {count}")

    def _fork(self, turn: Turn | None) -> None:
        """Make the branch that leads to a turn a session of its own, and open it."""
        from tui.chat.conversation import Conversation
        from tui.chat.export import may_take_long, whole_of
        from tui.chat.exporting import branch_of

        stage = self._stage
        conversation = stage.conversation
        if turn is None or conversation.session.id is None:
            stage.say("nothing has been asked yet")
            return
        title = f"{conversation.session.title} (fork)"
        if may_take_long(stage.program, conversation):
            stage.work.begin("copying the branch", lambda tell: self._fork_apart(turn, title, tell))
            return
        branch = branch_of(whole_of(conversation), turn.number)
        branch = replace(branch, id="", source="", title=title, is_pinned=False)
        put = stage.program.database.whole.put(branch)
        self._sessions.open(Conversation.reopen(stage.program, put.session_id))
        stage.say(f"this is a conversation of its own now: “{branch.title}”", "success")

    async def _fork_apart(self, turn: Turn, title: str, tell: Callable[[float], None]) -> str:
        """The same for a long branch; where one does something else by then, it waits in the list of sessions."""
        from tui.chat.branching import copy_apart
        from tui.chat.conversation import Conversation

        stage = self._stage
        conversation, before = stage.conversation, stage.runner.turn
        session_id = await copy_apart(stage.program.database, conversation, turn, title, tell)
        if stage.conversation is not conversation or stage.runner.turn is not before or stage.runner.is_running:
            return f"the branch is a conversation of its own now, in the list of sessions: “{title}”"
        self._sessions.open(Conversation.reopen(stage.program, session_id))
        return f"this is a conversation of its own now: “{title}”"
