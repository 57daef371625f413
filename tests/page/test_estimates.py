"""Heights of what was never shown: estimated in pieces, on the way onto the page and where its width changes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.delta import TextDelta
from tui.domain.extent import Extent, extent_of
from tui.domain.turn import Prompt, Turn, TurnState
from tui.page import page as page_module
from tui.page.entries import Sketches
from tui.page.page import Page
from tui.page.reply import ReplyEntry

WIDTHS = st.integers(20, 120)
PIECES = st.lists(st.tuples(st.lists(st.integers(0, 4000), max_size=20), st.sampled_from([0, 33, 80])), max_size=6)


def extents(lengths):
    return [Extent(f"s.{number}", length % 90, 2, length, 4) for number, length in enumerate(lengths)]


@given(PIECES, st.sampled_from([33, 80]))
@settings(max_examples=200, deadline=None)
def test_estimates_that_were_made_on_the_way_are_those_made_at_once(pieces, width):
    gathered, whole = Sketches(), []
    for lengths, at in pieces:
        gathered.add(Sketches(extents(lengths), at))
        whole += extents(lengths)
    assert gathered.estimates(0, len(gathered), width) == Sketches(whole).estimates(0, 2 * len(whole), width)


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=200), WIDTHS, WIDTHS, st.integers(0, 40))
@settings(max_examples=50, deadline=None)
def test_a_page_of_another_width_is_estimated_in_steps_and_becomes_as_high_as_a_new_one(lengths, before, width, above):
    turns = {}
    for number, length in enumerate(lengths):
        turn = turns[f"s.{number}"] = Turn(Prompt("why?"), id=f"s.{number}")
        turn.apply(TextDelta("word " * (length // 5)))
        turn.end(TurnState.COMPLETE)
    sketched = [extent_of(turn) for turn in turns.values()]

    def page_of(width):
        page = Page()
        page.width = width
        page.entries.make = lambda turn_id: [ReplyEntry(turns[turn_id], None)] * 2
        return page

    def finish(page):
        while page.improve(None, lambda: False):
            pass
        return [page.top_of(index) for index in range(len(page.entries))], page.total

    fresh = page_of(width)
    fresh.extend_sketches(Sketches(sketched))
    at_once, page_module.ESTIMATED = page_module.ESTIMATED, 16
    try:
        page = page_of(before)
        above = min(above, len(sketched) - 1)
        page.extend_sketches(Sketches(sketched[above:]))
        page.set_width(width)
        page.prepend_sketches(Sketches(sketched[:above], width))
        assert finish(page) == finish(fresh)
    finally:
        page_module.ESTIMATED = at_once
