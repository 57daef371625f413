"""What a frame brought is lit where it stands, and one frame after the other without working out a block again."""

from tests.ui.transcript.showing import replied, showing
from tui.page import located
from tui.page.origin import Range
from tui.typeset.line import line_text


def lit_words(page):
    """What is lit of the rows on the screen."""
    words = []
    for y in range(page.viewport.rows):
        index, row, line = page.page.line(page.viewport.top_row + y)
        text = line_text(line)
        words += [text[mark.start : mark.end] for mark in page.lit.marks(index, row, line)]
    return words


async def test_the_next_frame_of_a_block_is_lit_without_working_the_block_out_again(monkeypatch):
    text = " ".join(f"word{number}" for number in range(3000))
    calls = []
    locate = located.locate
    monkeypatch.setattr(located, "locate", lambda entry, spot: calls.append(spot) or locate(entry, spot))
    async with showing() as (pilot, page):
        turn = replied(text)
        page.add_turn(turn)
        await pilot.pause()
        for number in (100, 2500, 2501, 3):
            start = text.index(f"word{number} ")
            page.lit.light(turn, [Range("text", 0, start, start + len(f"word{number}"))])
            await pilot.pause()
            assert lit_words(page) == [f"word{number}"]
        assert len([spot for spot in calls if spot.part == 1]) == 1
