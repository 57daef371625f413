"""The scroll bar of the page looks as Textual's own does, wherever the page stands."""

import time

import pytest
from rich.style import Style
from textual.scrollbar import ScrollBarRender

from tests.ui.transcript.showing import showing
from tui.domain.delta import TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.ui.transcript.bar import cells_of, thumb_of


def drawn_by_textual(rows, total, top):
    """What Textual draws in each row: the sign, and whether its colours are the other way round."""
    window = rows if rows < total else 0
    bar = ScrollBarRender.render_bar(
        size=rows, virtual_size=total, window_size=window, position=top, thickness=1, vertical=True
    )
    return [(segment.text, bool((segment.style or Style.null()).reverse)) for segment in bar.segments]


@pytest.mark.parametrize("rows", [1, 5, 17, 33, 120])
def test_every_place_of_the_thumb_is_drawn_as_textual_draws_it(rows):
    for total in (*range(rows, 4 * rows), 1000, 100_003):
        for top in {0, 1, (total - rows) // 3, max(0, total - rows - 1), total - rows}:
            assert cells_of(rows, *thumb_of(rows, total, top)) == drawn_by_textual(rows, total, top), (total, top)


async def test_the_bar_that_was_painted_by_hand_is_what_textual_paints_again():
    async with showing() as (pilot, page):
        page.add_turn(turn := Turn(Prompt("hello")))
        await pilot.pause()
        for number in range(60):
            turn.apply(delta := TextDelta(f"line {number}\n\n"))
            page.feed(turn, [delta])
        bar = page.vertical_scrollbar
        painted = [
            ("".join(strip.text), bool(list(strip)[0].style.reverse)) for strip in bar.render_lines(bar.size.region)
        ]
        assert painted == drawn_by_textual(bar.size.height, page.page.total, round(page.scroll_y))


async def until(pilot, condition):
    """Wait for what comes soon."""
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends
        await pilot.pause()


async def show_much(pilot, page):
    """Show a reply that is much longer than the page, all of it."""
    page.add_turn(turn := Turn(Prompt("hello")))
    turn.apply(delta := TextDelta("\n\n".join(f"line {number}" for number in range(200))))
    page.feed(turn, [delta])
    await until(pilot, lambda: page.turn_feed.count_backlog() == 0)
    turn.end(TurnState.COMPLETE)
    page.end_turn(turn)
    await pilot.pause()


async def test_the_mouse_moves_the_page_by_its_bar():
    async with showing() as (pilot, page):
        await show_much(pilot, page)
        bar = page.vertical_scrollbar
        end = page.scroll_y
        await pilot.mouse_down(bar, offset=(0, 1))
        await pilot.mouse_up(bar, offset=(0, 1))
        await until(pilot, lambda: page.scroll_y < end)  # above its thumb
        above = page.scroll_y
        thumb = next(y for y in range(bar.size.height) if bar.render_line(y)._segments[0].style.reverse)
        await pilot.mouse_down(bar, offset=(0, thumb))
        await pilot.hover(bar, offset=(0, 0))
        await pilot.mouse_up(bar, offset=(0, 0))
        await until(pilot, lambda: page.scroll_y < above)  # drawn up by its thumb
        top = page.scroll_y
        await pilot.mouse_down(bar, offset=(0, bar.size.height - 1))
        await pilot.mouse_up(bar, offset=(0, bar.size.height - 1))
        await until(pilot, lambda: page.scroll_y > top)  # below its thumb


async def test_the_bar_under_the_mouse_and_in_another_theme_is_coloured_so():
    async with showing() as (pilot, page):
        await show_much(pilot, page)
        bar = page.vertical_scrollbar
        last = bar.size.height - 1

        def colour():
            return bar.render_line(last)._segments[0].style.color

        at_rest = colour()
        page.styles.scrollbar_color_hover = "red"
        await pilot.hover(bar, offset=(0, 3))
        await until(pilot, lambda: colour() != at_rest)
        await pilot.hover(page, offset=(0, 3))
        await until(pilot, lambda: colour() == at_rest)
        page.styles.scrollbar_color = "blue"
        assert colour() != at_rest
