"""What was found is shown from the beginning of a word on."""

import pytest

from tui.store.excerpt import word_start


@pytest.mark.parametrize(
    ("text", "at", "match", "shown"),
    [
        ("the heron stood", 0, 4, "the heron stood"),
        ("where the heron stood", 2, 10, "the heron stood"),
        ("where the heron stood", 12, 12, "heron stood"),
        ("a\nsecond line", 4, 9, "line"),
        ("a\nsecond line", 4, 6, "second line"),
        ("词" * 60, 30, 40, "词" * 30),
    ],
)
def test_it_begins_with_a_word_or_where_there_are_none_in_their_midst(text, at, match, shown):
    assert text[word_start(text, at, match) :] == shown
