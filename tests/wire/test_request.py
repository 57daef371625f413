import pytest

from tui.domain.message import ImagePart, Message, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from tui.domain.request import ReplySchema, Request, ToolDefinition
from tui.wire.dialect import dialect_named

USER = Message("user", (TextPart("hi"),))
TOOL = ToolDefinition("f", "does f", {"type": "object"}, strict=True)
IMAGE = ImagePart("data:image/png;base64,AAAA")


def chat(*messages, **more):
    return dialect_named("chat").encode(Request("m", messages or (USER,), **more))


def responses(*messages, **more):
    return dialect_named("responses").encode(Request("m", messages or (USER,), **more))


def assistant(*parts, **more):
    return Message("assistant", parts, **more)


def results(*parts):
    return Message("tool", parts)


def test_the_plain_request_of_chat_and_of_responses():
    assert chat() == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert responses() == {"model": "m", "input": [{"role": "user", "content": "hi"}], "stream": True, "store": False}


def test_every_option_has_its_place():
    options = {
        "system": "be brief",
        "tools": (TOOL,),
        "tool_choice": "f",
        "server_tools": ({"type": "web_search"},),
        "schema": ReplySchema("s", {"type": "object"}),
        "max_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.9,
        "seed": 7,
        "stop": ("END",),
        "service_tier": "priority",
        "parallel_tool_calls": False,
        "max_turns": 3,
        "previous_response_id": "resp_1",
        "reasoning_effort": "low",
    }
    assert {*options, "model", "messages", "cache_key", "origin", "body"} == {*Request.__struct_fields__}
    one = chat(**options)
    assert one["messages"][0] == {"role": "system", "content": "be brief"}
    assert one["tools"] == [
        {
            "type": "function",
            "function": {"name": "f", "description": "does f", "parameters": {"type": "object"}, "strict": True},
        },
        {"type": "web_search"},
    ]
    assert one["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    assert one["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "s", "schema": {"type": "object"}, "strict": True},
    }
    assert (one["max_completion_tokens"], one["temperature"], one["reasoning_effort"]) == (9, 0.5, "low")
    assert (one["top_p"], one["seed"], one["stop"], one["service_tier"]) == (0.9, 7, ["END"], "priority")
    assert one["parallel_tool_calls"] is False
    assert {"max_turns", "previous_response_id"}.isdisjoint(one)
    two = responses(**options)
    assert (two["top_p"], two["service_tier"], two["parallel_tool_calls"]) == (0.9, "priority", False)
    assert (two["max_turns"], two["previous_response_id"]) == (3, "resp_1")
    assert {"seed", "stop", "instructions"}.isdisjoint(two)
    assert two["input"][0] == {"role": "system", "content": "be brief"}  # instructions may not go with a response
    assert responses(system="be brief")["instructions"] == "be brief"
    assert two["tools"] == [
        {"type": "function", "name": "f", "description": "does f", "parameters": {"type": "object"}, "strict": True},
        {"type": "web_search"},
    ]
    assert two["tool_choice"] == {"type": "function", "name": "f"}
    assert two["text"] == {"format": {"type": "json_schema", "name": "s", "schema": {"type": "object"}, "strict": True}}
    assert (two["max_output_tokens"], two["reasoning"]) == (9, {"effort": "low", "summary": "auto"})
    assert two["include"] == ["reasoning.encrypted_content", "web_search_call.action.sources"]


def test_a_tool_choice_without_tools_is_not_sent():
    assert "tool_choice" not in chat(tool_choice="auto")
    assert "tool_choice" not in responses(tool_choice="auto")
    assert chat(tools=(TOOL,), tool_choice="required")["tool_choice"] == "required"


def test_encrypted_reasoning_is_asked_of_models_that_reason():
    for model, asked in (
        ("grok-4.3", True),
        ("openai/gpt-5", True),
        ("o4-mini", True),
        ("gpt-4o", False),
        ("SmolLM2", False),
    ):
        assert ("include" in dialect_named("responses").encode(Request(model, (USER,)))) is asked


@pytest.mark.parametrize("encode", [chat, responses])
def test_further_fields_come_last_and_win(encode):
    body = encode(temperature=0.5, body={"temperature": 1, "x": {"y": 1}, "stream_options": None})
    assert (body["temperature"], body["x"]) == (1, {"y": 1})
    assert "stream_options" not in body


def test_images_go_with_their_text():
    message = Message("user", (TextPart("look"), IMAGE, ImagePart("https://x/y.png", "low")))
    assert chat(message)["messages"][0]["content"] == [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": IMAGE.url}},
        {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "low"}},
    ]
    assert responses(message)["input"][0]["content"] == [
        {"type": "input_text", "text": "look"},
        {"type": "input_image", "image_url": IMAGE.url, "detail": "auto"},
        {"type": "input_image", "image_url": "https://x/y.png", "detail": "low"},
    ]


CALLS = assistant(TextPart("let me"), ToolCallPart("a", "f", '{"x":1}'), ToolCallPart("b", "g", "{}"))


def test_the_round_trip_of_tools():
    conversation = (
        USER,
        CALLS,
        results(ToolResultPart("b", "B"), ToolResultPart("a", "A")),
        assistant(TextPart("done")),
    )
    assert chat(*conversation)["messages"][1:] == [
        {
            "role": "assistant",
            "content": "let me",
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
                {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "A"},
        {"role": "tool", "tool_call_id": "b", "content": "B"},
        {"role": "assistant", "content": "done"},
    ]
    assert responses(*conversation)["input"][1:] == [
        {"role": "assistant", "content": "let me"},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": '{"x":1}'},
        {"type": "function_call", "call_id": "b", "name": "g", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": "A"},
        {"type": "function_call_output", "call_id": "b", "output": "B"},
        {"role": "assistant", "content": "done"},
    ]


@pytest.mark.parametrize(
    ("conversation", "roles"),
    [
        ((USER, CALLS, USER), ["user", "assistant", "tool", "tool", "user"]),
        ((USER, CALLS, results(ToolResultPart("a", "A")), USER), ["user", "assistant", "tool", "tool", "user"]),
        ((USER, results(ToolResultPart("z", "Z")), USER), ["user", "user"]),
        (
            (USER, CALLS, results(ToolResultPart("z", "Z")), USER, results(ToolResultPart("a", "late"))),
            ["user", "assistant", "tool", "tool", "user"],
        ),
        (
            (USER, CALLS, results(ToolResultPart("a", "A")), results(ToolResultPart("b", "B"))),
            ["user", "assistant", "tool", "tool"],
        ),
        ((USER, assistant(), assistant(ReasoningPart("hm"), TextPart("")), USER), ["user", "user"]),
    ],
)
def test_no_call_and_no_result_is_left_dangling(conversation, roles):
    messages = chat(*conversation)["messages"]
    assert [message["role"] for message in messages] == roles
    asked = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    assert [message["tool_call_id"] for message in messages if message["role"] == "tool"] == asked
    items = responses(*conversation)["input"]
    asked = [item["call_id"] for item in items if item.get("type") == "function_call"]
    assert [item["call_id"] for item in items if item.get("type") == "function_call_output"] == asked


@pytest.mark.parametrize("arguments", ["", '{"x', "[1]", "nonsense"])
def test_arguments_that_are_no_object_are_not_sent(arguments):
    messages = chat(USER, assistant(ToolCallPart("a", "f", arguments)), USER)["messages"]
    assert messages[1]["tool_calls"][0]["function"]["arguments"] == "{}"
    assert "not valid JSON" in messages[2]["content"]
    assert messages[1]["content"] is None


def test_images_of_a_tool_are_not_lost():
    conversation = (CALLS, results(ToolResultPart("a", "A", images=(IMAGE,)), ToolResultPart("b", "B")))
    messages = chat(*conversation)["messages"]
    assert [message["role"] for message in messages] == ["assistant", "tool", "tool", "user"]
    assert messages[3]["content"][1]["image_url"]["url"] == IMAGE.url
    output = responses(*conversation)["input"][3]["output"]
    assert output[1] == {"type": "input_image", "image_url": IMAGE.url, "detail": "auto"}


DETAILS = [
    {"type": "reasoning.text", "text": "The", "index": 0, "signature": None},
    {"type": "reasoning.text", "text": " sum", "index": 0, "signature": "s"},
    {"type": "reasoning.encrypted", "data": "x", "index": 0},
    {"type": "reasoning.encrypted", "data": "y", "index": 1},
]


def test_what_must_be_echoed_goes_back_to_its_origin_only():
    message = assistant(
        ToolCallPart("a", "f", "{}", {"extra_content": {"google": 1}}),
        echo={"reasoning_details": DETAILS, "reasoning_content": "hm", "content": "never"},
        origin="home",
    )
    there = chat(message, origin="home")["messages"][0]
    assert there["tool_calls"][0]["extra_content"] == {"google": 1}
    assert there["reasoning_content"] == "hm"
    assert there["content"] is None
    assert there["reasoning_details"] == [
        {"type": "reasoning.text", "text": "The sum", "index": 0, "signature": "s"},
        {"type": "reasoning.encrypted", "data": "x", "index": 0},
        {"type": "reasoning.encrypted", "data": "y", "index": 1},
    ]
    assert DETAILS[0]["text"] == "The"
    for origin in ("elsewhere", ""):
        elsewhere = chat(message, origin=origin)["messages"][0]
        assert set(elsewhere) == {"role", "content", "tool_calls"}
        assert "extra_content" not in elsewhere["tool_calls"][0]


REASONING = {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "e", "status": "completed"}
SAID = {
    "type": "message",
    "id": "msg",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "let me", "annotations": [1], "logprobs": []}],
}
CALLED = {"type": "function_call", "id": "fc", "call_id": "a", "name": "f", "arguments": "{}", "status": "completed"}
SEARCH = {"type": "web_search_call", "id": "ws", "status": "completed"}


def echoed(*items, parts=(TextPart("let me"), ToolCallPart("a", "f", "{}")), origin="home"):
    message = assistant(*parts, items=items, origin="home")
    return responses(message, origin=origin)["input"][:-1]


def test_the_items_of_a_reply_go_back_unchanged_and_in_order():
    assert echoed(REASONING, SAID, CALLED) == [REASONING, SAID, CALLED]
    commentary = {**SAID, "phase": "commentary"}
    assert echoed(REASONING, SEARCH, commentary, REASONING, CALLED) == [
        REASONING,
        SEARCH,
        commentary,
        REASONING,
        CALLED,
    ]


def test_what_the_endpoint_ran_itself_can_be_left_out_with_the_thought_before_it():
    without = dialect_named("responses").without_items
    items = echoed(REASONING, SEARCH, SAID, REASONING, CALLED)
    assert without({"input": items}) == {"input": [SAID, REASONING, CALLED]}
    assert without({"input": [SAID, CALLED]}) is None


def test_reasoning_that_is_not_encrypted_does_not_go_back():
    assert [item["type"] for item in echoed({"type": "reasoning", "id": "rs"}, SAID, CALLED)] == [
        "message",
        "function_call",
    ]


@pytest.mark.parametrize(
    ("items", "origin"),
    [
        ((REASONING, SAID, CALLED), "elsewhere"),
        ((REASONING, CALLED), "home"),
        ((REASONING, SAID), "home"),
        ((), "home"),
    ],
)
def test_items_that_do_not_say_it_all_are_said_in_plain_words(items, origin):
    assert echoed(*items, origin=origin) == [
        {"role": "assistant", "content": "let me"},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
    ]


def test_sources_and_code_outputs_are_asked_for_where_the_endpoint_runs_tools():
    tools = ({"type": "web_search"}, {"type": "code_interpreter"}, {"type": "x_search"})
    body = responses(server_tools=tools)
    assert body["include"] == ["web_search_call.action.sources", "code_interpreter_call.outputs"]
    assert "include" not in responses()
