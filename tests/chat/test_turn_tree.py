"""A long session is opened from its end, and is whole wherever it is asked for."""

import asyncio
import gc
import weakref

import pytest

from tui.chat import turn_tree
from tui.chat.context import read_wish
from tui.chat.conversation import Conversation
from tui.chat.turn_tree import AT_ONCE, NEWEST, RECENT
from tui.domain.delta import FinishDelta, ReasoningDelta, TextDelta, ToolCallDelta
from tui.domain.error import ConfigError, StoreError
from tui.domain.extent import asked_in, extent_of
from tui.domain.message import ToolResultPart
from tui.domain.turn import Prompt, ToolResults, Turn, TurnState

COUNT = 300


def save(database, session, prompt, parent=None) -> Turn:
    turn = Turn(Prompt(prompt), parent=parent, model="grok-4", endpoint="xai", dialect="chat")
    database.turns.begin(session, turn)
    turn.apply(TextDelta(f"reply to {prompt}"))
    turn.apply(FinishDelta("stop"))
    turn.end(TurnState.COMPLETE)
    database.turns.end(turn)
    return turn


@pytest.fixture
def saved(program):
    """A session of many turns in a row."""
    session, parent = program.database.sessions.create("long"), None
    for number in range(1, COUNT + 1):
        parent = save(program.database, session, f"prompt {number}", parent).id
    return session


def prompts(turns):
    return [turn.opening.text for turn in turns]


def test_only_the_newest_turns_are_read_when_a_session_is_opened(program, saved):
    conversation = Conversation.reopen(program, saved)
    assert prompts(conversation.tree.newest_path()) == [f"prompt {n}" for n in range(COUNT - NEWEST + 1, COUNT + 1)]
    assert conversation.head is conversation.tree.newest_path()[-1]


def test_all_turns_are_there_when_they_are_asked_for(program, saved):
    conversation = Conversation.reopen(program, saved)
    assert prompts(conversation.turns) == [f"prompt {n}" for n in range(1, COUNT + 1)]


def test_turns_that_nobody_holds_are_let_go_and_read_again(program, saved):
    conversation = Conversation.reopen(program, saved)
    tree = conversation.tree
    turn = tree.find(f"{saved}.7")
    watched = weakref.ref(tree.find(f"{saved}.9"))
    for start in range(10, 10 + RECENT, 64):
        tree.fetch([f"{saved}.{number}" for number in range(start, min(start + 64, COUNT - NEWEST))])
    assert watched() is None
    assert tree.find(f"{saved}.7") is turn, "one that is held is the same for all"
    assert tree.find(f"{saved}.9").opening.text == "prompt 9"
    assert len(tree.known) <= NEWEST + RECENT + 1


def test_the_size_of_turns_is_told_without_reading_them(program, saved):
    tree = Conversation.reopen(program, saved).tree
    extents = tree.extents_above(f"{saved}.{COUNT}", COUNT)
    assert len(tree.known) == NEWEST
    assert extents == [extent_of(turn) for turn in tree.path(f"{saved}.{COUNT - 1}")]
    assert tree.extents_toward_head(f"{saved}.1", 5) == extents[1:6]


def test_what_was_said_is_told_without_making_turns_of_it(program, saved):
    tree = Conversation.reopen(program, saved).tree
    said = tree.said([f"{saved}.2", f"{saved}.{COUNT}", "nobody.1"])
    assert said == {
        f"{saved}.2": ("prompt 2", "reply to prompt 2"),
        f"{saved}.{COUNT}": (f"prompt {COUNT}", f"reply to prompt {COUNT}"),
    }


def test_long_texts_are_measured_and_told_as_they_are_saved(program):
    database = program.database
    session = database.sessions.create("long texts")
    turn = save(database, session, "long prompt\n" * 90)
    called = Turn(
        ToolResults((ToolResultPart("c1", "a result\n" * 90), ToolResultPart("c2", "short"))), parent=turn.id, model="m"
    )
    database.turns.begin(session, called)
    called.apply(ReasoningDelta("thought"))
    called.apply(TextDelta("words\n" * 99))
    called.apply(TextDelta("more", part=1))
    called.apply(ToolCallDelta(0, "c3", "look", "{}"))
    called.end(TurnState.COMPLETE)
    database.turns.end(called)
    extents = database.turns.extents(session, [turn.id, called.id])
    assert extents == {each.id: extent_of(each) for each in (turn, called)}
    assert database.turns.said(session, [called.id]) == {called.id: (asked_in(called), called.text)}
    assert database.turns.calling([turn.id, called.id]) == {called.id}


def test_going_up_ends_where_a_turn_cannot_be_read(program, saved):
    program.database._connection.run("UPDATE turn SET reply = '{' WHERE number = 200")
    tree = Conversation.reopen(program, saved).tree
    assert prompts(tree.up(tree.head))[-1] == "prompt 201"
    assert [each.turn_id for each in tree.extents_above(f"{saved}.204", 9)] == [f"{saved}.{n}" for n in (201, 202, 203)]
    assert "damaged" in tree.unreadable


def test_turns_above_one_are_given_piece_by_piece_and_never_twice(program, saved):
    conversation = Conversation.reopen(program, saved)
    top, gathered = conversation.tree.newest_path()[0], conversation.tree.newest_path()
    while above := conversation.tree.above(top, 7):
        assert len(above) <= 7
        gathered = [*above, *gathered]
        top = above[0]
    assert prompts(gathered) == [f"prompt {n}" for n in range(1, COUNT + 1)]


def test_what_is_sent_next_holds_the_whole_conversation(program, saved):
    conversation = Conversation.reopen(program, saved)
    messages = conversation.requests.of(conversation.say("and now?")).messages
    assert len(messages) == 2 * COUNT + 1
    assert [message.role for message in messages[:2]] == ["user", "assistant"]
    assert [part.text for part in messages[0].parts] == ["prompt 1"]


def test_a_branch_far_above_is_found_and_can_be_taken(program, saved):
    first = program.database.turns.of_session(saved)[0]
    branch = save(program.database, saved, "prompt 2, asked otherwise", first.id)
    conversation = Conversation.reopen(program, saved)
    assert prompts(conversation.turns) == ["prompt 1", "prompt 2, asked otherwise"], "it stands where it was left"
    siblings = conversation.tree.siblings(conversation.turns[1])
    assert prompts(siblings) == ["prompt 2", "prompt 2, asked otherwise"]
    conversation.switch(siblings[0])
    assert prompts(conversation.turns) == [f"prompt {n}" for n in range(1, COUNT + 1)]
    assert branch.number == COUNT + 1


def test_a_turn_far_above_is_opened_without_those_between(program, saved):
    conversation = Conversation.reopen(program, saved)
    turn = conversation.go_through(f"{saved}.20")
    assert conversation.tree.head == f"{saved}.{COUNT}"
    assert prompts(conversation.tree.above(turn, 2)) == ["prompt 18", "prompt 19"]
    assert prompts(conversation.tree.toward_head(turn, 2)) == ["prompt 21", "prompt 22"]
    assert len(conversation.tree.known) == NEWEST + 5
    assert prompts(conversation.turns) == [f"prompt {n}" for n in range(1, COUNT + 1)]


def test_all_answers_are_counted_though_none_of_them_was_read(program, saved):
    first, second = program.database.turns.of_session(saved)[:2]
    save(program.database, saved, "prompt 2, asked otherwise", first.id)
    program.database.sessions.set_head(saved, f"{saved}.{COUNT}")
    conversation = Conversation.reopen(program, saved)
    assert conversation.tree.place(second) == (1, 2)
    assert conversation.tree.place(first) == (1, 1)
    assert conversation.tree.may_branch
    assert len(conversation.tree.known) == NEWEST


async def test_what_is_sent_is_gathered_while_everything_else_goes_on(program, saved, monkeypatch):
    conversation = Conversation.reopen(program, saved)
    turn = conversation.say("and now?")
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(tick())
    gathered = await conversation.requests.gather(turn)
    beside.cancel()
    assert ticks >= COUNT // 32
    assert len(gathered) == COUNT


@pytest.mark.parametrize("many", [32, 10_000])
async def test_what_is_sent_reads_each_turn_once(program, saved, monkeypatch, many):
    monkeypatch.setattr("tui.chat.requests._MANY", many)
    conversation = Conversation.reopen(program, saved)
    turn = conversation.say("and now?")
    whole, read = conversation.requests.of(turn), []
    of_ids = program.database.turns.of_ids
    monkeypatch.setattr(program.database.turns, "of_ids", lambda ids: read.extend(ids) or of_ids(ids))
    request = await conversation.requests.send(turn)
    assert request == whole
    assert len(request.messages) == 2 * COUNT + 1
    assert len(read) == len(set(read))
    assert conversation.requests.sent.turns == {turn.id, *(f"{saved}.{number}" for number in range(1, COUNT + 1))}


async def test_what_is_gathered_is_not_walked_through_again_and_again(program, saved, monkeypatch):
    monkeypatch.setattr("tui.chat.requests._MANY", 32)
    conversation = Conversation.reopen(program, saved)
    gathered = await conversation.requests.gather(conversation.say("and now?"))
    walked = {id(each) for each in gc.get_objects()}
    assert len([turn for turn in gathered if id(turn) in walked]) < 2 * 48


def test_which_of_how_many_answers_shows_before_the_outline_of_the_session_is_read(program, saved):
    database = program.database
    twice, thrice = (save(database, saved, f"again {number}", f"{saved}.{COUNT - 1}") for number in range(2))
    aside = Turn(Prompt("by the way"), parent=twice.parent, model="m", endpoint="xai", dialect="chat", standing="aside")
    database.turns.begin(saved, aside)
    asked = [f"{saved}.{COUNT}", twice.id, thrice.id, aside.id, f"{saved}.{COUNT - 5}"]
    program.database.sessions.set_head(saved, thrice.id)

    tree = Conversation.reopen(program, saved).tree
    assert [tree.place(tree.find(each)) for each in asked] == [(1, 3), (2, 3), (3, 3), (1, 1), (1, 1)]
    assert tree._outline is None
    links = [*tree.outline.links()]
    assert len(links) == COUNT + 3
    assert [tree.place(tree.find(each)) for each in asked] == [(1, 3), (2, 3), (3, 3), (1, 1), (1, 1)]


def test_an_outline_is_read_in_steps_or_at_once_where_it_is_wanted(program, saved, monkeypatch):
    monkeypatch.setattr(turn_tree, "OUTLINED", 32)
    whole = [*Conversation.reopen(program, saved).tree.outline.links()]
    tree = Conversation.reopen(program, saved).tree
    steps = 0
    while not tree.read_outline(lambda: False):
        steps += 1
        if steps == 3:
            tree.add(save(program.database, saved, "said meanwhile", f"{saved}.{COUNT}"))
    assert steps >= COUNT // 32
    added = (f"{saved}.{COUNT + 1}", f"{saved}.{COUNT}")
    assert [*tree.outline.links()] == [*whole, added]

    half = Conversation.reopen(program, saved).tree
    assert not half.read_outline(lambda: False)
    assert [*half.outline.links()] == [*whole, added]


def test_how_much_stands_above_is_told_before_the_outline_is_known_and_exactly_after(program, saved):
    tree = Conversation.reopen(program, saved).tree
    top = tree.newest_path()[0]
    rough, size = tree.size_above(top.id)
    assert rough == COUNT - NEWEST
    assert 0.5 < size / (rough * len("prompt 150reply to prompt 150")) < 2
    assert tree.outline
    count, measured = tree.size_above(top.id)
    assert count == COUNT - NEWEST
    assert abs(measured / size - 1) < 0.2
    assert tree.size_above(f"{saved}.1") == (0, 0.0)
    assert len(tree.known) == NEWEST


async def test_whether_there_is_anything_to_summarise_is_told_by_the_latest_turns(program, saved):
    conversation = Conversation.reopen(program, saved)
    assert read_wish("the names", conversation.tree.up(conversation.tree.head)) == (2, "the names")
    turn = conversation.summarise(3)
    assert turn.opening.keeps == 3
    assert len(conversation.tree.known) <= NEWEST + AT_ONCE + 1
    with pytest.raises(ConfigError, match="nothing to summarise"):
        conversation.summarise(COUNT)


def test_the_last_turn_that_called_something_is_found_in_steps(program, saved, monkeypatch):
    monkeypatch.setattr(turn_tree, "SURVEYED", 32)
    database, parent = program.database, f"{saved}.{COUNT}"
    assert {*Conversation.reopen(program, saved).tree.last_calling()} == {None}
    called = Turn(Prompt("look"), parent=parent, model="m", endpoint="xai", dialect="chat")
    database.turns.begin(saved, called)
    called.apply(ToolCallDelta(0, "c1", "look", "{}"))
    called.end(TurnState.COMPLETE)
    database.turns.end(called)
    beside = save(database, saved, "on another branch", parent)
    assert next(Conversation.reopen(program, saved).tree.last_calling()) is None, "it is on no way up from here"
    parent = called.id
    for number in range(100):
        parent = save(database, saved, f"and then {number}", parent).id
    tree = Conversation.reopen(program, saved).tree
    steps = tree.last_calling()
    looked = [next(steps)]
    while looked[-1] is None:
        looked.append(next(steps))
    assert len(looked) >= 4
    assert looked[-1].id == called.id
    assert beside.id not in {turn.id for turn in tree.known}


def test_how_long_the_turn_took_that_took_longest_is_found_in_steps(program, saved, monkeypatch):
    monkeypatch.setattr(turn_tree, "SURVEYED", 32)
    path = [f"{saved}.{number}" for number in range(1, COUNT + 1)]
    put = """UPDATE turn SET reply = json_set(reply, '$.timing', json_object('duration', ?)) WHERE id = ?"""
    for number, seconds in ((7, 4.5), (100, 9.25), (COUNT, 2.0)):
        program.database._connection.run(put, seconds, f"{saved}.{number}")
    steps = [*Conversation.reopen(program, saved).tree.longest(path)]
    assert len(steps) == -(-COUNT // 32)
    assert steps[0] == 2.0, "the end first"
    assert max(steps) == 9.25
    assert [*Conversation.reopen(program, saved).tree.longest([])] == []


def test_a_turn_on_another_branch_is_opened_on_that(program, saved):
    first = program.database.turns.of_session(saved)[0]
    branch = save(program.database, saved, "prompt 2, asked otherwise", first.id)
    end = save(program.database, saved, "and then", branch.id)
    program.database.sessions.set_head(saved, f"{saved}.{COUNT}")
    conversation = Conversation.reopen(program, saved)
    turn = conversation.go_through(branch.id)
    assert conversation.tree.head == end.id
    assert prompts(conversation.tree.toward_head(turn, 9)) == ["and then"]
    assert prompts(conversation.turns) == ["prompt 1", "prompt 2, asked otherwise", "and then"]


def test_a_session_that_was_left_in_an_old_branch_opens_there(program, saved):
    program.database.sessions.set_head(saved, f"{saved}.5")
    conversation = Conversation.reopen(program, saved)
    assert prompts(conversation.turns) == [f"prompt {n}" for n in range(1, 6)]


def test_turns_that_cannot_be_read_are_left_out_and_named(program, saved):
    program.database._connection.run("UPDATE turn SET reply = '{' WHERE number = 3")
    conversation = Conversation.reopen(program, saved)
    assert not conversation.tree.unreadable
    kept = prompts(conversation.turns)
    assert kept == [f"prompt {n}" for n in range(COUNT - len(kept) + 1, COUNT + 1)]
    assert len(kept) >= NEWEST
    assert "damaged" in conversation.tree.unreadable
    assert prompts(conversation.turns) == kept, "it is not tried again and again"


def test_a_turn_that_cannot_be_saved_takes_the_id_of_no_other(program, saved, monkeypatch):
    conversation = Conversation.reopen(program, saved)

    def fail(*_args):
        raise StoreError("the disk is full")

    monkeypatch.setattr(program.database.turns, "begin", fail)
    turn = conversation.say("unsaved")
    assert turn.number == COUNT + 1
    assert prompts(conversation.turns) == [*(f"prompt {n}" for n in range(1, COUNT + 1)), "unsaved"]
