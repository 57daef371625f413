"""What will be sent, on the screen: by origin, with tokens, and turns that can be taken out."""

from tests.ui.fake import reply


async def test_the_next_request_is_shown_and_a_turn_is_taken_out(open_screen):
    async with open_screen(reply("First answer."), reply("Second."), reply("Third."), size=(120, 36)) as screen:
        await screen.say("the first prompt")
        await screen.settled()
        await screen.say("the second prompt")
        await screen.settled()
        await screen.type("a third one")
        await screen.press("alt+n")
        await screen.until(lambda: "256,000 tokens" in screen.text())
        text = screen.text()
        for words in (
            "history",
            "the first prompt",
            "prompt",
            "a third one",
            "tokens are estimated",
            "too short to be cached",
        ):
            assert words in text
        await screen.press("home", "space")
        await screen.until(
            lambda: "ends where turn 1 was taken out; the rest is too short to be cached" in screen.text()
        )
        assert "Space put back" in screen.text()
        await screen.press("down")
        await screen.until(lambda: "Space take out" in screen.text())
        await screen.press("escape", "enter")
        await screen.settled()
        sent = [message.text for message in screen.program.requests[-1].messages if message.role == "user"]
        assert sent == ["the second prompt", "a third one"]


async def test_the_estimate_is_corrected_and_remembered(open_screen):
    async with open_screen(reply("First answer."), size=(120, 36)) as screen:
        await screen.say("word " * 40)
        await screen.settled()
        await screen.press("alt+n")
        await screen.until(lambda: "The next request" in screen.text())
        assert set(screen.program.choices.token_factors) <= {"grok-4"}
