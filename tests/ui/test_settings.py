"""The settings on the screen: read again while it runs, changed on confirmation; keys that are typed; endpoints set up."""

from __future__ import annotations

import os

import pytest

from tests.server import FaultServer
from tests.ui.conftest import Screen
from tui.chat import neighbour
from tui.chat.conversation import Conversation
from tui.chat.opening import open_program
from tui.chat.program import Program
from tui.domain.error import RefusedError
from tui.store.settings import Choices
from tui.ui.app import RilletApp

FILE = '# mine\ntheme = "ink"  # dark\n'
KEY = "typed-0123456789abcdef"


@pytest.fixture
def file(tmp_path, monkeypatch):
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setattr(neighbour, "PORTS", {})
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    return path


def write(path, text):
    path.write_text(text)
    os.utime(path, ns=(1, path.stat().st_mtime_ns + len(text)))


class Opened:
    """A screen of a real program that asks nobody but loopback."""

    def __init__(self, file, **environ):
        self.program = open_program(environ, config=file, saves=False, needs_model=False)
        self.size = (100, 32)

    async def __aenter__(self):
        talk = Conversation(self.program, self.program.default_endpoint, self.program.default_model)
        self._running = RilletApp(self.program, talk).run_test(size=self.size)
        pilot = await self._running.__aenter__()
        await pilot.pause()
        screen = Screen(pilot.app, pilot, self.program)
        await screen.press("escape")
        return screen

    async def __aexit__(self, *error):
        await self._running.__aexit__(*error)


async def test_a_change_of_the_file_is_applied_and_a_broken_one_marked_until_it_is_mended(file):
    async with Opened(file) as screen:
        write(file, FILE.replace('"ink"', '"paper"') + '[keymap]\n"chat.models" = "f7"\n')
        await screen.chat.settings.look_by_itself()
        await screen.until(lambda: "the settings changed: theme, keymap" in screen.text())
        assert (screen.app.look.name, screen.app.keys.name("chat.models")) == ("paper", "F7")
        await screen.press("f7")
        assert screen.chat.over.name_in_dock == "models"
        await screen.press("escape")
        write(file, FILE)
        await screen.chat.settings.look_by_itself()
        assert (screen.app.look.name, screen.app.keys.name("chat.models")) == ("ink", "Ctrl+O")
        write(file, FILE + "notify = 3\n")
        await screen.chat.settings.look_by_itself()
        await screen.until(lambda: "the settings stay as they were: config.toml:3: “notify” must be" in screen.text())
        assert "/notices" in screen.text()
        write(file, FILE)
        await screen.chat.settings.look_by_itself()
        await screen.until(lambda: "the settings file can be used again" in screen.text())
        assert "/notices" not in screen.text()


async def test_a_prompt_goes_out_by_the_settings_as_they_are_now(file):
    with FaultServer() as one, FaultServer() as other:
        lab = '[endpoints.lab]\nbase_url = "{}"\nmodel = "scripted-1"\n'
        write(file, 'endpoint = "lab"\n' + lab.format(one.url("ok")))
        async with Opened(file) as screen:
            write(file, 'endpoint = "lab"\n' + lab.format(other.url("ok")))
            await screen.say("hello")
            await screen.settled()
            assert (len(one.log), len(other.log)) == (0, 1)


async def test_a_setting_is_found_changed_seen_and_written_with_its_comments(file):
    async with Opened(file) as screen:
        await screen.press("f9")
        await screen.until(lambda: "config.toml:2" in screen.text())
        await screen.type("send_key")
        await screen.press("enter")
        await screen.until(lambda: "ctrl+enter" in screen.text())
        await screen.press("down", "enter")
        await screen.until(lambda: '+ send_key = "ctrl+enter"' in screen.text())
        assert file.read_text() == FILE, "nothing is written before it is confirmed"
        await screen.press("enter")
        await screen.until(lambda: "the settings changed: send_key" in screen.text())
        assert file.read_text() == FILE + 'send_key = "ctrl+enter"\n'
        assert screen.app.keys.name("composer.send") == "Ctrl+Enter"
        assert screen.chat.over.name_in_dock == "settings"
        assert screen.chat.over.rows.item.keys == ("send_key",), "one is where one was"
        await screen.press("f8")
        await screen.until(lambda: '- send_key = "ctrl+enter"' in screen.text())
        await screen.press("enter")
        await screen.until(lambda: file.read_text() == FILE)


async def test_a_value_that_cannot_be_is_told_and_nothing_is_written(file):
    async with Opened(file) as screen:
        await screen.press("f9")
        await screen.until(lambda: "config.toml:2" in screen.text())
        await screen.type("temperature")
        await screen.press("enter", *"7", "enter")
        await screen.until(lambda: "line 3: “temperature” must be a number <= 2.0, not 7" in screen.text())
        await screen.press("escape", "escape")
        assert (screen.chat.over, file.read_text()) == (None, FILE)


async def test_a_theme_that_is_written_counts_before_one_that_was_chosen(file):
    async with Opened(file) as screen:
        screen.program.choices = Choices(theme="contrast")
        await screen.press("f9")
        await screen.until(lambda: "chosen in rillet" in screen.text())
        await screen.press(*"theme", "enter", *"paper", "enter")
        await screen.until(lambda: '+ theme = "paper"' in screen.text())
        await screen.press("enter")
        await screen.until(lambda: screen.app.look.name == "paper")
        assert screen.program.choices.theme == ""


async def test_a_stranger_types_a_key_and_asks_and_it_is_seen_nowhere(file):
    with FaultServer() as server:
        write(
            file, f'[endpoints.xai]\nbase_url = "{server.url("ok")}"\nmodel = "scripted-1"\nkey_env = "XAI_API_KEY"\n'
        )
        opened = Opened(file)
        async with opened as screen:
            await screen.say("/local")
            await screen.until(lambda: "types a key for xAI" in screen.text())
            await screen.press("ctrl+k")
            await screen.until(lambda: "A key for xAI" in screen.text())
            await screen.type(KEY)
            assert "•" * len(KEY) in screen.text()
            assert KEY not in screen.text()
            await screen.press("enter")
            await screen.until(lambda: screen.chat.conversation.sheet.endpoint == "xai")
            await screen.until(lambda: screen.chat.over is None)
            await screen.say("hello")
            await screen.settled()
            assert server.log[-1].headers["authorization"] == f"Bearer {KEY}"
            assert KEY not in screen.program.mask_keys(f"it was {KEY}")
            assert file.read_text().count("key") == 1, "its source alone stands in the settings"


async def test_a_key_that_is_refused_is_told_and_not_kept(file, monkeypatch):
    async def refuse(program, name, *, refresh=False):
        raise RefusedError(f"The key was refused: {KEY}", kind="auth", status=401)

    monkeypatch.setattr(Program, "models", refuse)
    async with Opened(file) as screen:
        await screen.say("/key xai")
        await screen.until(lambda: "A key for xAI" in screen.text())
        await screen.type(KEY)
        await screen.press("enter")
        await screen.until(lambda: "The key was refused: ***" in screen.text())
        assert not screen.program.has_key("xai")
        await screen.press("escape")
        assert screen.chat.over is None


async def test_an_endpoint_is_set_up_tested_written_and_removed_again(file):
    with FaultServer() as server:
        opened = Opened(file)
        opened.size = (80, 24)
        async with opened as screen:
            await screen.press("ctrl+o")
            await screen.until(lambda: "set up an endpoint" in screen.text())
            await screen.press("ctrl+n")
            await screen.until(lambda: "An endpoint" in screen.text())
            await screen.type(server.url("ok"))
            await screen.press("enter")
            await screen.until(lambda: "speaks" in screen.text() and "scripted-1" in screen.text())
            await screen.press("up", "down", "down", "down", "down", "ctrl+u", *"lab", "f2")
            await screen.until(lambda: "+ [endpoints.lab]" in screen.text())
            await screen.press("enter")
            await screen.until(lambda: "endpoints.lab" in screen.text() and screen.chat.over.name_in_dock == "models")
            assert file.read_text().startswith(FILE)
            assert screen.program.settings.endpoints["lab"].model == "scripted-1"
            await screen.until(lambda: getattr(screen.chat.over.rows.item, "id", "") == "lab/scripted-1")
            await screen.type("scripted-2")
            await screen.until(lambda: "lab" in screen.text())
            await screen.press("delete")
            await screen.until(lambda: "- [endpoints.lab]" in screen.text())
            await screen.press("enter")
            await screen.until(lambda: "lab" not in screen.program.endpoints)
            assert file.read_text() == FILE


async def test_panes_and_the_built_in_model_follow_the_file_while_rillet_runs(file, tmp_path):
    async with Opened(file) as screen:
        screen.program.choices = Choices(shown=("wire",), sizes={"panes": 60})
        write(file, FILE + '[panes]\nshown = ["calls"]\nsizes = { panes = 52 }\n')
        await screen.chat.settings.look_by_itself()
        assert [pane.name_in_dock for pane in screen.chat.stage.dock.panes] == ["calls"]
        assert screen.chat.stage.dock.columns == 52
        assert (screen.program.choices.shown, screen.program.choices.sizes) == (None, {}), "what was written counts"
        (tmp_path / "Other-1B.gguf").write_bytes(b"GGUF\x03\x00\x00\x00" + bytes(64))
        write(file, FILE + f'[local]\nmodel = "{tmp_path}/Other-1B.gguf"\ncontext = 512\n')
        await screen.chat.settings.look_by_itself()
        assert screen.chat.stage.dock.panes == []
        await screen.until(lambda: "Other-1B" in screen.text().splitlines()[0])
        assert screen.program.about("local", "Other-1B").context == 512
        write(file, FILE + f'[local]\nmodel = "{tmp_path}/none.gguf"\n')
        await screen.chat.settings.look_by_itself()
        await screen.until(lambda: "the built-in model cannot be used" in screen.text())
        write(file, FILE + "[local]\nenabled = false\n")
        await screen.chat.settings.look_by_itself()
        await screen.say("hello")
        await screen.until(lambda: "the built-in model is switched off in the settings" in screen.text())
        assert "not installed" not in screen.text()


@pytest.mark.parametrize(("named", "entry"), [("", "lab"), ('key_keyring = "work"\n', "work")])
async def test_a_key_is_kept_in_the_keyring_where_the_settings_look_for_it_and_forgotten_again(
    file, monkeypatch, named, entry
):
    kept = {}

    async def keep_key(name, key):
        kept[name] = key

    async def read_key(name):
        return kept.get(name, "")

    async def delete_key(name):
        return kept.pop(name, None) is not None

    for function in (keep_key, read_key, delete_key):
        monkeypatch.setattr(f"tui.net.keyring.{function.__name__}", function)
    with FaultServer() as server:
        write(
            file, f'endpoint = "lab"\n[endpoints.lab]\nbase_url = "{server.url("ok")}"\nmodel = "scripted-1"\n{named}'
        )
        async with Opened(file) as screen:
            await screen.say("/key lab")
            await screen.until(lambda: "A key for lab" in screen.text())
            await screen.type(KEY)
            await screen.press("f2")
            await screen.until(lambda: kept == {entry: KEY})
            if not named:
                await screen.until(lambda: '+ key_keyring = "lab"' in screen.text())
                await screen.press("enter")
            await screen.until(lambda: screen.chat.over is None)
            assert screen.program.settings.endpoints["lab"].key_keyring == entry
            assert KEY not in file.read_text()
        async with Opened(file) as screen:
            await screen.say("hello")
            await screen.settled()
            assert server.log[-1].headers["authorization"] == f"Bearer {KEY}", "it is read in another run"
            await screen.say("/key lab")
            await screen.until(lambda: "A key for lab" in screen.text())
            await screen.press("f8")
            await screen.until(lambda: kept == {})
