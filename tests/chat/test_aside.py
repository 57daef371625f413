"""A side question: it sees the conversation, and becomes part of it only on wish."""

import json

import pytest

from tests.ui.fake import FakeProgram, reply
from tui.chat.conversation import Conversation
from tui.chat.replies import exhaust
from tui.chat.session_json import session_from, session_text
from tui.domain.error import ConfigError
from tui.domain.request import ReplySchema
from tui.domain.turn import Prompt
from tui.store.database import Database


async def ask(conversation, text):
    turn = conversation.ask_aside(text)
    await exhaust(conversation.replies.stream(turn))
    return turn


@pytest.fixture
async def conversation():
    made = Conversation(FakeProgram(reply("Answer one."), reply("Beside it.")), "xai", "grok-4")
    await exhaust(made.replies.stream(made.say("first")))
    return made


async def test_it_sees_what_was_said_and_what_is_said_next_does_not_see_it(conversation):
    schema = conversation.sheet.schema = ReplySchema("x", {"type": "object"})
    turn = await ask(conversation, "by the way?")
    request = conversation.requests._program.requests[-1]
    assert [message.text for message in request.messages] == ["first", "Answer one.", "by the way?"]
    assert (turn.schema, conversation.sheet.schema) == (None, schema)
    assert [each.opening.text for each in conversation.turns] == ["first"]
    texts = [message.text for message in conversation.requests.of_prompt(Prompt("next")).messages]
    assert texts == ["first", "Answer one.", "next"]


async def test_it_is_no_branch_and_reopening_does_not_stand_at_it(conversation):
    await ask(conversation, "by the way?")
    following = conversation.say("second")
    await exhaust(conversation.replies.stream(following))
    assert conversation.tree.place(following) == (1, 1)
    assert not conversation.tree.may_branch
    await ask(conversation, "and this?")
    again = Conversation.reopen(conversation.requests._program, conversation.session.id)
    assert [each.opening.text for each in again.turns] == ["first", "second"]
    assert not again.tree.may_branch
    assert len(again.tree.everything) == 4


async def test_what_it_took_counts_in_the_totals(conversation):
    before = conversation.requests._program.database.spending.of_session(conversation.session.id)
    await ask(conversation, "by the way?")
    spent = conversation.requests._program.database.spending.of_session(conversation.session.id)
    assert (spent.input, spent.output) == (before.input + 12, before.output + 34)


async def test_on_wish_the_conversation_goes_on_from_it(conversation):
    turn = await ask(conversation, "by the way?")
    other = conversation.say("second")
    conversation.take_in(turn)
    assert conversation.tree.siblings(turn) == [turn, other]
    texts = [message.text for message in conversation.requests.of_prompt(Prompt("next")).messages]
    assert texts == ["first", "Answer one.", "by the way?", "Beside it.", "next"]
    again = Conversation.reopen(conversation.requests._program, conversation.session.id)
    assert [each.opening.text for each in again.turns] == ["first", "by the way?"]


async def test_it_stays_one_when_it_is_exported_and_imported(conversation):
    await ask(conversation, "by the way?")
    record = json.loads("".join(session_text(conversation.session.whole())))
    other = FakeProgram()
    again = Conversation.reopen(other, other.database.whole.put(session_from(record)).session_id)
    assert [each.standing for each in again.tree.everything] == ["", "aside"]
    assert [each.opening.text for each in again.turns] == ["first"]


def test_without_a_conversation_there_is_nothing_to_ask_beside():
    with pytest.raises(ConfigError, match="nothing has been said yet"):
        Conversation(FakeProgram(), "xai", "grok-4").ask_aside("by the way?")


async def test_another_window_does_not_go_on_with_it_and_is_not_told_of_a_branch(conversation, tmp_path):
    program = conversation.requests._program
    program.database = Database.open(tmp_path / "rillet" / "sessions.db")
    first = Conversation(program, "xai", "grok-4")
    await exhaust(first.replies.stream(first.say("first")))
    second = Conversation.reopen(program, first.session.id)
    await ask(first, "by the way?")
    assert second.session.catch_up()
    assert not second.session.follow()
    assert second.session.others.news == []
    program.database.close()
