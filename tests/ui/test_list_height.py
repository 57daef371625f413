"""Panes of a list and a filter: as high as the list, and as long as one types no other height."""

import pytest

from tui.ui.widgets.list_view import ListView

SIZES = [(80, 24), (120, 40), (200, 60)]


async def talk(screen, count):
    for number in range(count):
        await screen.press("ctrl+n")
        await screen.say(f"Prompt {number}")
        await screen.settled()
    await screen.press("ctrl+n")


def rows_seen(pane):
    return pane.query_one(ListView).size.height


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["ctrl+r", "ctrl+o"])
async def test_a_short_list_is_in_a_low_pane_and_typing_does_not_change_that(open_screen, size, key):
    async with open_screen(size=size) as screen:
        await talk(screen, 3)
        await screen.press(key)
        await screen.pilot.pause()
        pane = screen.chat.over
        await screen.until(lambda: rows_seen(pane) >= len(pane.rows.items) > 0)
        assert rows_seen(pane) == max(len(pane.rows.items), pane.list_height.least(pane.outer_size.width))
        high = pane.outer_size.height
        assert high == rows_seen(pane) + pane.list_height.frame
        assert high < size[1] - 8
        await screen.type("zzz")
        await screen.until(lambda: any(words in screen.text() for words in ("No match", "nothing", "not listed")))
        assert pane.outer_size.height == high


@pytest.mark.parametrize("size", SIZES)
async def test_a_long_list_takes_the_room_there_is_and_no_more(open_screen, size):
    async with open_screen(size=size) as screen:
        await screen.press("ctrl+r")
        pane = screen.chat.over
        low = pane.outer_size.height
        pane.rows.show(range(0), cursor=0)
        assert pane.outer_size.height == low
        pane._paint = lambda number, _width: [(f"row {number}", "")]
        pane.rows._paint, pane.rows._is_passive = pane._paint, lambda _row: False
        pane.rows.show(range(500), cursor=0)
        await screen.until(lambda: pane.outer_size.height > low)
        assert pane.region.bottom == screen.chat.stage.input_area.region.y


@pytest.mark.parametrize(("slash", "rows"), [("/prompts", 3), ("/tools", 1)])
async def test_prompts_and_tools_are_as_high_as_their_lists(open_screen, slash, rows):
    async with open_screen(size=(120, 40)) as screen:
        await talk(screen, 3)
        await screen.type(slash)
        await screen.press("enter")
        await screen.until(lambda: screen.chat.over is not None)
        await screen.until(lambda: rows_seen(screen.chat.over) == rows)


async def test_what_is_said_at_length_pushes_a_pane_up_and_not_over_the_composer(open_screen):
    async with open_screen(size=(80, 24)) as screen:
        await screen.press("ctrl+r")
        pane = screen.chat.over
        pane.rows._paint, pane.rows._is_passive = (lambda number, _width: [(f"row {number}", "")]), (lambda _row: False)
        pane.rows.show(range(500), cursor=0)
        await screen.until(lambda: pane.region.bottom == screen.chat.stage.input_area.region.y)
        before = pane.region.bottom
        screen.chat.say("The last word of a long sentence is to be read as well. " * 2 + "So it is.")
        await screen.until(lambda: pane.region.bottom == before - 1)
        assert pane.region.bottom == screen.chat.stage.input_area.region.y
        assert screen.text().count("is to be read as well.") == 2
        assert "So it is." in screen.text()
        screen.chat.key_bar.hush()
        await screen.until(lambda: pane.region.bottom == before)
