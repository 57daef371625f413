"""The sheet of a conversation, on the screen."""

import pytest
from textual import events

from tests.chat.long_talk import talk
from tests.ui.fake import reply
from tui.chat import next_request
from tui.chat.conversation import Conversation
from tui.domain.endpoint_word import EFFORTS
from tui.domain.option import Options
from tui.ui.panes import preview


async def test_what_is_written_in_the_sheet_is_asked_from_the_next_turn_on(open_screen):
    async with open_screen(reply("One."), size=(110, 32)) as screen:
        await screen.press("f2")
        await screen.until(lambda: "system prompt" in screen.text())
        assert "max turns" not in screen.text() or "seed" not in screen.text(), "only what the dialect takes"
        await screen.type("Be a cat")
        await screen.press("down")
        assert screen.chat.conversation.sheet.system == "Be a cat", "what is written is kept, whatever key leaves it"
        await screen.press("down", "down")
        await screen.type("low")
        await screen.press("enter")
        await screen.type("0.3")
        await screen.press("enter")
        await screen.type("0.9")
        await screen.press("escape")
        talk = screen.chat.conversation
        assert (talk.sheet.effort, talk.sheet.options) == ("low", Options(temperature=0.3, top_p=0.9))
        await screen.say("hello")
        await screen.settled()
        again = Conversation.reopen(screen.program, talk.session.id)
        assert (again.sheet.effort, again.sheet.options) == (talk.sheet.effort, talk.sheet.options)


async def test_what_is_typed_without_a_pause_stands_where_it_was_meant(open_screen):
    async with open_screen(size=(110, 32)) as screen:
        await screen.press("f2")
        await screen.until(lambda: "system prompt" in screen.text())
        for key in ("down", "down", "down", *"low", "enter", *"0.5", "ctrl+u", *"0.3", "enter", *"0.9"):
            screen.chat.focused.post_message(events.Key(key, key if len(key) == 1 else None))
        await screen.pilot.pause()
        await screen.press("escape")
        sheet = screen.chat.conversation.sheet
        assert (sheet.effort, sheet.options) == ("low", Options(temperature=0.3, top_p=0.9))


async def test_a_value_that_cannot_be_is_told_and_not_taken(open_screen):
    async with open_screen(size=(110, 32)) as screen:
        await screen.press("f2", "down", "down", "down", "down")
        await screen.type("hot")
        await screen.press("enter")
        await screen.until(lambda: "temperature cannot be “hot”" in screen.text())
        assert screen.chat.conversation.sheet.options == Options()
        await screen.press("escape")
        await screen.press("escape")
        assert screen.chat.panes.over is None


async def test_a_key_leaves_a_value_to_the_endpoint_again(open_screen):
    async with open_screen(size=(110, 32)) as screen:
        screen.chat.conversation.session.set_options(temperature=0.5)
        screen.chat.conversation.session.set_system("Be a\ncat")
        await screen.press("f2", "down", "down", "down", "down", "f8")
        assert screen.chat.conversation.sheet.options == Options()
        assert screen.chat.conversation.sheet.system == "Be a\ncat", "to pass a row changes nothing"
        await screen.press("up", "up", "up", "up", "f8")
        assert screen.chat.conversation.sheet.system == ""
        await screen.type("/nothing to do with grok")
        await screen.press("ctrl+u", "down")
        await screen.type("mini")
        await screen.press("enter")
        await screen.until(lambda: screen.chat.over is not None and screen.chat.over.name_in_dock == "models")
        assert screen.chat.over.field.value == "mini", "what is typed on a row that opens a list narrows it"


async def test_the_same_is_done_by_commands_and_a_sheet_is_kept_as_a_preset(open_screen):
    async with open_screen(size=(110, 32)) as screen:
        await screen.say("/temperature 0.2")
        await screen.until(lambda: "temperature is 0.2, in this conversation" in screen.text())
        await screen.say("/effort high")
        await screen.until(lambda: "chat · effort high" in screen.text().splitlines()[0])
        await screen.say("/preset save calm")
        await screen.say("/temperature off")
        await screen.until(lambda: "temperature is not set" in screen.text())
        await screen.say("/top-p much")
        await screen.until(lambda: "top-p cannot be “much”" in screen.text())
        assert screen.chat.composer.text == "/top-p much"
        await screen.press("ctrl+c")
        await screen.say("/preset calm")
        await screen.until(lambda: "follows the preset “calm”" in screen.text())
        assert screen.chat.conversation.sheet.options == Options(temperature=0.2)
        await screen.say("/preset")
        await screen.until(lambda: "presets: calm" in screen.text())


async def test_the_built_in_model_cannot_be_told_how_hard_to_think(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        screen.chat.conversation.sheet.use_model("local", "smollm2-135m")
        await screen.say("/effort low")
        assert "smollm2-135m cannot be told how hard to think" in screen.text()
        await screen.press("f2")
        assert "temperature" in screen.text()
        assert "effort" not in screen.text().replace("cannot be told", "")


async def test_beside_the_sheet_stands_the_next_request_and_what_was_changed_in_it(open_screen):
    async with open_screen(reply("One."), size=(120, 40)) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.type("a second one")
        await screen.press("f2")
        await screen.until(lambda: "The next request" in screen.text())
        for words in (
            "of 256,000 tokens",
            "history  first",
            "prompt   a second one",
            '"model": "grok-4"',
            '"messages": ▸',
        ):
            assert words in screen.text()
        assert "▌" not in screen.text()
        await screen.press("down", "down", "down", "down")
        await screen.type("0.3")
        assert '"temperature"' not in screen.text(), "what is not kept yet is not asked"
        await screen.press("enter")
        await screen.until(lambda: '▌  "temperature": 0.3' in screen.text())


async def test_of_a_long_conversation_the_latest_turns_are_read_for_that(open_screen, monkeypatch):
    monkeypatch.setattr(next_request, "SHOWN", 4)
    monkeypatch.setattr(preview, "SHOWN", 4)
    async with open_screen(size=(120, 40)) as screen:
        saved = talk(screen.program, 30)
        screen.chat.sessions.open(Conversation.reopen(screen.program, saved.session.id))
        await screen.type("a new one")
        read = []
        tree = type(screen.chat.conversation.tree)
        monkeypatch.setattr(tree, "_read", lambda _tree, turn_ids: read.extend(turn_ids) or {})
        await screen.press("f2")
        await screen.until(lambda: '"messages"' in screen.text())
        assert '"messages": ▸ [ 26 turns, 9 items ]' in screen.text()
        assert read == []


@pytest.mark.parametrize("size", [(80, 24), (100, 30)])
async def test_where_there_is_no_room_a_line_tells_of_the_next_request_and_leads_to_it(open_screen, size):
    async with open_screen(reply("One."), size=size) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.press("f2")
        await screen.until(lambda: "of 256,000 tokens, 0%" in screen.text())
        line = next(row for row in screen.text().split("\n") if "the next request: ~" in row)
        assert "Alt+N see it" in line
        assert '"model"' not in screen.text()
        await screen.press("down", "down", "down")
        await screen.type("low")
        await screen.press("alt+n")
        await screen.until(lambda: "The next request" in screen.text())
        assert screen.chat.conversation.sheet.effort == "low", "what was written is kept, whatever key leads elsewhere"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_a_row_is_about_is_told_in_full(open_screen, size):
    async with open_screen(size=size) as screen:
        await screen.press("f2", "down", "down", "down")
        await screen.until(lambda: ", ".join(EFFORTS) in screen.text())
