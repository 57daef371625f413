import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.harness import play
from tests.wire.stream import DONE, STREAM, call, chat, chat_turn, chunk, deltas, frame
from tui.domain.delta import FinishDelta, OddityDelta, PromptProgressDelta, ReasoningDelta, TextDelta, ToolCallDelta
from tui.domain.error import FrameError, RilletError
from tui.domain.turn import TurnState
from tui.wire.dialect import dialect_named
from tui.wire.limit import Limits
from tui.wire.sse import Frame


def calls(*fragments, finish="tool_calls"):
    pieces = [chunk(tool_calls=fragment if isinstance(fragment, list) else [fragment]) for fragment in fragments]
    return chat(*pieces, chunk(finish), DONE)


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        ([call(0, "a", "f", '{"x"'), call(0, arguments=":1}")], [("a", "f", '{"x":1}')]),
        ([call(0, "a", "f", "{}"), call(0, "b", "f", "{}")], [("a", "f", "{}"), ("b", "f", "{}")]),
        ([call(0, "a", "f", "{"), call(0, "b", arguments="}")], [("a", "f", "{}")]),
        ([call(0, "a", "f", "{"), call(0, "a", "f", "}")], [("a", "f", "{}")]),
        ([call(0, "a", "fi"), call(0, name="nd"), call(0, arguments="{}")], [("a", "find", "{}")]),
        ([call(id="a", name="f", arguments="{"), call(id="a", arguments="}")], [("a", "f", "{}")]),
        (
            [call(id="a", name="f", arguments="{}"), call(id="b", name="g", arguments="{}")],
            [("a", "f", "{}"), ("b", "g", "{}")],
        ),
        ([call(id="a", name="f", arguments="{"), call(arguments="}")], [("a", "f", "{}")]),
        ([call(0, "a", "f", "{}"), call(0, "", "", "")], [("a", "f", "{}")]),
        ([call(-1, "a", "f", "{}"), call(10**9, "b", "g", "{}")], [("a", "f", "{}"), ("b", "g", "{}")]),
        ([call(0, "a", "f", {"x": 1})], [("a", "f", '{"x":1}')]),
        ([call(0, "a", "f", "{"), call(1, "b", "g", "{"), call(0, "b", arguments="B}"), call(1, arguments="}")], None),
        ([[call(0, "a", "f", "{}"), call(1, "a", "g", "{}")]], [("a", "f", "{}"), ("a", "g", "{}")]),
    ],
)
def test_fragments_find_their_call(fragments, expected):
    if expected is None:
        expected = [("a", "f", "{"), ("b", "g", "{B}}")]
    got = calls(*fragments)
    assert [(c["id"], c["name"], c["arguments"]) for c in got["tool_calls"]] == expected


def test_two_whole_calls_without_index_and_id_are_two():
    got = calls(call(name="f", arguments="{}"), call(name="g", arguments='{"x":1}'))
    assert [(c["name"], c["arguments"]) for c in got["tool_calls"]] == [("f", "{}"), ("g", '{"x":1}')]


def test_whole_calls_of_one_name_without_index_and_id_are_two():
    got = calls([call(call_id="", name="f", arguments='{"x":1}'), call(call_id="", name="f", arguments='{"x":2}')])
    assert [c["arguments"] for c in got["tool_calls"]] == ['{"x":1}', '{"x":2}']
    got = calls(call(name="f", arguments="{"), call(name="f", arguments="}"), call(name="f", arguments=""))
    assert [c["arguments"] for c in got["tool_calls"]] == ["{}"]


def test_an_index_may_be_written_as_a_string():
    got = calls(call("0", "a", "f", "{"), call("1", "b", "g", "["), call("0", arguments="}"), call("1", arguments="]"))
    assert [c["arguments"] for c in got["tool_calls"]] == ["{}", "[]"]


def test_a_call_without_an_id_is_given_one_of_its_own():
    got = calls(call(0, name="f", arguments="{}"), call(1, name="f", arguments="{}"))
    ids = [c["id"] for c in got["tool_calls"]]
    assert all(ids)
    assert len(set(ids)) == 2
    assert ids == [
        c["id"] for c in calls(call(0, name="f", arguments="{}"), call(1, name="f", arguments="{}"))["tool_calls"]
    ]


def test_what_must_be_echoed_is_kept():
    signature = {"google": {"thought_signature": "s"}}
    turn = chat_turn(
        chunk(reasoning_content="I ", reasoning_details=[{"type": "reasoning.encrypted", "data": "x"}]),
        chunk(reasoning_content="think"),
        chunk(tool_calls=[call(0, "a", "f", "{}", extra_content=signature)]),
        chunk("tool_calls"),
    )
    assert turn.tool_calls[0].extra == {"extra_content": signature}
    assert turn.echo == {
        "reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}],
        "reasoning_content": "I think",
    }
    assert "reasoning_content" not in chat_turn(chunk(reasoning_content="I"), chunk("stop", content="x")).echo


@pytest.mark.parametrize(
    ("arguments", "then"), [('{"x":1}', "tools"), ("", "tools"), ('{"x":1}{"y":2}', "error"), ("{", "error")]
)
def test_calls_whose_arguments_do_not_parse_are_not_run(arguments, then):
    assert calls(call(0, "a", "f", arguments))["next"] == then


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_calls_of_a_reply_that_was_cut_are_not_run(reason):
    assert calls(call(0, "a", "f", "{}"), finish=reason)["next"] == "error"


def test_a_call_without_a_name_is_not_run():
    assert calls(call(0, "a", arguments="{}"))["next"] == "error"


def test_what_comes_after_a_finish_reason_belongs_to_the_reply_and_is_mentioned():
    turn = chat_turn(
        chunk(content="a"),
        chunk("stop"),
        chunk(content="b"),
        chunk(content="c", tool_calls=[call(0, "a", "f", "{}")]),
        chunk("tool_calls"),
        DONE,
    )
    assert (turn.text, turn.finish_reason, turn.next) == ("abc", "tool_calls", "tools")
    assert [oddity.kind for oddity in turn.oddities] == ["late"]


@pytest.mark.parametrize("reason", ["network_error", "abort", "pause_turn", "refusal", "nobody_knows"])
def test_calls_are_not_run_for_a_reason_that_is_not_known_to_be_a_good_one(reason):
    assert calls(call(0, "a", "f", "{}"), finish=reason)["next"] == "error"


def test_a_finish_reason_may_come_before_what_it_is_about():
    _, error = deltas("chat", chunk("stop", content="") + chunk(content="Hel") + chunk(content="lo"))
    assert error is None
    assert chat_turn(chunk("stop", content="a"), chunk(content="b"), clean=False).state == "failed"
    assert chat_turn(chunk(content="a"), chunk("stop"), clean=False).state == "complete"


def test_the_finish_chunk_may_hold_text_and_is_told_once():
    found, _ = deltas("chat", chunk("stop", content="end") + chunk("stop") + DONE)
    assert [type(delta) for delta in found[1:]] == [TextDelta, FinishDelta]


def test_only_the_first_choice_is_read():
    other = frame({"choices": [{"index": 1, "delta": {"content": "B"}}, {"index": 0, "delta": {"content": "A"}}]})
    assert chat(other, chunk("stop"))["text"] == "A"


ODD = [
    b"null",
    b"7",
    b"[1]",
    {"choices": "x"},
    {"choices": [None]},
    {"choices": [{"delta": []}]},
    {"choices": [{"delta": {"content": 7}}]},
    {"choices": [{"delta": {"content": [7]}}]},
    {"choices": [{"delta": {"tool_calls": "no"}}]},
    {"choices": [{"delta": {}, "finish_reason": {"a": 1}}]},
    b'{"choices":[{"delta":{"content":NaN}}]}',
    b'{"choices":[{"delta":{"content":"x"},"index":%s}]}' % (b"9" * 30),
    b'{"created":%s,"choices":[{"delta":{"content":"x"}}]}' % (b"9" * 5000),
    b"[" * 100_000,
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd)[:40])
def test_a_bad_frame_is_passed_over_and_counted(odd):
    turn = chat_turn(chunk(content="a"), frame(odd), chunk(content="b"), chunk("stop"))
    assert turn.text == "ab"
    assert turn.error is None
    assert [oddity.kind for oddity in turn.oddities] == ["bad frame"]


def test_twenty_bad_frames_in_a_row_are_too_many():
    got = chat(chunk(content="a"), frame(b"NaN") * 19, chunk(content="b"), frame(b"null") * 20, chunk(content="c"))
    assert got["text"] == "ab"
    assert got["error"]["kind"] == "protocol"


def test_text_that_is_not_json_ends_the_reply_at_once():
    got = chat(chunk(content="a"), frame(b"{not json sk-0123456789abcdef"), chunk(content="b"), chunk("stop"))
    assert (got["text"], got["state"], got["error"]["kind"]) == ("a", "failed", "protocol")
    assert "0123456789" not in got["error"]["message"]


@pytest.mark.parametrize(
    "null", [{"choices": None}, {"choices": [{"delta": None}]}, {"choices": [{}]}, {"error": None, "choices": []}]
)
def test_nulls_are_nothing_to_speak_of(null):
    turn = chat_turn(chunk(content="a"), frame(null), chunk("stop"))
    assert (turn.text, turn.oddity_count, turn.error) == ("a", 0, None)


def test_unknown_events_are_mentioned():
    turn = chat_turn(frame({"type": "ping"}), chunk("stop", content="a"), DONE)
    assert [(oddity.kind, oddity.detail) for oddity in turn.oddities] == [("unknown event", "ping")]


@pytest.mark.parametrize(
    ("data", "says", "code"),
    [
        ({"error": {"message": "boom", "code": "c"}}, "boom", "c"),
        ({"error": "boom"}, "boom", None),
        ({"code": "The service", "error": "boom"}, "boom", "The service"),
        ({"object": "error", "message": "boom", "code": 400}, "boom", None),
        ({"detail": "boom"}, "boom", None),
        ([{"error": {"message": "boom", "code": 400}}], "boom", None),
        (
            {"choices": [{"delta": {"content": "x"}, "finish_reason": "error"}], "error": {"message": "boom"}},
            "boom",
            None,
        ),
        ({"choices": [{"delta": {}, "error": {"message": "boom"}}]}, "boom", None),
        ({"choices": [{"delta": {}, "finish_reason": "error"}]}, "does not say", None),
    ],
)
def test_an_error_in_the_stream_keeps_what_came(data, says, code):
    got = chat(chunk(content="par"), frame(data), DONE)
    assert got["text"].startswith("par")
    assert (got["state"], got["error"]["kind"], got["error"]["code"]) == ("failed", "stream", code)
    assert says in got["error"]["message"]
    assert got["next"] == "error"


def test_half_characters_join_across_deltas():
    halves = [
        b'{"id":"c","model":"m","choices":[{"delta":{"content":"a\\ud83d"}}]}',
        b'{"id":"c","model":"m","choices":[{"delta":{"reasoning_content":"\\ud83d"}}]}',
        b'{"id":"c","model":"m","choices":[{"delta":{"content":"\\ude00b"}}]}',
        b'{"id":"c","model":"m","choices":[{"delta":{"content":"\\ud83dx\\ude00"}}]}',
    ]
    got = chat(*map(frame, halves), chunk(content="!"), chunk("stop"))
    assert got["text"] == "a😀b\ufffdx\ufffd!"
    assert got["reasoning"] == "\ufffd"
    assert chat(frame(halves[0]))["text"] == "a\ufffd"
    json.dumps(got, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("limits", "pieces", "limit", "text"),
    [
        (Limits(reply_chars=5), [chunk(content="abc"), chunk(content="def"), chunk(content="g")], "reply", "abcde"),
        (Limits(reply_chars=5), [chunk(reasoning_content="abc"), chunk(content="def")], "reply", "de"),
        (
            Limits(arguments_chars=5),
            [chunk(content="t"), chunk(tool_calls=[call(0, "a", "f", "123456789")])],
            "arguments",
            "t",
        ),
        (
            Limits(calls=2),
            [chunk(content="t"), *[chunk(tool_calls=[call(n, f"i{n}", "f")]) for n in range(3)]],
            "calls",
            "t",
        ),
    ],
)
def test_a_limit_keeps_what_came_and_says_which(limits, pieces, limit, text):
    found, error = deltas("chat", b"".join(pieces), limits=limits)
    assert (error.kind, error.limit) == ("limit", limit)
    assert "".join(delta.text for delta in found if isinstance(delta, TextDelta)) == text
    assert sum(len(d.arguments) for d in found if isinstance(d, ToolCallDelta)) <= 5


def test_citations_come_from_wherever_they_are_and_once():
    got = chat(
        chunk(content="a", annotations=[{"type": "url_citation", "url_citation": {"url": "https://b", "title": "B"}}]),
        chunk("stop"),
        frame({"choices": [], "citations": ["https://a", "https://b", 7], "search_results": [{"url": "https://c"}]}),
    )
    assert got["citations"] == ["https://b", "https://a", "https://c"]


def test_usage_is_the_last_one_with_cost_and_rate():
    turn = chat_turn(
        chunk(content="a"),
        frame({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}),
        frame({"choices": [], "timings": {"predicted_per_second": 120.5}}),
        frame({"choices": [], "usage": {"prompt_tokens": 279, "completion_tokens": 4, "cost_in_usd_ticks": 1654500}}),
        DONE,
    )
    assert turn.usage.input == 279
    assert turn.usage.rate == 120.5
    assert turn.usage.cost_usd == pytest.approx(0.00016545)


def test_a_whole_completion_is_read_like_a_stream():
    body = {
        "id": "c1",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"content": "hi", "reasoning_content": "r", "tool_calls": [call(None, "a", "f", "{}")]},
            }
        ],
        "usage": {"prompt_tokens": 2, "completion_tokens": 3},
    }
    head = STREAM.__class__(200, {"content-type": "application/json"})
    got = chat(json.dumps(body).encode(), head=head)
    assert (got["text"], got["reasoning"], got["finish_reason"], got["error"]) == ("hi", "r", None, None)
    assert got["next"] == "tools"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["stop", "a", "length"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "content",
                    "index",
                    "tool_calls",
                    "function",
                    "name",
                    "arguments",
                    "id",
                    "usage",
                    "error",
                    "finish_reason",
                    "reasoning_content",
                    "message",
                    "model",
                    "type",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=6))
@settings(max_examples=150)
def test_any_json_gives_deltas_or_an_error_of_ours(values):
    body = chunk(content="x") + b"".join(frame(value) for value in values)
    found, error = deltas("chat", body)
    assert error is None or isinstance(error, RilletError)
    assert found[1] == TextDelta("x")


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["content", "reasoning_content", "reasoning", "refusal", "role"]),
            st.none() | st.text(max_size=3),
            max_size=3,
        ),
        max_size=5,
    )
)
def test_the_short_way_gives_the_same_deltas(fragments):
    frames = [
        Frame(piece[6:-2].decode()) for piece in (chunk(content="x"), *(chunk(**fragment) for fragment in fragments))
    ]
    long_way, short_way = dialect_named("chat").decoder(), dialect_named("chat").decoder()
    expected = [delta for one in frames for delta in long_way.feed(one)]
    got = []
    for one in frames:
        taken = short_way.take_text_frame(one)
        got += [taken] if taken is not None else list(short_way.feed(one))
    assert got == expected
    assert any(isinstance(delta, TextDelta | ReasoningDelta) for delta in got)


def test_a_frame_that_is_not_json_raises_from_the_decoder():
    with pytest.raises(FrameError):
        list(dialect_named("chat").decoder().feed(Frame("{")))
    assert isinstance(next(iter(dialect_named("chat").decoder().feed(Frame("NaN")))), OddityDelta)


@pytest.mark.parametrize("word", ["null", "None", "undefined"])
def test_a_finish_reason_that_is_the_word_for_none_is_none(word):
    turn = chat_turn(chunk(word, content="a"), chunk(word, content="b"))
    assert turn.state is TurnState.TRUNCATED
    turn = chat_turn(chunk(word, content="a"), chunk("stop"), DONE)
    assert (turn.state, turn.finish_reason) == (TurnState.COMPLETE, "stop")


def test_a_call_whose_arguments_may_never_have_come_is_not_run_where_no_reason_is_told():
    assert chat_turn(chunk(tool_calls=[call(0, "c1", "f", "")]), DONE).next == "error"
    assert chat_turn(chunk(tool_calls=[call(0, "c1", "f", '{"a":1}')]), DONE).next == "tools"
    assert chat_turn(chunk("tool_calls", tool_calls=[call(0, "c1", "f", "")]), DONE).next == "tools"


def progress(**told):
    return frame({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}}], "prompt_progress": told})


def test_how_far_the_prompt_has_been_read_is_told_and_is_no_reply():
    turn = chat_turn(progress(total=40, cache=10, processed=20, time_ms=5), progress(total=0, processed=1), clean=True)
    assert turn.reading == PromptProgressDelta(20, 40, 10)
    assert turn.state == "truncated"
    assert chat_turn(progress(total=3, processed=9), chunk("stop", content="a"), DONE).reading is None


@pytest.mark.parametrize(
    ("comment", "read"),
    [(b": keepalive 15/16", PromptProgressDelta(15, 16)), (b": keepalive", None), (b": keepalive 3/2", None)],
)
def test_signs_of_life_that_count_tokens_tell_it_too_before_the_reply(comment, read):
    reads = [comment + b"\n\n", chunk(content="a"), b": keepalive 1/2\n\n", chunk("stop"), DONE]
    turn = play("chat", STREAM, reads)
    assert turn.reading == read


def test_a_reply_that_goes_on_after_its_end_and_ends_without_another_is_whole_and_odd():
    turn = chat_turn(chunk("stop"), chunk(content="On it goes."), clean=True)
    assert (turn.state, [oddity.kind for oddity in turn.oddities]) == ("complete", ["no end"])
    for pieces in ((chunk(content="On."), chunk("stop")), (chunk("stop"), chunk(content="On."), DONE)):
        assert "no end" not in [oddity.kind for oddity in chat_turn(*pieces, clean=True).oddities]
