"""Whatever is done, in whatever order: what was said is there afterwards, in its place, as a plain model has it."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.server.speech import ChatSpeech, MessagesSpeech, ResponsesSpeech
from tui.chat.conversation import Conversation
from tui.chat.program import Program
from tui.chat.recovery import recover_turns
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.error import StoreError
from tui.domain.tape import Head, Read, SentRequest
from tui.domain.turn import Turn, TurnState
from tui.store.database import Database
from tui.store.settings import Choices, Settings

SPEECHES = {kind.dialect: kind for kind in (ChatSpeech, ResponsesSpeech, MessagesSpeech)}
LONG = "a long text that no page has room for " * 400


class Said:
    """The plain model of a turn: what was asked, below which turn, what came, and how much of that is on its tape."""

    def __init__(self, prompt: str, above: Said | None) -> None:
        self.prompt, self.above, self.reply, self.taped, self.is_over = prompt, above, "", "", False
        self.reads, self.speech = 0, None


class NeverLost(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._place = tempfile.TemporaryDirectory()
        self.path = Path(self._place.name) / "sessions.db"
        self.count = 0
        self.is_full = False
        self.deleted: list[str] = []
        self.model: dict[str, list[Said]] = {}
        self.own: list[Said] = []
        self.running: tuple[Turn, Said] | None = None
        self.pairs: list[tuple[Turn, Said]] = []
        self._open()

    def _open(self) -> None:
        self.database = Database.open(self.path)
        self.database._connection.run("PRAGMA synchronous = OFF")
        self.program = Program(Settings(), Choices(), self.database, {})
        recover_turns(self.database)
        self.talk = Conversation(self.program, "xai", "grok-4")
        self.own, self.pairs, self.running = [], [], None

    def _keep_model(self) -> None:
        if self.talk.session.id is not None and self.own:
            self.model[self.talk.session.id] = self.own

    # -- saying things --------------------------------------------------------------------------------

    def _begin(self, turn: Turn, said: Said) -> None:
        self.running = (turn, said)
        self.own.append(said)
        self.pairs.append((turn, said))

    def _said(self, turn: Turn | None) -> Said | None:
        return next((said for other, said in self.pairs if other is turn), None)

    @precondition(lambda self: self.running is None)
    @rule(is_long=st.booleans())
    def send(self, is_long: bool) -> None:
        self.count += 1
        prompt = f"prompt {self.count} {LONG if is_long else ''}"
        above = self._said(self.talk.head)
        self._begin(self.talk.say(prompt), Said(prompt, above))

    @precondition(lambda self: self.running is None and self.pairs)
    @rule(at=st.integers(0, 9))
    def edit(self, at: int) -> None:
        self.count += 1
        turn, said = self.pairs[at % len(self.pairs)]
        prompt = f"edited {self.count}"
        self._begin(self.talk.edit(turn, prompt), Said(prompt, said.above))

    @precondition(lambda self: self.running is None and self.pairs)
    @rule(at=st.integers(0, 9))
    def branch(self, at: int) -> None:
        self.talk.switch(self.pairs[at % len(self.pairs)][0])

    @precondition(lambda self: self.running is not None)
    @rule(words=st.integers(1, 900))
    def stream(self, words: int) -> None:
        """Some of the reply comes: it is on the screen, and on its tape where the disk takes it."""
        turn, said = self.running
        text = f"{len(said.reply)} " * words
        said.reply += text
        turn.apply(TextDelta(text))
        turn_id, tapes = self.talk.session.id_on_disk(turn), self.database.tapes
        is_whole = said.reply == said.taped + text
        if turn_id and is_whole:  # as the recorder: what came before is written first
            with suppress(StoreError):
                speech = said.speech = said.speech or SPEECHES[turn.dialect]()
                frames = [*([] if said.reads else speech.start()), *speech.text(text)]
                if not said.reads:
                    tapes.record_request(turn_id, SentRequest("POST", "http://x", {}, {"messages": []}))
                    tapes.record_head(turn_id, Head(200, {"content-type": "text/event-stream"}, 0.1))
                tapes.append_reads(turn_id, [Read(0.2 + said.reads, b"".join(frames))])
                said.taped, said.reads = said.reply, said.reads + 1

    @precondition(lambda self: self.running is not None)
    @rule(is_long=st.booleans(), is_stopped=st.booleans())
    def end(self, is_long: bool, is_stopped: bool) -> None:
        turn, said = self.running
        rest = f"reply to {said.prompt[:20]} {LONG if is_long else ''}"
        said.reply, said.is_over = said.reply + rest, True
        turn.apply(TextDelta(rest))
        turn.apply(FinishDelta("stop"))
        turn.end(TurnState.STOPPED if is_stopped else TurnState.COMPLETE)
        self.talk.session.save_ending(turn)
        self.running = None

    # -- the disk and the process -----------------------------------------------------------------------

    @rule()
    def fill(self) -> None:
        (pages,) = self.database._connection.row("PRAGMA page_count")
        self.database._connection.row(f"PRAGMA max_page_count = {pages}")
        self.is_full = True

    @rule()
    def free(self) -> None:
        self.database._connection.row("PRAGMA max_page_count = 1000000")
        self.is_full = False
        if self.running is None:
            assert self.talk.session.save_unsaved()

    @precondition(
        lambda self: not self.is_full and (self.running is None or self.talk.session.id_on_disk(self.running[0]))
    )
    @rule()
    def kill(self) -> None:
        """The process dies: what was saved is there, and a turn that was under way has ended."""
        if self.running is None and not self.talk.session.save_unsaved():
            return
        if self.talk.session.has_unsaved:
            return
        self._keep_model()
        if self.running is not None:
            said = self.running[1]
            said.reply = said.taped
        self.database._connection.run("UPDATE turn SET owner = 'nobody' WHERE owner IS NOT NULL")
        self.database.close()
        self._open()

    @precondition(lambda self: self.running is None and not self.is_full and self.model)
    @rule(at=st.integers(0, 9))
    def reopen(self, at: int) -> None:
        if not self.talk.session.save_unsaved():
            return
        self._keep_model()
        here = [each for each in self.model if each not in self.deleted]
        if here:
            session = here[at % len(here)]
            self.talk = Conversation.reopen(self.program, session)
            self.own = self.model[session]
            by_prompt = {said.prompt: said for said in self.own}
            self.pairs = [(turn, by_prompt[turn.opening.text]) for turn in self.talk.tree.everything]

    @precondition(lambda self: self.running is None and not self.is_full and self.model)
    @rule(at=st.integers(0, 9))
    def delete(self, at: int) -> None:
        session = [*self.model][at % len(self.model)]
        if session != self.talk.session.id:
            self.database.sessions.delete(session)
            self.deleted = [*(each for each in self.deleted if each != session), session]

    @precondition(lambda self: self.deleted and not self.is_full)
    @rule()
    def undo(self) -> None:
        self.database.sessions.undelete(self.deleted.pop())

    # -- what holds ---------------------------------------------------------------------------------------

    @invariant()
    def what_was_said_is_shown(self) -> None:
        path = self.talk.turns
        assert len({id(turn) for turn in path}) == len(path)
        assert len({turn.id for turn in path}) == len(path)
        for above, turn in zip(path, path[1:], strict=False):
            assert self._said(turn).above is self._said(above)

    @precondition(lambda self: not self.is_full and self.running is None)
    @invariant()
    def what_was_said_is_on_disk(self) -> None:
        if not self.talk.session.save_unsaved():
            raise AssertionError(self.program.store_problem)
        self._keep_model()
        assert {each.id for each in self.database.sessions.summaries()} == {*self.model} - {*self.deleted}
        for session, all_said in self.model.items():
            turns = self.database.turns.of_session(session)
            by_id = {turn.id: turn for turn in turns}
            assert sorted(turn.opening.text for turn in turns) == sorted(said.prompt for said in all_said)
            for turn in turns:
                said = next(said for said in all_said if said.prompt == turn.opening.text)
                assert turn.text == said.reply
                assert turn.state.is_over
                assert (said.above.prompt if said.above else None) == (
                    by_id[turn.parent].opening.text if turn.parent else None
                )

    def teardown(self) -> None:
        self.database.close()
        self._place.cleanup()


NeverLost.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestNeverLost = NeverLost.TestCase
