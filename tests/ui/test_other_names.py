"""Commands that are looked for by another name than their own, and templates written from within."""

import pytest

from tests.ui.fake import reply
from tui.ui.action.slash import OTHER_NAMES, command_named
from tui.ui.action.table import COMMANDS


@pytest.mark.parametrize(
    ("typed", "offered"), [("/ren", "/title"), ("/cost", "/stats"), ("/budg", "/budget"), ("/full", "/request")]
)
async def test_a_command_is_offered_by_what_it_does(open_screen, typed, offered):
    async with open_screen(size=(100, 30)) as screen:
        await screen.type(typed)
        await screen.until(lambda: f" {offered} " in screen.text())


async def test_enter_only_writes_a_command_that_was_not_typed(open_screen):
    async with open_screen(reply("One."), size=(100, 30)) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.type("/clea")
        await screen.until(lambda: " /new " in screen.text())
        await screen.press("enter")
        assert screen.chat.composer.text == "/new "
        assert screen.turns
        await screen.press("enter")
        await screen.until(lambda: not screen.turns)


def test_other_names_are_no_commands_and_lead_to_one():
    assert not {action.slash for action in COMMANDS} & set(OTHER_NAMES)
    assert all(command_named(name) is not None for name in OTHER_NAMES)


async def test_a_command_runs_by_what_it_is_called_elsewhere(open_screen):
    async with open_screen(reply("One."), size=(100, 30)) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.say("/rename My talk")
        await screen.until(lambda: screen.chat.conversation.session.title == "My talk")


async def test_a_race_without_models_is_there_to_be_finished(open_screen):
    async with open_screen(reply("One."), size=(100, 30)) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.say("/race")
        await screen.until(lambda: "name who runs" in screen.text())
        assert screen.chat.composer.text == "/race "
        await screen.type("grok-4-fast")
        await screen.press("enter")
        await screen.until(lambda: "name who runs" not in screen.text())


def written(screen, monkeypatch, text):
    """Have the editor give this back; what it was opened with."""
    opened = []

    def edit(before, _suffix):
        opened.append(before)
        return text

    async def hand_over(run):
        return run()

    monkeypatch.setattr("tui.ui.terminal.editor.edit", edit)
    monkeypatch.setattr(screen.chat.outside, "hand_over", hand_over)
    return opened


async def test_a_template_is_written_in_the_editor_and_is_a_command(open_screen, monkeypatch, tmp_path):
    async with open_screen(size=(120, 30)) as screen:
        opened = written(screen, monkeypatch, "Review {{file}} for {{what=bugs}}.")
        await screen.say("/template review")
        await screen.until(lambda: "/review FILE [what=bugs] is a command now" in screen.text().replace("\n", ""))
        assert "{{" in opened[0], "an example to begin with"
        path = next((tmp_path / "config").rglob("review.md"))
        assert path.stat().st_mode & 0o777 == 0o600
        await screen.say("/review main.py style")
        await screen.until(lambda: screen.chat.composer.text == "Review main.py for style.")


async def test_what_is_being_written_becomes_a_template_and_a_template_is_opened_again(open_screen, monkeypatch):
    async with open_screen(size=(120, 30)) as screen:
        opened = written(screen, monkeypatch, "Say it in {{words}}.")
        await screen.say("/template brief")
        await screen.until(lambda: "is a command now" in screen.text())
        await screen.say("/template brief")
        await screen.until(lambda: len(opened) == 2)
        assert opened[1] == "Say it in {{words}}."


@pytest.mark.parametrize(("name", "words"), [("new", "a command of rillet"), ("a/b", "cannot be called")])
async def test_a_template_cannot_take_every_name(open_screen, monkeypatch, name, words):
    async with open_screen(size=(120, 30)) as screen:
        opened = written(screen, monkeypatch, "x")
        await screen.say(f"/template {name}")
        await screen.until(lambda: words in screen.text())
        assert not opened


async def test_templates_are_told_with_their_place(open_screen):
    async with open_screen(size=(160, 30)) as screen:
        await screen.say("/template")
        await screen.until(lambda: "templates: none yet" in screen.text())
        assert screen.chat.composer.text == "/template "
