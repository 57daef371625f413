"""Heights of very many things: where each begins, and what is at a row, is what adding them all up says."""

from array import array
from bisect import bisect_right
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.page.heights import Heights

MANY = st.lists(st.integers(0, 4), max_size=150)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["below", "far below", "above", "over"]), MANY), st.tuples(st.integers(0, 999), MANY)
    ),
    max_size=12,
)


@given(STEPS, st.integers(-3, 700))
@settings(max_examples=200, deadline=None)
def test_it_adds_up(steps, row):
    heights, plain = Heights(), []
    for step, given_ in steps:
        if step == "below":
            heights.extend(given_)
            plain += given_
        elif step == "far below":
            heights.append(array("i", given_))
            plain += given_
        elif step == "over":
            first = len(plain) // 3
            given_ = given_[: len(plain) - first]
            heights.put(first, array("i", given_))
            plain[first : first + len(given_)] = given_
        elif step == "above":
            heights.prepend(given_)
            plain = given_ + plain
        elif plain:
            index = step % len(plain)
            plain[index] = heights[index] = len(given_)
        tops = [0, *accumulate(plain)]
        assert heights.total == tops[-1]
        assert [heights.top(index) for index in range(0, len(plain), 37)] == tops[: len(plain) : 37]
        if plain:
            index = max(0, bisect_right(tops[:-1], row) - 1)
            assert heights.at(row) == (index, row - tops[index])
            assert heights.at(row) == (index, row - tops[index]), "and again"
