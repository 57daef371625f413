"""The options of a conversation, as they are written and read."""

import pytest

from tui.domain.error import ConfigError
from tui.domain.option import OPTIONS, Options

ROWS = {row.name: row for row in OPTIONS}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("temperature", "0.3", 0.3),
        ("temperature", " OFF ", None),
        ("top_p", "1", 1.0),
        ("max_tokens", "400", 400),
        ("seed", "-7", -7),
        ("stop", "END,\\n\\n", ("END", "\n\n")),
        ("stop", "off", ()),
        ("service_tier", "priority", "priority"),
        ("parallel_tool_calls", "No", False),
        ("previous_response_id", "off", ""),
        ("budget", "2.5", 2.5),
    ],
)
def test_a_text_is_read_as_the_value_it_stands_for_and_written_so_again(name, text, value):
    row = ROWS[name]
    assert row.read(text) == value
    assert row.read(row.write(value)) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("temperature", "hot"),
        ("temperature", "2.1"),
        ("temperature", "nan"),
        ("top_p", "-0.1"),
        ("max_tokens", "0"),
        ("max_tokens", "1.5"),
        ("parallel_tool_calls", "maybe"),
        ("service_tier", "two words"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_could(name, text):
    with pytest.raises(ConfigError, match=r"cannot be") as told:
        ROWS[name].read(text)
    assert "It takes" in told.value.hint


def test_what_is_set_comes_over_what_is_usual():
    usual = Options(temperature=0.7, max_tokens=9)
    assert Options(temperature=0.0, stop=("a",)).over(usual) == Options(temperature=0.0, max_tokens=9, stop=("a",))
    assert {row.name for row in OPTIONS} == set(Options.__struct_fields__)
