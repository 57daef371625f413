"""What an endpoint is sent of a conversation."""

from tui.chat.history import CONTINUE, messages_of
from tui.domain.delta import FinishDelta, ItemDelta, ReasoningDelta, TextDelta, ToolCallDelta
from tui.domain.message import ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from tui.domain.turn import Continuation, Opening, Prompt, ToolResults, Turn, TurnState


def turn(opening: Opening, *deltas, state: TurnState = TurnState.COMPLETE) -> Turn:
    made = Turn(opening, endpoint="xai")
    for delta in deltas:
        made.apply(delta)
    if state.is_over:
        made.end(state)
    return made


def test_a_round_of_tools_becomes_call_and_result() -> None:
    path = [
        turn(Prompt("weather?"), ToolCallDelta(0, "c1", "get_weather", '{"city":"Paris"}'), FinishDelta("tool_calls")),
        turn(ToolResults((ToolResultPart("c1", "18"),)), TextDelta("Mild."), FinishDelta("stop")),
        turn(Prompt("thanks"), state=TurnState.WAITING),
    ]
    roles = [message.role for message in messages_of(path)]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    assert messages_of(path)[1].parts == (ToolCallPart("c1", "get_weather", '{"city":"Paris"}'),)
    assert messages_of(path)[2].parts == (ToolResultPart("c1", "18"),)


def test_calls_of_a_reply_that_was_cut_are_not_sent_back() -> None:
    cut = turn(
        Prompt("go"),
        TextDelta("Let me"),
        ToolCallDelta(0, "c1", "rm", '{"pa'),
        ItemDelta(0, {"type": "function_call"}),
        state=TurnState.TRUNCATED,
    )
    reply = messages_of([cut])[1]
    assert reply.parts == (TextPart("Let me"),)
    assert reply.items == ()


def test_a_prompt_that_was_never_answered_joins_the_next() -> None:
    path = [turn(Prompt("one"), state=TurnState.FAILED), turn(Prompt("two"), state=TurnState.WAITING)]
    assert [message.text for message in messages_of(path)] == ["one\n\ntwo"]


def test_continuing_asks_for_the_rest() -> None:
    path = [
        turn(Prompt("count"), TextDelta("1 2"), FinishDelta("length")),
        turn(Continuation(), state=TurnState.WAITING),
    ]
    assert [message.text for message in messages_of(path)] == ["count", "1 2", CONTINUE]


def test_thoughts_alone_are_no_reply() -> None:
    thinking = turn(Prompt("hm"), ReasoningDelta("let me see"), state=TurnState.STOPPED)
    assert [message.role for message in messages_of([thinking])] == ["user"]


def test_thoughts_ride_with_the_reply() -> None:
    thinking = turn(Prompt("hm"), ReasoningDelta("a"), TextDelta("b"), FinishDelta("stop"))
    assert messages_of([thinking])[1].parts == (ReasoningPart("a"), TextPart("b"))


def test_the_items_of_a_reply_that_was_cut_go_back_but_for_a_last_thought() -> None:
    items = [{"type": "reasoning", "id": "r1"}, {"type": "message", "id": "m1"}, {"type": "reasoning", "id": "r2"}]
    told = [ItemDelta(index, item) for index, item in enumerate(items)]
    cut = turn(Prompt("go"), TextDelta("Half"), *told, FinishDelta("incomplete", "max_output_tokens"))
    assert messages_of([cut])[1].items == tuple(items[:2])
    cut.dialect = "messages"
    assert messages_of([cut])[1].items == ()
