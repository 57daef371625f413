import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.wire.partial_json import MISSING, PartialJson


def partial_json(text):
    reader = PartialJson()
    reader.feed(text)
    return reader


@pytest.mark.parametrize(
    ("text", "value", "path"),
    [
        ("", MISSING, ()),
        ("  {", {}, ()),
        ('{"ci', {}, ()),
        ('{"city"', {}, ()),
        ('{"city":', {}, ("city",)),
        ('{"city":"Par', {"city": "Par"}, ("city",)),
        ('{"city":"Par\\', {"city": "Par"}, ("city",)),
        ('{"city":"Par\\u00', {"city": "Par"}, ("city",)),
        ('{"city":"Par\\u00e9', {"city": "Paré"}, ("city",)),
        ('{"city":"\\ud83d', {"city": ""}, ("city",)),
        ('{"city":"\\ud83d\\ude00', {"city": "😀"}, ("city",)),
        ('{"city":"Paris"', {"city": "Paris"}, ()),
        ('{"city":"Paris",', {"city": "Paris"}, ()),
        ('{"n":12', {"n": 12}, ("n",)),
        ('{"n":-', {"n": None}, ("n",)),
        ('{"n":1.5,"w":tr', {"n": 1.5, "w": None}, ("w",)),
        ('{"w":true', {"w": True}, ()),
        ('{"a":[1,{"b":"x', {"a": [1, {"b": "x"}]}, ("a", 1, "b")),
        ('{"a":[1,', {"a": [1]}, ("a",)),
        ('[[],["x","y', [[], ["x", "y"]], (1, 1)),
        ('{"a":{"b":1},"c":[', {"a": {"b": 1}, "c": []}, ("c",)),
        ('{"a":1}', {"a": 1}, None),
        ('{"a":1} \n', {"a": 1}, None),
    ],
)
def test_the_value_so_far_and_what_is_open(text, value, path):
    for cuts in (1, len(text) or 1):
        reader = PartialJson()
        for start in range(0, len(text), cuts):
            reader.feed(text[start : start + cuts])
        assert reader.value == value
        assert reader.open_path == path
        assert reader.problem is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a":1 "b"', 7),
        ('{"a":1,}', 7),
        ("{a", 1),
        ('{"a":01', None),
        ('{"a":01,', 5),
        ('{"a":trx', 5),
        ('{"a":1}{"b"', 7),
        ('["\x01', 2),
        ('["\\x"', 2),
        ("nonsense", 0),
        ("[1]]", 3),
        ("]", 0),
    ],
)
def test_where_it_breaks(text, place):
    one_by_one = PartialJson()
    for char in text:
        one_by_one.feed(char)
    reader = partial_json(text)
    assert (reader.problem, one_by_one.problem) == (place, place)
    reader.feed("more")
    assert reader.problem == (place if place is not None else 5)


def test_a_leaf_is_complete_once_it_is_not_open():
    reader = partial_json('{"a":"x","b":["y","z')
    assert reader.is_complete(("a",))
    assert reader.is_complete(("b", 0))
    assert not reader.is_complete(("b", 1))
    assert not reader.is_complete(("b",))
    assert not reader.is_whole
    reader.feed('"]}')
    assert reader.is_complete(("b", 1))
    assert reader.is_whole


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict | list))


@given(VALUES, st.booleans(), st.integers(1, 5))
@settings(max_examples=200)
def test_whole_json_comes_out_as_it_went_in(value, is_ascii, size):
    text = json.dumps(value, ensure_ascii=is_ascii)
    reader = PartialJson()
    for start in range(0, len(text), size):
        reader.feed(text[start : start + size])
        assert reader.problem is None
        json.dumps(reader.value) if reader.value is not MISSING else None
    assert reader.is_whole
    assert reader.value == value


@given(st.text(st.sampled_from('{}[]",:\\u1e.-ntfrue d8')))
@settings(max_examples=300)
def test_any_text_is_read_as_far_as_it_is_json(text):
    reader = partial_json(text)
    assert reader.problem is None or 0 <= reader.problem <= len(text)
    assert isinstance(reader.open_path, tuple | None)
    try:
        value = json.loads(text)
    except ValueError:
        return
    assert reader.problem is None
    if isinstance(value, dict | list):
        assert reader.value == value or '"' in text


def test_long_strings_take_linear_time():
    reader = PartialJson()
    reader.feed('{"a":"')
    started = time.process_time()
    for _ in range(100_000):
        reader.feed("word \\n")
    assert time.process_time() - started < 5
    assert len(reader.value["a"]) == 600_000
