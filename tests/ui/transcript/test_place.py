"""Nothing moves under the reader's eye."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.widgets import Static

from tests.ui.transcript.showing import asked, come, paragraphs, replied, rows, showing
from tui.domain.delta import ReasoningDelta, ServerToolDelta, TextDelta
from tui.domain.turn import TurnState
from tui.page.entry import PromptEntry
from tui.page.page import Page
from tui.page.reply import ReplyEntry
from tui.page.stack import Stack
from tui.ui.action.keymap import DEFAULT

LONG = "words that have to be broken over rows because there are too many of them for one " * 4


def conversation(count=60):
    return [
        replied(f"reply {number} {LONG}\n\n- a\n- b\n\n```\ncode\n```\n\nend {number}", f"prompt {number}")
        for number in range(count)
    ]


async def test_a_reader_above_the_end_keeps_their_rows_while_text_comes():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta(paragraphs(60)))
        page.scroll_relative(y=-7, animate=False)
        before = rows(page)
        for number in range(20):
            come(page, turn, TextDelta(f"\n\nmore {number}"))
            assert rows(page) == before
        turn.end(TurnState.COMPLETE)
        page.end_turn(turn)
        assert rows(page) == before


async def test_a_follower_always_sees_the_last_row():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        for number in range(50):
            come(page, turn, TextDelta(f"line {number}\n\n"))
            assert f"  line {number}" in rows(page)


async def test_scrolling_back_to_the_end_follows_again():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta(paragraphs(60)))
        page.scroll_relative(y=-3, animate=False)
        assert not page.scroller.follow
        page.scroll_relative(y=3, animate=False)
        assert page.scroller.follow


@pytest.mark.parametrize("step", [-1, -5, -20])
async def test_scrolling_up_into_what_was_never_measured_shows_the_rows_that_are_just_above(step):
    async with showing() as (pilot, page):
        page.load(conversation())
        before = rows(page)
        for _ in range(30):
            page.scroll_relative(y=step, animate=False)
            now = rows(page)
            assert now[-step:] == before[:step], "the rows that stay moved by exactly the step"
            before = now


async def test_what_is_read_stays_when_estimates_above_are_corrected():
    async with showing() as (pilot, page):
        page.load(conversation())
        page.scroll_to(y=page.page.total // 2, animate=False)
        before, total = rows(page), page.page.total
        for _ in range(100):
            page.scroller.improve()
            assert rows(page) == before
        assert page.page.total != total, "something was corrected"


async def test_what_is_read_stays_when_a_fold_above_opens_and_a_tool_line_comes():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, ReasoningDelta(paragraphs(10, "thought")), TextDelta(paragraphs(60)))
        page.scroll_to(y=40, animate=False)
        before = rows(page)
        page.page.entries[1].toggle_thought()
        page.page.restack(1)
        page.scroller.settle()
        assert rows(page) == before
        come(page, turn, ServerToolDelta(0, {"type": "web_search_call"}))
        assert rows(page) == before
        assert page.viewport.top_row == 40 + 19 + 1


async def test_what_stands_at_the_top_stays_at_the_top_of_another_width():
    async with showing() as (pilot, page):
        page.load(conversation())
        page.scroll_to(y=page.page.total // 2 + 3, animate=False)
        word = next(row for row in rows(page) if row).split()[0]
        first = rows(page)[0].split()
        for width in (60, 100, 41, 80):
            await pilot.resize_terminal(width, 25)
            await pilot.pause()
            shown = rows(page)
            if first:
                assert first[0] in shown[0]
            assert word in " ".join(shown)


async def test_a_follower_follows_through_a_resize_in_mid_stream():
    async with showing() as (pilot, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta(LONG * 20 + "the end"))
        await pilot.resize_terminal(50, 15)
        await pilot.pause()
        assert "the end" in " ".join(" ".join(rows(page)[-2:]).split())
        come(page, turn, TextDelta(" and more"))
        assert "and more" in " ".join(" ".join(rows(page)[-2:]).split())


async def test_a_huge_reply_is_not_measured_as_a_whole_at_a_new_width(monkeypatch):
    monkeypatch.setattr("tui.ui.transcript.scroll.perf_counter", count().__next__)  # no time to measure it behind
    async with showing() as (pilot, page):
        page.load([replied(paragraphs(3000))])
        page.scroll_to(y=3000, animate=False)
        first = rows(page)[0] or rows(page)[1]
        measured = []
        measure = Stack._measure
        monkeypatch.setattr(Stack, "_measure", lambda stack, index: measured.append(index) or measure(stack, index))
        await pilot.resize_terminal(60, 25)
        await pilot.pause()
        assert 0 < len(measured) < 300
        assert first in rows(page)[:2]


async def test_the_bar_and_the_page_agree_on_how_much_there_is():
    async with showing() as (_, page):
        page.load(conversation())
        assert page.vertical_scrollbar.window_virtual_size == page.page.total
        assert page.vertical_scrollbar.position == page.page.total - page.viewport.rows


async def test_a_page_that_is_not_full_has_no_thumb():
    async with showing() as (_, page):
        page.load([replied("short")])
        assert page.vertical_scrollbar.window_virtual_size == page.vertical_scrollbar.window_size


async def test_messages_are_gone_through_from_beginning_to_beginning():
    async with showing() as (_, page):
        page.load(conversation(10))
        page.scroll_home(animate=False)
        assert rows(page)[2] == "▎ prompt 0"
        page.cursor.move_message(1)
        assert rows(page)[1] == "  grok-4"
        page.cursor.move_message(1)
        assert rows(page)[2] == "▎ prompt 1"
        page.scroll_relative(y=2, animate=False)
        page.cursor.move_message(-1)
        assert rows(page)[2] == "▎ prompt 1"
        page.cursor.move_message(-1)
        page.cursor.move_message(-1)
        assert rows(page)[2] == "▎ prompt 0"
        for _ in range(20):
            page.cursor.move_message(1)
        assert page.scroller.follow


async def test_only_the_rows_that_changed_are_painted_again():
    async with showing() as (pilot, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta("# Head\n\nfirst words"))
        await pilot.pause()
        painted = []
        pilot.app._display = lambda _screen, update: painted.extend(update.spans)
        come(page, turn, TextDelta(" and more"))
        assert [y for y, _, _ in painted] == [rows(page).index("  first words and more")]


async def test_what_came_is_written_at_once_but_never_over_something_that_lies_on_the_page():
    async with showing() as (pilot, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta("first"))
        await pilot.pause()
        painted = []
        pilot.app._display = lambda _screen, update: painted.append(update)
        come(page, turn, TextDelta(" second"))
        assert len(painted) == 1
        page.screen.styles.layers = ("base", "over")
        over = Static("over")
        over.styles.layer = "over"
        await page.screen.mount(over)
        await pilot.pause()
        painted.clear()
        come(page, turn, TextDelta(" third"))
        assert painted == []
        await pilot.pause()
        assert painted


async def test_a_hidden_page_shows_its_end_once_it_is_seen():
    async with showing() as (pilot, page):
        page.display = False
        await pilot.pause()
        page.load(conversation(5))
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta("hello"))
        page.display = True
        await pilot.pause()
        await pilot.pause()
        assert "  hello" in rows(page)


words = st.lists(
    st.sampled_from(["word", "**bold**", "\n\n", "\n- item ", "\n```\ncode\n```\n", LONG, "[a](https://b.c)"]),
    max_size=12,
)


@given(st.lists(words, min_size=3, max_size=8), st.integers(0, 200), st.data())
@settings(max_examples=40, deadline=None)
def test_a_place_keeps_its_rows_whatever_happens_elsewhere(texts, row, data):
    page = Page()
    page.set_width(60)
    turns = []
    for text in texts:
        turn = asked("What? " * 9)
        turn.apply(ReasoningDelta("thought " * 30))
        turn.apply(TextDelta("begin " + "".join(text)))
        turns.append(turn)
    live = turns[-1]
    for turn in turns[:-1]:
        turn.end(TurnState.COMPLETE)
    page.extend(entry for turn in turns for entry in (PromptEntry(turn), ReplyEntry(turn, DEFAULT)))
    last = len(page.entries) - 1
    page.ensure(last)
    page.restack(0)
    place = page.place_at(min(row, page.total - 1))
    seen = 6

    def shown():
        page.firm_down(place, seen)
        top = page.row_of(place)
        end = min(top + seen, page.top_of(last))
        return [page.line(at)[2] for at in range(top, end)]

    before = shown()
    for _ in range(6):
        match data.draw(st.integers(0, 4)):
            case 0:
                delta = TextDelta("\n\n" + data.draw(st.sampled_from(["x", LONG, "- y"])))
                live.apply(delta)
                entry = page.entries[last]
                assert isinstance(entry, ReplyEntry)
                entry.grow([delta], lambda: True)
                page.restack(last)
            case 1:
                index = data.draw(st.integers(0, len(texts) - 1)) * 2 + 1
                if index < place[0]:
                    page.ensure(index)
                    page.entries[index].toggle_thought()
                    page.restack(index)
            case 2:
                page.improve(place, lambda: True)
            case 3:
                page.firm_up(place, data.draw(st.integers(0, 60)))
            case 4:
                page.prune(place)
        assert shown() == before


async def test_without_colour_nothing_is_coloured(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with showing() as (_, page):
        page.set_palette({"strong": Style(color="#ff0000", bold=True)})
        page.load([replied("some **bold** words")])
        styles = [segment.style for y in range(page.viewport.rows) for segment in page.render_line(y) if segment.style]
        assert all(style.color is None or len(set(style.color.triplet)) == 1 for style in styles)
        assert any(style.bold for style in styles)


async def test_another_theme_or_palette_paints_what_is_shown_anew():
    async with showing() as (pilot, page):
        page.load([replied("some **bold** words")])
        await pilot.pause()

        def ground():
            return {segment.style.bgcolor.name for y in range(page.viewport.rows) for segment in page.render_line(y)}

        dark = ground()
        pilot.app.theme = "textual-light"
        await pilot.pause()
        assert not ground() & dark
        page.set_palette({"strong": Style(color="#ff0000")})
        bold = [segment for y in range(page.viewport.rows) for segment in page.render_line(y) if segment.text == "bold"]
        assert bold[0].style.color.name == "#ff0000"
