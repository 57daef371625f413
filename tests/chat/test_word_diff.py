"""What of two rows of words differs: nothing is lost, and long texts that have little in common take no longer."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.chat import word_diff
from tui.chat.word_diff import Change, changes, share_alike

TEXTS = st.lists(st.sampled_from("a b c d e f g h".split()), max_size=60)


def patched(one, other, differing):
    """The second text, made of the first and of what differs."""
    words, at = [], 0
    for start, end, start_2, end_2 in differing:
        words += one[at:start] + other[start_2:end_2]
        at = end
    return words + one[at:]


@given(TEXTS, TEXTS, st.sampled_from([0, 4, 40_000]))
@settings(deadline=None)
def test_the_first_with_what_differs_is_the_second(one, other, most):
    usual, word_diff.MOST_PAIRS = word_diff.MOST_PAIRS, most
    try:
        differing = changes(one, other)
    finally:
        word_diff.MOST_PAIRS = usual
    assert patched(one, other, differing) == other
    assert all(
        before.end < after.start or before.other_end < after.other_start
        for before, after in zip(differing, differing[1:], strict=False)
    )
    assert 0 <= share_alike(one, other, differing) <= 1
    assert (differing == []) == (one == other)


def test_a_word_in_a_long_text_is_found():
    words = [f"w{number}" for number in range(30_000)]
    other = [*words[:20_000], "new", *words[20_001:]]
    assert changes(words, other) == [Change(20_000, 20_001, 20_000, 20_001)]


def test_long_texts_of_few_words_are_compared_at_once():
    chance = random.Random(1)
    one, other = ([chance.choice("the a of in".split()) for _ in range(60_000)] for _ in range(2))
    differing = changes(one, other)
    assert patched(one, other, differing) == other
