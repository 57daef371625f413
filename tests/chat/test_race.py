"""A race: the same prompt to several at once, each answer a branch; and two tapes compared."""

import pytest

from tests.chat.test_check import GOOD, taped
from tests.server import FaultServer
from tests.ui.fake import FakeProgram
from tui.chat.conversation import Conversation
from tui.chat.race import lane_record, parse_lanes, run_rounds
from tui.chat.tape_diff import compare_tapes, difference_lines
from tui.domain.endpoint import Endpoint
from tui.domain.error import ConfigError
from tui.domain.turn import TurnState


async def test_lanes_run_at_once_and_are_branches_of_one_conversation(program):
    with FaultServer() as server:
        program.use_endpoint(Endpoint("a", server.url("ok;tokens=20;rate=100"), needs_key=False), "slow")
        program.use_endpoint(Endpoint("b", server.url("ok"), needs_key=False), "quick")
        lanes = parse_lanes(["slow@a", "quick@b", "quick@b:messages"], program, "a")
        conversation = Conversation(program, "a", "slow")
        ended = []
        await run_rounds(conversation, lanes, "hi", 2, lambda lane, turn: ended.append((lane.word, turn.state)))
        asked = sorted((each.asked_at, each.path) for each in server.log)
    assert [state for _, state in ended] == [TurnState.COMPLETE] * 6
    first = lanes[0].turns[0]
    assert len(conversation.tree.siblings(first)) == 6
    assert asked[2][0] - asked[0][0] < 0.3, "a round begins together"
    assert lanes[2].turns[0].dialect == "messages"
    assert (conversation.sheet.endpoint, conversation.sheet.model) == ("a", "slow")
    record = lane_record(lanes[0])
    assert (record["runs"], record["endings"], record["model"]) == (2, {"complete": 2}, "slow")
    assert record["first_token"]["min"] <= record["first_token"]["median"] <= record["first_token"]["max"]
    assert lane_record(lanes[2])["endpoint"] == "b"


async def test_one_that_fails_keeps_no_other_from_its_end(program):
    with FaultServer() as server:
        program.use_endpoint(Endpoint("a", server.url("http@500"), needs_key=False), "m")
        program.use_endpoint(Endpoint("b", server.url("ok"), needs_key=False), "m")
        lanes = parse_lanes(["m@a", "m@b"], program, "a")
        await run_rounds(Conversation(program, "a", "m"), lanes, "hi", 1)
    assert [lane.turns[0].state for lane in lanes] == [TurnState.FAILED, TurnState.COMPLETE]
    assert lane_record(lanes[0])["rate"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nobody is named"),
        (["a", "b", "c", "d", "e"], "5 are more than"),
        (["m@xai:klingon"], "there is no dialect “klingon”"),
    ],
)
def test_who_cannot_race_is_told(words, said):
    with pytest.raises(ConfigError, match=said):
        parse_lanes(words, FakeProgram(), "xai")


def test_a_model_with_a_colon_or_a_slash_in_its_name_is_a_model():
    (lane,) = parse_lanes(["llama3.2:1b"], FakeProgram(), "xai")
    assert (lane.model, lane.endpoint) == ("llama3.2:1b", "xai")
    (lane,) = parse_lanes(["openai/gpt-5:free@openai"], FakeProgram(), "xai")
    assert (lane.model, lane.endpoint) == ("openai/gpt-5:free", "openai")


def test_two_tapes_that_are_alike_do_not_differ():
    assert compare_tapes(taped(GOOD), taped(GOOD)) == []
    assert difference_lines([]) == ["the two do not differ"]


def test_two_tapes_differ_in_words_in_frames_and_in_timing():
    other = [GOOD[0].replace("Hello", "Hello, I say"), GOOD[1].replace('"c"', '"d"'), *GOOD[3:]]
    found = {each.place.strip(): each for each in compare_tapes(taped(GOOD), taped(other, pace=0.2))}
    assert "alike" in found["words"].second
    assert (found["frames"].first, found["frames"].second) == ("6", "5")
    assert "first at frame 1" in found
    assert (found["time: duration"].first, found["time: duration"].second) == ("0.80 s", "1.2 s")
    assert found["time: usual gap"].second == "0.20 s"
    assert "dialect" not in found


def test_an_id_that_differs_is_no_difference():
    other = [frame.replace('"id": "c"', '"id": "d"') for frame in GOOD]
    assert compare_tapes(taped(GOOD), taped(other)) == []
