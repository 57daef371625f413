"""A side question on the screen: it comes while the reply goes on, can be stopped, and taken in."""

import pytest
from textual import events

from tests.ui.fake import Gate, reply
from tui.domain.delta import TextDelta
from tui.domain.turn import TurnState
from tui.ui.action.table import SCOPES


async def answered(screen):
    await screen.say("first")
    await screen.settled()
    await screen.say("/btw what is that?")
    await screen.until(lambda: "leave it aside" in screen.text())
    assert screen.chat.pane_in_focus() is screen.chat.over


async def test_it_is_answered_while_the_reply_streams_and_taken_in_afterwards(open_screen):
    gate = Gate()
    async with open_screen([TextDelta("One "), gate, *reply("and two.")], reply("Beside it.")) as screen:
        await screen.say("first")
        await gate.reached.wait()
        await screen.say("/btw what is that?")
        await screen.until(lambda: "Beside it." in screen.text())
        assert screen.chat.runner.is_running
        seen = [message.text for message in screen.program.requests[-1].messages]
        assert seen == ["first", "One ", "what is that?"]
        await screen.press("enter")
        assert "asked beside the conversation" in screen.text()
        gate.open()
        await screen.settled()
        await screen.press("enter")
        await screen.until(lambda: screen.chat.panes.over is None)
        assert [turn.opening.text for turn in screen.turns] == ["first", "what is that?"]
        assert screen.turns[0].text == "One and two."


async def test_escape_stops_it_and_then_leaves_it_aside(open_screen):
    gate = Gate()
    async with open_screen(reply("One."), [TextDelta("Bes"), gate]) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.say("/btw what is that?")
        await gate.reached.wait()
        await screen.press("escape")
        await screen.until(lambda: "stopped by you" in screen.text())
        await screen.press("escape")
        await screen.until(lambda: screen.chat.panes.over is None)
        aside = screen.chat.conversation.tree.newest
        assert (aside.text, aside.state, aside.standing) == ("Bes", TurnState.STOPPED, "aside")
        assert [turn.opening.text for turn in screen.turns] == ["first"]


async def test_what_is_typed_beside_an_answer_is_the_next_prompt_and_does_nothing_to_the_answer(open_screen):
    async with open_screen(reply("One."), reply("Beside it."), size=(100, 30)) as screen:
        await answered(screen)
        await screen.type("copy p")
        assert screen.chat.composer.text == "copy p"
        assert screen.chat.over is not None
        assert "Beside it." in screen.text()
        assert not any(len(key) == 1 for action in SCOPES["aside"] for key in action.keys.split(","))


async def test_what_is_pasted_beside_an_answer_is_written_into_the_prompt(open_screen):
    async with open_screen(reply("One."), reply("Beside it."), size=(100, 30)) as screen:
        await answered(screen)
        screen.app.post_message(events.Paste("some words"))
        await screen.until(lambda: screen.chat.composer.text == "some words")


@pytest.mark.parametrize(("key", "comes"), [("f2", "what is that?"), ("ctrl+y", "")])
async def test_the_question_becomes_a_prompt_and_the_answer_is_copied_by_keys_that_are_no_letters(
    open_screen, key, comes
):
    async with open_screen(reply("One."), reply("Beside it."), size=(100, 30)) as screen:
        await answered(screen)
        await screen.press(key)
        await screen.until(lambda: screen.chat.composer.text == comes if comes else "10 characters" in screen.text())


async def test_a_long_answer_is_paged_through(open_screen):
    async with open_screen(
        reply("One."), reply("\n\n".join(f"Line {number}." for number in range(90))), size=(100, 30)
    ) as screen:
        await answered(screen)
        await screen.until(lambda: "Line 89." in screen.text())
        await screen.press("pageup", "pageup")
        await screen.until(lambda: "Line 62." in screen.text() and "Line 89." not in screen.text())
        await screen.press("pagedown", "pagedown")
        await screen.until(lambda: "Line 89." in screen.text())
