"""A letter that only goes on with what is written is written at once: nothing else than Textual's own way would do."""

import asyncio
import random

import pyte
import pytest
from rich.color import ColorSystem
from textual.events import Key
from textual.keys import _character_to_key

from tests.ui.fake import reply
from tui.ui.app import RilletApp
from tui.ui.terminal.screen_diff import ScreenDiff

SIZE = (60, 24)
NAMES = (
    "left",
    "right",
    "home",
    "end",
    "up",
    "down",
    "backspace",
    "delete",
    "ctrl+j",
    "ctrl+z",
    "shift+left",
    "ctrl+w",
)


class Painting:
    """Paints on a terminal of its own, and counts what was written behind what."""

    def __init__(self, app):
        self.app, self.diff = app, ScreenDiff()
        self.screen = pyte.Screen(*SIZE)
        self.stream = pyte.Stream(self.screen)
        self.behind = self.scrolled = 0
        self.is_synced = False

    def display(self, update):
        if (narrow := self.diff.narrow(update, self.app.size)) is not None:
            self.stream.feed(narrow.render_segments(self.app.console))

    def paint(self, x, rows):
        self.stream.feed(self.diff.write_rows(x, rows, self.app.size, ColorSystem.TRUECOLOR))
        return True

    def shown(self, x, y):
        return self.diff.shown(x, y)

    def scroll(self, at, strips, by):
        written = self.diff.scroll(at, strips, by, self.app.size, ColorSystem.TRUECOLOR, is_synced=True)
        self.stream.feed(written or "")
        self.scrolled += bool(written)
        return bool(written)

    def write_behind(self, at, x, strips, text):
        written = self.diff.write_behind(at, x, strips, text, ColorSystem.TRUECOLOR)
        self.stream.feed(written)
        self.behind += bool(written)
        return bool(written)

    def gather(self):
        return False

    def check(self):
        """The terminal shows what the compositor would paint from nothing."""
        fresh = pyte.Screen(*SIZE)
        stream, diff = pyte.Stream(fresh), ScreenDiff()
        rows = self.app.screen._compositor.render_strips()
        for y, row in enumerate(rows):
            stream.feed(diff.write_rows(0, [(y, row)], self.app.size, ColorSystem.TRUECOLOR))
        for y in range(SIZE[1]):
            shown, wanted = ([tuple(each.buffer[y][x]) for x in range(SIZE[0])] for each in (self.screen, fresh))
            assert shown == wanted, (y, self.screen.display[y], fresh.display[y])


def painting_of(screen, monkeypatch):
    """Have a screen painted on a terminal of the test's own."""
    app = screen.app
    app.console._color_system = ColorSystem.TRUECOLOR
    app.painting = painting = Painting(app)
    monkeypatch.setattr(app, "_display", lambda _screen, update: painting.display(update))
    app.screen.refresh(layout=True)
    return painting


def key_of(word):
    return Key(_character_to_key(word), word) if len(word) == 1 else Key(word, None)


def press(screen, word):
    """Press a key as the driver does; whether it was written at once."""
    key = key_of(word)
    is_written = screen.chat.at_once.type(key)
    if not is_written:
        screen.app.post_message(key)
    return is_written


async def dealt_with():
    """All that was posted was dealt with."""
    for _ in range(40):
        await asyncio.sleep(0)


def state(composer):
    return composer.text, composer.selection, composer._cursor_offset, composer.navigator.last_x_offset


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_written_at_once_is_what_textual_would_have_written(open_screen, monkeypatch, seed):
    chance = random.Random(seed)
    words = [
        chance.choice(NAMES) if chance.random() < 0.08 else chance.choice("abcdefgh ijk lmnopq é ж ß 汉 / @ ' \" . ( 7")
        for _ in range(160)
    ]
    states = []
    for goes_at_once in (True, False):
        async with open_screen(size=SIZE) as screen:
            painting = painting_of(screen, monkeypatch)
            composer, app = screen.chat.composer, screen.app
            count = 0
            states.append([])
            for word in words:
                await dealt_with()
                if goes_at_once:
                    count += press(screen, word)
                else:
                    app.post_message(key_of(word))
                    await dealt_with()
                if not chance.randrange(20):
                    await screen.pilot.pause()
                    painting.check()
            await screen.pilot.pause()
            states[-1].append((*state(composer), app.cursor_position))
            painting.check()
            assert (count > 40) is goes_at_once
            assert (painting.behind > 30) is goes_at_once
            for _ in range(40):
                composer.undo()
                states[-1].append(composer.text)
    assert states[0] == states[1]


async def test_a_letter_never_overtakes_what_was_typed_before_it(open_screen):
    async with open_screen() as screen:
        await screen.type("ab")
        assert press(screen, "c")
        assert not press(screen, "left")
        assert not press(screen, "d")
        assert not press(screen, "e")
        await screen.pilot.pause()
        assert screen.chat.composer.text == "abdec"
        await screen.press("end")
        assert press(screen, "f")
        assert not press(screen, "ctrl+j")
        assert not press(screen, "g")
        await screen.pilot.pause()
        assert screen.chat.composer.text == "abdecf\ng"


async def test_a_letter_waits_for_what_was_typed_before_the_screen_was_there(open_screen, monkeypatch):
    written = []
    take_early_keys = RilletApp.take_early_keys

    async def take(app):
        app._first_frame.keep(key_of("a"))
        composer = app.screen.composer
        written.append((composer.text, composer.has_focus, app.screen.at_once.type(key_of("b"))))
        app._first_frame.keep(key_of("b"))
        await take_early_keys(app)

    monkeypatch.setattr(RilletApp, "take_early_keys", take)
    async with open_screen(draft="draft ") as screen:
        await screen.until(lambda: screen.chat.composer.text == "draft ab")
        assert written == [("draft ", True, False)]
        assert press(screen, "c")


async def test_what_may_mean_more_than_a_letter_goes_its_usual_way(open_screen):
    async with open_screen() as screen:
        assert not press(screen, "a")  # where nothing is written, other keys matter
        await screen.pilot.pause()
        for word in ("@", "/", "(", "汉", "\u0301", "tab"):
            assert not screen.chat.at_once.type(key_of(word))
        assert press(screen, "b")
        screen.chat.composer.select(0, 1)
        await screen.pilot.pause()
        assert not screen.chat.at_once.type(key_of("c"))
        for words in ("/he", "see @rea", '@"a b'):
            screen.chat.composer.write(words)
            await screen.pilot.pause()
            assert not screen.chat.at_once.type(key_of("l"))
        screen.chat.composer.write("plain")
        screen.chat.page.focus()
        await screen.pilot.pause()
        assert not screen.chat.at_once.type(key_of("l"))
        await screen.press("f1")
        assert not screen.chat.at_once.type(key_of("l"))


async def test_a_key_that_the_settings_give_something_to_do_goes_its_usual_way(open_screen):
    async with open_screen() as screen:
        await screen.type("ab")
        assert press(screen, ".")
        await screen.pilot.pause()
        screen.app.keys = type(screen.app.keys)({"chat.stop": "full_stop"})
        assert not screen.chat.at_once.type(key_of("."))
        assert press(screen, "c")


async def test_the_draft_and_what_goes_along_are_told_of_a_letter(open_screen):
    async with open_screen() as screen:
        await screen.type("ab")
        composer = screen.chat.composer
        await screen.until(lambda: composer._timer is None)
        assert press(screen, "c")
        assert composer._timer is not None
        await screen.until(lambda: composer._timer is None)
        assert screen.program.database.prompts.draft(None) == "abc"


async def test_letters_are_written_at_once_while_a_reply_streams(open_screen):
    async with open_screen(reply("word " * 200)) as screen:
        await screen.type("go")
        await screen.press("enter")
        await screen.type("a")
        assert press(screen, "b")
        await screen.settled()
        assert screen.chat.composer.text == "ab"
