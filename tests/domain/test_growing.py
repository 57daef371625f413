"""Text that grows: read piece by piece it is the text that it is as a whole."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain import growing
from tui.domain.growing import Growing

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 2), st.text("abcü", max_size=5), st.booleans()),
        st.tuples(st.just("read"), st.integers(0, 30), st.integers(0, 30), st.booleans()),
    ),
    max_size=40,
)


@pytest.mark.parametrize("most", [2, 1024])
@given(steps=STEPS)
def test_what_is_read_piece_by_piece_is_the_text(most, steps):
    text, model = Growing(), dict[int, str]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "MOST_FRAGMENTS", most)
        patch.setattr(growing, "PIECE_CHARS", 4 * most)
        for what, first, second, flag in steps:
            if what == "add":
                text.add(second, first, replaces=flag and first == 1)
                model[first] = second if flag and first == 1 else model.get(first, "") + second
                continue
            whole = [part for part in model.values() if part]
            assert [len(part) for part in text.growing_parts] == [len(part) for part in whole]
            assert [part[first:second] for part in text.growing_parts] == [part[first:second] for part in whole]
            assert ["".join(part.beginning(first)) for part in text.growing_parts] == [part[:first] for part in whole]
            if flag and first > second:
                text.settle()
            elif flag:
                assert text.parts == whole
        assert text.text == "".join(model.values())
        assert text.size == len(text.text)


def test_copies_share_the_pieces_of_a_long_text():
    text = Growing()
    for number in range(300_000):
        text.add(f"{number} ")
        if number % 50_000 == 0:
            text.settle()
    text.settle()
    copy = deepcopy(text)
    copy.add("more")
    copy.settle()
    pieces = [{id(piece) for piece in part._fragments} for part in (*text.growing_parts, *copy.growing_parts)]
    assert len(pieces[0] - pieces[1]) <= 1
    assert copy.text == text.text + "more"
