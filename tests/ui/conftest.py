"""A screen for each test: headless, at one fixed size, with a program that says what the test scripts."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import textual.app
import textual.pilot

from tests.ui.fake import FakeProgram, as_chat_program
from tui.chat.conversation import Conversation
from tui.page.picture import CANVAS
from tui.tools.registry import Registry
from tui.ui.app import RilletApp

THEMES = Path(__file__).parents[2] / "themes"
HURRIED = (
    "tui.page.reply_text",
    "tui.page.wire_list",
    "tui.ui.panes.waterfall",
    "tui.ui.transcript.feed",
    "tui.ui.transcript.overlay.search",
    "tui.ui.transcript.overlay.sought",
)
"""What does something for some milliseconds, by the clock, and the rest of it behind."""


def resting(every, most):
    """What waits until the process rests, looking every so many seconds, `most` seconds at most."""

    async def wait(*_arguments) -> None:
        until = time.monotonic() + most
        while time.monotonic() < until:
            worked = time.process_time()
            await asyncio.sleep(every)
            if time.process_time() - worked < every / 4:
                return

    return wait


@pytest.fixture(autouse=True)
def looks_often(monkeypatch):
    """Textual looks every 20 ms, twice a key, whether the process rests: with that a typed sentence takes seconds."""
    monkeypatch.setattr(textual.app, "wait_for_idle", resting(0.001, 0.1))
    monkeypatch.setattr(textual.pilot, "wait_for_idle", resting(0.01, 0.5))


@pytest.fixture(autouse=True)
def has_time(monkeypatch):
    """What does something for some milliseconds does all of it, however busy the machine is: its clock stands still."""
    for module in HURRIED:
        monkeypatch.setattr(f"{module}.perf_counter", lambda: 0.0)
    monkeypatch.setattr("tui.ui.panes.prompts.BUDGET", 60.0)
    monkeypatch.setattr("tui.ui.panes.wire.BUDGET", 60.0)


@pytest.fixture(autouse=True)
def draws_nothing():
    """Each test begins with a terminal that draws no pictures: what it can is one fact of the whole process."""
    CANVAS.cell, CANVAS.kinds, CANVAS.lack = None, frozenset(), ""


class Screen:
    """A running app, with what tests ask of it."""

    def __init__(self, app, pilot, program):
        self.app, self.pilot, self.program = app, pilot, program

    @property
    def chat(self):
        return self.app.screen

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text):
        await self.press(*text)

    async def say(self, text):
        await self.type(text)
        await self.press("enter")

    async def give_tools(self, *tools):
        """Let the model be told of these tools from the next request on."""
        self.program.registry = Registry(tools)
        await self.chat.runner.tools.load()
        self.chat.runner.tools.offer([tool.name for tool in tools])

    async def until(self, condition):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if condition():
                return
            await self.pilot.pause(0.01)
        raise AssertionError("it did not come to that\n" + self.text())

    async def settled(self):
        await self.until(lambda: not self.chat.runner.is_running)
        await self.pilot.pause()

    def text(self) -> str:
        """What the screen shows, row by row."""
        rows = self.chat._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in row).rstrip() for row in rows)

    @property
    def turns(self):
        return self.chat.conversation.turns


@pytest.fixture
def open_screen(tmp_path, monkeypatch):
    """Opens a screen: `async with open_screen(script, ...) as screen`."""
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("NO_COLOR", raising=False)

    @asynccontextmanager
    async def opened(*scripts, size=(100, 30), conversation=None, draft="", **options):
        program = FakeProgram(*scripts, **options)
        program.database.prompts.save_draft(None, draft)
        app = RilletApp(
            as_chat_program(program), conversation or Conversation(program, "xai", "grok-4"), theme_dirs=[THEMES]
        )
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Screen(app, pilot, program)

    return opened
