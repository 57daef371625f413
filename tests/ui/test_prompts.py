"""The list of earlier prompts on the screen."""

from tui.chat.conversation import Conversation


async def test_the_screen_finds_one_and_writes_it_again(open_screen):
    async with open_screen(size=(100, 30)) as screen:
        other = Conversation(screen.program, "xai", "grok-4")
        for text in ("deploy the docker image", "what is a whale?", "anything else"):
            other.say(text)
        await screen.type("so: ")
        await screen.press("alt+h")
        await screen.type("dckr")
        await screen.until(lambda: "docker" in screen.text() and "whale" not in screen.text())
        await screen.press("enter")
        await screen.until(lambda: screen.chat.composer.text == "so: deploy the docker image")
