"""A conversation that is opened in its middle: what stands below comes later, and its end is where it ends."""

from types import SimpleNamespace

import pytest
from textual.message import Message

from tests.ui.transcript.showing import asked, come, replied, rows, showing
from tests.ui.transcript.test_above import COUNT, Conversation
from tui.domain.delta import TextDelta
from tui.domain.extent import extent_of
from tui.ui.transcript.below import Below
from tui.ui.transcript.later import Rest
from tui.ui.transcript.wish import Found, NewBelow

AT = 100


class Opened(Conversation):
    """Shown at a turn in the middle."""

    def below(self, turn_id, most):
        return [extent_of(turn) for turn in self.turns[int(turn_id) + 1 : int(turn_id) + 1 + most]]

    def open_at(self, page, at=AT, words=""):
        def show_end():
            page.load(self.turns[-12:], self.around)

        page.load(self.turns[at - 3 : at + 4], self.around, Rest(self.below, show_end))
        page.show_turn(self.turns[at], words)


@pytest.fixture
def conversation():
    return Opened([replied(f"reply {number}\n\nwith a needle", f"prompt {number}") for number in range(COUNT)])


def idle(page):
    """All the work that waits for a quiet moment."""
    for _ in range(1000):
        if not (page.earlier.has_more or page.later.has_more):
            return
        page.scroller.improve()
    raise AssertionError("it never ends")


async def test_it_is_shown_at_the_turn_and_stays_there_while_the_rest_comes(conversation):
    async with showing() as (pilot, page):
        conversation.open_at(page)
        before = rows(page)
        assert f"▎ prompt {AT}" in before[:3]
        idle(page)
        assert rows(page) == before
        assert len(page.page.entries) == 2 * COUNT
        assert not page.scroller.follow
        page.scroller.tell_below()
        await pilot.pause()
        assert not any(notice.count for notice in pilot.app.heard_of(NewBelow)), "none of it is new"


@pytest.mark.parametrize("step", [1, 7, 30])
async def test_scrolling_over_the_end_of_what_was_loaded_goes_on_without_a_jump(conversation, step):
    async with showing() as (_, page):
        conversation.open_at(page)
        before = rows(page)
        for _ in range(200 // step):
            page.scroll_relative(y=step, animate=False)
            now = rows(page)
            if step < page.viewport.rows:
                assert now[:-step] == before[step:]
            before = now
        assert not page.scroller.follow
        assert len(page.page.entries) < 2 * COUNT, "what is far below is not waited for"


async def test_the_end_is_that_of_the_conversation(conversation):
    async with showing() as (pilot, page):
        conversation.open_at(page)
        page.focus()
        await pilot.press("end")
        assert f"  reply {COUNT - 1}" in rows(page)
        assert page.scroller.follow


async def test_what_is_sent_from_there_is_shown_at_the_end_of_the_conversation(conversation):
    async with showing() as (_, page):
        conversation.open_at(page)
        turn = asked("a new one", parent=str(COUNT - 1))
        page.add_turn(turn)
        come(page, turn, TextDelta("first words"))
        assert "  first words" in rows(page)
        assert any(f"reply {COUNT - 1}" in row for row in rows(page))
        idle(page)
        assert len(page.page.entries) == 2 * COUNT + 2


async def test_finding_looks_through_what_is_below_too(conversation):
    async with showing() as (pilot, page):
        conversation.open_at(page)
        assert page.find("needle") == COUNT
        await pilot.pause()
        assert pilot.app.heard_of(Found)[-1].count == COUNT


async def test_the_words_that_were_sought_are_marked_where_they_stand(conversation):
    reply = "\n\n".join(["a paragraph"] * 300 + ["here is die Straße"])
    conversation.turns[AT] = turn = replied(reply, "prompt", id=str(AT), parent=str(AT - 1))
    async with showing() as (_, page):
        conversation.open_at(page, words="STRASSE")
        line = next(row for row, text in enumerate(rows(page)) if "Straße" in text)
        index, inner = page.page.entry_at(page.viewport.top_row + line)
        assert page.page.entries[index].turn is turn
        (mark,) = page.sought.marks(index, inner, page.page.line(page.viewport.top_row + line)[2])
        assert (mark.start, mark.end) == (12, 18)
        page.action_leave()
        assert not page.sought.has_marks


@pytest.mark.parametrize(("is_over", "told"), [(True, []), (False, [1])])
def test_rows_of_a_reply_that_is_over_are_no_news_when_it_is_longer_than_it_was_taken_for(is_over, told):
    entry = SimpleNamespace(height=40, turn=replied("long") if is_over else asked())
    page = SimpleNamespace(entries=[entry], top_of=lambda _: 0)
    heard: list[Message] = []
    below = Below(page, SimpleNamespace(top_row=0, rows=20), heard.append)
    below.see_all()
    entry.height = page.total = 41  # measured, or grown
    below.tell(is_following=False)
    assert [notice.count for notice in heard if isinstance(notice, NewBelow)] == told
