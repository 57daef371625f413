"""What is offered for the word at the cursor: files, templates, prompts and resources of servers; and what becomes of it."""

import gc
import os
import sys
import threading
from pathlib import Path

import pytest
from textual import events

from tests.ui.fake import Gate, reply
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.endpoint import Endpoint
from tui.domain.turn import TurnState
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.server import McpServer
from tui.tools.registry import Registry

SERVER = Path(__file__).parents[1] / "tools" / "mcp" / "talkative_server.py"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with a few files, and a home with no templates."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.py").write_text("print('```')\n")
    (tmp_path / "notes.txt").write_text("remember the milk\n")
    (tmp_path / "photo.png").write_bytes(PNG)
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "blob.bin").write_bytes(b"\0\1\2")
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_a_file_behind_an_at_sign_goes_along_in_a_fence(open_screen, folder):
    async with open_screen(reply("ok")) as screen:
        await screen.type("Read @no")
        await screen.until(lambda: "@notes.txt" in screen.text())
        assert ".hidden" not in screen.text()
        await screen.press("tab")
        await screen.until(lambda: "[file notes.txt 18 B ~4 tokens]" in screen.chat.composer.text)
        await screen.type("please")
        await screen.press("enter")
        await screen.settled()
        sent = screen.turns[0].opening.text
        assert sent == "Read notes.txt:\n```txt\nremember the milk\n```\n please"


async def test_letters_that_come_together_are_completed_once_and_leave_nothing_unstarted(open_screen, folder):
    async with open_screen() as screen:
        for letter in "@no":  # as a terminal hands over what was typed in one go: each look is given up for the next
            screen.app.post_message(events.Key("at" if letter == "@" else letter, letter))
        await screen.until(lambda: "@notes.txt" in screen.text())
    gc.collect()  # a look that was never begun would be told of here, and that is an error in these tests


async def test_what_is_offered_and_still_fits_is_taken_though_the_disk_has_not_answered_yet(
    open_screen, folder, monkeypatch
):
    answers = threading.Event()
    async with open_screen() as screen:
        await screen.type("@n")
        await screen.until(lambda: "@notes.txt" in screen.text())
        monkeypatch.setattr("tui.chat.place.places_like", lambda *_, **__: [] if answers.wait(60) else [])
        try:
            await screen.type("ot")
            await screen.press("tab")
            await screen.until(lambda: "[file notes.txt" in screen.chat.composer.text)
        finally:
            answers.set()


async def test_a_file_further_down_is_found_by_its_name_and_its_fence_cannot_be_ended_by_it(open_screen, folder):
    async with open_screen(reply("ok")) as screen:
        await screen.type("@main")
        await screen.until(lambda: "@src/main.py" in screen.text())
        await screen.press("enter")
        await screen.until(lambda: "[file src/main.py" in screen.chat.composer.text)
        await screen.press("enter")
        await screen.settled()
        assert screen.turns[0].opening.text == "src/main.py:\n````python\nprint('```')\n````\n", (
            "without a blank behind it"
        )


async def test_the_list_leaves_no_torn_rest_of_a_pane_beside_it(open_screen):
    async with open_screen(size=(100, 30)) as screen:
        await screen.press("ctrl+e")
        screen.chat.composer.focus()
        await screen.type("/e")
        await screen.until(lambda: "/effort" in screen.text())
        assert screen.chat.query_one("#completion").region.width >= 98


async def test_a_folder_is_gone_into_and_an_image_is_an_image(open_screen, folder):
    async with open_screen(reply("ok")) as screen:
        await screen.type("@sr")
        await screen.until(lambda: "@src/" in screen.text())
        await screen.press("tab")
        assert screen.chat.composer.text == "@src/"
        await screen.until(lambda: "@src/main.py" in screen.text())
        screen.chat.composer.write("")
        await screen.type("@pho")
        await screen.until(lambda: "@photo.png" in screen.text())
        await screen.press("tab")
        await screen.until(lambda: screen.chat.composer.text == "[image photo.png] ")
        assert len(screen.chat.composer.images) == 1


ODD = (
    'it\'s "quoted" & spaced.txt',
    "#hash%20.txt",
    "-dash.txt",
    "@at.txt",
    "[link](x).txt",
    "a`b.txt",
    "ünï ❤️.txt",
    "日本.txt",
)


@pytest.mark.parametrize("name", ODD)
async def test_a_file_with_an_odd_name_goes_along_under_its_name(open_screen, folder, name):
    (folder / name).write_text("remember")
    async with open_screen(reply("ok")) as screen:
        await screen.type(f"@{name[:3]}")
        await screen.until(lambda: f"@{name}" in screen.text())
        await screen.press("tab")
        await screen.until(lambda: screen.chat.composer.text.startswith(f"[file {name} "))
        await screen.press("enter")
        await screen.settled()
        assert screen.turns[0].opening.text.startswith(f"{name}:\n```")
        assert "remember" in screen.turns[0].opening.text


@pytest.mark.parametrize("name", ["zz\nzz.txt", "zz\x1b[31m.txt", b"zz\xff.txt".decode("utf-8", "surrogateescape")])
async def test_a_file_whose_name_cannot_be_written_is_not_offered(open_screen, folder, name):
    (folder / name).write_text("x")
    async with open_screen() as screen:
        await screen.type("@")
        await screen.until(lambda: "@notes.txt" in screen.text())
        assert "zz" not in screen.text()


@pytest.mark.parametrize("start", ["@dir", '@"dir with'])
async def test_a_folder_with_blanks_in_its_name_is_gone_into(open_screen, folder, start):
    (folder / "dir with blanks").mkdir()
    (folder / "dir with blanks" / "my file.txt").write_text("remember")
    async with open_screen(reply("ok")) as screen:
        await screen.type(f"Read {start}")
        await screen.until(lambda: "@dir with blanks/" in screen.text())
        await screen.press("tab")
        assert screen.chat.composer.text == 'Read @"dir with blanks/'
        await screen.type("my f")
        await screen.until(lambda: "@dir with blanks/my file.txt" in screen.text())
        await screen.press("tab")
        await screen.until(lambda: screen.chat.composer.text.startswith("Read [file dir with blanks/my file.txt "))


async def test_what_cannot_go_along_is_said_and_stays_written(open_screen, folder):
    async with open_screen() as screen:
        await screen.type("@blob")
        await screen.until(lambda: "@blob.bin" in screen.text())
        await screen.press("tab")
        await screen.until(lambda: "neither text nor an image" in screen.chat.key_bar.sentence)
        assert screen.chat.composer.text == "@blob.bin "


async def test_an_address_with_an_at_sign_is_text(open_screen, folder):
    async with open_screen(reply("ok")) as screen:
        await screen.say("write to me@notes.org")
        await screen.settled()
        assert screen.turns[0].opening.text == "write to me@notes.org"


async def test_the_path_behind_a_command_is_completed_by_tab(open_screen, folder):
    async with open_screen() as screen:
        await screen.type("/attach pho")
        await screen.until(lambda: [each.text for each in offered(screen)] == ["photo.png"])
        await screen.press("tab")
        assert screen.chat.composer.text == "/attach photo.png"
        await screen.press("enter")
        await screen.until(lambda: screen.chat.composer.text == "[image photo.png] ")


async def test_a_template_is_a_command_and_its_places_are_filled(open_screen, folder):
    from tui.store.path import prompts_dir

    prompts_dir().mkdir(parents=True)
    (prompts_dir() / "review.md").write_text("Review {{file}} for {{what=bugs}}.\n")
    (prompts_dir() / "quit.md").write_text("never")
    async with open_screen() as screen:
        await screen.type("/rev")
        await screen.until(lambda: "Review {{file}} for" in screen.text())
        await screen.type("iew main.py what=style")
        await screen.press("enter")
        await screen.until(lambda: screen.chat.composer.text == "Review main.py for style.")
        screen.chat.composer.write("")
        await screen.type("/review")
        await screen.press("space", "enter")
        await screen.until(lambda: screen.chat.composer.text == "Review {{file}} for bugs.")
        assert screen.chat.composer.selected_text == "{{file}}"
        assert not screen.turns


async def test_a_template_is_offered_though_the_disk_was_slow_and_more_was_typed_meanwhile(
    open_screen, folder, monkeypatch
):
    from tui.chat import template

    answers, asked, read = threading.Event(), threading.Event(), template.read_templates

    def slow(path):
        asked.set()
        answers.wait(60)
        return read(path)

    prompts = Path(os.environ["XDG_CONFIG_HOME"]) / "rillet" / "prompts"
    prompts.mkdir(parents=True)
    (prompts / "review.md").write_text("Review {{file}}.\n")
    monkeypatch.setattr(template, "read_templates", slow)
    async with open_screen() as screen:
        try:
            await screen.type("/re")
            await screen.until(asked.is_set)
            await screen.type("v")
        finally:
            answers.set()
        await screen.until(lambda: "Review {{file}}" in screen.text())


@pytest.fixture
async def served(open_screen):
    """A screen with the talkative server."""
    registry = Registry(servers=[McpConnection(McpServer("s", (sys.executable, str(SERVER))))])
    async with open_screen(reply("ok")) as screen:
        screen.chat.runner.tools._registry = registry
        await registry.start_servers()
        yield screen
        await registry.aclose()


async def test_a_resource_of_a_server_goes_along(served, folder):
    screen = served
    await screen.type("@s:")
    await screen.until(lambda: "@s:note://1" in screen.text())
    await screen.press("tab")
    await screen.until(lambda: "[resource s:note://1" in screen.chat.composer.text)
    await screen.press("enter")
    await screen.settled()
    assert "what note://1 says" in screen.turns[0].opening.text


async def test_a_prompt_of_a_server_is_a_command(served, folder):
    screen = served
    await screen.type("/s:")
    await screen.until(lambda: "/s:poem" in screen.text())
    await screen.type("poem")
    await screen.press("space", "enter")
    await screen.until(lambda: "needs topic" in screen.chat.key_bar.sentence)
    screen.chat.composer.write("/s:poem the sea")
    await screen.press("enter")
    await screen.until(lambda: "the sea" in screen.chat.composer.text and "/" not in screen.chat.composer.text)


async def test_what_is_typed_while_it_streams_may_be_sent_at_once(open_screen):
    gate = Gate()
    async with open_screen([TextDelta("one"), gate, FinishDelta("stop")], reply("two"), reply("three")) as screen:
        await screen.say("first")
        await gate.reached.wait()
        await screen.say("queued")
        await screen.type("no, rather this")
        await screen.press("alt+s")
        await screen.until(lambda: len(screen.turns) == 3 and screen.turns[2].state.is_over)
        assert [turn.opening.text for turn in screen.turns] == ["first", "no, rather this", "queued"]
        assert (screen.turns[0].state, screen.turns[0].text) == (TurnState.STOPPED, "one")


async def test_ctrl_e_is_the_end_of_the_line_and_the_stream_where_nothing_is_written(open_screen):
    async with open_screen() as screen:
        await screen.type("abc")
        await screen.press("home", "ctrl+e")
        assert screen.chat.composer.cursor_location == (0, 3)
        assert screen.chat.panes.docked("wire") is None
        screen.chat.composer.write("")
        await screen.press("ctrl+e")
        await screen.until(lambda: screen.chat.panes.docked("wire") is not None)


async def test_the_words_that_a_command_takes_are_offered_and_enter_takes_none_by_itself(open_screen):
    async with open_screen(size=(100, 30)) as screen:
        await screen.type("/effort ")
        await screen.until(lambda: "minimal" in screen.text() and "Tab take it" in screen.text())
        await screen.press("enter")
        assert screen.chat.conversation.sheet.effort == "", "what is written was sent: it asks how it stands"
        await screen.until(lambda: "the effort is left to the endpoint" in screen.text())
        await screen.type("/effort h")
        await screen.until(lambda: screen.chat.completing.is_open)
        await screen.press("tab")
        assert screen.chat.composer.text == "/effort high"
        await screen.until(lambda: not screen.chat.completing.is_open and "Tab take it" not in screen.text())
        await screen.press("enter")
        assert screen.chat.conversation.sheet.effort == "high"
        await screen.type("/effort ")
        await screen.until(lambda: screen.chat.completing.is_open)
        await screen.press("down", "enter")
        assert screen.chat.conversation.sheet.effort == "minimal", "an arrow chose it"


async def test_races_and_models_are_completed_by_the_names_of_models(open_screen):
    async with open_screen(reply("ok"), reply("One."), reply("Other.")) as screen:
        await screen.say("hi")
        await screen.settled()
        screen.chat.choose(favourites=("other/far-1",))
        screen.program.put_endpoint(Endpoint("other", "http://127.0.0.1:9/v1", needs_key=False))
        await screen.type("/race grok-4-f")
        await screen.until(lambda: [each.text for each in offered(screen)] == ["grok-4-fast"])
        await screen.press("tab")
        assert screen.chat.composer.text == "/race grok-4-fast"
        await screen.type(" far")
        await screen.until(lambda: [each.text for each in offered(screen)] == ["far-1@other"])
        await screen.press("tab")
        assert screen.chat.composer.text == "/race grok-4-fast far-1@other"
        await screen.press("ctrl+u")
        await screen.type("/model far")
        await screen.until(lambda: not offered(screen))
        await screen.press("ctrl+u")
        await screen.type("/model fast")
        await screen.until(lambda: [each.text for each in offered(screen)] == ["grok-4-fast"])
        await screen.press("tab", "enter")
        await screen.until(lambda: screen.chat.conversation.sheet.model == "grok-4-fast")


def offered(screen):
    rows = screen.chat.composer.completion
    return rows.items if rows is not None and rows.display else []
