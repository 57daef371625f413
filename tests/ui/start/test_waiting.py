"""Settings that cannot be used: a screen that waits says where the mistake is, and nothing else is asked in the meantime."""

from __future__ import annotations

import argparse

import pytest
from textual import events

from tui.chat import opening
from tui.chat.conversation import Conversation
from tui.chat.settings_file import SettingsFile
from tui.cli import opening as cli_opening
from tui.domain.error import SettingsError
from tui.store.choice import Choices, load_choices, save_choices
from tui.store.path import choices_path
from tui.ui.start import waiting
from tui.ui.start.typed import Typed
from tui.ui.start.waiting import WaitingApp

LAB = '[endpoints.lab]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'


@pytest.fixture
def file(tmp_path, monkeypatch):
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("XAI_API_KEY", "xai-F4k3K3yF4k3K3yF4k3K3y")
    monkeypatch.delenv("NO_COLOR", raising=False)
    path = tmp_path / "mine.toml"
    monkeypatch.setenv("RILLET_CONFIG", str(path))
    return path


def problem() -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        opening.open_program({"XAI_API_KEY": "xai-0123456789"}, saves=False)
    return caught.value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('endpoint = "labb"\n' + LAB, "cannot be “labb”: there is no such endpoint; did you mean “lab”?"),
        ("theme = \n", "mine.toml:1:9: this is not TOML"),
        (None, "there is no file"),
        ('endpoint = "lab"\n' + LAB.replace('model = "m"\n', ""), "no model is chosen for lab"),
    ],
)
async def test_the_screen_says_what_is_wrong_and_waits(file, text, words):
    if text is not None:
        file.write_text(text)
    app = WaitingApp(problem())
    async with app.run_test(size=(160, 24)) as pilot:
        await pilot.pause()
        rows = ["".join(segment.text for segment in row) for row in app.screen._compositor.render_strips()]
        shown = " ".join(" ".join(rows).split())  # what is long breaks wherever the path of the file has it
        assert words in shown
        assert "Nothing was sent and nothing is lost" in shown
        assert "forget" not in shown
        await pilot.press("f8")
        assert app.is_running, "there is no choice to forget"
        await pilot.press("enter")
    assert app.return_value == "again"


def test_rillet_goes_on_waiting_until_the_settings_can_be_used(file, monkeypatch):
    file.write_text('endpoint = "labb"\n' + LAB)
    told: list[str] = []

    def wait(error: SettingsError, *_: object) -> str:
        told.append(error.message)
        file.write_text(["theme = \n", 'endpoint = "lab"\n' + LAB][len(told) - 1])
        return "again"

    monkeypatch.setattr(waiting, "wait_for_settings", wait)
    program = cli_opening.mend_settings(argparse.Namespace(no_save=True), problem())
    assert ["labb" in told[0], "not TOML" in told[1]] == [True, True]
    assert (program.default_endpoint, program.default_model) == ("lab", "m")
    program.database.close()


def test_what_was_mended_before_the_screen_was_there_is_not_waited_for(file, monkeypatch):
    file.write_text('endpoint = "labb"\n' + LAB)
    error = problem()
    file.write_text('endpoint = "lab"\n' + LAB)
    monkeypatch.setattr(waiting, "wait_for_settings", lambda *_: pytest.fail("it waits"))
    program = cli_opening.mend_settings(argparse.Namespace(no_save=True), error)
    assert program.default_endpoint == "lab"
    program.database.close()


def test_who_leaves_has_asked_nobody_and_a_choice_can_be_forgotten(file, monkeypatch):
    file.write_text("")
    save_choices(choices_path(), Choices(endpoint="lab", model="m"))
    error = problem()
    assert error.is_choice
    monkeypatch.setattr(waiting, "wait_for_settings", lambda *_: "quit")
    with pytest.raises(SettingsError):
        cli_opening.mend_settings(argparse.Namespace(no_save=True), error)
    monkeypatch.setattr(waiting, "wait_for_settings", lambda *_: "forget")
    program = cli_opening.mend_settings(argparse.Namespace(no_save=True), error)
    assert (program.default_endpoint, load_choices(choices_path()).endpoint) == ("xai", "")
    program.database.close()


async def test_a_file_that_changes_is_read_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr("tui.ui.start.waiting.LOOK_EVERY", 0.01)
    path = tmp_path / "config.toml"
    path.write_text("endpoint = \n")
    app = WaitingApp(SettingsError("line 1: no value"), has_changed=SettingsFile(path).has_changed)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.05)
        assert app.return_value is None
        path.write_text('endpoint = "xai"\n')
        while app.is_running and app.return_value is None:
            await pilot.pause(0.01)
    assert app.return_value == "again"


async def test_what_is_typed_and_pasted_there_is_shown_and_kept(file):
    file.write_text("endpoint = \n")
    typed = Typed()
    app = WaitingApp(problem(), typed=typed)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"fix itt", "backspace")
        app.post_message(events.Paste("\nnow"))
        while "now" not in typed.text:
            await pilot.pause(0.01)
        await pilot.pause()
        rows = ["".join(segment.text for segment in row) for row in app.screen._compositor.render_strips()]
        assert any("› fix it now" in row for row in rows)
        assert app.is_running
        await pilot.press("enter")
    assert (app.return_value, typed.text) == ("again", "fix it\nnow")


def test_what_was_typed_before_and_while_it_waits_is_in_the_prompt_and_is_not_sent(file, monkeypatch):
    file.write_text("theme = \n")
    typed = Typed()
    typed.read("hello \x1b[Dthérex\x7f\r".encode())

    def wait(error: SettingsError, theme: str | None, has_changed: object, typed: Typed) -> str:
        typed.take(events.Key("exclamation_mark", "!"))
        file.write_text('endpoint = "lab"\n' + LAB)
        return "again"

    monkeypatch.setattr(waiting, "wait_for_settings", wait)
    program = cli_opening.mend_settings(argparse.Namespace(no_save=True), problem(), typed)
    conversation = Conversation(program, "lab", "m")
    program.database.prompts.save_draft(conversation.session.id, "so: ")
    typed.keep(program.database, conversation)
    assert program.database.prompts.draft(conversation.session.id) == "so: hello thére!"
    assert conversation.turns == []
    program.database.close()


def test_who_leaves_is_told_what_was_typed(file, monkeypatch, capsys):
    file.write_text("theme = \n")
    typed = Typed()
    typed.read(b"hello")
    monkeypatch.setattr(waiting, "wait_for_settings", lambda *_: "quit")
    with pytest.raises(SettingsError):
        cli_opening.mend_settings(argparse.Namespace(no_save=True), problem(), typed)
    assert "what was typed meanwhile: hello" in capsys.readouterr().err
