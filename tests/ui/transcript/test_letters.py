"""Letters behind the last row are written past the page: what the terminal shows must be what the page would have painted."""

import random
from contextlib import asynccontextmanager

import pyte
import pytest
from rich.color import ColorSystem
from textual.geometry import Size
from textual.widgets import Input

from tests.bench import document
from tests.ui.transcript.showing import PageApp, asked, come
from tui.domain.delta import FinishDelta, ReasoningDelta, TextDelta, ToolCallDelta
from tui.domain.turn import TurnState
from tui.ui.terminal.screen_diff import ScreenDiff
from tui.ui.transcript import Transcript

SIZE = Size(60, 20)


class Painting:
    """Paints on a terminal, and counts what was written behind what."""

    def __init__(self, app):
        self.app = app
        self.diff = ScreenDiff()
        self.screen = pyte.Screen(*SIZE)
        self.stream = pyte.Stream(self.screen)
        self.behind = self.scrolled = 0

    def paint(self, x, rows):
        self.stream.feed(self.diff.write_rows(x, rows, SIZE, ColorSystem.TRUECOLOR))
        return True

    def scroll(self, at, strips, by):
        written = self.diff.scroll(at, strips, by, SIZE, ColorSystem.TRUECOLOR, is_synced=True)
        self.stream.feed(written or "")
        self.scrolled += bool(written)
        return bool(written)

    def write_behind(self, at, x, strips, text):
        written = self.diff.write_behind(at, x, strips, text, ColorSystem.TRUECOLOR)
        self.stream.feed(written)
        self.behind += bool(written)
        return bool(written)


class Terminal(PageApp):
    """A page in a terminal."""

    def __init__(self):
        super().__init__()
        self.console._color_system = ColorSystem.TRUECOLOR
        self.painting = Painting(self)

    def _display(self, screen, renderable):
        if renderable is not None and self.size == SIZE:
            painting = self.painting
            painting.stream.feed(painting.diff.narrow(renderable, SIZE).render_segments(self.console))
        super()._display(screen, renderable)


@asynccontextmanager
async def replying():
    """A page in a terminal, with a turn that waits for its reply: app, pilot, page and turn."""
    app = Terminal()
    async with app.run_test(size=SIZE) as pilot:
        page, turn = app.query_one(Transcript), asked()
        page.add_turn(turn)
        await pilot.pause()
        yield app, pilot, page, turn


def cells(screen, page):
    """The rows of the page in a terminal, character and style of each cell."""
    return [[tuple(screen.buffer[y][x]) for x in range(SIZE.width - 1)] for y in range(page.viewport.rows)]


def shown(app):
    """What the terminal shows of the page."""
    return cells(app.painting.screen, app.query_one(Transcript))


def painted(app):
    """The same as the page paints it from nothing."""
    page, screen = app.query_one(Transcript), pyte.Screen(*SIZE)
    page.renderer.reset()
    strips = [page.renderer.strip_of(page.viewport.top_row + y, SIZE.width - 1) for y in range(page.viewport.rows)]
    pyte.Stream(screen).feed(ScreenDiff().write_rows(0, enumerate(strips), SIZE, ColorSystem.TRUECOLOR))
    return cells(screen, page)


def check(app):
    """The terminal shows what the page paints."""
    for y, (row, wanted) in enumerate(zip(shown(app), painted(app), strict=True)):
        assert row == wanted, (y, "".join(cell[0] for cell in row), "".join(cell[0] for cell in wanted))


PIECES = (
    "Plain words, in a sentence that goes on for more than one row of the page. And another one, 12.5% of it? ",
    "Now **bold words that go on** and *some in italics, too* then `code` and [a link](https://example.org/a b) here. ",
    "\n\n- an item with words\n- another, *longer than a row so that it is broken and goes on below itself*\n\n",
    "\n\n> words that are quoted, and\n> go on\n\n",
    "\n\n# A heading with words\n\nWords  with  spaces between   them    and https://example.org/path and more. ",
    "日本語の文章 with words behind it, and a flag 🇩🇪 with words behind it. ",
    "\n\n- [ ] a task with words\n- [x] done with words\n\n1. one two three\n2. four five\n\n",
    "| a | b |\n| --- | --- |\n| one | two |\n\n",
    "```python\nfor number in range(10):\n    print(number)\n```\n\n",
    "\u05e9\u05dc\u05d5\u05dd to all of them, word by word. ",
    "a line that ends here  \nand goes on\nand on & on <b>with</b> tags. ",
)


@pytest.mark.parametrize("seed", range(24))
async def test_what_is_written_past_the_page_is_what_the_page_paints(seed):
    chance = random.Random(seed)
    text = "".join(chance.choices(PIECES, k=8))
    async with replying() as (app, pilot, page, turn):
        while text:
            size = chance.choice((1, 2, 3, 4, 5, 6, 7, 30))
            piece, text = text[:size], text[size:]
            come(page, turn, TextDelta(piece))
            if chance.random() < 0.1:
                await pilot.pause()
            if chance.random() < 0.15:
                check(app)
        turn.apply(FinishDelta("stop"))
        turn.end(TurnState.COMPLETE)
        page.end_turn(turn)
        await pilot.pause()
        check(app)


async def test_most_words_of_prose_are_written_past_the_page():
    async with replying() as (app, pilot, page, turn):
        words = "Some plain words of a sentence that is long enough to go on for a few rows of the page. " * 4
        pieces = [f"{word} " for word in words.split()]
        for piece in pieces:
            come(page, turn, TextDelta(piece))
        assert app.painting.behind > len(pieces) * 0.7
        for number in range(30):
            come(page, turn, TextDelta(f"\n\nparagraph {number}"))
        assert app.painting.scrolled > 20
        check(app)


async def test_code_cells_and_marks_that_grow_in_their_row_need_no_notice():
    async with replying() as (app, pilot, page, turn):
        for begun, goes_on in (
            ("```python\nfor number in range(10):\n    total", (" +", "= nu", "mber", "  # a", 'dd "')),
            ('10"\n```\n\n| first one | two |\n|---|---|\n| a', ("b", "c *", "d")),
            (" e* | f |\n\nA word and **bold", (" wo", "rds*", "* an", "d `co", "de` &", " so on")),
        ):
            come(page, turn, TextDelta(begun))
            check(app)
            for piece in goes_on:
                turn.apply(delta := TextDelta(piece))
                assert page.turn_feed.write(turn, [delta]), (begun, piece)
                check(app)
        come(page, turn, TextDelta(" to a row that is broken, as it is much too long for the page that it stands on"))
        check(app)


async def test_what_else_happens_to_the_page_meanwhile_is_painted_as_ever():
    async with replying() as (app, pilot, page, turn):

        async def words(count=3):
            for _ in range(count):
                come(page, turn, TextDelta("word "))
            await pilot.pause()
            check(app)

        await words()
        come(page, turn, ReasoningDelta("It thinks after all."), TextDelta("more "))
        await words()
        page.find("word")
        await words()
        page.find("")
        page.scroller.stay()
        await words()
        page.jump_end()
        await words(60)
        page.scroll_to(y=0, animate=False)
        await words(60)
        page.jump_end()
        page.focus()
        await words()
        come(page, turn, ToolCallDelta(0, "call_1", "look", '{"at": '))
        await words()
        come(page, turn, TextDelta("said anew: ", replaces=True))
        await words()
        page.set_palette({"strong": app.screen.rich_style})
        await words()
        app.query_one(Input).display = False
        await words()
        assert "said anew: word word" in turn.text


async def test_words_behind_a_part_that_was_not_the_last_do_not_go_to_the_last():
    async with replying() as (app, pilot, page, turn):
        for part, text in ((0, "first "), (1, "second "), (0, "part "), (1, "part "), (1, "goes on"), (0, "too")):
            come(page, turn, TextDelta(text, part=part))
            await pilot.pause()
            check(app)
        assert turn.body.parts == ["first part too", "second part goes on"]


async def test_a_benchmarks_document_looks_the_same_whichever_way_it_came():
    text = document.markdown(400)
    rows = []
    for size in (4, len(text)):
        async with replying() as (app, pilot, page, turn):
            for at in range(0, len(text), size):
                come(page, turn, TextDelta(text[at : at + size]))
            while page.turn_feed.count_backlog():
                await pilot.pause()
            await pilot.pause()
            rows.append([app.painting.screen.display[y].rstrip(" ▁▂▃▄▅▆▇█") for y in range(page.viewport.rows)])
    assert rows[0] == rows[1]
