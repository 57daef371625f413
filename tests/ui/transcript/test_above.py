"""A conversation that is loaded from its end: what stands above comes later, and nobody notices."""

from functools import partial

import pytest

from tests.ui.transcript.showing import asked, come, replied, rows, showing
from tui.domain.delta import FinishDelta, TextDelta, ToolCallDelta
from tui.domain.extent import extent_of
from tui.domain.message import ToolResultPart
from tui.domain.turn import ToolResults, Turn, TurnState
from tui.page.entry import TOP
from tui.page.page import KEPT, NEAR, Place
from tui.ui.transcript.earlier import Around
from tui.ui.transcript.overlay.counting import Counting
from tui.ui.transcript.wish import Found, NewBelow

COUNT = 200
LOADED = 12


class Conversation:
    """Turns in a row, and how often those above were asked for."""

    def __init__(self, turns):
        self.turns = turns
        for number, turn in enumerate(turns):
            turn.id, turn.parent = str(number), str(number - 1) if number else None
        self.asked = self.looks = 0
        self.read_ids = []
        self.index = None
        self.said_ids = []

    def above(self, turn_id, most):
        self.asked += 1
        end = int(turn_id)
        return [extent_of(turn) for turn in self.turns[max(0, end - most) : end]]

    def read(self, turn_ids):
        self.read_ids += turn_ids
        return [self.turns[int(turn_id)] for turn_id in turn_ids]

    def said(self, turn_ids):
        self.said_ids += turn_ids
        return {turn.id: (turn.opening.text, turn.text) for turn in map(self.turns.__getitem__, map(int, turn_ids))}

    @property
    def around(self):
        return Around(self.above, self.read, self.said, self.is_ready, self.may_say)

    def may_say(self, words):
        if self.index is None:
            return None
        self.index.append(words)
        return {turn.id for turn in self.turns if words in f"{turn.opening.text}{turn.text}"}

    def is_ready(self, has_time):
        """Not at first: the outline of a long session is read meanwhile, as long as there is time."""
        self.looks += 1
        while self.looks < 9 and has_time():
            self.looks += 1
        return self.looks >= 9

    def load(self, page, count=LOADED):
        page.load(self.turns[-count:], self.around)


@pytest.fixture
def conversation():
    return Conversation([replied(f"reply {number}\n\nwith a needle", f"prompt {number}") for number in range(COUNT)])


def idle(page):
    """All the work that waits for a quiet moment."""
    for _ in range(1000):
        if not page.earlier.has_more:
            return
        page.scroller.improve()
    raise AssertionError("it never ends")


async def test_loading_asks_for_nothing_that_does_not_show(conversation):
    async with showing() as (_, page):
        conversation.load(page)
        assert conversation.asked == 0
        assert f"  reply {COUNT - 1}" in rows(page)


@pytest.mark.parametrize("count", [1, 3])
async def test_few_turns_are_not_shown_alone_only_to_be_moved_down(conversation, count):
    async with showing() as (_, page):
        conversation.load(page, count)
        before = rows(page)
        assert all(any(f"reply {number}" in row for row in before) for number in (COUNT - 2, COUNT - 1))
        idle(page)
        assert rows(page) == before


async def test_what_shows_does_not_move_when_the_rest_comes(conversation):
    async with showing() as (_, page):
        conversation.load(page)
        before, total = rows(page), page.page.total
        idle(page)
        assert rows(page) == before
        assert page.page.total > total
        assert len(page.page.entries) == 2 * COUNT
        assert page.scroller.follow


async def test_a_reader_further_up_keeps_their_rows_their_cursor_and_their_selection(conversation):
    async with showing() as (_, page):
        conversation.load(page)
        page.scroll_relative(y=-11, animate=False)
        page.cursor.move(-1)
        page.selection.begin(page.mouse.point_at(2, 4))
        page.selection.extend(page.mouse.point_at(9, 12))
        before, text, target = rows(page), page.selected_text(), page.cursor.target()[1:]
        assert "reply" in text
        idle(page)
        assert (rows(page), page.selected_text(), page.cursor.target()[1:]) == (before, text, target)
        assert not page.scroller.follow


@pytest.mark.parametrize("step", [-1, -7, -30])
async def test_scrolling_over_the_top_of_what_was_loaded_goes_on_without_a_jump(conversation, step):
    async with showing() as (_, page):
        conversation.load(page)
        before = rows(page)
        for _ in range(-200 // step):
            page.scroll_relative(y=step, animate=False)
            now = rows(page)
            if -step < page.viewport.rows:
                assert now[-step:] == before[:step]
            before = now
        assert 2 * LOADED < len(page.page.entries) < 2 * COUNT, "what is far above is not waited for"


async def test_home_is_the_beginning_at_once(conversation):
    async with showing() as (pilot, page):
        conversation.load(page)
        page.focus()
        await pilot.press("home")
        assert "▎ prompt 0" in rows(page)


async def test_where_the_beginning_takes_long_the_screen_goes_on_until_it_is_there(conversation, monkeypatch):
    monkeypatch.setattr("tui.ui.transcript.scroll.PATIENCE", 0.0)
    monkeypatch.setattr("tui.ui.transcript.earlier.AT_ONCE", 4)
    async with showing() as (pilot, page):
        conversation.load(page)
        page.focus()
        before = rows(page)
        await pilot.press("home")
        assert page.earlier.has_more
        assert rows(page) == before
        idle(page)
        assert "▎ prompt 0" in rows(page)


@pytest.mark.parametrize("key", ["up", "end", "pageup"])
async def test_a_reader_who_goes_elsewhere_meanwhile_stays_there(conversation, monkeypatch, key):
    monkeypatch.setattr("tui.ui.transcript.scroll.PATIENCE", 0.0)
    monkeypatch.setattr("tui.ui.transcript.earlier.AT_ONCE", 4)
    async with showing() as (pilot, page):
        conversation.load(page)
        page.focus()
        await pilot.press("home", key)
        before = rows(page)
        idle(page)
        assert rows(page) == before


async def test_finding_looks_through_all_of_it(conversation):
    async with showing() as (pilot, page):
        conversation.load(page)
        assert page.find("needle") == COUNT
        await pilot.pause()
        assert pilot.app.heard_of(Found)[-1].count == COUNT


async def test_what_is_far_from_the_reader_is_not_in_memory_and_comes_back_as_it_was(conversation):
    async with showing() as (_, page):
        conversation.load(page)
        end = rows(page)
        page.scroll_home(animate=False)
        beginning, total = rows(page), page.page.total
        for _ in range(COUNT):
            page.cursor.move_message(1)
            page.scroller.improve()
            assert sum(1 for _ in page.page.entries.live) <= KEPT + NEAR + 2 * LOADED + 2 * page.viewport.rows
        assert conversation.read_ids
        page.jump_end()
        assert rows(page) == end
        page.scroll_home(animate=False)
        assert rows(page) == beginning
        assert abs(page.page.total - total) < total / 2


async def test_what_was_opened_far_above_stays_open(conversation):
    thinks = conversation.turns[5]
    thinks.thoughts.add("a thought of some length")
    async with showing() as (_, page):
        conversation.load(page)
        page.scroll_home(animate=False)
        index = page.page.entries.index_of(thinks) + 1
        page.page.entries[index].toggle_thought()
        page.jump_end()
        page.scroller.read_all(lambda: True)
        for number in range(150, 2 * COUNT):
            page.page.ensure(number)
        page.page.prune(None)
        assert page.page.entries.find_live(index - 20) is None
        assert page.page.entries.find_live(index) is not None
        page.show_turn(thinks)
        assert any("a thought of some length" in row for row in rows(page))


async def test_finding_goes_to_the_nearest_at_once_and_looks_on_behind(conversation, monkeypatch):
    monkeypatch.setattr("tui.ui.transcript.overlay.search.BUDGET", 0.0)
    monkeypatch.setattr("tui.ui.transcript.overlay.search.SLICE", 0.0)
    monkeypatch.setattr("tui.ui.transcript.overlay.counting.AT_ONCE", 4)
    async with showing() as (pilot, page):
        conversation.load(page)
        page.find("prompt 3")
        while not (found := pilot.app.heard_of(Found)) or not found[-1].is_whole:
            await pilot.pause(0.01)
        assert (found[-1].position, found[-1].count) == (11, 11), "the last one, from the end on: prompt 39"
        assert any(each.count and not each.is_whole for each in found), "it was there before all was looked through"
        assert "▎ prompt 39" in rows(page)


async def test_what_is_looked_for_before_all_is_on_the_page_is_found_when_it_is(conversation, monkeypatch):
    monkeypatch.setattr("tui.ui.transcript.overlay.search.BUDGET", 0.0)
    monkeypatch.setattr("tui.ui.transcript.earlier.AT_ONCE", 4)
    async with showing() as (pilot, page):
        conversation.load(page)
        for letters in ("n", "ne", "needle"):  # each in place of the one before
            assert page.find(letters) == 0
            assert page.earlier.has_more, "keys are taken meanwhile"
        while not (found := pilot.app.heard_of(Found)) or not found[-1].is_whole:
            await pilot.pause(0.01)
        assert (found[-1].text, found[-1].count) == ("needle", COUNT)
        assert {each.text for each in found if each.is_whole} == {"needle"}


async def test_only_turns_that_may_hold_the_words_are_looked_through(conversation):
    conversation.index = []
    async with showing() as (pilot, page):
        conversation.load(page)
        page.scroller.read_all(lambda: True)
        conversation.said_ids.clear()
        page.find("prompt 3")
        while not (found := pilot.app.heard_of(Found)) or not found[-1].is_whole:
            await pilot.pause(0.01)
        assert (found[-1].position, found[-1].count) == (11, 11)
        assert conversation.index == ["prompt 3"]
        assert sorted(conversation.said_ids) == ["3", *(str(number) for number in range(30, 40))]


@pytest.mark.parametrize("by", [1, -1])
async def test_going_on_waits_for_no_count_and_comes_round(conversation, monkeypatch, by):
    monkeypatch.setattr("tui.ui.transcript.overlay.search.BUDGET", 0.0)
    monkeypatch.setattr("tui.ui.transcript.overlay.search.SLICE", 0.0)
    monkeypatch.setattr("tui.ui.transcript.overlay.counting.AT_ONCE", 1)
    async with showing() as (pilot, page):
        conversation.load(page)
        page.find("prompt 3")
        while not (found := pilot.app.heard_of(Found)) or not found[-1].count:
            await pilot.pause(0.01)
        page.search.next(by)
        assert not page.search._counting.is_done, "nothing is counted to its end for that"
        while not (found := pilot.app.heard_of(Found))[-1].is_whole:
            await pilot.pause(0.01)
        places = [found[-1].position]
        for _ in range(11):
            page.search.next(by)
            await pilot.pause()
            places.append(pilot.app.heard_of(Found)[-1].position)
        first = 1 if by > 0 else 10
        assert places == [(first - 1 + by * step) % 11 + 1 for step in range(12)]


async def test_messages_that_were_shown_are_looked_through_only_while_there_is_time(conversation, monkeypatch):
    looked_at = []
    looks = Counting.matches_of
    async with showing() as (pilot, page):
        conversation.load(page)
        page.scroller.read_all(lambda: True)
        for number in range(2 * COUNT):
            page.page.firm_down(
                Place(number, TOP), 1
            )  # as if it were shown: where its words stand is found by its rows
        monkeypatch.setattr("tui.ui.transcript.overlay.search.BUDGET", 0.0)
        monkeypatch.setattr("tui.ui.transcript.overlay.search.SLICE", 0.0)
        monkeypatch.setattr(Counting, "matches_of", lambda counting, at: (looked_at.append(at), looks(counting, at))[1])
        page.find("needle")
        assert len({*looked_at}) == 1
        while not (found := pilot.app.heard_of(Found)) or not found[-1].is_whole:
            await pilot.pause(0.01)
        assert found[-1].count == COUNT


async def test_a_turn_that_cannot_be_read_any_more_says_so(conversation):
    async with showing() as (_, page):
        conversation.load(page)
        idle(page)
        conversation.read = None
        page.page.entries.make = partial(page._wake, lambda _ids: [])
        page.scroll_home(animate=False)
        assert any("cannot be read" in row for row in rows(page))


async def test_a_find_that_is_open_while_the_rest_comes_goes_on_over_all_of_it(conversation):
    async with showing() as (pilot, page):
        conversation.load(page)
        page.scroller.read_all(lambda: True)
        page.find("reply 190")
        page.search.next()
        await pilot.pause()
        assert (pilot.app.heard_of(Found)[-1].position, pilot.app.heard_of(Found)[-1].count) == (1, 1)


async def test_a_reply_that_streams_meanwhile_goes_on_in_its_place(conversation):
    async with showing() as (_, page):
        conversation.load(page)
        turn = asked("a new one", parent=str(COUNT - 1))
        page.add_turn(turn)
        come(page, turn, TextDelta("first words"))
        idle(page)
        come(page, turn, TextDelta(" and the last"))
        assert "  first words and the last" in rows(page)
        turn.end(TurnState.COMPLETE)
        page.end_turn(turn)
        assert "  first words and the last" in rows(page)


async def test_new_lines_below_are_those_that_came_not_those_from_above(conversation):
    async with showing() as (pilot, page):
        conversation.load(page)
        page.scroll_relative(y=-10, animate=False)
        idle(page)
        page.scroller.tell_below()
        await pilot.pause()
        assert not any(notice.count for notice in pilot.app.heard_of(NewBelow))


async def test_a_call_above_is_marked_by_its_result_below():
    asks = asked()
    for delta in (ToolCallDelta(0, "c1", "get_weather", "{}"), FinishDelta("tool_calls")):
        asks.apply(delta)
    asks.end(TurnState.COMPLETE)
    answers = Turn(ToolResults((ToolResultPart("c1", "x", is_error=True),)), model="grok-4")
    conversation = Conversation([replied("before"), asks, answers, *(replied("after") for _ in range(LOADED))])
    async with showing() as (_, page):
        conversation.load(page, 1 + LOADED)
        assert page.earlier.has_more
        page.scroll_home(animate=False)
        assert "  ✖ get_weather" in rows(page)


async def test_another_conversation_keeps_nothing_of_one_that_was_still_coming(conversation):
    async with showing() as (_, page):
        conversation.load(page)
        page.scroller.improve()
        page.load([replied("something else")])
        idle(page)
        assert len(page.page.entries) == 2
