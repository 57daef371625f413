"""A disk that takes nothing for a while: what was said then is saved later, in its place, and nothing hangs."""

import pytest

from tui.chat.conversation import Conversation
from tui.chat.program import Program
from tui.chat.recorder import TapeRecorder
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.error import StoreError
from tui.domain.tape import Head, Read, SentRequest, TapeEnd
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database
from tui.store.settings import Choices, Settings


@pytest.fixture
async def program(tmp_path):
    made = Program(Settings(), Choices(), Database.open(tmp_path / "sessions.db"), {})
    yield made
    await made.close()


def fill(program):
    """Let the disk be full; the pages in use stand for all it holds."""
    (pages,) = program.database._connection.row("PRAGMA page_count")
    program.database._connection.row(f"PRAGMA max_page_count = {pages}")


def free(program):
    program.database._connection.row("PRAGMA max_page_count = 1000000")


def answered(conversation, turn, text="yes"):
    """End a turn as `stream` does."""
    turn.apply(TextDelta(text))
    turn.apply(FinishDelta("stop"))
    turn.end(TurnState.COMPLETE)
    conversation.session.save_ending(turn)


def prompts(turns):
    return [turn.opening.text for turn in turns]


LONG = "word " * 20_000


def test_what_was_said_on_a_full_disk_is_saved_in_its_place_when_there_is_room_again(program):
    conversation = Conversation(program, "xai", "grok-4")
    answered(conversation, conversation.say("first"))
    fill(program)
    second = conversation.say(LONG)
    assert program.store_problem
    assert not conversation.session.is_saved(second)
    assert conversation.session.has_unsaved
    answered(conversation, second)
    free(program)
    third = conversation.say("third")
    assert not conversation.session.has_unsaved
    assert program.store_problem == ""
    answered(conversation, third)
    session = conversation.session.id
    assert prompts(conversation.turns) == ["first", LONG, "third"]
    saved = program.database.turns.of_session(session)
    assert [(turn.id, turn.parent, turn.text) for turn in saved] == [
        (f"{session}.1", None, "yes"),
        (f"{session}.2", f"{session}.1", "yes"),
        (f"{session}.3", f"{session}.2", "yes"),
    ]
    assert prompts(Conversation.reopen(program, session).turns) == ["first", LONG, "third"]


def test_turns_that_hang_on_unsaved_ones_wait_with_them(program):
    conversation = Conversation(program, "xai", "grok-4")
    answered(conversation, conversation.say("first"))
    fill(program)
    for number in range(3):
        answered(conversation, conversation.say(f"{number} {LONG}"))
    ids = [turn.id for turn in conversation.turns]
    assert len(set(ids)) == 4
    assert not set(ids[1:]) & {f"{conversation.session.id}.{number}" for number in range(9)}
    free(program)
    assert conversation.session.save_unsaved()
    reopened = Conversation.reopen(program, conversation.session.id).turns
    assert [turn.number for turn in reopened] == [1, 2, 3, 4]
    assert [turn.state for turn in reopened] == [TurnState.COMPLETE] * 4


def test_an_ending_that_could_not_be_saved_is_saved_later(program):
    conversation = Conversation(program, "xai", "grok-4")
    turn = conversation.say("first")
    fill(program)
    answered(conversation, turn, LONG)
    assert not conversation.session.is_saved(turn)
    free(program)
    conversation.say("second")
    assert conversation.session.is_saved(turn)
    assert program.database.turns.read(turn.id).text == LONG


def test_a_turn_is_never_saved_below_one_that_is_not(program):
    session = program.database.sessions.create()
    with pytest.raises(StoreError):
        program.database.turns.begin(session, Turn(Prompt("x"), parent=f"{session}.1"))
    assert program.database.turns.of_session(session) == []


@pytest.mark.parametrize("circle", [{2: 2}, {2: 3}, {2: 3, 3: 2}, {1: 3}, {2: "zzzzzzzz.1"}, {3: 3, 4: 4}])
def test_a_file_in_which_a_turn_is_its_own_ancestor_is_mended(program, circle):
    database = program.database
    session, parent = database.sessions.create(), None
    for number in range(1, 5):
        turn = Turn(Prompt(f"prompt {number}"), parent=parent, model="grok-4", endpoint="xai", dialect="chat")
        database.turns.begin(session, turn)
        turn.end(TurnState.COMPLETE)
        database.turns.end(turn)
        parent = turn.id
    database._connection.run("PRAGMA foreign_keys = OFF")
    for number, above in circle.items():
        wrong = above if isinstance(above, str) else f"{session}.{above}"
        database._connection.run("UPDATE turn SET parent = ? WHERE number = ?", wrong, number)
    database._connection.run("PRAGMA foreign_keys = ON")
    conversation = Conversation.reopen(program, session)
    assert prompts(conversation.turns) == [f"prompt {number}" for number in range(1, 5)]
    conversation.switch(conversation.turns[0])
    assert database._connection.rows("SELECT parent FROM turn ORDER BY number") == [
        (None,),
        *((f"{session}.{number}",) for number in range(1, 4)),
    ]


async def test_what_the_disk_did_not_take_of_a_tape_is_written_when_there_is_room(program):
    turn = Turn(Prompt("x"))
    program.database.turns.begin(program.database.sessions.create(), turn)
    told = []
    recorder = TapeRecorder(program.database, turn.id, told.append)
    request = SentRequest("POST", "http://127.0.0.1/v1", {}, {"messages": []})
    recorder.sent(request)
    recorder.head(Head(200, {}, 0.1))
    reads = [Read(number / 10, bytes([number]) * 5) for number in range(4)]
    recorder.read(reads[0])
    program.database._connection.row("PRAGMA query_only = ON")
    recorder.flush()
    recorder.read(reads[1])
    assert len(told) == 1
    program.database._connection.row("PRAGMA query_only = OFF")
    recorder.read(reads[2])
    recorder.read(reads[3])
    recorder.ended(TapeEnd(1.0, "eof"))
    tape = program.database.tapes.tape(turn.id)
    assert (tape.request, tape.reads, tape.end) == (request, reads, TapeEnd(1.0, "eof"))


async def test_the_tape_of_a_turn_that_was_saved_late_is_whole(program):
    turn = Turn(Prompt("x"))
    recorder = TapeRecorder(program.database, "", lambda error: None)
    recorder.sent(SentRequest("POST", "http://127.0.0.1/v1", {}, {}))
    recorder.read(Read(0.1, b"x"))
    recorder.ended(TapeEnd(1.0, "eof"))
    program.database.turns.begin(program.database.sessions.create(), turn)
    recorder.turn_id = turn.id
    recorder.flush()
    assert program.database.tapes.tape(turn.id).reads == [Read(0.1, b"x")]


def test_a_title_and_a_place_that_a_full_disk_refused_are_saved_later(program):
    conversation = Conversation(program, "xai", "grok-4")
    first = conversation.say("first")
    answered(conversation, first)
    answered(conversation, conversation.edit(first, "second"))
    fill(program)
    conversation.session.rename(LONG)
    conversation.session.rename(LONG + "last")
    assert program.store_problem
    free(program)
    conversation.switch(first)
    reopened = Conversation.reopen(program, conversation.session.id)
    assert reopened.session.title == LONG + "last"
    assert prompts(reopened.turns) == ["first"]
