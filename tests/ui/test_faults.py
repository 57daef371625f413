"""What of the settings does not work is marked in the title until it has been read."""

import sys
from pathlib import Path

from tests.ui.fake import FakeProgram
from tests.ui.test_calling import SETTINGS
from tui.store.settings import Settings
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.server import McpServer
from tui.tools.registry import Problem, Registry

SERVER = Path(__file__).parents[1] / "tools" / "mcp" / "talkative_server.py"


async def test_a_missing_root_is_marked_at_the_start_until_it_was_read(open_screen, monkeypatch):
    monkeypatch.setattr("tui.ui.screen.chat.LOOK_FOR_FAULTS", 0.01)
    settings = Settings(roots=("/nope",), keymap={"chat.modles": "f7"})
    registry = Registry(problems=[Problem("read_file", "roots", "there is no directory /nope")])

    async def tools(_program):
        return registry

    monkeypatch.setattr(FakeProgram, "tools", tools)
    async with open_screen(settings=settings, size=(100, 24)) as screen:
        await screen.until(lambda: "! 2 faults" in screen.text().splitlines()[0])
        await screen.say("/notices")
        await screen.until(lambda: "there is no directory /nope" in screen.text())
        assert "there is no “chat.modles”" in screen.text()
        await screen.press("enter")
        await screen.until(lambda: "faults" not in screen.text())
        screen.chat.tell_saving()
        assert "fault" not in screen.text().splitlines()[0]


async def test_what_came_up_later_is_marked_again_and_on_a_low_screen_too(open_screen):
    async with open_screen(size=(100, 14)) as screen:
        screen.chat.stage.faults.add(["files does not run"])
        screen.chat.tell_saving()
        await screen.pilot.pause()
        assert "/notices" in screen.text()


async def test_the_mark_goes_when_a_server_has_come_back(open_screen, monkeypatch, tmp_path):
    monkeypatch.setattr("tui.ui.screen.chat.LOOK_FOR_FAULTS", 0.01)
    program = tmp_path / "server.py"
    program.write_text("import sys; sys.exit('no licence')")
    server = McpConnection(McpServer("talk", (sys.executable, str(program))))
    registry = Registry(servers=[server])

    async def tools(_program):
        return registry

    monkeypatch.setattr(FakeProgram, "tools", tools)
    async with open_screen(settings=SETTINGS, size=(100, 24)) as screen:
        try:
            await screen.until(lambda: "! 1 fault" in screen.text().splitlines()[0])
            program.write_text(SERVER.read_text())
            await server.restart()
            await screen.until(lambda: server.state == "ready")
            await screen.until(lambda: "fault" not in screen.text().splitlines()[0])
            await screen.say("/notices")
            await screen.until(lambda: "nothing to be read" in screen.text())
        finally:
            await registry.aclose()
