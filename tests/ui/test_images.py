"""Images: how they come into the composer, go along with a prompt, and come back with it."""

from textual import events

from tests.ui.fake import Gate, reply
from tui.domain.message import ImagePart
from tui.domain.turn import Prompt

PNG = b"\x89PNG\r\n\x1a\n"


def image_file(tmp_path, name="cat.png", more=b"meow"):
    path = tmp_path / name
    path.write_bytes(PNG + more)
    return path


async def drop(screen, text):
    screen.chat.composer.post_message(events.Paste(text))
    await screen.pilot.pause()


def sent(screen, at=-1):
    """The words and the names of the images of one request's last message."""
    message = screen.program.requests[at].messages[-1]
    return message.text, [part.name for part in message.parts if isinstance(part, ImagePart)]


async def test_an_image_is_attached_by_a_command_and_sent(open_screen, tmp_path):
    path = image_file(tmp_path)
    async with open_screen(reply("A cat.")) as screen:
        await screen.say(f"/attach {path}")
        await screen.until(lambda: screen.chat.composer.text == "[image cat.png] ")
        assert "▣ cat.png, image/png, 12 B" in screen.text()
        await screen.say("What is this?")
        await screen.settled()
        assert sent(screen) == ("[image cat.png] What is this?", ["cat.png"])
        assert screen.turns[0].opening.images[0].url.startswith("data:image/png;base64,")
        assert "▣ cat.png, image/png, 12 B" in screen.text()
        assert not screen.chat.composer.images


async def test_a_file_that_is_dropped_is_attached_where_the_cursor_is(open_screen, tmp_path):
    path = image_file(tmp_path, "my cat.png")
    async with open_screen(reply("A cat.")) as screen:
        await screen.type("see")
        await drop(screen, f"'{path}' ")
        await screen.until(lambda: screen.chat.composer.text == "see [image my cat.png] ")
        await screen.say("there")
        await screen.settled()
        assert sent(screen) == ("see [image my cat.png] there", ["my cat.png"])


async def test_a_path_that_is_no_image_is_text(open_screen, tmp_path):
    (tmp_path / "fake.png").write_text("no image")
    async with open_screen() as screen:
        await drop(screen, f"{tmp_path}/fake.png")
        await screen.until(lambda: screen.chat.composer.text == f"{tmp_path}/fake.png")
        assert not screen.chat.composer.images


async def test_what_cannot_be_attached_is_told_and_the_command_stays(open_screen, tmp_path):
    async with open_screen() as screen:
        await screen.say(f"/attach {tmp_path}/none.png")
        await screen.until(lambda: "No such file" in screen.text())
        assert screen.chat.composer.text == f"/attach {tmp_path}/none.png"


async def test_a_chip_goes_as_a_whole_and_its_image_with_it(open_screen, tmp_path):
    async with open_screen(reply("Nothing.")) as screen:
        await screen.say(f"/attach {image_file(tmp_path)}")
        await screen.until(lambda: len(screen.chat.composer.images) == 1)
        await screen.press("backspace", "backspace")
        assert screen.chat.composer.text == ""
        assert "▣" not in screen.text()
        await screen.say("What is this?")
        await screen.settled()
        assert sent(screen) == ("What is this?", [])


async def test_two_files_of_one_name_are_told_apart(open_screen, tmp_path):
    (tmp_path / "other").mkdir()
    one, two = image_file(tmp_path), image_file(tmp_path / "other", more=b"purr")
    async with open_screen(reply("Cats.")) as screen:
        await screen.say(f"/attach {one} {two} {one}")
        await screen.until(lambda: screen.chat.composer.text.endswith("[image cat.png] "))
        assert screen.chat.composer.text == "[image cat.png] [image cat.png, 2] [image cat.png] "
        await screen.press("enter")
        await screen.settled()
        assert sent(screen)[1] == ["cat.png", "cat.png, 2"]


async def test_an_edited_prompt_has_its_images_again(open_screen, tmp_path):
    async with open_screen(reply("A cat."), reply("Still a cat.")) as screen:
        await screen.say(f"/attach {image_file(tmp_path)}")
        await screen.until(lambda: len(screen.chat.composer.images) == 1)
        await screen.say("What?")
        await screen.settled()
        await screen.press("alt+e")
        assert screen.chat.composer.text == "[image cat.png] What?"
        await screen.say("!")
        await screen.settled()
        assert sent(screen) == ("[image cat.png] What?!", ["cat.png"])


async def test_an_image_without_a_chip_gets_one_when_its_prompt_is_edited(open_screen):
    async with open_screen() as screen:
        screen.chat.composer.write("look", [ImagePart("https://x.example/a.png", name="a.png"), ImagePart("data:,x")])
        assert screen.chat.composer.text == "look [image a.png] [image 1]"
        assert screen.chat.composer.prompt.images[0].url == "https://x.example/a.png"


async def test_a_prompt_that_is_cleared_or_was_sent_comes_back_with_its_image(open_screen, tmp_path):
    async with open_screen(reply("A cat.")) as screen:
        await screen.say(f"/attach {image_file(tmp_path)}")
        await screen.until(lambda: len(screen.chat.composer.images) == 1)
        await screen.press("ctrl+c")
        assert screen.chat.composer.text == ""
        await screen.press("up")
        assert [image.name for image in screen.chat.composer.images] == ["cat.png"]


async def test_a_queued_prompt_keeps_its_image(open_screen, tmp_path):
    gate = Gate()
    async with open_screen([gate, *reply("one")], reply("two")) as screen:
        await screen.say("first")
        await gate.reached.wait()
        await screen.say(f"/attach {image_file(tmp_path)}")
        await screen.until(lambda: len(screen.chat.composer.images) == 1)
        await screen.say("second")
        assert screen.chat.runner.queue == [Prompt("[image cat.png] second", screen.chat.runner.queue[0].images)]
        await screen.press("up")
        assert [image.name for image in screen.chat.composer.images] == ["cat.png"]
        await screen.press("enter")
        gate.open()
        await screen.until(lambda: len(screen.program.requests) == 2)
        await screen.settled()
        assert sent(screen) == ("[image cat.png] second", ["cat.png"])


async def test_a_draft_keeps_its_image(open_screen, tmp_path):
    async with open_screen() as screen:
        database = screen.program.database
        await screen.say(f"/attach {image_file(tmp_path)}")
        await screen.until(lambda: [image.name for image in database.prompts.draft_images(None)] == ["cat.png"])
        assert database.prompts.draft(None) == "[image cat.png] "
        screen.chat.composer.write("")
        await screen.until(lambda: database.prompts.draft_images(None) == [])
        database.prompts.save_draft(None, "see [image a.png]", [ImagePart("data:,a", name="a.png")])
        screen.chat.writing.write_saved_draft()
        assert screen.chat.composer.prompt == Prompt("see [image a.png]", (ImagePart("data:,a", name="a.png"),))


async def test_a_command_that_is_finished_by_hand_does_not_cost_what_was_being_written(open_screen):
    async with open_screen() as screen:
        await screen.type("half a thought")
        await screen.press("ctrl+p")
        await screen.type("title")
        await screen.press("enter")
        assert screen.chat.composer.text == "/title "
        await screen.until(lambda: screen.program.database.prompts.draft(None) == "half a thought")
        await screen.say("Talk")
        assert screen.chat.conversation.session.title == "Talk"
        assert screen.chat.composer.text == "half a thought"
        await screen.press("ctrl+p")
        await screen.type("title")
        await screen.press("enter", "ctrl+u")
        assert screen.chat.composer.text == "half a thought"


async def test_what_is_set_aside_and_attached_stays_in_its_conversation(open_screen, tmp_path):
    async with open_screen(reply("Hello.")) as screen:
        await screen.say("Hi")
        await screen.settled()
        first = screen.chat.conversation.session.id
        await screen.say(f"/attach {image_file(tmp_path)}")
        await screen.until(lambda: len(screen.chat.composer.images) == 1)
        await screen.press("ctrl+p")
        await screen.type("title")
        await screen.press("enter", "ctrl+n")
        assert screen.chat.conversation.session.id != first
        assert screen.chat.composer.text == ""
        await screen.type("[image cat.png]")
        assert not screen.chat.composer.images
        assert screen.program.database.prompts.draft(first) == "[image cat.png] "
        assert [image.name for image in screen.program.database.prompts.draft_images(first)] == ["cat.png"]


async def test_a_model_that_takes_no_images_is_named(open_screen, tmp_path):
    async with open_screen() as screen:
        screen.program.blind = "grok-3 takes text only: it does not see images"
        await screen.say(f"/attach {image_file(tmp_path)}")
        await screen.until(lambda: "it does not see images" in screen.text())
