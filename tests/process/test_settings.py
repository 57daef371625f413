"""Settings that cannot be used: a screen says why and waits; nothing is asked anywhere until they are mended."""

from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.ui import test_terminal
from tests.ui.test_terminal import Terminal
from tui.store.choice import Choices, load_choices, save_choices

LAB = '[endpoints.lab]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "lab-model"\n'


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """The settings file of a home in which the whole program runs."""
    monkeypatch.setattr(test_terminal, "PROGRAM", Path(__file__).with_name("whole_program.py"))
    path = tmp_path / "CONFIG/rillet/config.toml"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def begin(tmp_path):
    """Starts rillet in a terminal; both are gone afterwards, however the test ends."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(closing(Terminal(tmp_path)))


def words(terminal):
    return " ".join(" ".join(terminal.shown()).split())


def test_a_screen_waits_until_the_settings_can_be_used(settings, begin):
    settings.write_text(f'\nendpoint = "labb"\n{LAB}')
    terminal = begin()
    terminal.read_until("Ctrl+Q")
    shown = words(terminal)
    assert "The settings cannot be used" in shown
    assert "config.toml:2: “endpoint” cannot be “labb”: there is no such endpoint; did you mean “lab”?" in shown
    assert "lab-model" not in shown
    terminal.written = ""
    settings.write_text(f"{LAB}\ntemprature = 1\n")
    terminal.write("\r")
    terminal.read_until("temprature")
    terminal.written = ""
    settings.write_text(f'endpoint = "lab"\n{LAB}')
    terminal.write("\r")
    terminal.read_until("lab-model")
    terminal.write("\x11")
    assert terminal.wait() == 0


def test_leaving_the_screen_that_waits_tells_the_shell_why(settings, begin):
    settings.write_text("what = is this")
    terminal = begin()
    terminal.read_until("Ctrl+Q")
    terminal.write("\x11")
    assert terminal.wait() == 2
    assert "rillet: " in terminal.written.rpartition("\x1b[?1049l")[2]
    assert "config.toml:1" in terminal.written.rpartition("\x1b[?1049l")[2].replace("\r\n", "")


def test_a_default_that_is_gone_can_be_dropped(tmp_path, settings, begin):
    choices = tmp_path / "STATE/rillet/choices.toml"
    save_choices(choices, Choices(endpoint="lab", model="m", theme="paper"))
    terminal = begin()
    terminal.read_until("Ctrl+Q")
    assert "the endpoint “lab”, which was made the default in rillet" in words(terminal)
    terminal.write("\x1b[19~")
    terminal.read_until("smollm2")
    assert load_choices(choices) == Choices(theme="paper")
    terminal.write("\x11")
    assert terminal.wait() == 0


def test_the_mouse_is_asked_for_and_let_go_as_the_settings_change(settings, begin):
    settings.write_text(f'endpoint = "lab"\n{LAB}')
    terminal = begin()
    terminal.read_until("another model")
    for value, sequence in (("false", "\x1b[?1003l"), ("true", "\x1b[?1003h")):
        terminal.written = ""
        settings.write_text(f'endpoint = "lab"\nmouse = {value}\n{LAB}')
        terminal.write("/reload\r")
        terminal.read_until(sequence)
    terminal.write("\x11")
    assert terminal.wait() == 0
