import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.harness import play
from tests.server.speech import MessagesSpeech
from tests.wire.stream import STREAM, deltas, frame
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.message import ImagePart, Message, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from tui.domain.request import ReplySchema, Request, ToolDefinition
from tui.wire.dialect import dialect_named, recognise_frame
from tui.wire.dialect.messages.request import DEFAULT_MAX_TOKENS
from tui.wire.reply import Reply

MESSAGES = dialect_named("messages")
USER = Message("user", (TextPart("hi"),))
TOOL = ToolDefinition("f", "does f", {"type": "object"})
CACHED = {"cache_control": {"type": "ephemeral"}}


def encode(*messages, **more):
    return MESSAGES.encode(Request("m", messages or (USER,), **more))


def test_the_plain_request_has_a_limit_and_marks_what_is_stable():
    assert encode() == {
        "model": "m",
        "max_tokens": DEFAULT_MAX_TOKENS,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi", **CACHED}]}],
        "stream": True,
    }


def test_options_have_their_places_in_messages():
    body = encode(
        system="be brief",
        tools=(TOOL,),
        tool_choice="f",
        server_tools=(MESSAGES.server_tool("web_search", {}),),
        schema=ReplySchema("s", {"type": "object"}),
        max_tokens=9,
        temperature=0.5,
        reasoning_effort="low",
    )
    assert body["system"] == [{"type": "text", "text": "be brief", **CACHED}]
    assert body["tools"] == [
        {"name": "f", "description": "does f", "input_schema": {"type": "object"}},
        {"type": "web_search_20250305", "name": "web_search", **CACHED},
    ]
    assert body["tool_choice"] == {"type": "tool", "name": "f"}
    assert body["output_config"] == {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}}
    assert (body["max_tokens"], body["temperature"], body["thinking"]) == (9, 0.5, {"type": "adaptive"})
    assert encode(tools=(TOOL,), tool_choice="required")["tool_choice"] == {"type": "any"}
    assert MESSAGES.schema_of(body).schema == {"type": "object"}
    assert MESSAGES.prompt_of(body) == "hi"


def test_images_and_results_are_blocks_and_roles_take_turns():
    picture = ImagePart("data:image/png;base64,AAAA")
    body = encode(
        Message("user", (TextPart("look"), picture, ImagePart("https://x.example/a.png"))),
        Message("assistant", (TextPart("I look."), ToolCallPart("c1", "f", '{"x":1}'), ToolCallPart("c2", "f", ""))),
        Message("tool", (ToolResultPart("c1", "no", is_error=True), ToolResultPart("c2", "seen", images=(picture,)))),
        Message("user", (TextPart("and?"),)),
    )
    user, assistant, answer = body["messages"]
    source = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
    assert user["content"][1:] == [
        {"type": "image", "source": source},
        {"type": "image", "source": {"type": "url", "url": "https://x.example/a.png"}},
    ]
    assert assistant["content"] == [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "c1", "name": "f", "input": {"x": 1}},
        {"type": "tool_use", "id": "c2", "name": "f", "input": {}},
    ]
    assert answer["role"] == "user"
    assert answer["content"] == [
        {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "no"}], "is_error": True},
        {
            "type": "tool_result",
            "tool_use_id": "c2",
            "content": [{"type": "text", "text": "seen"}, {"type": "image", "source": source}],
        },
        {"type": "text", "text": "and?", **CACHED},
    ]


def test_signed_thoughts_go_back_to_where_they_came_from_and_nowhere_else():
    items = (
        {"type": "thinking", "thinking": "Look.", "signature": "c2ln"},
        {"type": "thinking", "thinking": "unsigned", "signature": ""},
        {"type": "text", "text": "Yes."},
        {"type": "tool_use", "id": "c1", "name": "f", "input": {"x": 1}},
    )
    parts = (ReasoningPart("Look."), TextPart("Yes."), ToolCallPart("c1", "f", '{"x": 1}'))
    reply = Message("assistant", parts, items=items, origin="anthropic")
    results = Message("tool", (ToolResultPart("c1", "ok"),))
    back = encode(USER, reply, results, origin="anthropic")["messages"][1]["content"]
    assert back == [items[0], items[2], items[3]]
    elsewhere = encode(USER, reply, results, origin="other")["messages"][1]["content"]
    assert [block["type"] for block in elsewhere] == ["text", "tool_use"]


def test_what_another_dialect_kept_is_not_sent():
    items = ({"type": "message", "content": [{"type": "output_text", "text": "Yes."}]},)
    reply = Message("assistant", (TextPart("Yes."),), items=items, origin="e")
    assert encode(USER, reply, USER, origin="e")["messages"][1]["content"] == [{"type": "text", "text": "Yes."}]


def test_its_frames_are_recognised_and_described():
    speech = MessagesSpeech()
    frames = [*speech.start(), *speech.reasoning("hm"), *speech.text("Yes"), *speech.call("c", "f", ["{}"])]
    kinds = []
    for data in [*frames, *speech.finish()]:
        value = json.loads(data.partition(b"data: ")[2])
        assert recognise_frame("message", value) is MESSAGES
        kinds.append(MESSAGES.describes(value)[0])
    assert kinds.count("text") == 1
    assert {"start", "thinking", "text", "arguments", "finish", "done"} <= set(kinds)


WORDS = st.lists(st.tuples(st.sampled_from(["text", "reasoning"]), st.text(min_size=1, max_size=8)), max_size=12)


@settings(max_examples=60)
@given(WORDS, st.integers(1, 40))
def test_the_short_way_and_the_long_say_the_same(words, size):
    speech = MessagesSpeech()
    frames = [*speech.start()]
    for kind, text in words:
        frames += getattr(speech, kind)(text)
    body = b"".join([*frames, *speech.finish()])
    quick, error = deltas("messages", body, size)
    assert error is None
    reply = Reply(MESSAGES, STREAM)
    reply._decoder.take_text_frame = lambda _frame: None
    slow = [delta for start in range(0, len(body), size) for delta in reply.feed(body[start : start + size])]
    assert quick == [*slow, *reply.close()]


@pytest.mark.parametrize("name", DIALECT_NAMES)
def test_every_dialect_is_whole(name):
    dialect = dialect_named(name)
    assert (dialect.name, dialect.framing) == (name, "sse")
    body = dialect.encode(Request("m", (USER,), max_tokens=7))
    assert body[dialect.limit_field] == 7
    assert dialect.prompt_of(body) == "hi"


def told(type_, **fields):
    return frame({"type": type_, **fields})


def tool_stream(*pieces):
    begun = told("message_start", message={"id": "m1", "model": "m", "content": []})
    block = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
    call = told("content_block_start", index=0, content_block=block)
    return play("messages", STREAM, [b"".join([begun, call, *pieces, told("message_stop")])])


ARGUMENTS = told("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": '{"a":1}'})
EMPTY = told("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": "{}"})
STOP = told("content_block_stop", index=0)


def stop_reason(word):
    return told("message_delta", delta={"stop_reason": word})


@pytest.mark.parametrize(
    "pieces",
    [
        (STOP, ARGUMENTS, stop_reason("tool_use")),
        (STOP, stop_reason("tool_use"), ARGUMENTS),
        (stop_reason("tool_use"), ARGUMENTS, STOP),
        (EMPTY, ARGUMENTS, STOP, stop_reason("tool_use")),
    ],
)
def test_arguments_that_come_late_are_those_that_run_and_are_sent_back(pieces):
    turn = tool_stream(*pieces)
    assert [call.arguments for call in turn.tool_calls] == ['{"a":1}']
    assert turn.items[0]["input"] == {"a": 1}
    assert turn.next == "tools"


def test_no_later_word_makes_a_message_whole_that_was_cut():
    turn = tool_stream(ARGUMENTS, STOP, stop_reason("max_tokens"), stop_reason("tool_use"))
    assert (turn.is_cut, turn.next) == (True, "error")


def test_a_call_without_arguments_and_a_message_without_a_reason_run_nothing():
    assert tool_stream(STOP).next == "error"
    assert tool_stream(STOP, stop_reason("null")).next == "error"
    assert tool_stream(STOP, stop_reason("tool_use")).next == "tools"
