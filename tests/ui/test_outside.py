"""What leaves the screen: copies, files, editors. Each says what it did, and no more."""

import asyncio
import base64
import os
import re
import stat

import pytest

from tests.ui.fake import reply
from tui.chat.export import export
from tui.domain.error import ConfigError
from tui.ui.terminal.answer import Answers
from tui.ui.terminal.clipboard import copy, osc_52, programs
from tui.ui.terminal.editor import edit, open_address, save_block
from tui.ui.terminal.multiplexer import colours_in_screen, is_in_mosh


async def test_the_terminal_is_asked_and_no_more_is_claimed():
    written = []
    words = await copy("héllo", written.append, {"TERM": "xterm-256color"})
    assert base64.b64decode(written[0].removeprefix("\x1b]52;c;").removesuffix("\x07")).decode() == "héllo"
    assert "whether it arrived is not told" in words


def test_tmux_gets_the_sequence_wrapped():
    assert osc_52("x", {"TMUX": "/tmp/t"}).startswith("\x1bPtmux;\x1b\x1b]52;c;")


def test_screen_gets_the_sequence_in_pieces_that_it_passes_on():
    sent = osc_52("word " * 2000, {"STY": "1.tty", "TERM": "screen.xterm-256color"})
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", sent, re.DOTALL)
    assert "".join(f"\x1bP{piece}\x1b\\" for piece in pieces) == sent
    assert max(map(len, pieces)) <= 567
    assert "".join(pieces) == osc_52("word " * 2000, {})


@pytest.mark.parametrize(("inside", "outside"), [("tmux-256color", "tmux"), ("screen.xterm-256color", "screen")])
def test_of_tmux_and_screen_the_inner_one_is_asked(inside, outside):
    sent = osc_52("x", {"STY": "1.tty", "TMUX": "/tmp/t", "TERM": inside})
    assert sent.startswith("\x1bPtmux;") == (outside == "tmux")


async def test_what_mosh_would_cut_goes_into_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("tui.ui.terminal.clipboard.is_in_mosh", lambda: True)
    written = []
    assert "OSC 52" in await copy("x" * 12_282, written.append, {"TERM": "xterm"})
    assert "clipboard.txt" in await copy("x" * 12_283, written.append, {"TERM": "xterm"})
    assert len(written) == 1


def test_mosh_is_known_by_the_processes_that_rillet_was_started_by(tmp_path, monkeypatch):
    monkeypatch.setattr("os.getppid", lambda: 30)
    for process, name, parent in ((30, "bash (x) y", 20), (20, "mosh-server", 1)):
        (tmp_path / str(process)).mkdir()
        (tmp_path / str(process) / "stat").write_text(f"{process} ({name}) S {parent} 1 1 0")
    assert is_in_mosh(tmp_path)
    (tmp_path / "20" / "stat").write_text("20 (sshd) S 1 1 1 0")
    assert not is_in_mosh(tmp_path)
    assert not is_in_mosh(tmp_path / "none")


async def test_where_a_copy_went_can_be_read_at_110_columns(monkeypatch):
    monkeypatch.setattr("tui.ui.terminal.clipboard.is_in_mosh", lambda: False)
    words = await copy("x" * 70_000, lambda _data: None, {"TERM": "xterm"})
    assert len(f"the message as plain text: 70,000 characters {words}") <= 110


def test_clipboard_programs_need_a_display():
    assert programs({}, "linux") == []
    assert programs({"DISPLAY": ":0"}, "linux")[0][0] == "xclip"
    assert programs({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux")[0] == ("wl-copy",)
    assert programs({}, "darwin") == [("pbcopy",)]


async def test_what_no_clipboard_takes_goes_into_a_private_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    words = await copy("x" * 100_000, lambda _data: None, {"TERM": "xterm"})
    path = next(tmp_path.rglob("clipboard.txt"))
    assert str(path) in words
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_what_the_terminal_does_not_take_is_in_a_file_too_or_only_there(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("tui.ui.terminal.clipboard.is_in_mosh", lambda: False)
    answers, written = Answers(), []
    answers.read("\x1bP>|VTE(7006)\x1b\\")
    words = await copy("text", written.append, {"TERM": "xterm"}, answers.clipboard)
    assert not written
    assert words.startswith("written to")
    answers.read("\x1bP>|XTerm(379)\x1b\\")
    words = await copy("text", written.append, {"TERM": "xterm"}, answers.clipboard)
    assert len(written) == 1
    assert "may not take" in words
    assert "clipboard.txt" in words
    answers.read("\x1b[?64;52c")
    assert "clipboard.txt" not in await copy("text", written.append, {"TERM": "xterm"}, answers.clipboard)


async def test_a_clipboard_program_that_fails_is_passed_over(tmp_path, monkeypatch):
    program = tmp_path / "xclip"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    written = []
    assert "OSC 52" in await copy("x", written.append, {"DISPLAY": ":0", "TERM": "xterm"})
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/out\n")
    assert await copy("taken", written.append, {"DISPLAY": ":0", "TERM": "xterm"}) == "copied with xclip"
    assert (tmp_path / "out").read_text() == "taken"


async def test_what_was_selected_last_is_copied_and_nothing_leaves_the_clipboard_as_it_is(open_screen, monkeypatch):
    copied = []

    async def take(text, write, takes_clipboard):
        copied.append(text)
        return "taken"

    monkeypatch.setattr("tui.ui.terminal.clipboard.copy", take)
    async with open_screen(reply("some words")) as screen:
        await screen.say("Hi")
        await screen.settled()
        await screen.type("draft")
        page = screen.chat.page
        row = next(y for y in range(page.viewport.rows) if "some words" in page.render_line(y).text)
        page.selection.begin(page.mouse.point_at(2, row))
        page.selection.extend(page.mouse.point_at(6, row))
        await screen.press("ctrl+c")
        page.selection.begin(page.mouse.point_at(2, row))
        page.selection.extend(page.mouse.point_at(6, row))
        await screen.press("shift+home", "ctrl+c")
        assert copied == ["some", "draft"]
        await screen.chat.outside.copy("", "the code")
        assert copied == ["some", "draft"]
        assert "nothing to copy" in screen.chat.key_bar.sentence


async def test_the_bottom_line_shows_where_a_link_leads_while_the_mouse_is_on_it(open_screen):
    async with open_screen(reply("see [good.com](https://evil.example/path) there")) as screen:
        await screen.say("Hi")
        await screen.settled()
        page = screen.chat.page
        row = next(y for y in range(page.viewport.rows) if "see good.com" in page.render_line(y).text)

        def bottom():
            return screen.text().splitlines()[-1].strip()

        keys = bottom()
        await screen.pilot.hover(page, offset=(8, row))
        await screen.until(lambda: bottom() == "→ https://evil.example/path")
        await screen.pilot.hover(page, offset=(3, row))
        await screen.until(lambda: bottom() == keys)
        await screen.pilot.hover(page, offset=(8, row))
        await screen.until(lambda: bottom() == "→ https://evil.example/path")
        page.clear()
        await screen.until(lambda: bottom() == keys)


async def test_hidden_characters_are_made_visible_in_a_copy_and_told(open_screen, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    for name in ("TMUX", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    async with open_screen(reply("pay\u202eeman")) as screen:
        await screen.say("Hi")
        await screen.settled()
        await screen.say("/copy")
        assert "1 hidden characters were made visible" in screen.chat.key_bar.sentence


def test_an_editor_gets_a_private_file_and_gives_back_what_was_saved(tmp_path, monkeypatch):
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\nstat -c %a "$2" > {tmp_path}/mode\nprintf " and more" >> "$2"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("RILLET_EDITOR", f"{editor} --flag")
    assert edit("some text", ".md") == "some text and more"
    assert (tmp_path / "mode").read_text().strip() == "600"
    monkeypatch.setenv("RILLET_EDITOR", "no-such-editor-here")
    with pytest.raises(ConfigError, match="cannot run no-such-editor-here"):
        edit("x", ".md")


def test_a_block_is_saved_under_a_new_name_and_nothing_is_overwritten(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rillet-1.py").write_text("mine")
    assert "rillet-2.py" in save_block("print(1)", "Python")
    assert (tmp_path / "rillet-1.py").read_text() == "mine"
    assert (tmp_path / "rillet-2.py").read_text() == "print(1)\n"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "http://", "data:text/html,x", "://"])
async def test_only_addresses_for_a_browser_are_opened(url, monkeypatch):
    monkeypatch.setattr("tui.chat.browser.open_in_browser", lambda _url: pytest.fail("it was opened"))
    said = []
    await open_address(url, said.append)
    assert len(said) == 1
    assert "opening" not in said[0]


@pytest.mark.parametrize("is_there", [True, False])
async def test_the_real_host_is_told(monkeypatch, is_there):
    async def opens(url):
        return is_there and url == "https://аpple.com/x"

    monkeypatch.setattr("tui.chat.browser.open_in_browser", opens)
    said = []
    await open_address("https://аpple.com/x", said.append)
    missing = [] if is_there else ["there is no browser here to open xn--pple-43d.com"]
    assert said == ["opening xn--pple-43d.com", *missing]


async def test_a_conversation_is_exported_once(open_screen, tmp_path):
    async with open_screen(reply("**Paris**")) as screen:
        await screen.say("Capital?")
        await screen.settled()
        conversation = screen.chat.conversation
        path = tmp_path / "talk.md"
        assert str(path) in export(conversation, str(path))
        assert "## You\n\nCapital?" in path.read_text()
        assert "**Paris**" in path.read_text()
        with pytest.raises(ConfigError, match="there already"):
            export(conversation, str(path))
        export(conversation, str(tmp_path / "talk.json"))
        assert '"reason": "stop"' in (tmp_path / "talk.json").read_text()
        await screen.say(f"/export {path}")
        assert "there already" in screen.chat.key_bar.sentence
        await screen.say("/export -")
        assert "no standard output" in screen.chat.key_bar.sentence


async def test_without_a_name_the_file_is_named_for_the_conversation_and_overwrites_none(
    open_screen, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    async with open_screen(reply("**Paris**")) as screen:
        await screen.say("Größe der Stadt, in m²?")
        await screen.settled()
        for _ in range(2):
            await screen.say("/export")
        assert sorted(path.name for path in tmp_path.glob("*.md")) == [
            "größe-der-stadt-in-m²-2.md",
            "größe-der-stadt-in-m².md",
        ]


async def test_a_reply_that_follows_a_schema_takes_shape_and_is_judged(open_screen):
    async with open_screen(
        reply('{"name": "Ada", ', '"age": "x"}'), reply('{"name": "Ada", "age": 3}'), size=(140, 40)
    ) as screen:
        await screen.say("/schema name, age int")
        await screen.say("Who?")
        await screen.settled()
        await screen.until(lambda: "✗ invalid" in screen.text())
        assert '✓ name  "Ada"' in screen.text()
        assert "✗ age" in screen.text()
        await screen.say("/schema always name, age int")
        await screen.say("Again")
        await screen.settled()
        await screen.until(lambda: "✓ valid" in screen.text())
        assert screen.chat.conversation.sheet.schema is not None


async def test_what_can_be_done_with_a_block_is_offered_with_its_keys(open_screen):
    async with open_screen(reply("A block.")) as screen:
        await screen.say("Hi")
        await screen.settled()
        screen.chat.page.focus()
        await screen.press("k", "full_stop")
        assert "This block" in screen.text()
        await screen.press("escape")
        assert "This block" not in screen.text()


async def test_a_prompt_goes_to_the_editor_and_back_while_a_reply_streams(open_screen, monkeypatch):
    async with open_screen() as screen:
        await screen.type("draft")

        async def hand_over(run):
            return await asyncio.to_thread(lambda: "from the editor\n")

        monkeypatch.setattr(screen.chat.outside, "hand_over", hand_over)
        await screen.press("f4")
        assert screen.chat.composer.text == "from the editor"


@pytest.mark.parametrize(("outside", "colours"), [("xterm", "standard"), ("xterm-256color", "256"), ("", "256")])
def test_screen_gets_the_colours_that_it_hands_on_to_the_terminal_around_it(tmp_path, outside, colours):
    (tmp_path / "71").mkdir()
    (tmp_path / "71" / "environ").write_text(f"HOME=/root\0TERM={outside}\0LANG=C")
    assert colours_in_screen({"STY": "71.pts-0.host"}, tmp_path) == colours
    assert colours_in_screen({"STY": "72.pts-0.host"}, tmp_path) == "256"
