"""The scroll bar of the page looks as Textual's own does, wherever the page stands."""

import pytest
from rich.style import Style
from textual.scrollbar import ScrollBarRender

from tests.ui.transcript.showing import showing
from tui.domain.delta import TextDelta
from tui.domain.turn import Prompt, Turn
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
