"""Calls that a model writes as text instead of making them."""

import json

import pytest

from tui.wire.written_call import written_call

CALL = json.dumps({"name": "get_weather", "arguments": {"city": "Paris"}})
WRITTEN = [
    f"```json\n{CALL}\n```",
    f"I will look.\n\n```\n{CALL}\n```\nDone.",
    f"~~~tool_call\n{CALL}\n~~~",
    f"  ```json\n[{CALL}]\n  ```",
    f"```json\n{CALL}",
    CALL,
    f"[{CALL}]",
    f"<tool_call>\n{CALL}\n</tool_call>",
    f"<tool_call>{CALL}",
    f"[TOOL_CALLS] [{CALL}]",
    f"<|python_tag|>{CALL}",
    json.dumps({"function": {"name": "get_weather", "arguments": "{}"}}),
    json.dumps({"tool_calls": [{"function": {"name": "get_weather", "arguments": {}}}]}),
    json.dumps({"tool": "get_weather", "args": {}}),
    "<function=get_weather><parameter=city>Paris</parameter></function>",
    '<invoke name="get_weather"><parameter name="city">Paris</parameter></invoke>',
]
PLAIN = [
    "It rains in Paris.",
    '```json\n{"name": "Ada", "age": 36}\n```',
    '```json\n{"name": "other_tool", "arguments": {}}\n```',
    "```python\nget_weather(city='Paris')\n```",
    "```json\n{broken\n```",
    "Models write <tool_call> before a call.",
    "{}",
    "",
    "```" * 1000,
]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_call_that_is_only_written_is_found(text):
    assert written_call(text, {"get_weather"}) == "get_weather"
    assert written_call(text, None) == "get_weather"


@pytest.mark.parametrize("text", PLAIN)
def test_what_only_resembles_a_call_is_left_alone(text):
    assert written_call(text, {"get_weather"}) is None


def test_what_a_reply_shows_as_an_example_is_no_call_where_no_tool_was_offered():
    assert written_call(f"An example:\n```json\n{CALL}\n```", frozenset()) is None


def test_a_call_without_a_readable_name_is_found_by_its_sign():
    assert written_call("<tool_call>\n{broken", frozenset()) == ""
