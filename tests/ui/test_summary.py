"""A full context on the screen: it is said before sending, and the person chooses what stands for what."""

from functools import partial

from textual import events

from tests.ui.fake import FakeProgram, Gate, reply
from tui.chat.history import SUMMARY
from tui.domain.delta import FinishDelta, TextDelta, UsageDelta
from tui.domain.usage import Usage


def full(text):
    return [TextDelta(text), UsageDelta(Usage(input=230_000, output=20)), FinishDelta("stop")]


async def test_a_prompt_that_would_fill_the_context_waits_until_the_earlier_turns_are_summarised(open_screen):
    async with open_screen(full("One."), full("Two."), reply("In short."), reply("Three.")) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.say("second")
        await screen.until(lambda: "This would fill the context" in screen.text())
        assert "256,000 tokens" in screen.text()
        assert len(screen.program.requests) == 1
        pane = screen.chat.panes.over
        await screen.until(lambda: pane.is_armed)
        early = events.Key("enter", "\r")
        early.time -= 5  # pressed before this was shown, and dealt with only now: it was not meant for this
        screen.app.post_message(early)
        await screen.until(lambda: not pane.is_armed)
        assert screen.chat.panes.over is pane
        await screen.until(lambda: pane.is_armed)
        await screen.press("enter")  # Summarise
        await screen.until(lambda: "it is sent in their place" in screen.text())
        await screen.settled()
        assert screen.chat.composer.text == "second"
        await screen.press("enter")
        await screen.settled()
        sent = [message.text for message in screen.program.requests[-1].messages]
        assert sent == [f"{SUMMARY}\n\nTwo.\n\nsecond"]


async def test_a_summary_is_edited_undone_and_used_again(open_screen):
    async with open_screen(reply("One."), reply("Two."), reply("In short.")) as screen:
        for words in ("first", "second", "/compact 1"):
            await screen.say(words)
            await screen.settled()

        def begins():
            from tui.domain.turn import Prompt

            return screen.chat.conversation.requests.of_prompt(Prompt("x")).messages[0].text

        await screen.press("alt+e")
        assert screen.chat.composer.text == "In short."
        await screen.type(" Mine.")
        await screen.press("enter")
        assert begins() == f"{SUMMARY}\n\nIn short. Mine.\n\nsecond"
        assert "Your summary of the turns above" in screen.text()
        await screen.say("/compact undo")
        assert begins() == "first"
        await screen.until(lambda: "undone" in screen.text())
        await screen.say("/compact redo")
        assert begins().startswith(SUMMARY)
        await screen.press("alt+n")
        await screen.until(lambda: "summary" in screen.text())
        await screen.press("home", "down", "space")  # it stands below what it keeps now, and the cursor with it
        assert begins() == "first"
        await screen.press("space")
        assert begins().startswith(SUMMARY)


async def test_a_queued_prompt_that_is_held_goes_on_waiting(open_screen):
    gate = Gate()
    async with open_screen([gate, *full("One.")], reply("Two.")) as screen:
        await screen.type("first")
        await screen.press("enter")
        await screen.say("second")
        gate.open()
        await screen.settled()
        assert [prompt.text for prompt in screen.chat.runner.queue] == ["second"]
        assert len(screen.program.requests) == 1


async def test_how_much_a_model_reads_is_asked_once_when_the_conversation_has_grown(open_screen, monkeypatch):
    known, asked = FakeProgram.about, []

    async def models(self, name):
        asked.append(name)
        self.about = partial(known, self)
        return []

    monkeypatch.setattr(FakeProgram, "models", models)
    monkeypatch.setattr(FakeProgram, "about", lambda _self, _name, _model: None)
    async with open_screen(reply("One."), full("Two."), size=(120, 30)) as screen:
        await screen.say("first")
        await screen.settled()
        assert asked == []
        await screen.say("second")
        await screen.settled()
        await screen.until(lambda: "of 256k (90%)" in screen.text())
        assert asked == ["xai"]
