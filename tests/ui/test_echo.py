"""A key is answered as soon as what it does is done."""

import asyncio

import pytest
from textual.events import Key
from textual.timer import Timer

from tests.ui.fake import Played, reply
from tests.ui.script import ending, tape, words
from tui.ui.app import RilletApp
from tui.ui.terminal.shortcut import Shortcut


@pytest.mark.parametrize("key", ["x", "ctrl+j", "ctrl+g"])
async def test_what_a_key_changes_is_painted_without_waiting_for_the_next_frame(open_screen, monkeypatch, key):
    async with open_screen() as screen:
        painted = asyncio.Event()
        display = screen.app._display
        monkeypatch.setattr(screen.app, "_display", lambda of, update: (painted.set(), display(of, update)))
        screen.chat._update_timer.stop()  # no next frame ever comes
        screen.app.post_message(Key(key, key if len(key) == 1 else None))
        await asyncio.wait_for(painted.wait(), 60)


async def test_what_is_seen_first_waits_for_no_frame(open_screen, monkeypatch):
    awaited, before_keys = [], []
    take_early_keys = RilletApp.take_early_keys

    async def take(app):
        before_keys.append(list(awaited))
        await take_early_keys(app)

    monkeypatch.setattr(Timer, "resume", lambda timer: awaited.append(timer.name))
    monkeypatch.setattr(RilletApp, "take_early_keys", take)  # they are dealt with after the first paint
    async with open_screen() as screen:
        await screen.until(lambda: before_keys)
    assert "screen_update" not in before_keys[0]


async def test_a_typed_letter_is_painted_by_the_composer_alone_and_as_textual_would(open_screen, monkeypatch):
    async with open_screen() as screen:
        chat = screen.chat
        updates = []
        await screen.press("a")  # with the first letter the keys that matter change, too
        await screen.pilot.pause()
        monkeypatch.setattr(screen.app, "_display", lambda _of, update: updates.append(update))
        monkeypatch.setattr(chat._compositor, "render_update", lambda **_: pytest.fail("not by the short way"))
        await screen.press("b", "汉", "é", "backspace", "c")
        await screen.pilot.pause()
        shown = chat._compositor.render_strips()
        painted = {
            (y, x): strip for update in updates for y, chops in enumerate(update.chops) for x, strip in chops.items()
        }
        assert len(updates) == 5
        assert any("ab汉c" in strip.text for strip in painted.values())
        for (y, x), strip in painted.items():
            assert shown[y].crop(x, x + strip.cell_length).text == strip.text


async def test_a_move_in_a_list_beside_the_page_is_painted_without_all_others_and_as_textual_would(
    open_screen, monkeypatch
):
    made = tape(*words("word " * 60, 0.3), *ending(4.0))
    async with open_screen([Played(made)], size=(130, 30)) as screen:
        await screen.say("Hi")
        await screen.settled()
        await screen.press("ctrl+e")
        pane = screen.chat.panes.docked("wire")
        await screen.until(lambda: len(pane.rows.items) > 60)
        await screen.press("up", "up")
        await screen.pilot.pause()
        chat, updates = screen.chat, []
        monkeypatch.setattr(screen.app, "_display", lambda _of, update: updates.append(update))
        monkeypatch.setattr(chat._compositor, "render_update", lambda **_: pytest.fail("not by the short way"))
        for key in ("up", "down", "pageup", "pagedown", "up"):
            lines = pane.rows.render_line
            painted: list[int] = []
            monkeypatch.setattr(
                pane.rows, "render_line", lambda y, lines=lines, to=painted: (to.append(y), lines(y))[1]
            )
            before = pane.rows.scroll_offset.y
            await screen.press(key)
            await screen.pilot.pause()
            monkeypatch.setattr(pane.rows, "render_line", lines)
            assert len(painted) == 2 or pane.rows.scroll_offset.y != before
        shown = chat._compositor.render_strips()
        painted_strips = {
            (y, x): strip for update in updates for y, chops in enumerate(update.chops) for x, strip in chops.items()
        }
        assert any(x >= pane.region.x for _, x in painted_strips)
        for (y, x), strip in painted_strips.items():
            assert shown[y].crop(x, x + strip.cell_length).text == strip.text


async def test_what_something_lies_over_is_left_to_textual(open_screen):
    async with open_screen(reply("hi"), size=(80, 24)) as screen:
        await screen.say("Hi")
        await screen.settled()
        page = screen.chat.page
        page.refresh_line(0)
        assert Shortcut(page).waiting() is not None
        await screen.type("/")
        await screen.until(lambda: screen.chat.completing.is_open)
        await screen.pilot.pause()
        page.refresh_line(0)
        assert Shortcut(page).waiting() is None
