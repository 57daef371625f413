"""A side question on the screen: it comes while the reply goes on, can be stopped, and taken in."""

from tests.ui.fake import Gate, reply
from tui.domain.delta import TextDelta
from tui.domain.turn import TurnState


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
