"""What takes long is done beside everything else, and Esc gives it up."""

from __future__ import annotations

import asyncio

import pytest

from tui.domain.error import ConfigError


@pytest.fixture
def gate():
    return asyncio.Event()


async def test_keys_go_on_while_something_is_done_and_esc_gives_it_up(open_screen, gate):
    async with open_screen() as screen:
        given_up = asyncio.Event()

        async def work(tell):
            try:
                tell(0.25)
                await gate.wait()
            except asyncio.CancelledError:
                given_up.set()
                raise
            return "done"

        screen.chat.stage.work.begin("exporting", work)
        await screen.until(lambda: "exporting 25%" in screen.text())
        await screen.type("hello")
        assert "hello" in screen.text()
        screen.chat.stage.work.begin("exporting", work)
        await screen.until(lambda: "still exporting" in screen.text())
        await screen.press("escape")
        await screen.until(lambda: given_up.is_set() and "gave up exporting" in screen.text())
        assert "25%" not in screen.text()
        assert screen.chat.composer.text == "hello"


async def test_how_it_ended_is_said(open_screen, gate):
    async with open_screen() as screen:

        async def good(_tell):
            return "wrote it"

        async def bad(_tell):
            raise ConfigError("cannot write it", "Give another name.")

        screen.chat.stage.work.begin("exporting", good)
        await screen.until(lambda: "wrote it" in screen.text())
        screen.chat.stage.work.begin("exporting", bad)
        await screen.until(lambda: "cannot write it" in screen.text())
