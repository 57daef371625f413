"""A key is answered as soon as what it does is done."""

import asyncio

import pytest
from textual.events import Key


@pytest.mark.parametrize("key", ["x", "ctrl+j", "ctrl+g"])
async def test_what_a_key_changes_is_painted_without_waiting_for_the_next_frame(open_screen, monkeypatch, key):
    async with open_screen() as screen:
        painted = asyncio.Event()
        display = screen.app._display
        monkeypatch.setattr(screen.app, "_display", lambda of, update: (painted.set(), display(of, update)))
        screen.chat._update_timer.stop()  # no next frame ever comes
        screen.app.post_message(Key(key, key if len(key) == 1 else None))
        await asyncio.wait_for(painted.wait(), 10)
