"""What a reader does: select, copy, find, fold, open."""

import asyncio

import pytest
from textual.events import MouseScrollDown, MouseScrollRight

from tests.ui.transcript.showing import asked, come, paragraphs, replied, rows, showing
from tui.domain.delta import ReasoningDelta, TextDelta, ToolCallDelta
from tui.domain.turn import TurnState
from tui.ui.action.table import BY_ID
from tui.ui.transcript import (
    AskFind,
    BlockMenu,
    CopyText,
    Found,
    LinkPointed,
    OpenBlock,
    OpenLink,
    ShowToolCall,
)

TEXT = (
    "First **bold** words that are so many that they have to be broken over two rows of the page.\n\n"
    "- item one\n- item two\n\n```python\ndef f():\n    return 1\n```\n\nLast [words](https://example.org/real)."
)


async def drag(pilot, page, start, end):
    await pilot.mouse_down(page, offset=start)
    await pilot.hover(page, offset=end)
    await pilot.mouse_up(page, offset=end)


def row_with(page, text):
    return next(y for y, row in enumerate(rows(page)) if text in row)


async def test_what_is_selected_is_copied_unwrapped_and_undecorated():
    async with showing() as (pilot, page):
        page.load([replied(TEXT)])
        await pilot.pause()
        first, last = row_with(page, "First"), row_with(page, "return")
        await drag(pilot, page, (8, first), (13, last))
        assert page.selected_text() == (
            "bold words that are so many that they have to be broken over two rows of the page.\n\n"
            "• item one\n• item two\n\ndef f():\n    return"
        )


async def test_a_selection_made_upwards_is_the_same():
    async with showing() as (pilot, page):
        page.load([replied(TEXT)])
        await pilot.pause()
        first, last = row_with(page, "First"), row_with(page, "item one")
        await drag(pilot, page, (9, last), (8, first))
        assert page.selected_text().startswith("bold words")
        assert page.selected_text().endswith("• item")


async def test_a_selection_goes_over_messages_and_stays_while_text_comes():
    async with showing() as (pilot, page):
        turn = asked("the prompt")
        page.add_turn(turn)
        come(page, turn, TextDelta("one two\n\nthree"))
        await pilot.pause()
        await drag(pilot, page, (6, row_with(page, "the prompt")), (7, row_with(page, "three")))
        want = "prompt\n\ngrok-4\none two\n\nthree"
        assert page.selected_text() == want
        for number in range(30):
            come(page, turn, TextDelta(f" more\n\nline {number}"))
        assert page.selected_text() == want
        assert "  line 29" in rows(page), "and the page goes on following"


async def test_what_is_selected_looks_selected():
    async with showing() as (pilot, page):
        page.load([replied("some words")])
        await pilot.pause()
        y = row_with(page, "some words")
        await drag(pilot, page, (2, y), (6, y))
        plain, marked = [], []
        for segment in page.render_line(y):
            (marked if segment.style.reverse else plain).append(segment.text)
        assert "".join(marked) == "some"


async def test_a_selection_of_nothing_but_blanks_is_none():
    async with showing() as (pilot, page):
        page.load([replied("one\n\n\n\ntwo")])
        await pilot.pause()
        y = row_with(page, "one")
        await drag(pilot, page, (20, y), (40, y))
        assert not page.has_selection


async def test_the_page_moves_while_the_mouse_is_held_at_its_edge():
    async with showing() as (pilot, page):
        page.load([replied(paragraphs(100))])
        await pilot.pause()
        await pilot.mouse_down(page, offset=(10, 10))
        await pilot.hover(page, offset=(2, 0))
        top = page.viewport.top_row
        async with asyncio.timeout(60):
            while len(page.selected_text().split("\n\n")) <= 5:
                await pilot.pause(0.01)
        assert page.viewport.top_row < top
        await pilot.mouse_up(page, offset=(2, 0))
        top = page.viewport.top_row
        await pilot.pause(0.15)
        assert page.viewport.top_row == top
        assert len(page.selected_text().split("\n\n")) > 5


async def test_wide_characters_are_selected_whole():
    async with showing() as (pilot, page):
        page.load([replied("漢字かな x")])
        await pilot.pause()
        y = row_with(page, "漢字")
        await drag(pilot, page, (4, y), (8, y))
        assert page.selected_text() == "字か"


async def test_keys_go_over_blocks_and_copy_save_and_open_them():
    async with showing() as (pilot, page):
        page.load([replied(TEXT, "the prompt")])
        page.focus()
        await pilot.press("k")
        await pilot.press("k")
        await pilot.press("k")
        marked = [row.split() for row in rows(page) if row.startswith("▌")]
        assert marked == [["▌", "python"], ["▌", "def", "f():"], ["▌", "return", "1"]]
        await pilot.press("c", "s", "v", "e", "m", "p")
        heard = pilot.app.heard
        code = "def f():\n    return 1"
        assert [(one.text, one.what) for one in heard if isinstance(one, CopyText)] == [
            (code, "the code"),
            (TEXT, "the message as Markdown"),
            (page.page.entries[1].plain(), "the message as plain text"),
        ]
        assert [(one.text, one.language, one.how) for one in heard if isinstance(one, OpenBlock)] == [
            (code, "python", how) for how in ("save", "pager", "editor")
        ]
        assert "First bold words" in page.page.entries[1].plain()


async def test_the_cursor_goes_through_a_long_conversation_and_stays_in_view():
    async with showing() as (pilot, page):
        page.load([replied(paragraphs(12), f"prompt {number}") for number in range(8)])
        page.focus()
        seen = []
        for _ in range(8 * 14 + 5):
            page.cursor.move(-1)
            marked = [row for row in rows(page) if row.startswith("▌")]
            assert len(marked) == 1
            seen.append(marked[0])
        assert seen[-1] == "▌ prompt 0"
        for _ in range(8 * 14 + 5):
            page.cursor.move(1)
        assert [row for row in rows(page) if row.startswith("▌")] == ["▌ complete"]


async def test_a_selection_is_what_c_copies_and_escape_leaves_one_thing_after_the_other():
    async with showing() as (pilot, page):
        page.load([replied("some words")])
        await pilot.pause()
        page.focus()
        y = row_with(page, "some words")
        await pilot.press("k")
        page.find("words")
        await drag(pilot, page, (2, y), (6, y))
        await pilot.press("y")
        assert pilot.app.heard_of(CopyText)[-1].text == "some"
        await pilot.press("escape")
        assert not page.has_selection
        assert page.search.has_marks
        await pilot.press("escape")
        assert not page.search.has_marks
        assert any(row.startswith("▌") for row in rows(page))
        await pilot.press("escape")
        assert not any(row.startswith("▌") for row in rows(page))


async def test_thoughts_open_and_close_with_space_enter_and_a_click():
    async with showing() as (pilot, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, ReasoningDelta("because of *this*"), TextDelta("answer"))
        turn.end(TurnState.COMPLETE)
        page.end_turn(turn)
        await pilot.pause()
        assert "    because of this" not in rows(page)
        page.focus()
        for _ in range(3):
            page.cursor.move(-1)
        await pilot.press("space")
        assert "    because of this" in [row.replace("▌", " ") for row in rows(page)]
        await pilot.press("enter")
        assert "    because of this" not in [row.replace("▌", " ") for row in rows(page)]
        await pilot.click(page, offset=(4, row_with(page, "▸ thought")))
        assert "    because of this" in [row.replace("▌", " ") for row in rows(page)]


async def test_a_fold_opens_in_place_and_the_page_stops_following():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, ReasoningDelta(paragraphs(30, "thought")), TextDelta("answer\n\n" + paragraphs(9)))
        y = row_with(page, "▸ thought")
        page.blocks.click(page.mouse.point_at(3, y), "", has_focus=False)
        assert row_with(page, "▾ thought") == y
        assert rows(page)[y + 1] == "    thought 0"
        assert not page.scroller.follow


async def test_a_tool_call_is_opened_by_click_and_enter():
    async with showing() as (pilot, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, ToolCallDelta(0, "a", "f", "{}"), ToolCallDelta(1, "b", "g", "{}"))
        await pilot.pause()
        await pilot.click(page, offset=(4, row_with(page, "… g")))
        page.focus()
        page.cursor.move(-1)
        page.cursor.move(-1)
        await pilot.press("enter")
        assert [(one.turn is turn, one.index) for one in pilot.app.heard_of(ShowToolCall)] == [(True, 1), (True, 0)]


async def test_a_click_opens_the_real_target_of_a_link_and_no_other_scheme():
    async with showing() as (pilot, page):
        page.load(
            [replied("see [words](https://example.org/real) or [this](file:///etc/passwd) or [that](javascript:x)")]
        )
        await pilot.pause()
        y = row_with(page, "see words")
        for x in (8, 16, 24, 3):
            await pilot.click(page, offset=(x, y))
        assert [one.url for one in pilot.app.heard_of(OpenLink)] == ["https://example.org/real"]


async def test_the_real_target_of_a_link_is_told_while_the_mouse_is_over_it():
    async with showing() as (pilot, page):
        page.load([replied("see [words](https://example.org/real) or [this](javascript:x) end")])
        await pilot.pause()
        y = row_with(page, "see words")
        for offset in ((3, y), (7, y), (8, y), (13, y), (30, 20), (7, y)):
            await pilot.hover(page, offset=offset)
        await pilot.hover("Input")
        await pilot.pause()
        told = [one.url for one in pilot.app.heard_of(LinkPointed)]
        assert told == ["https://example.org/real", "", "https://example.org/real", ""]


async def test_the_menu_offers_what_fits_the_block_and_its_actions_exist():
    async with showing() as (pilot, page):
        page.load([replied(TEXT)])
        page.focus()
        await pilot.press("k", "k", "enter")
        choices = pilot.app.heard_of(BlockMenu)[-1].choices
        assert "Open https://example.org/real" in [choice.words for choice in choices]
        for choice in choices:
            name = BY_ID[choice.id].run.removeprefix("on_block('").removesuffix("')")
            assert name in page.blocks.by_name
        await pilot.press("o")
        assert pilot.app.heard_of(OpenLink)[-1].url == "https://example.org/real"


async def test_words_are_found_over_rows_marked_and_counted():
    async with showing() as (pilot, page):
        page.load(
            [
                replied(
                    f"alpha {number} **Beta gamma** " + "filler " * 30 + "\n\nbeta\ngamma again", "about beta gamma"
                )
                for number in range(10)
            ]
        )
        page.focus()
        await pilot.press("slash")
        assert pilot.app.heard_of(AskFind)
        assert page.find("beta gamma") == 30
        await pilot.pause()
        seen = {pilot.app.heard_of(Found)[-1].position}
        for _ in range(30):
            await pilot.press("n")
            await pilot.pause()
            notice = pilot.app.heard_of(Found)[-1]
            assert any("eta gamma" in row for row in rows(page))
            seen.add(notice.position)
        assert notice.count == 30
        assert seen >= set(range(1, 31))
        position = notice.position
        await pilot.press("N")
        await pilot.pause()
        assert pilot.app.heard_of(Found)[-1].position == (position - 2) % 30 + 1


async def test_capitals_count_where_they_are_asked_for_and_what_is_not_there_is_said():
    async with showing() as (pilot, page):
        page.load([replied("one Two two")])
        assert page.find("two") == 2
        assert page.find("Two") == 1
        assert page.find("three") == 0
        await pilot.pause()
        notice = pilot.app.heard_of(Found)[-1]
        assert (notice.position, notice.count) == (0, 0)
        page.search.next()
        page.search.end()


async def test_matches_look_different():
    async with showing() as (_, page):
        page.load([replied("one two one")])
        page.find("one")
        y = row_with(page, "one two one")
        marked = [segment.text for segment in page.render_line(y) if segment.style.reverse]
        assert marked == ["one", "one"]


async def test_a_match_in_text_that_still_comes_is_found_too():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta("one needle"))
        assert page.find("needle") == 1
        come(page, turn, TextDelta(" and a needle"))
        page.search.next()
        assert page.search.count == 2


@pytest.mark.parametrize("key", ["home", "g"])
async def test_keys_go_to_the_beginning_and_the_end(key):
    async with showing() as (pilot, page):
        page.load([replied(paragraphs(50), f"prompt {number}") for number in range(5)])
        page.focus()
        await pilot.press(key)
        assert "▎ prompt 0" in rows(page)
        await pilot.press("end")
        assert page.scroller.follow
        await pilot.press("pageup", "pagedown")
        assert page.scroller.follow


WIDE = "| name | what it is and does | since |\n|---|---|--:|\n| alpha | " + "a word, " * 20 + "| 2001 |\n"


async def test_a_table_that_is_too_wide_is_scrolled_sideways_by_keys_and_wheel():
    async with showing() as (pilot, page):
        page.load([replied("Words before it.\n\n" + WIDE * 1 + "\nand after.")])
        await pilot.pause()
        fitted = rows(page)
        page.focus()
        await pilot.press("right")
        assert any("›" in row for row in rows(page))
        for _ in range(20):
            await pilot.press("l")
        assert any("since" in row for row in rows(page))
        assert any("‹" in row for row in rows(page))
        for _ in range(22):
            await pilot.press("left")
        assert [row.lstrip("▌ ") for row in rows(page)] == [row.lstrip() for row in fitted]
        y = row_with(page, "alpha")
        await pilot._post_mouse_events([MouseScrollRight], page, offset=(8, y), button=0)
        assert any("›" in row for row in rows(page))
        await pilot._post_mouse_events([MouseScrollDown], page, offset=(8, y), button=0, shift=True)
        assert any("‹" in row for row in rows(page))
