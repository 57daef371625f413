import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.stream import DONE, STREAM, completed, deltas, event, frame, responses, responses_turn
from tui.domain.delta import ServerToolDelta, TextDelta
from tui.domain.error import RilletError
from tui.wire.dialect import dialect_named
from tui.wire.limit import Limits
from tui.wire.sse import Frame


def added(kind, item_id=None, place=None, **more):
    item = {"type": kind, **({"id": item_id} if item_id else {}), **more}
    return event("output_item.added", item=item, **({} if place is None else {"output_index": place}))


def done(kind, item_id=None, place=None, **more):
    item = {"type": kind, **({"id": item_id} if item_id else {}), **more}
    return event("output_item.done", item=item, **({} if place is None else {"output_index": place}))


def text(words, **where):
    return event("output_text.delta", delta=words, **where)


def message(words):
    return {"type": "message", "id": "m", "role": "assistant", "content": [{"type": "output_text", "text": words}]}


def test_a_known_id_is_followed_first_then_the_place_then_what_was_opened_last():
    got = responses(
        added("message", "m1", 0),
        text("1", item_id="m1", output_index=7),
        added("message", "m2", 1),
        text("2", item_id="rotated", output_index=0),
        text("3", item_id="rotated again", output_index=99),
        text("4"),
        completed(),
    )
    assert got["text"] == "12" + "34"


def test_rotating_ids_do_not_make_new_items():
    pieces = [added("function_call", "a", 0, call_id="c", name="f", arguments="")]
    pieces += [
        event("function_call_arguments.delta", item_id=f"x{n}", output_index=0, delta=d)
        for n, d in enumerate('{"x":1}')
    ]
    pieces += [done("function_call", "z", 0, call_id="c2", name="f", arguments='{"x":1}'), completed()]
    got = responses(*pieces)
    assert got["tool_calls"] == [{"id": "c", "name": "f", "arguments": '{"x":1}'}]
    assert got["next"] == "tools"


def test_deltas_before_their_item_belong_to_it():
    got = responses(
        text("a", item_id="m"),
        added("message", "m", 0),
        text("b", item_id="m"),
        done("message", "m", 0, content=[{"type": "output_text", "text": "ab"}]),
        completed(),
    )
    assert got["text"] == "ab"


def test_the_finished_text_wins_where_it_differs():
    turn = responses_turn(
        added("message", "m", 0),
        text("Hel", item_id="m"),
        event("output_text.done", item_id="m", text="Hello"),
        completed(),
    )
    assert turn.text == "Hello"
    assert [oddity.kind for oddity in turn.oddities] == ["text replaced"]


def test_an_empty_finished_text_takes_nothing_back():
    got = responses(
        text("a", item_id="m"),
        event("output_text.done", item_id="m", text=""),
        done("message", "m", content=[]),
        completed(),
    )
    assert got["text"] == "a"


def test_the_envelope_fills_in_only_what_was_not_streamed():
    call = {"type": "function_call", "id": "f1", "call_id": "c", "name": "f", "arguments": "{}"}
    got = responses(
        added("message", "streamed", 0),
        text("x", item_id="streamed"),
        completed(output=[message("something else"), call]),
    )
    assert got["text"] == "x"
    assert [c["id"] for c in got["tool_calls"]] == ["c"]
    assert [item["type"] for item in got["items"]] == ["message", "function_call"]
    assert responses(completed(output=[message("whole")]))["text"] == "whole"


def test_arguments_may_come_as_an_object_and_the_id_late():
    got = responses(
        added("function_call", "f1", 0, name="f"),
        done("function_call", "f1", 0, call_id="c", name="f", arguments={"x": 1}),
        added("function_call", None, 1, name="g", arguments="{}"),
        completed(),
    )
    assert got["tool_calls"][0] == {"id": "c", "name": "f", "arguments": '{"x":1}'}
    assert got["tool_calls"][1]["id"]


def test_reasoning_is_a_part_for_each_summary_and_told_once():
    got = responses(
        added("reasoning", "rs", 0),
        event("reasoning_summary_text.delta", item_id="rs", summary_index=0, delta="One"),
        event("reasoning_summary_text.delta", item_id="rs", summary_index=1, delta="Two"),
        done(
            "reasoning",
            "rs",
            0,
            summary=[{"type": "summary_text", "text": "One"}, {"type": "summary_text", "text": "Two"}],
            content=[{"type": "reasoning_text", "text": "One Two"}],
            encrypted_content="e",
        ),
        text("x"),
        completed(),
    )
    assert (got["reasoning"], got["reasoning_parts"]) == ("", ["One", "Two"])
    assert got["items"][0]["encrypted_content"] == "e"


def test_a_refusal_is_not_text():
    got = responses(
        added("message", "m", 0),
        event("refusal.delta", item_id="m", delta="I "),
        event("refusal.done", item_id="m", refusal="I won't"),
        completed(),
    )
    assert (got["text"], got["refusal"]) == ("", "I won't")


def test_server_tools_are_shown_as_they_progress_and_never_run():
    body = [
        added("web_search_call", "ws", 0, status="in_progress"),
        event("web_search_call.searching", item_id="ws", output_index=0),
        added("custom_tool_call", "x", 1, name="x_keyword_search", input=""),
        event("custom_tool_call_input.delta", item_id="x", output_index=1, delta='{"q":'),
        event("custom_tool_call_input.done", item_id="x", output_index=1, input='{"q":1}'),
        event("x_search_call.completed", item_id="x", output_index=1),
        event("web_search_call.completed", item_id="ws", output_index=0),
        event("mcp_list_tools.in_progress", item_id="l"),
        completed(),
    ]
    got = responses(*body)
    assert [(tool["type"], tool["status"]) for tool in got["server_tools"]] == [
        ("web_search_call", "completed"),
        ("custom_tool_call", "completed"),
        ("mcp_list_tools", "in_progress"),
    ]
    assert got["server_tools"][1]["input"] == '{"q":1}'
    assert (got["tool_calls"], got["next"]) == ([], "done")
    states = [
        d.item["status"]
        for d in deltas("responses", b"".join(body))[0]
        if isinstance(d, ServerToolDelta) and d.index == 0
    ]
    assert states == ["in_progress", "searching", "completed"]


def test_long_code_of_a_server_tool_is_told_often_enough_but_not_each_time():
    body = (
        added("code_interpreter_call", "ci", 0)
        + event("code_interpreter_call_code.delta", item_id="ci", delta="x") * 5000
    )
    told = [d for d in deltas("responses", body)[0] if isinstance(d, ServerToolDelta)]
    assert 30 < len(told) < 300
    assert len(told[-1].item["code"]) > 4500


@pytest.mark.parametrize(
    ("numbers", "kept", "noted"),
    [((0, 1, 2), "abc", 0), ((0, 2, 3), "abc", 1), ((5, 6, 7), "abc", 0), ((3, 3, 4), "abc", 1), ((0, 0, 0), "abc", 2)],
)
def test_gaps_in_the_numbering_are_mentioned(numbers, kept, noted):
    body = [text(letter, item_id="m", sequence_number=number) for letter, number in zip("abc", numbers, strict=True)]
    turn = responses_turn(*body, completed())
    assert turn.text == kept
    assert [oddity.kind for oddity in turn.oddities] == ["sequence"] * noted


def test_the_same_event_twice_counts_once():
    once = text("a", item_id="m", sequence_number=4)
    assert responses(text("x", item_id="m", sequence_number=3), once, once, completed())["text"] == "xa"


@pytest.mark.parametrize(
    ("end", "response", "finish", "why"),
    [
        ("completed", {"status": "completed"}, "completed", None),
        ("done", {}, "completed", None),
        ("done", {"status": "incomplete", "incomplete_details": {"reason": "steered"}}, "incomplete", "steered"),
        ("incomplete", {"incomplete_details": {"reason": "max_output_tokens"}}, "incomplete", "max_output_tokens"),
        ("cancelled", {}, "cancelled", None),
    ],
)
def test_the_ends_of_a_response(end, response, finish, why):
    got = responses(text("a"), event(end, response=response), text("late"))
    assert (got["state"], got["text"], got["finish_reason"], got["incomplete_reason"]) == ("complete", "a", finish, why)


@pytest.mark.parametrize(
    "end",
    [
        event("failed", response={"status": "failed", "error": {"code": "server_error", "message": "boom"}}),
        event("completed", response={"status": "failed", "error": {"code": "server_error", "message": "boom"}}),
        frame({"type": "error", "code": "server_error", "message": "boom"}),
        frame({"type": "error", "error": {"code": "server_error", "message": "boom"}}),
        frame({"error": {"code": "server_error", "message": "boom"}}),
        b"event: error\n" + frame({"code": "server_error", "message": "boom"}),
        event("error", error={"code": "server_error", "message": "boom"}),
    ],
)
def test_a_failure_in_any_of_its_forms_keeps_the_text(end):
    got = responses(text("a"), end)
    assert (got["text"], got["state"], got["error"]["kind"], got["error"]["code"]) == (
        "a",
        "failed",
        "stream",
        "server_error",
    )
    assert "boom" in got["error"]["message"]


def test_a_response_is_not_complete_without_its_last_event():
    assert responses(text("a"), DONE)["error"]["kind"] == "truncated"
    assert responses(text("a"), event("output_text.done", text="a"))["state"] == "truncated"
    assert responses(DONE)["error"]["kind"] == "empty"


def test_a_response_that_is_still_queued_is_not_complete():
    head = STREAM.__class__(200, {"content-type": "application/json"})
    assert (
        responses(json.dumps({"id": "r", "status": "queued", "output": []}).encode(), head=head)["state"] == "truncated"
    )


def test_the_event_name_stands_in_for_a_missing_type():
    assert (
        responses(
            b"event: response.output_text.delta\n" + frame({"delta": "a"}), b"event: response.completed\n" + frame({})
        )["text"]
        == "a"
    )


def test_unknown_events_and_odd_ones_are_passed_over():
    turn = responses_turn(
        event("future.thing", x=1),
        frame(7),
        event("output_text.delta", delta=7, output_index="x"),
        event("output_item.added", item="no", output_index=-1),
        event("function_call_arguments.delta", delta=7),
        event("web_search_call.searching", item_id=["x"]),
        text("a"),
        event("content_part.added", part={"type": "holograph"}),
        completed(usage=[], output="x", error=None),
    )
    assert (turn.text, turn.error) == ("a", None)
    assert [oddity.kind for oddity in turn.oddities].count("bad frame") == 4


@pytest.mark.parametrize(
    ("limits", "body", "limit"),
    [
        (Limits(reply_chars=3), [text("ab"), text("cd"), text("e")], "reply"),
        (Limits(items=3), [added("message", f"m{n}") for n in range(4)], "items"),
        (Limits(items=3), [text("x", item_id="m", content_index=n) for n in range(4)], "items"),
        (Limits(calls=2), [added("function_call", f"f{n}") for n in range(3)], "calls"),
        (
            Limits(arguments_chars=3),
            [added("function_call", "f"), event("function_call_arguments.delta", delta="12345")],
            "arguments",
        ),
        (Limits(reply_chars=300), [done("reasoning", f"r{n}", encrypted_content="e" * 100) for n in range(5)], "reply"),
    ],
)
def test_a_limit_says_which(limits, body, limit):
    _, error = deltas("responses", b"".join(body), limits=limits)
    assert (error.kind, error.limit) == ("limit", limit)


def test_half_characters_join_across_deltas():
    halves = [
        b'{"type":"response.output_text.delta","delta":"\\ud83d"}',
        b'{"type":"response.output_text.delta","delta":"\\ude00"}',
    ]
    assert responses(*map(frame, halves), completed())["text"] == "😀"


NAMES = [
    "output_text.delta",
    "output_text.done",
    "output_item.added",
    "output_item.done",
    "completed",
    "content_part.added",
    "function_call_arguments.delta",
    "web_search_call.searching",
    "code_interpreter_call_code.delta",
    "output_text.annotation.added",
    "created",
]
LEAVES = st.sampled_from([None, 0, 1.5, True, "", "x", "message", "function_call", "reasoning", "m", [], {}])
PART = st.fixed_dictionaries({}, optional={"type": LEAVES, "text": LEAVES, "annotations": LEAVES})
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "type": LEAVES,
        "id": LEAVES,
        "call_id": LEAVES,
        "arguments": LEAVES,
        "content": LEAVES | st.lists(PART, max_size=2),
    },
)
RESPONSE = st.fixed_dictionaries(
    {},
    optional={
        "output": LEAVES | st.lists(ITEM | LEAVES, max_size=2),
        "usage": LEAVES,
        "status": LEAVES,
        "error": LEAVES,
    },
)
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(NAMES).map("response.{}".format)},
    optional={
        **dict.fromkeys(
            ["item_id", "output_index", "content_index", "delta", "text", "annotation", "sequence_number"], LEAVES
        ),
        "item": ITEM | LEAVES,
        "response": RESPONSE | LEAVES,
        "part": PART | LEAVES,
    },
)


@given(st.lists(EVENTS, max_size=8))
@settings(max_examples=150)
def test_any_events_give_deltas_or_an_error_of_ours(values):
    found, error = deltas("responses", text("x") + b"".join(map(frame, values)))
    assert error is None or isinstance(error, RilletError)
    assert found[0] == TextDelta("x")


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from(["m", "n", None]),
            st.sampled_from([0, 1, None]),
            st.sampled_from([0, 1, None]),
        ),
        max_size=6,
    )
)
def test_the_short_way_gives_the_same_deltas(fragments):
    events = [
        {
            "type": "response.output_text.delta",
            "delta": delta,
            **{
                key: value
                for key, value in (("item_id", item), ("output_index", place), ("content_index", index))
                if value is not None
            },
        }
        for delta, item, place, index in fragments
    ]
    frames = [Frame(json.dumps(value)) for value in events]
    long_way, short_way = dialect_named("responses").decoder(), dialect_named("responses").decoder()
    expected = [delta for one in frames for delta in long_way.feed(one)]
    got = []
    for one in frames:
        taken = short_way.take_text_frame(one)
        got += [taken] if taken is not None else list(short_way.feed(one))
    assert got == expected


def function(**told):
    return {"type": "function_call", "id": "fc1", "call_id": "c1", "name": "f", **told}


def test_a_call_that_its_item_calls_incomplete_makes_the_reply_a_cut_one():
    item = function(arguments='{"a":1}', status="incomplete")
    for pieces in (
        [event("output_item.done", output_index=0, item=item), completed()],
        [completed(output=[item])],
    ):
        turn = responses_turn(*pieces)
        assert turn.is_cut
        assert turn.next == "error"


@pytest.mark.parametrize("first", ["", "{}"])
def test_arguments_that_only_the_final_object_tells_replace_those_that_stood_in_for_them(first):
    begun = event("output_item.done", output_index=0, item=function(arguments=first))
    turn = responses_turn(begun, completed(output=[function(arguments='{"a":1}')]))
    assert [each.arguments for each in turn.tool_calls] == ['{"a":1}']
