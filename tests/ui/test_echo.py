"""A key is answered as soon as what it does is done."""

import asyncio

import pytest
from textual.events import Key
from textual.timer import Timer

from tui.ui.app import RilletApp


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
