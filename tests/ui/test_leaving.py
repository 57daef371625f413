"""Leaving by Ctrl+D, as shells do: on an empty prompt, and never by a key that was meant to delete."""

import pytest

from tests.ui.fake import Gate, reply
from tui.domain.delta import TextDelta
from tui.ui.widgets import composer as composer_file


async def left(screen):
    await screen.until(lambda: not screen.app._running or screen.app._exit)


async def test_on_an_empty_prompt_it_leaves(open_screen):
    async with open_screen(reply("One.")) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.press("ctrl+d")
        await left(screen)
        assert screen.app.return_code == 0


async def test_with_something_written_it_deletes_to_the_right(open_screen):
    async with open_screen() as screen:
        await screen.type("ab")
        await screen.press("home", "ctrl+d")
        assert screen.chat.composer.text == "b"
        assert screen.app._running


async def test_held_down_it_deletes_and_does_not_leave(open_screen, monkeypatch):
    monkeypatch.setattr(composer_file, "HELD_DOWN", 3600.0)
    async with open_screen() as screen:
        await screen.type("ab")
        await screen.press("home", *["ctrl+d"] * 9)
        assert screen.chat.composer.text == ""
        assert not screen.app._exit


async def test_after_the_last_letter_was_deleted_a_while_ago_it_leaves(open_screen, monkeypatch):
    monkeypatch.setattr(composer_file, "HELD_DOWN", 0.0)
    async with open_screen() as screen:
        await screen.type("a")
        await screen.press("home", "ctrl+d", "ctrl+d")
        await left(screen)


@pytest.mark.parametrize("queued", [False, True])
async def test_while_a_reply_streams_it_asks_first(open_screen, queued):
    gate = Gate()
    async with open_screen([TextDelta("One"), gate], size=(100, 30)) as screen:
        await screen.say("first")
        await gate.reached.wait()
        if queued:
            await screen.say("second")
        await screen.press("ctrl+d")
        assert "a reply is being written: Ctrl+D again to quit" in screen.text()
        assert screen.chat.runner.is_running
        await screen.press("ctrl+d")
        await left(screen)
        assert screen.turns[0].text == "One"


async def test_while_a_prompt_is_edited_it_asks_first(open_screen):
    async with open_screen(reply("One."), size=(100, 30)) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.press("alt+e", "ctrl+u", "ctrl+d")
        assert "something is being edited: Ctrl+D again to quit" in screen.text()
        assert not screen.app._exit
