"""A key that comes back is starred out, however the reads cut it, and nothing else is held up or changed."""

from hypothesis import given
from hypothesis import strategies as st

from tui.net.key_mask import KeyMask

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


def test_whole_frames_are_passed_on_at_once():
    frame = b'data: {"x": "xai-"}\n\n'
    assert KeyMask(KEY).feed(frame) == frame


def test_without_a_key_nothing_is_masked():
    mask = KeyMask("")
    assert (mask.feed(b"abc"), mask.rest(), mask.text("abc")) == (b"abc", b"", "abc")
