import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.schema.json_value import JsonError, canonical, digest, freeze, parse_frozen, thaw

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "words", "column"),
    [
        ('{"city": "Par', "a string does not end", 10),
        ('{"city" "Paris"}', "a colon is missing", 9),
        ("", "a value is missing", 1),
        ('{"a":1} x', "something follows the value", 9),
        ('{"path": "a", "path": "b"}', "“path” is given twice", 2),
        ('{"n": NaN}', "NaN is not JSON", 7),
        ('{"n": 1e999}', "a number too large to hold", 7),
        ('{"n": 123456789012345678901}', "an integer of more than 20 digits", 7),
        ("[" * 70 + "]" * 70, "more than 64 levels deep", 65),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(text, words, column):
    with pytest.raises(JsonError) as caught:
        parse_frozen(text)
    assert words in str(caught.value)
    assert (caught.value.line, caught.value.column) == (1, column)


def test_a_hundred_thousand_levels_do_not_overflow():
    with pytest.raises(JsonError, match="levels deep"):
        parse_frozen("[" * 100_000)


def test_brackets_inside_strings_are_no_levels():
    assert parse_frozen(json.dumps({"text": '[\\"' * 100})) == {"text": '[\\"' * 100}


def test_lone_surrogates_can_be_encoded_afterwards():
    value = parse_frozen('{"a": "x\\ud800y", "\\udc00": 1}')
    canonical(value).encode()
    assert value["a"] == "x\ufffdy"


@settings(max_examples=50, deadline=None)
@given(json_values)
def test_frozen_values_say_what_was_parsed_and_cannot_change(value):
    frozen = freeze(value)
    assert canonical(frozen) == canonical(value)
    assert thaw(parse_frozen(canonical(value))) == thaw(frozen)
    if isinstance(value, dict):
        with pytest.raises(TypeError):
            frozen["new"] = 1


def test_the_digest_does_not_depend_on_the_order_of_keys():
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": (1, 2), "a": 1}) != digest({"a": 1, "b": [2, 1]})
