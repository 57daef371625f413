"""A key that comes back is starred out, however the reads cut it, and nothing else is held up or changed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.net.key_mask import KeyMask, is_placeholder, key_mask

KEY = "xai-abab-xai-ab"


@given(st.lists(st.sampled_from([KEY, "x", "xai", "xai-abab-xai-", "ab", "-", "data: {}\n\n", "é"])), st.data())
def test_no_cut_lets_the_key_through(words, data):
    body = "".join(words).encode()
    mask, given_, start = KeyMask(KEY), b"", 0
    while start < len(body):
        end = start + data.draw(st.integers(1, 20))
        given_ += mask.feed(body[start:end])
        start = end
    given_ += mask.rest()
    assert given_ == body.replace(KEY.encode(), b"*" * len(KEY))


ESCAPED = ["".join(f"\\u{ord(letter):04X}" for letter in KEY), "".join(f"%{ord(letter):02x}" for letter in KEY)]
MIXED = "x\\u0061i%2Dabab-xa\\u0069\\u002dab"


@given(st.lists(st.sampled_from([KEY, *ESCAPED, MIXED, "\\u00", "%", "x\\u0061", "\\", "xai-ab", "\n"])), st.data())
def test_no_escape_lets_the_key_through(words, data):
    body = "".join(words).encode()
    mask, given_, start = KeyMask(KEY), b"", 0
    while start < len(body):
        end = start + data.draw(st.integers(1, 40))
        given_ += mask.feed(body[start:end])
        assert len(given_) > end - 6 * len(KEY), "no more is held back than a key is long"
        start = end
    given_ += mask.rest()
    assert len(given_) == len(body)
    assert not any(form.encode() in given_ for form in (KEY, *ESCAPED, MIXED))
    assert given_ == KeyMask(KEY).text(body.decode()).encode()


def test_what_is_json_stays_json():
    text = '{"key": "' + ESCAPED[0] + '", "n": "\\n", "path": "a\\/b", "share": "5%"}'
    masked = json.loads(KeyMask(KEY).text(text))
    assert masked == {"key": "*" * len(ESCAPED[0]), "n": "\n", "path": "a/b", "share": "5%"}
    assert "a/b" not in json.loads(KeyMask("a/b-c").text('["a\\/b-c"]'))[0]


def test_whole_frames_are_passed_on_at_once():
    frame = b'data: {"x": "xai-"}\n\n'
    assert KeyMask(KEY).feed(frame) == frame


def test_without_a_key_nothing_is_masked():
    mask = KeyMask("")
    assert (mask.feed(b"abc"), mask.rest(), mask.text("abc")) == (b"abc", b"", "abc")


PLACEHOLDERS = [
    *("test", "ollama", "k", "hi", "data", "EMPTY", "none", "lm-studio", "not-needed", "sk-no-key-required", "dummy"),
    *("your-api-key-here", "sk-1234", "1234567890123456", "xxxxxxxxxxxxxxxxxxxx", "sk-xxxxxxxxxxxxxxxxxxxx"),
    *("no-api-key-required-here", "local-llm-server-key", "CHANGE_ME_PLEASE_NOW", "Hello", "Lm-Studio", ""),
]


@pytest.mark.parametrize("key", [*PLACEHOLDERS, "a1B2c3D4e5", "x7Zq-short-key"])
def test_a_short_key_or_a_word_is_not_searched_for_in_a_reply(key):
    body = f'data: {{"usage": "this test with {key} keeps its data, kkk"}}\n\n'
    mask = key_mask(key)
    assert mask.feed(body.encode()) == body.encode()
    assert (mask.rest(), mask.text(body)) == (b"", body)


@pytest.mark.parametrize(
    "key", ["xai-F4k3K3yF4k3K3yF4k3K3y", "sk-proj-9aBcD8eFgH7iJkL6", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"]
)
def test_a_key_that_is_one_is_searched_for(key):
    assert not is_placeholder(key)
    assert key_mask(key).text(f"it is {key}!") == f"it is {'*' * len(key)}!"
