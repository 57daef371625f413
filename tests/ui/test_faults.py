"""What of the settings does not work is marked in the title until it has been read."""

from tests.ui.fake import FakeProgram
from tui.store.settings import Settings
from tui.tools.registry import Problem, Registry


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
