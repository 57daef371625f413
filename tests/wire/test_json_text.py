import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.error import FrameError
from tui.wire.json_text import OddJsonError, parse_json, write_json, write_json_in_pieces

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "text", ["NaN", '{"a":-Infinity}', "1e999", "9" * 21, "-" + "9" * 5000, "[" * 65 + "]" * 65, "[" * 100_000]
)
def test_what_no_reply_needs_is_odd_and_no_worse(text):
    with pytest.raises(FrameError) as caught:
        parse_json(text)
    assert isinstance(caught.value, OddJsonError)


@pytest.mark.parametrize("text", ["", "{not json", '{"a":1} x', "[1,", "'a'", "\x00"])
def test_what_is_not_json_is_a_frame_error(text):
    with pytest.raises(FrameError) as caught:
        parse_json(text)
    assert not isinstance(caught.value, OddJsonError)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9" * 20, int("9" * 20)),
        ('"%s"' % ("9" * 40), "9" * 40),
        ("[" * 64 + "]" * 64, json.loads("[" * 64 + "]" * 64)),
        (r'"a\ud800b"', "a\ufffdb"),
        (r'{"\udc00": ["\ud83d\ude00"]}', {"\ufffd": ["😀"]}),
        ('"raw\ttab\x00"', "raw\ttab\x00"),
        ('{"a":1,"a":2}', {"a": 2}),
    ],
)
def test_the_rest_is_a_value_that_can_be_stored(text, value):
    assert parse_json(text) == value
    write_json(value).encode()


@given(st.text(st.sampled_from('{}[]",:\\ud8c0e1.-nNatrufls5 \t')))
@settings(max_examples=500)
def test_any_text_gives_a_value_or_a_frame_error(text):
    try:
        value = parse_json(text)
    except FrameError:
        return
    write_json(value).encode()
    assert value == json.loads(json.dumps(value))


@given(st.lists(st.sampled_from(["\\ud83d", "\\ude00", "\\u0041", "x", "\\n"]), max_size=6))
def test_escaped_surrogates_come_out_as_utf_16_has_them(pieces):
    units = json.loads(f'"{"".join(pieces)}"')
    assert parse_json(f'"{"".join(pieces)}"') == units.encode("utf-16-le", "surrogatepass").decode(
        "utf-16-le", "replace"
    )


@given(JSON, st.integers(1, 5), st.integers(1, 4))
def test_a_value_written_in_pieces_is_the_same_text(value, long, piece):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.wire.json_text.LONG", long)
        patch.setattr("tui.wire.json_text._PIECE", piece)
        for whole in (value, [value] * 7, {"model": "m", "messages": [value] * 7, "tools": value}, {1: [value] * 7}):
            assert "".join(write_json_in_pieces(whole)) == write_json(whole)
