"""The menu of a row: what can be done with it, whatever list it stands in."""

from __future__ import annotations

import pytest

from tests.ui.fake import Played, reply
from tests.ui.script import ending, tape, words
from tui.domain.session import SessionSummary
from tui.ui.action.keymap import DEFAULT
from tui.ui.action.table import ACTIONS, BY_ID
from tui.ui.panes.calls import DECISIONS
from tui.ui.panes.row_menu import RowMenuPane


def choices(screen):
    return [each.id for each in screen.chat.over.rows.items]


def menu_is_open(screen):
    return isinstance(screen.chat.over, RowMenuPane)


async def talk(screen, *prompts):
    for prompt in prompts:
        await screen.press("ctrl+n")
        await screen.say(prompt)
        await screen.settled()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("opens", ["ctrl+r", "ctrl+o", "alt+h", "ctrl+e", "alt+n"])
async def test_a_key_opens_the_menu_of_a_row_and_escape_closes_it_and_nothing_else(open_screen, opens, size):
    made = tape(*words("Paris is mild.", 0.31), *ending(1.2), prompt="Weather?")
    async with open_screen([Played(made)], size=size) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.press(opens)
        pane = screen.chat.pane_in_focus()
        focused = screen.chat.focused
        await screen.until(lambda: pane.query_one("ListView").item is not None)
        for key in ("alt+m", "f12"):
            await screen.press(key)
            assert choices(screen)
            for each in choices(screen):
                assert DEFAULT.name(each) in screen.text()
                assert each == "list.choose" or BY_ID[each].label[:30] in screen.text()
            await screen.press("escape")
            assert not menu_is_open(screen)
            assert screen.chat.focused is focused
        assert screen.chat.pane_in_focus() is pane


async def test_what_the_table_says_of_a_row_is_in_the_menu_of_its_list(open_screen):
    async with open_screen(reply("One."), size=(120, 40)) as screen:
        await talk(screen, "first")
        await screen.press("ctrl+r", "alt+m")
        about = [each.id for each in ACTIONS if each.scope == "sessions" and each.is_about_row]
        assert choices(screen) == ["list.choose", *about]
        assert about == ["sessions.rename", "sessions.delete", "sessions.pin", "sessions.tag", "sessions.archive"]


async def test_a_session_is_deleted_from_its_menu_by_key_or_enter_and_comes_back(open_screen):
    async with open_screen(size=(120, 40)) as screen:
        await talk(screen, "First talk", "Second talk")
        await screen.press("ctrl+n", "ctrl+r", "alt+m", "down", "down", "enter")
        sessions = screen.program.database.sessions
        assert [each.title for each in sessions.summaries()] == ["First talk"]
        await screen.press("alt+z")
        assert len(sessions.summaries()) == 2
        await screen.press("alt+m", "delete")
        assert len(sessions.summaries()) == 1
        assert not menu_is_open(screen)


async def test_letters_typed_into_a_menu_change_nothing(open_screen):
    async with open_screen(size=(120, 40)) as screen:
        await talk(screen, "First talk")
        await screen.press("ctrl+r", "alt+m")
        await screen.type("dEleteXü9")
        assert screen.chat.query_one("SessionsPane").field.value == ""
        assert len(screen.program.database.sessions.summaries()) == 1
        await screen.press("escape")
        await screen.type("first")
        assert screen.chat.pane_in_focus().field.value == "first"


async def test_a_menu_does_nothing_with_another_row_than_its_own(open_screen):
    async with open_screen(size=(120, 40)) as screen:
        await talk(screen, "First talk", "Second talk")
        await screen.press("ctrl+r")
        pane = screen.chat.pane_in_focus()
        rows = pane.rows
        await screen.press("alt+m")
        second = rows.item
        first = next(each for each in rows.items if isinstance(each, SessionSummary) and each.title == "First talk")
        rows.show([first, second], cursor=0)
        await screen.press("f6")
        pinned = [each.title for each in screen.program.database.sessions.summaries() if each.is_pinned]
        assert pinned == ["Second talk"]
        await screen.press("alt+m")
        rows.show([first], cursor=0)
        await screen.press("delete")
        assert len(screen.program.database.sessions.summaries()) == 2
        assert "no longer in the list" in screen.text()


async def test_a_deleted_session_can_only_be_restored(open_screen):
    async with open_screen(size=(120, 40)) as screen:
        await talk(screen, "First talk")
        await screen.press("ctrl+n", "ctrl+r", "delete", "f3", "alt+m")
        assert choices(screen) == ["list.choose"]
        assert "restore" in screen.text()
        await screen.press("f2")
        assert menu_is_open(screen)
        await screen.press("enter")
        assert len(screen.program.database.sessions.summaries()) == 1


async def test_the_right_button_opens_the_menu_of_the_row_it_is_over(open_screen):
    async with open_screen(size=(120, 40)) as screen:
        await talk(screen, "First talk", "Second talk")
        await screen.press("ctrl+r")
        rows = screen.chat.pane_in_focus().rows
        at = next(at for at, each in enumerate(rows.items) if getattr(each, "title", "") == "First talk")
        await screen.pilot.click(rows, offset=(3, at), button=3)
        await screen.pilot.pause()
        assert rows.item.title == "First talk"
        assert "sessions.rename" in choices(screen)


@pytest.mark.parametrize("size", [(60, 14), (80, 24), (200, 60)])
async def test_the_whole_menu_shows_wherever_its_row_is_and_when_the_window_changes(open_screen, size):
    async with open_screen(size=size) as screen:
        await talk(screen, *(f"Talk {number}" for number in range(12)))
        await screen.press("ctrl+r")
        for keys in ([], ["end"]):
            await screen.press(*keys, "alt+m")
            assert all(BY_ID[each].label[:40] in screen.text() for each in choices(screen)[1:])
            await screen.pilot.resize_terminal(70, 16)
            await screen.pilot.pause()
            assert all(BY_ID[each].label[:40] in screen.text() for each in choices(screen)[1:])
            await screen.pilot.resize_terminal(*size)
            await screen.press("escape")


async def test_the_menu_shows_though_its_row_was_scrolled_out_of_sight(open_screen):
    async with open_screen(size=(80, 24)) as screen:
        await talk(screen, *(f"Talk {number}" for number in range(30)))
        await screen.press("ctrl+r")
        screen.chat.over.rows.scroll_end(animate=False, immediate=True)
        await screen.press("alt+m")
        assert all(BY_ID[each].label[:40] in screen.text() for each in choices(screen)[1:])


async def test_another_pane_takes_the_place_of_a_list_and_its_menu(open_screen):
    async with open_screen(reply("One."), size=(120, 40)) as screen:
        await talk(screen, "First talk")
        await screen.press("ctrl+r", "alt+m", "ctrl+o")
        assert [type(pane).__name__ for pane in screen.chat.query("Pane") if pane.is_over] == ["ModelsPane"]
        await screen.press("escape")
        await screen.type("x")
        assert screen.chat.composer.text == "x"


async def test_the_same_key_opens_the_menu_of_a_block_on_the_page(open_screen):
    async with open_screen(reply("One."), size=(120, 40)) as screen:
        await talk(screen, "First talk")
        await screen.press("shift+tab")
        await screen.until(lambda: screen.chat.page.has_focus)
        await screen.press("k", "alt+m")
        assert "This block" in screen.text()


async def test_a_prompt_of_before_is_copied(open_screen):
    async with open_screen(reply("One."), size=(120, 40)) as screen:
        await screen.say("a prompt to copy")
        await screen.settled()
        await screen.press("alt+h", "alt+m")
        assert choices(screen) == ["list.choose", "prompts.copy"]
        await screen.press("ctrl+y")
        assert "copied the prompt" in screen.text().lower() or "the prompt" in screen.text()


def test_no_call_is_decided_from_a_menu():
    # Keys count for a question only once the terminal has shown it; a menu over it would be a way around.
    assert not DECISIONS & {each.id for each in ACTIONS if each.is_about_row}
