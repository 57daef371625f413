"""Requests as the built-in model gets them: trimmed whole, tuned, the user's own choices kept."""

from __future__ import annotations

import pytest

from tui.domain.message import ImagePart, Message, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from tui.domain.request import ReplySchema, Request, ToolDefinition
from tui.local.request import fit_request, local_models, request_body, trim_messages
from tui.local.weights import Weights


def say(role, text):
    return Message(role, (TextPart(text),))


def user(text="x" * 400):
    return say("user", text)


def reply(text="y" * 400):
    return say("assistant", text)


def call(number):
    return Message("assistant", (ToolCallPart(f"c{number}", "get_weather", '{"city": "Rome"}'),))


def result(number):
    return Message("tool", (ToolResultPart(f"c{number}", "sunny"),))


WEATHER = ToolDefinition("get_weather", "", {"type": "object"})
TIME = ToolDefinition("get_time", "", {"type": "object"})


def test_what_fits_is_left_as_it_is():
    messages = (say("system", "be kind"), user("a"), reply("b"), user("c"))
    assert trim_messages(messages, 1500) == messages


def test_whole_exchanges_go_oldest_first():
    # Each is about 105 tokens.
    messages = [user(), reply(), user(), reply(), user("now?")]
    assert trim_messages(messages, 250) == tuple(messages[2:])
    assert trim_messages(messages, 200) == (messages[4],)


def test_calls_and_results_are_never_parted():
    messages = [user(), call(1), result(1), call(2), result(2), reply("it is sunny"), user("thanks")]
    for budget in range(200):
        kept = trim_messages(messages, budget)
        assert kept in [tuple(messages), (messages[-1],)]


def test_the_system_prompt_and_the_last_exchange_stay_whatever_their_size():
    system, last = say("system", "s" * 9000), [user("u" * 9000), call(1), result(1)]
    assert trim_messages([system, user(), reply(), *last], 10) == (system, *last)


def test_a_history_that_begins_with_a_reply_is_trimmed_too():
    messages = [reply(), user("hm")]
    assert trim_messages(messages, 20) == (messages[1],)
    assert trim_messages([], 20) == ()


def test_reasoning_is_not_sent_so_it_is_not_counted():
    messages = [Message("assistant", (ReasoningPart("r" * 90000), TextPart("ok"))), user("hm")]
    assert len(trim_messages(messages, 50)) == 2


@pytest.mark.parametrize("is_own", [False, True])
def test_an_image_is_not_sent_to_a_model_that_does_not_see(is_own):
    message = Message("user", (TextPart("look"), ImagePart("data:image/png;base64,AAAA")))
    (sent,) = fit_request(Request("m", (message,)), is_own=is_own).messages
    assert sent.parts == (TextPart("look"),)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"temperature": 0.3, "repeat_penalty": 1.05, "repeat_last_n": 256}),
        ({"has_schema": True}, {"temperature": 0.3, "repeat_penalty": 1.15, "repeat_last_n": 256}),
        ({"has_tools": True}, {"temperature": 0.0, "parallel_tool_calls": False}),
        ({"has_tools": True, "has_schema": True}, {"temperature": 0.0, "parallel_tool_calls": False}),
        (
            {"has_tools": True, "expects_call": False},
            {"temperature": 0.3, "parallel_tool_calls": False, "repeat_penalty": 1.05, "repeat_last_n": 256},
        ),
    ],
)
def test_the_measured_parameters(asked, expected):
    assert request_body(**{"has_tools": False, "has_schema": False, **asked}) == {"max_tokens": 512, **expected}


def test_a_plain_prompt_is_tuned():
    request = fit_request(Request(model="m", messages=(user("Hello"),)))
    assert (request.max_tokens, request.temperature) == (512, 0.3)
    assert request.body == {"repeat_penalty": 1.05, "repeat_last_n": 256}


def test_what_the_user_chose_stays():
    request = fit_request(
        Request(model="m", messages=(user("Hi"),), max_tokens=9, temperature=1.0, body={"repeat_penalty": 2, "seed": 1})
    )
    assert (request.max_tokens, request.temperature) == (9, 1.0)
    assert request.body == {"repeat_penalty": 2, "repeat_last_n": 256, "seed": 1}


@pytest.mark.parametrize(
    ("text", "temperature"),
    [
        ("What is the weather in Rome?", 0.0),
        ('And the "weather"?', 0.0),
        ("What times!", 0.0),
        ("Sometimes I wonder", 0.3),
        ("get me a cat", 0.3),
    ],
)
def test_only_a_prompt_that_names_a_tool_is_answered_without_chance(text, temperature):
    request = fit_request(Request(model="m", messages=(user(text),), tools=(WEATHER, TIME)))
    assert request.temperature == temperature
    assert request.tools == (WEATHER, TIME)
    assert request.body["parallel_tool_calls"] is False
    assert "chat_template_kwargs" not in request.body


def test_after_a_tools_result_words_are_expected():
    request = fit_request(Request(model="m", messages=(user("weather"), call(1), result(1)), tools=(WEATHER,)))
    assert request.temperature == 0.3


def test_a_named_tool_is_the_only_one_shown():
    request = fit_request(Request(model="m", messages=(user("hm"),), tools=(WEATHER, TIME), tool_choice="get_time"))
    assert request.tools == (TIME,)
    assert request.tool_choice == "required"
    assert request.temperature == 0.0
    assert request.body["chat_template_kwargs"] == {"use_tools": True}


def test_a_required_call_shows_the_tools_though_none_is_named():
    request = fit_request(Request(model="m", messages=(user("hm"),), tools=(WEATHER,), tool_choice="required"))
    assert request.body["chat_template_kwargs"] == {"use_tools": True}
    request = fit_request(Request(model="m", messages=(user("weather"),), tools=(WEATHER,), tool_choice="required"))
    assert "chat_template_kwargs" not in request.body


def test_no_tools_are_shown_where_none_may_be_called():
    request = fit_request(Request(model="m", messages=(user("weather"),), tools=(WEATHER,), tool_choice="none"))
    assert (request.tools, request.tool_choice, request.temperature) == ((), "", 0.3)


def test_a_schema_is_kept_and_its_loops_punished():
    schema = ReplySchema("cities", {"type": "object"})
    request = fit_request(Request(model="m", messages=(user("List"),), schema=schema))
    assert request.schema == schema
    assert request.body["repeat_penalty"] == 1.15


def test_an_own_file_is_only_kept_within_its_context():
    messages = (*[user("x" * 4000), reply("y" * 4000)] * 3, user("now"))
    request = fit_request(Request(model="m", messages=messages, tools=(WEATHER,)), is_own=True)
    assert request.messages == messages[4:]
    assert (request.max_tokens, request.temperature, request.body, request.tools) == (1024, None, {}, (WEATHER,))


def test_a_long_system_prompt_leaves_less_for_the_history():
    messages = (user("x" * 2000), reply("y" * 2000), user("now"))
    assert fit_request(Request(model="m", messages=messages)).messages == messages
    assert fit_request(Request(model="m", messages=messages, system="s" * 4000)).messages == messages[2:]


def test_an_own_file_goes_by_its_name(tmp_path):
    weights = Weights(tmp_path / "qwen.gguf", "qwen", is_own=True)
    (model,) = local_models(weights)
    assert (model.id, model.endpoint, model.context, model.can_stream) == ("qwen", "local", 4096, True)


def test_a_larger_context_of_the_settings_holds_more_of_the_history():
    messages = tuple(
        message for number in range(20) for message in (user(f"{number} " + "x" * 2000), reply("y" * 2000))
    )
    request = Request(model="m", messages=(*messages, user("now")))
    usual, large = (fit_request(request, is_own=True, context=context) for context in (4096, 32768))
    assert len(usual.messages) < len(large.messages) == len(request.messages)
    assert (usual.max_tokens, large.max_tokens) == (1024, 8192)
    assert local_models(context=32768)[0].context == 32768
