"""What the terminal shows must be the same whether updates are narrowed or written in full."""

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.containers import Horizontal
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from tui.ui.terminal.difference import find_difference
from tui.ui.terminal.screen_diff import ScreenDiff, anchor

STYLES = [
    Style(color="#d9dce3", bgcolor="#15171c"),
    Style(color="#7aa2f7", bgcolor="#15171c", bold=True),
    Style(italic=True),
]


class ListView(ScrollView):
    DEFAULT_CSS = "ListView { overflow-y: scroll; overflow-x: hidden; scrollbar-size-vertical: 1; width: 1fr; }"

    def __init__(self):
        super().__init__()
        self.texts: list[str] = []
        self.strips: dict[int, Strip] = {}

    def write(self, *texts: str) -> None:
        self.texts += texts
        self.virtual_size = Size(self.size.width, len(self.texts))
        self.scroll_to(y=max(0, len(self.texts) - self.size.height), animate=False)
        self.refresh()

    def render_lines(self, crop):
        return [self.render_line(y) for y in crop.line_range]

    def render_line(self, y):
        row = y + self.scroll_offset.y
        width = self.size.width - 1
        if row >= len(self.texts):
            return Strip.blank(width, STYLES[0])
        strip = self.strips.get(row)
        if strip is None or strip.cell_length != width:
            strip = Strip([Segment(self.texts[row], STYLES[row % 2])]).adjust_cell_length(width, STYLES[0])
            self.strips[row] = strip
        return strip


class Two(App):
    """Draws every update on two terminals, one narrowed and one not, and counts what each took."""

    CSS = "Horizontal { height: 1fr; } #side { width: 20; display: none; } #foot { height: 1; }"

    def __init__(self):
        super().__init__()
        self.glass = ScreenDiff()
        self.screens = [pyte.Screen(80, 24), pyte.Screen(80, 24)]
        self.streams = [pyte.Stream(screen) for screen in self.screens]
        self.written = [0, 0]

    def compose(self):
        with Horizontal():
            yield ListView()
            yield Static("side\n" * 30, id="side", markup=False)
        yield Static("foot", id="foot")

    def _display(self, screen, renderable):
        if renderable is not None and self.size == Size(80, 24):
            for number, update in enumerate((renderable, self.glass.narrow(renderable, self.size))):
                text = update.render_segments(self.console)
                self.written[number] += len(text)
                self.streams[number].feed(text)
        super()._display(screen, renderable)

    def check(self):
        plain, narrowed = self.screens
        for y in range(24):
            assert narrowed.buffer[y] == plain.buffer[y], (y, plain.display[y], narrowed.display[y])


async def test_rows_that_move_and_lines_that_grow_look_the_same_for_a_fraction_of_the_bytes():
    app = Two()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = app.query_one(ListView)
        for number in range(60):
            rows.write(f"line {number} " + "word " * (number % 9))
            await pilot.pause()
            app.check()
        plain, narrowed = app.written
        assert narrowed < plain / 4
        for y in (0, 30, 10, 12, 11, 36):
            rows.scroll_to(y=y, animate=False)
            await pilot.pause()
            app.check()


@pytest.mark.parametrize("steps", [1, 5])
async def test_what_stands_beside_rows_that_move_stays_where_it_is(steps):
    app = Two()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = app.query_one(ListView)
        rows.write(*(f"line {number}" for number in range(40)))
        await pilot.pause()
        app.query_one("#side").display = True
        await pilot.pause()
        app.check()
        for number in range(10):
            rows.write(*(f"more {number}.{step}" for step in range(steps)))
            await pilot.pause()
            app.check()
        app.query_one("#side").display = False
        await pilot.pause()
        app.query_one("#foot", Static).update("other foot")
        await pilot.pause()
        app.check()


def strips_of(cells: int):
    texts = st.text(st.sampled_from("ab  é世✓x"), max_size=6)
    runs = st.lists(st.tuples(texts, st.sampled_from(STYLES)), max_size=5)
    return runs.map(
        lambda found: Strip([Segment(text, style) for text, style in found if text]).adjust_cell_length(
            cells, STYLES[0]
        )
    )


def cells_of(segments):
    cells = []
    for text, style, _ in segments:
        for character in text:
            cells.append((character, style))
            cells += [None] * (Segment(character).cell_length - 1)
    return cells


@given(strips_of(12), strips_of(12))
def test_a_patch_turns_one_strip_into_the_other(before, after):
    patch = find_difference(before, after)
    cells = cells_of(before)
    if patch is not None:
        at, segments = patch
        new = cells_of(segments)
        cells[at : at + len(new)] = new
    assert cells == cells_of(after)


def test_a_word_at_the_end_of_a_line_is_all_that_is_written():
    before = Strip([Segment("some words" + " " * 60, STYLES[0])], 70)
    after = Strip([Segment("some words more" + " " * 55, STYLES[0])], 70)
    assert find_difference(before, after) == (11, [Segment("more", STYLES[0])])


def test_a_row_with_a_character_of_unsure_width_is_written_whole():
    before = Strip([Segment("👩‍👩‍👧 one  ", STYLES[0])], 8)
    after = Strip([Segment("👩‍👩‍👧 oner ", STYLES[0])], 8)
    assert find_difference(before, after) == (0, list(after))


def test_what_lies_outside_the_spans_of_an_update_is_left_alone():
    def chops(page: str, side: str) -> ChopsUpdate:
        row = {0: Strip([Segment(page, STYLES[0])]), 8: Strip([Segment("|", STYLES[0])]), 9: Strip([Segment(side)])}
        return ChopsUpdate([row], [(0, 8, 9)], [[8, 9, 12]])

    screen = pyte.Screen(12, 1)
    terminal = pyte.Stream(screen)
    glass, console = ScreenDiff(), Console(color_system="truecolor", width=12)
    whole = chops("the page", "abc")
    whole.spans = [(0, 0, 12)]
    for update in (whole, chops("        ", "   ")):
        terminal.feed(glass.narrow(update, Size(12, 1)).render_segments(console))
    assert screen.display == ["the page|abc"]


def test_what_stands_after_a_sign_is_where_it_should_be_whatever_width_the_terminal_gives_it():
    def update(text: str, mark: str) -> ChopsUpdate:
        strip = Strip([Segment(text, STYLES[0])]).adjust_cell_length(19, STYLES[0])
        return ChopsUpdate([{0: strip, 19: Strip([Segment(mark)])}], [(0, 0, 20)], [[19, 20]])

    screen = pyte.Screen(20, 1)  # it gives the family six cells and the warning one
    screen.reset_mode(pyte.modes.DECAWM)
    terminal = pyte.Stream(screen)
    glass, console = ScreenDiff(), Console(color_system="truecolor", width=20)
    bar = update("", "|").chops[0][19]
    for text in ("old words on the row", "\u26a0\ufe0f one", "\U0001f469\u200d\U0001f469\u200d\U0001f467 two"):
        change = update(text, "|")
        change.chops[0][19] = bar  # the same, so that it is not written for itself
        terminal.feed(glass.narrow(change, Size(20, 1)).render_segments(console))
        assert screen.buffer[0][19].data == "|"
    assert "".join(screen.buffer[0][x].data for x in range(2, 7)) == " two "
    change = update("a long text \U0001f469\u200d\U0001f469\u200d\U0001f467", "|")
    change.chops[0][19] = bar
    terminal.feed(glass.narrow(change, Size(20, 1)).render_segments(console))
    assert screen.buffer[0][19].data == "|"
    terminal.feed(glass.narrow(update("\u26a0\ufe0f one", "|"), Size(20, 1)).render_segments(console))
    assert "".join(screen.buffer[0][x].data for x in range(1, 7)) == "  one "


def test_scripts_whose_letters_are_drawn_together_are_one_sign():
    assert anchor("x שלום y", 4) == f"x {' ' * 4}\x1b[7Gשלום\x1b[11G y"
    assert anchor("😀😀", 0) == "  \x1b[1G😀\x1b[3G  \x1b[3G😀\x1b[5G"


def test_the_style_stays_from_update_to_update_until_nobody_knows_it():
    def render(text):
        chops = [{0: Strip([Segment(text, STYLES[0])])}]
        update = ChopsUpdate(chops, [(0, 0, len(text))], [[len(text)]])
        return glass.narrow(update, Size(80, 24)).render_segments(Console(color_system="truecolor"))

    glass = ScreenDiff()
    assert render("one").startswith("\x1b[1;1H\x1b[0;38;2;")
    assert render("owl") == "\x1b[1;2Hwl"
    glass.forget()
    assert "\x1b[0;38;2;" in render("owe")


def test_rows_move_also_where_blank_ones_take_the_place_of_others():
    blank = Strip([Segment(" " * 60, STYLES[0])], 60)
    rows = [Strip([Segment(f"item {row:<55}", STYLES[0])], 60) if row % 2 else blank for row in range(16)]
    screen, glass, console = pyte.Screen(60, 12), ScreenDiff(), Console(color_system="truecolor", width=60)
    terminal = pyte.Stream(screen)

    def show(top, changed):
        chops = [{0: rows[top + y]} if y in changed else {} for y in range(12)]
        update = ChopsUpdate(chops, [(y, 0, 60) for y in changed], [[60]] * 12)
        written = glass.narrow(update, Size(60, 12)).render_segments(console)
        terminal.feed(written)
        assert screen.display == [strip.text for strip in rows[top : top + 12]]
        return written

    show(0, range(12))
    assert len(show(2, range(1, 12, 2))) < 200, "five rows of six are moved and not written"
    terminal.feed(glass.write_rows(0, [(3, rows[1])], Size(60, 12), console._color_system))
    assert screen.display[3] == rows[1].text


@given(
    st.lists(strips_of(30), min_size=20, max_size=20),
    st.lists(st.sampled_from(("│", "█", " ")), min_size=24, max_size=24),
    st.lists(st.tuples(st.integers(1, 5), st.lists(st.integers(0, 11), max_size=4)), min_size=1, max_size=4),
    st.integers(0, 2),
    st.booleans(),
)
def test_rows_that_are_scrolled_look_as_if_they_were_written_again(rows, bar, steps, beside, is_synced):
    size, colours = Size(30 + beside, 14), Console(color_system="truecolor")._color_system
    screen, glass = pyte.Screen(*size), ScreenDiff()
    terminal = pyte.Stream(screen)
    column = [Strip([Segment(sign * beside, STYLES[1])], beside) for sign in bar[:14]] if beside else []
    shown = [Strip(list(rows[y % 20]), 30) for y in range(12)]
    terminal.feed(glass.write_rows(0, enumerate(shown, 1), size, colours))
    if beside:
        terminal.feed(glass.write_rows(30, enumerate(column), size, colours))
    for by, changed in steps:
        wanted = [*shown[by:], *(Strip(list(rows[(y + by) % 20]), 30) for y in range(by))]
        for y in changed:
            wanted[y] = Strip(list(rows[(y + 7) % 20]), 30)
        written = glass.scroll((0, 1), wanted, by, size, colours, is_synced=is_synced)
        assert written is not None or beside or len(changed) > 1 or by > 4
        terminal.feed(glass.write_rows(0, enumerate(wanted, 1), size, colours) if written is None else written)
        shown = wanted
        fresh = pyte.Screen(*size)
        again = pyte.Stream(fresh)
        for y, strip in enumerate(shown, 1):
            again.feed(ScreenDiff().write_rows(0, [(y, strip)], size, colours))
        if beside:
            again.feed(ScreenDiff().write_rows(30, enumerate(column), size, colours))
        for y in range(14):
            assert [tuple(screen.buffer[y][x]) for x in range(size.width)] == [
                tuple(fresh.buffer[y][x]) for x in range(size.width)
            ], (y, screen.display[y], fresh.display[y])


def test_rows_that_are_scrolled_are_not_written():
    size, colours = Size(60, 20), Console(color_system="truecolor")._color_system
    glass = ScreenDiff()
    rows = [Strip([Segment(f"row {row:<56}", STYLES[0])], 60) for row in range(40)]
    glass.write_rows(0, enumerate(rows[:20]), size, colours)
    assert len(glass.scroll((0, 0), rows[1:21], 1, size, colours, is_synced=False)) < 150
    assert glass.scroll((0, 0), rows[15:35], 14, size, colours, is_synced=False), "six rows of twenty are still there"
    assert glass.scroll((0, 0), rows[:20], 3, size, colours, is_synced=False) is None, "nothing of it stands there"
