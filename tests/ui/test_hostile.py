"""Hostile words in every place that shows words: nothing reaches the terminal raw, and nothing is taken for markup."""

import pytest

from tests.ui.fake import FakeProgram, Played, reply
from tests.ui.script import ending, tape, words
from tui.domain.delta import FinishDelta, RetryDelta, TextDelta, ToolCallDelta
from tui.domain.error import EndpointError
from tui.domain.message import ImagePart
from tui.domain.model import Model
from tui.domain.turn import Prompt
from tui.tools.definition import Output, Tool

HOSTILE = [
    "\x1b]52;c;aGk=\x07\x1b[2J\x1b[5;5HSPOOF",
    "\x9b31mred\x9d0;title\x9c",
    "[/]x[@click=app.quit]y[/][bold red]",
    "abc\u202eevil\u2066\u2069",
    "tag\U000e0041\U000e0042s\u200b\u2060",
    "a\rb\x00c\x7fd\ud800e",
]


def assert_clean(screen):
    for row in screen.chat._compositor.render_strips():
        for segment in row:
            for character in segment.text:
                code = ord(character)
                assert code >= 0x20, repr(segment.text)
                assert not 0x7F <= code <= 0x9F, repr(segment.text)
                assert not 0x202A <= code <= 0x202E, repr(segment.text)
                assert not 0x2066 <= code <= 0x2069, repr(segment.text)
                assert not 0xD800 <= code <= 0xDFFF, repr(segment.text)
                assert not 0xE0000 <= code <= 0xE007F, repr(segment.text)


@pytest.mark.parametrize("evil", HOSTILE, ids=range(len(HOSTILE)))
async def test_titles_models_replies_errors_and_notices_are_shown_and_not_obeyed(open_screen, monkeypatch, evil):
    async def models(self, name, *, refresh=False):
        return [Model(f"m{evil}", "xai", inputs=(evil,), refusal=""), Model("n", "xai", refusal=evil)]

    monkeypatch.setattr(FakeProgram, "models", models)
    script = [RetryDelta(1, 2, 0.0, evil), TextDelta(f"# {evil}\n`{evil}`\n"), EndpointError(evil, evil)]
    async with open_screen(script, reply(evil), size=(120, 40)) as screen:
        screen.chat.composer.write(evil)
        await screen.press("enter")
        await screen.settled()
        screen.chat.conversation.session.rename(evil)
        screen.chat.conversation.sheet.model = evil
        screen.chat.tell_title()
        screen.chat.stage.status.tell_problem(evil)
        screen.chat.say(evil, "error")
        await screen.pilot.pause()
        assert_clean(screen)
        for key in ("ctrl+o", "ctrl+r"):
            await screen.press(key)
            assert_clean(screen)
            await screen.press("escape")
        screen.chat.runner.queue.append(Prompt(evil, (ImagePart(evil, name=evil),)))
        screen.chat.composer.attach(ImagePart(evil, name=evil))
        screen.chat.turns.show_queue(screen.chat.runner.queue)
        screen.chat.stage.input_area.tell_editing(evil)
        await screen.pilot.pause()
        assert_clean(screen)
        assert screen.app.is_running


@pytest.mark.parametrize("evil", HOSTILE, ids=range(len(HOSTILE)))
async def test_calls_and_the_wire_are_shown_and_not_obeyed(open_screen, evil):
    told = evil.replace("\ud800", "")

    async def run(arguments):
        return Output(f"result {evil}")

    tool = Tool(
        "look",
        told,
        {"type": "object", "properties": {told: {"type": "string"}}},
        "command",
        run,
        deciding={"argv": [told]},
    )
    arguments = (
        '{"x": "\\u001b[2J", "y": "'
        + evil.replace("\\", "")
        .replace('"', "")
        .replace("\x1b", "")
        .replace("\x00", "")
        .replace("\r", "")
        .replace("\x07", "")
        .replace("\ud800", "")
        + '"}'
    )
    script = [ToolCallDelta(0, f"id{told}", "look", arguments), FinishDelta("tool_calls")]
    made = tape(*words(evil.replace("\ud800", ""), 0.3), *ending(1.0), prompt=evil.replace("\ud800", ""))
    async with open_screen(script, [Played(made)], size=(140, 40)) as screen:
        await screen.give_tools(tool)
        await screen.say("Look")
        await screen.until(lambda: "May this run?" in screen.text())
        assert_clean(screen)
        await screen.press("tab")
        await screen.until(lambda: screen.chat.panes.docked("calls")._question.is_armed)
        await screen.press("a")
        await screen.until(lambda: len(screen.turns) == 2 and screen.turns[1].state.is_over)
        pane = screen.chat.panes.docked("calls")
        pane.show(screen.turns[0])
        pane.take_focus()
        for key in ("tab", "tab", "v", "v"):
            await screen.press(key)
            assert_clean(screen)
        await screen.press("escape", "ctrl+e", "enter")
        assert_clean(screen)
        assert screen.app.is_running


async def test_a_model_a_prompt_to_try_and_send_are_clicked(open_screen):
    async with open_screen(reply("Fine."), size=(120, 30)) as screen:
        await screen.pilot.click("#title", offset=(112, 0))
        await screen.pilot.pause()
        assert "type to find" in screen.text()
        await screen.pilot.click("ModelsPane ListView", offset=(6, 2))
        await screen.pilot.pause()
        assert screen.chat.conversation.sheet.model == "grok-4-fast"
        where = screen.text().splitlines()
        row = next(number for number, line in enumerate(where) if "haiku" in line)
        await screen.pilot.click(offset=(where[row].index("haiku"), row))
        await screen.pilot.pause()
        assert "haiku" in screen.chat.composer.text
        await screen.press("escape")  # the sentence about the model makes way for the keys
        await screen.pilot.click("#keys", offset=(2, 0))
        await screen.settled()
        assert screen.turns[0].text == "Fine."
