"""A summary in place of turns: what is sent then, in each dialect, and that nothing of the conversation is lost."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.fake import MODELS, FakeProgram, reply
from tui.chat.account import account_of
from tui.chat.context import recent_enough, sent_before
from tui.chat.conversation import Conversation
from tui.chat.history import SUMMARISE, SUMMARY
from tui.chat.next_request import outline_next
from tui.chat.replies import exhaust
from tui.chat.session_json import session_from, session_text
from tui.domain.delta import EchoDelta, FinishDelta, ItemDelta, ReasoningDelta, TextDelta, ToolCallDelta, UsageDelta
from tui.domain.error import ConfigError, ContextFullError
from tui.domain.message import ToolResultPart
from tui.domain.request import ToolDefinition
from tui.domain.turn import Prompt, Summary, ToolResults, Turn, TurnState
from tui.domain.usage import Usage
from tui.wire.dialect import dialect_named

LOOK = ToolDefinition("look", "Look something up", {"type": "object", "properties": {}})


async def say(conversation, *prompts):
    for prompt in prompts:
        await exhaust(conversation.replies.stream(conversation.say(prompt)))


async def summarise(conversation, keeps=1, focus=""):
    turn = conversation.summarise(keeps, focus)
    await exhaust(conversation.replies.stream(turn))
    return turn


def told(request):
    return [(message.role, message.text) for message in request.messages]


@pytest.fixture
def program():
    return FakeProgram(
        reply("Answer one."), reply("Answer two."), reply("Answer three."), reply("They spoke of one and two.")
    )


@pytest.fixture
async def conversation(program):
    made = Conversation(program, "xai", "grok-4")
    made.sheet.tools = (LOOK,)
    await say(made, "first", "second", "third")
    return made


async def test_a_summary_is_asked_of_the_turns_it_stands_for_and_no_tool_may_be_called(conversation, program):
    await summarise(conversation, 1, "the names")
    request = program.requests[-1]
    assert told(request)[:-1] == [
        ("user", "first"),
        ("assistant", "Answer one."),
        ("user", "second"),
        ("assistant", "Answer two."),
    ]
    assert told(request)[-1] == ("user", f"{SUMMARISE} Above all, keep: the names")
    assert (request.tools, request.tool_choice) == ((LOOK,), "none")


async def test_the_summary_is_sent_in_place_of_the_turns_and_the_latest_stay_as_they_were(conversation, program):
    await summarise(conversation)
    await say(conversation, "fourth")
    assert told(program.requests[-1]) == [
        ("user", f"{SUMMARY}\n\nThey spoke of one and two.\n\nthird"),
        ("assistant", "Answer three."),
        ("user", "fourth"),
    ]
    assert program.requests[-1].tool_choice == ""


async def test_a_summary_taken_out_is_undone_and_put_back_is_used_again(conversation, program):
    turn = await summarise(conversation)
    conversation.session.set_standing(turn, "out")
    texts = [text for _, text in told(conversation.requests.of_prompt(Prompt("fourth")))]
    assert texts == ["first", "Answer one.", "second", "Answer two.", "third", "Answer three.", "fourth"]
    conversation.session.set_standing(turn, "")
    assert told(conversation.requests.of_prompt(Prompt("x")))[0][1].startswith(SUMMARY)


@pytest.mark.parametrize("state", [TurnState.STOPPED, TurnState.FAILED, TurnState.TRUNCATED])
async def test_a_summary_that_is_not_whole_stands_for_nothing(conversation, state):
    turn = conversation.summarise(1)
    turn.apply(TextDelta("They sp"))
    turn.end(state)
    assert [text for _, text in told(conversation.requests.of_prompt(Prompt("x")))][:2] == ["first", "Answer one."]


async def test_a_summary_cut_at_the_token_limit_stands_for_nothing(conversation, program):
    program.scripts = [reply("They sp", reason="length")]
    await summarise(conversation)
    assert told(conversation.requests.of_prompt(Prompt("x")))[0] == ("user", "first")


async def test_one_may_be_written_by_a_person_and_the_other_stays_as_a_branch(conversation, program):
    turn = await summarise(conversation)
    own = conversation.write_summary(turn, "My words.")
    assert conversation.turns[-1] is own
    assert own.opening == Summary(1, is_own=True)
    assert conversation.tree.siblings(own) == [turn, own]
    assert told(conversation.requests.of_prompt(Prompt("x")))[0][1] == f"{SUMMARY}\n\nMy words.\n\nthird"
    assert len(program.requests) == 4


async def test_in_place_of_a_persons_summary_comes_a_models_when_it_is_asked_again(conversation, program):
    own = conversation.write_summary(await summarise(conversation), "My words.")
    assert conversation.regenerate(own).opening == Summary(1)


async def test_a_later_summary_goes_on_from_the_one_before(conversation, program):
    await summarise(conversation)
    await say(conversation, "fourth", "fifth")
    program.scripts = [reply("All of it.")]
    await summarise(conversation, 1)
    asked = [text for _, text in told(program.requests[-1])]
    assert asked[0] == f"{SUMMARY}\n\nThey spoke of one and two.\n\nthird"
    assert "fifth" not in asked
    assert told(conversation.requests.of_prompt(Prompt("x")))[0][1] == f"{SUMMARY}\n\nAll of it.\n\nfifth"


async def test_there_must_be_something_to_summarise(program):
    conversation = Conversation(program, "xai", "grok-4")
    with pytest.raises(ConfigError, match="nothing to summarise"):
        conversation.summarise(0)
    await say(conversation, "first")
    with pytest.raises(ConfigError, match="as the latest is kept"):
        conversation.summarise(1)
    conversation.summarise(0)


async def test_after_reopening_it_stands_and_so_does_what_was_taken_out(conversation, program):
    turn = await summarise(conversation)
    conversation.session.set_standing(conversation.turns[2], "out")
    again = Conversation.reopen(program, conversation.session.id)
    assert told(again.requests.of_prompt(Prompt("x"))) == [("user", f"{SUMMARY}\n\nThey spoke of one and two.\n\nx")]
    assert again.turns[-1].opening == turn.opening
    assert len(again.turns) == 4


async def test_it_is_exported_and_imported_with_its_place(conversation, program):
    turn = await summarise(conversation, 1, "names")
    conversation.session.set_standing(turn, "out")
    record = json.loads("".join(session_text(conversation.session.whole())))
    assert record["turns"][-1]["asked"]["summarises"] == {"keeps": 1, "focus": "names", "is_own": False}
    other = FakeProgram()
    put = other.database.whole.put(session_from(record))
    again = Conversation.reopen(other, put.session_id)
    assert (again.turns[-1].opening, again.turns[-1].standing) == (Summary(1, "names"), "out")


async def test_other_branches_know_nothing_of_it(conversation):
    third = conversation.turns[-1]
    await summarise(conversation)
    conversation.regenerate(third)
    assert told(conversation.requests.of(conversation.turns[-1]))[0] == ("user", "first")


@pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
async def test_sealed_thoughts_and_items_of_turns_that_are_not_sent_stay_behind(dialect):
    program = FakeProgram()
    program.use_dialect("xai", dialect)
    conversation = Conversation(program, "xai", "grok-4")

    def sealed(mark, text, *more):
        thought = {
            "responses": {"type": "reasoning", "id": mark, "encrypted_content": mark},
            "messages": {"type": "thinking", "thinking": mark, "signature": mark},
        }.get(dialect)
        said = {
            "responses": {"type": "message", "content": [{"type": "output_text", "text": text}]},
            "messages": {"type": "text", "text": text},
        }.get(dialect)
        items = [ItemDelta(0, thought), *([ItemDelta(1, said)] if text else [])] if thought else []
        echo = [EchoDelta("reasoning_details", [{"type": "reasoning.text", "text": mark}])]
        return [ReasoningDelta(mark), *(echo if dialect == "chat" else items), *more]

    call = ToolCallDelta(0, "c1", "look", "{}")
    call_item = {
        "responses": {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
        "messages": {"type": "tool_use", "id": "c1", "name": "look", "input": {}},
    }.get(dialect)
    with_call = [call, *([ItemDelta(2, call_item)] if call_item else []), FinishDelta("tool_calls")]
    program.scripts = [
        [*sealed("SEAL1", "One.", TextDelta("One.")), FinishDelta("stop")],
        sealed("SEAL2", "", *with_call),
        [*sealed("SEAL3", "Mild.", TextDelta("Mild.")), FinishDelta("stop")],
        [*sealed("SEAL4", "Short.", TextDelta("Short.")), FinishDelta("stop")],
    ]
    await say(conversation, "first", "look it up")
    answer = conversation.answer(conversation.turns[-1], [ToolResultPart("c1", "mild")])
    await exhaust(conversation.replies.stream(answer))
    await summarise(conversation, 1)
    body = json.dumps(dialect_named(dialect).encode(conversation.requests.of_prompt(Prompt("and now?"))))
    assert "SEAL1" not in body
    assert "SEAL4" not in body
    assert body.count("SEAL2") == body.count("SEAL3") > 0
    assert "Short." in body
    conversation.session.set_standing(conversation.turns[1], "out")  # the call, its result and the answer go together
    body = json.dumps(dialect_named(dialect).encode(conversation.requests.of_prompt(Prompt("and now?"))))
    assert not any(mark in body for mark in ("SEAL", "c1", "Mild."))


async def test_the_rest_of_a_reply_goes_out_with_its_beginning(program):
    program.scripts = [reply("1 2", reason="length"), reply("3 4"), reply("Fine.")]
    conversation = Conversation(program, "xai", "grok-4")
    await say(conversation, "count")
    first = conversation.turns[0]
    await exhaust(conversation.replies.stream(conversation.continue_(first)))
    conversation.session.set_standing(first, "out")
    assert told(conversation.requests.of_prompt(Prompt("x"))) == [("user", "x")]


async def test_the_outline_shows_the_summary_where_it_is_sent(conversation):
    await summarise(conversation)
    outline = outline_next(conversation, Prompt("fourth"), {}, MODELS[0])
    rows = [(part.kind, part.is_summarised) for part in outline.parts if part.kind != "tools"]
    assert rows == [
        ("history", True),
        ("history", True),
        ("summary", False),
        ("history", False),
        ("prompt", False),
    ]
    sent = sum(part.tokens for part in outline.parts if not part.is_summarised)
    assert outline.tokens == pytest.approx(sent)


async def test_the_account_counts_what_is_sent_from_then_on():
    def answer(text, tokens):
        return [TextDelta(text), UsageDelta(Usage(input=tokens, output=10)), FinishDelta("stop")]

    program = FakeProgram(answer("One.", 100_000), answer("Two.", 230_000), answer("In short.", 230_000))
    conversation = Conversation(program, "xai", "grok-4")
    await say(conversation, "first", "second")
    assert account_of(program, conversation).used == 230_010
    with pytest.raises(ContextFullError, match="256,000 tokens"):
        conversation.say("third")
    turn = await summarise(conversation, 1)
    account = account_of(program, conversation)
    assert account.used < 200
    assert not account.is_exact
    conversation.session.set_standing(turn, "out")
    assert account_of(program, conversation).used > account.used
    conversation.session.set_standing(turn, "")
    program.scripts = [answer("Three.", 150)]
    await say(conversation, "third")
    assert (account_of(program, conversation).used, account_of(program, conversation).is_exact) == (160, True)


KINDS = st.lists(st.tuples(st.sampled_from(["prompt", "results", "summary", "out"]), st.integers(0, 3)), max_size=12)


@given(KINDS)
def test_of_a_long_way_no_more_is_read_than_decides_what_is_sent(kinds):
    path = []
    for number, (kind, keeps) in enumerate(kinds):
        opening = {"results": ToolResults(()), "summary": Summary(keeps)}.get(kind, Prompt("x"))
        turn = Turn(opening, id=str(number), standing="out" if kind == "out" else "")
        turn.apply(TextDelta("words"))
        turn.apply(FinishDelta("stop"))
        turn.end(TurnState.COMPLETE)
        path.append(turn)
    up = iter(reversed(path))
    enough = recent_enough(up)
    assert [each.id for each in sent_before(enough, Prompt("y"))] == [
        each.id for each in sent_before(path, Prompt("y"))
    ]
    if kinds and kinds[-1] == ("summary", 0):
        assert len(enough) == 1
