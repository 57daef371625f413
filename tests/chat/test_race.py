"""A race: the same prompt to several at once, each answer a branch; and two tapes compared."""

import re
from functools import partial

import pytest
from msgspec.structs import replace

from tests.chat.test_check import GOOD, taped
from tests.server import FaultServer
from tests.ui.fake import FakeProgram
from tui.chat.conversation import Conversation
from tui.chat.race import column_record, make_ready, parse_columns, run_rounds
from tui.chat.tape_diff import compare_tapes, difference_lines
from tui.cli.tape import check_lines
from tui.domain.endpoint import Endpoint
from tui.domain.error import ConfigError
from tui.domain.turn import Prompt, Turn, TurnState
from tui.page.race_lines import column_lines, race_lines, ranks
from tui.page.stat_lines import plain
from tui.page.tape_times import times_beside
from tui.page.timeline import Timeline


async def test_columns_run_at_once_and_are_branches_of_one_conversation(program):
    with FaultServer() as server:
        program.use_endpoint(Endpoint("a", server.url("ok;tokens=20;rate=40"), needs_key=False), "slow")
        program.use_endpoint(Endpoint("b", server.url("ok"), needs_key=False), "quick")
        columns = parse_columns(["slow@a", "quick@b", "quick@b:messages"], program, "a")
        make_ready(program, columns)
        conversation = Conversation(program, "a", "slow")
        ended = []
        await run_rounds(conversation, columns, "hi", 2, lambda column, turn: ended.append((column.name, turn.state)))
        asked = sorted((each.asked_at, each.path) for each in server.log)
    assert [state for _, state in ended] == [TurnState.COMPLETE] * 6
    first = columns[0].turns[0]
    assert len(conversation.tree.siblings(first)) == 6
    assert asked[2][0] - asked[0][0] < first.timing.duration, "a round begins together"
    assert columns[2].turns[0].dialect == "messages"
    assert (conversation.sheet.endpoint, conversation.sheet.model) == ("a", "slow")
    record = column_record(columns[0])
    assert (record["runs"], record["endings"], record["model"]) == (2, {"complete": 2}, "slow")
    assert record["first_token"]["min"] <= record["first_token"]["median"] <= record["first_token"]["max"]
    assert column_record(columns[2])["endpoint"] == "b"


async def test_one_that_fails_keeps_no_other_from_its_end(program):
    with FaultServer() as server:
        program.use_endpoint(Endpoint("a", server.url("http@500"), needs_key=False), "m")
        program.use_endpoint(Endpoint("b", server.url("ok"), needs_key=False), "m")
        columns = parse_columns(["m@a", "m@b"], program, "a")
        await run_rounds(Conversation(program, "a", "m"), columns, "hi", 1)
    assert [column.turns[0].state for column in columns] == [TurnState.FAILED, TurnState.COMPLETE]
    assert column_record(columns[0])["rate"] is None


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
        parse_columns(words, FakeProgram(), "xai")


def test_a_model_with_a_colon_or_a_slash_in_its_name_is_a_model():
    (column,) = parse_columns(["llama3.2:1b"], FakeProgram(), "xai")
    assert (column.model, column.endpoint) == ("llama3.2:1b", "xai")
    (column,) = parse_columns(["openai/gpt-5:free@openai"], FakeProgram(), "xai")
    assert (column.model, column.endpoint) == ("openai/gpt-5:free", "openai")


@pytest.mark.parametrize(
    ("word", "model", "endpoint"),
    [
        ("there", "m-there", "there"),
        ("@there", "m-there", "there"),
        ("there:other:1b", "other:1b", "there"),
        ("there/maker/other", "maker/other", "there"),
        ("nowhere/other", "nowhere/other", "xai"),
        ("other@there:messages", "other", "there:messages"),
    ],
)
def test_an_endpoint_can_be_named_before_its_model_and_alone(word, model, endpoint, program):
    program.use_endpoint(Endpoint("there", "http://127.0.0.1:9/v1", needs_key=False, model="m-there"), "m-there")
    (column,) = parse_columns([word], program, "xai")
    assert (column.model, column.endpoint, column.name) == (model, endpoint, f"{model}@{endpoint}")


def test_an_endpoint_that_has_no_model_of_its_own_is_told(program):
    program.use_endpoint(Endpoint("bare", "http://127.0.0.1:9/v1", needs_key=False), "m")
    with pytest.raises(ConfigError, match="“bare” names no model"):
        parse_columns(["bare"], program, "xai")


def record(**values):
    spread = {"median": 2.4, "min": 2.0, "max": 2.9}
    return {
        "name": "grok-4@xai",
        "first_token": spread,
        "duration": {"median": 0.5, "min": 0.031, "max": 2.0},
        "rate": {"median": 23.0, "min": 23.0, "max": 23.0},
        "is_counted": True,
        "output_tokens": None,
        "cost_usd": None,
        "is_estimate": False,
        "endings": {"complete": 2},
    } | values


def test_a_table_is_as_wide_as_what_it_holds_and_says_a_unit_once():
    heading, row = (plain(line).rstrip() for line in race_lines([record()]))
    assert re.split("  +", row) == [
        "grok-4@xai",
        "2.4 (2–2.9) s",
        "0.50 s (31 ms–2 s)",
        "23 tok/s",
        "–",
        "–",
        "2 complete",
    ]
    assert heading.index("ended") == row.index("2 complete")
    cost = {"median": 0.002, "min": 0.001, "max": 0.003}
    for is_estimate, words in ((True, "~$0.0020 ($0.0010–$0.0030)"), (False, "  $0.0020 ($0.0010–$0.0030)")):
        assert words in plain(race_lines([record(cost_usd=cost, is_estimate=is_estimate)])[1])
    assert "  ~23 tok/s" in plain(race_lines([record(is_counted=False)])[1]), "nobody counted these tokens"


def raced(seconds, state=TurnState.COMPLETE, error=None):
    turn = Turn(Prompt("hi"), model="m")
    turn.timing.sent_at, turn.timing.first_delta_at, turn.timing.ended_at = 0.0, 0.1, seconds
    turn.state, turn.error = state, error
    turn.finish_reason = "stop" if state is TurnState.COMPLETE else ""
    return turn


def test_who_was_quickest_is_said_of_those_that_are_complete():
    turns = [raced(9.2), raced(0.95), raced(0.3, TurnState.FAILED), Turn(Prompt("hi"), model="m")]
    assert [words for words, _ in ranks(turns)] == ["+8.2 s", "quickest", "", ""]


def waiting():
    timeline = Timeline()
    timeline.head(0.1, {"sent": 0.0})
    for number in range(8):
        timeline.read(0.2 + number * 0.1, 10)
        timeline.frame(0.2 + number * 0.1)
        timeline.wrote(0.2 + number * 0.1, "text", 5)
    return timeline


def test_the_head_of_a_column_says_who_where_and_why_it_took_so_long():
    timeline = Timeline()
    timeline.head(0.1, {"sent": 0.0})
    for at in (1.0, 1.1, 1.2):
        timeline.read(at, 10)
        timeline.wrote(at, "text", 5)
    timeline.end(1.3, "eof")
    make = partial(
        column_lines, ("grok-4", "xAI · messages"), raced(1.3), timeline, now=2.0, rank=("quickest", "success")
    )
    full = [plain(line).rstrip() for line in make(60, rows=4, is_chosen=True)]
    assert full[0].startswith("▌grok-4 · xAI · messages ")
    assert full[0].endswith(" quickest")
    assert full[2].startswith("▌1.3 s: 77 % waiting for the first token")
    assert full[3].startswith("▌✓ first token 0.10 s")
    five = [plain(line).rstrip() for line in make(34, rows=5)]
    assert len(five) == 5
    assert " ".join(" ".join(five[2:4]).split()).startswith("1.3 s: 77 % waiting for the first token, 23 % writing")
    assert five[4].startswith(" ✓") or five[4].startswith(" xAI")
    six = [plain(line).rstrip() for line in make(26, rows=6, is_one_place=True)]
    assert six[4:] == [" ✓ first token 0.10 s", " 1.3 s · xAI · messages"], "what is the same for all comes last"
    narrow = [plain(line).rstrip() for line in make(26, rows=4)]
    assert narrow[0].split() == ["grok-4", "quickest"]
    assert narrow[3].startswith(" xAI · messages")
    running = partial(column_lines, ("m", "e"), Turn(Prompt("hi"), model="m"), waiting(), 60, rows=4)
    assert "8.8 s: 90 % waiting for more" in plain(running(now=8.8)[2]), "while nothing comes its time goes on"
    short = [plain(line).rstrip() for line in make(60, rows=2)]
    assert len(short) == 2
    assert short[0].startswith(" grok-4  ✓ first token 0.10 s · 1.3 s")


def test_two_tapes_that_are_alike_do_not_differ():
    assert compare_tapes(taped(GOOD), taped(GOOD)) == []
    assert difference_lines([]) == ["the two do not differ"]


def test_two_tapes_differ_in_words_in_frames_and_in_timing():
    other = [GOOD[0].replace("Hello", "Hello, I say"), GOOD[1].replace('"c"', '"d"'), *GOOD[3:]]
    found = {each.place.strip(): each for each in compare_tapes(taped(GOOD), taped(other, pace=0.2))}
    assert found["words"].second.endswith("alike, 2 changes")
    assert (found["frames"].first, found["frames"].second) == ("6", "5")
    place = found["first at frame 1"]
    assert (place.first, place.second) == ('content: "Hello"', '"Hello, I say"')
    assert (found["time: duration"].first, found["time: duration"].second) == ("0.80 s", "1.2 s")
    assert found["time: usual gap"].second == "0.20 s"
    assert "dialect" not in found


def test_the_times_of_two_tapes_are_drawn_on_one_scale():
    rows = [plain(line) for line in times_beside([("quick", taped(GOOD)), ("slow", taped(GOOD, pace=0.4))], 80)]
    assert [row[:24].strip() for row in rows] == ["quick", "", "slow", ""]
    assert rows[0].index("■") < 55 < rows[2].index("■") == 79
    assert "0.80 s: " in rows[1]
    assert "2.6 s: " in rows[3]


def test_of_a_raw_stream_neither_times_nor_a_request_are_compared():
    raw = taped(GOOD, pace=0.0)
    raw.request, raw.response = None, replace(raw.response, at=0.0)
    raw.reads = [replace(read, at=0.0) for read in raw.reads]
    recorded = taped(GOOD)
    found = {each.place: (each.first, each.second) for each in compare_tapes(raw, recorded)}
    assert found["time"] == ("", "on the tape")
    assert found["request"] == ("", "on the tape")
    assert not [place for place in found if place.startswith(("time: d", "time: f", "request:"))], found
    rows = [plain(line) for line in times_beside([("raw", raw), ("taped", recorded)], 80)]
    assert "does not tell when" in rows[1]
    assert "0.80 s: " in rows[3]
    assert check_lines(raw)[0][-1].endswith(" B")


def test_an_id_that_differs_is_no_difference():
    other = [frame.replace('"id": "c"', '"id": "d"') for frame in GOOD]
    assert compare_tapes(taped(GOOD), taped(other)) == []
