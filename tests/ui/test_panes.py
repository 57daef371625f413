"""Panes: what they list, how they come and go, and that nothing foreign is taken for markup."""

from tests.ui.fake import Played, reply
from tests.ui.script import ending, tape, words
from tui.store.settings import Choices


async def test_the_picker_lists_filters_and_uses_a_model(open_screen):
    async with open_screen(reply("hi"), size=(130, 30)) as screen:
        await screen.press("ctrl+o")
        text = screen.text()
        assert "grok-4-fast" in text
        assert " $3.00 / $15.00" in text
        assert " $0.20 /  $0.50" in text
        assert "images only: cannot stream" in text
        assert "set OPENAI_API_KEY" in text
        await screen.type("4 fa")
        assert "grok-2-image" not in screen.text()
        await screen.press("enter")
        assert "grok-4-fast" in screen.text().splitlines()[0]
        await screen.say("Hi")
        await screen.settled()
        assert screen.program.requests[0].model == "grok-4-fast"


async def test_a_model_that_cannot_stream_is_refused_with_the_reason(open_screen):
    async with open_screen(size=(130, 30)) as screen:
        await screen.press("ctrl+o")
        await screen.type("image")
        await screen.press("enter")
        assert "images only" in screen.chat.key_bar.sentence
        assert screen.chat.conversation.model == "grok-4"


async def test_favourites_and_the_default_are_remembered_and_the_dialect_switches(open_screen):
    async with open_screen(size=(130, 30)) as screen:
        await screen.press("ctrl+o", "down", "f")
        assert screen.program.choices.favourites == ("xai/grok-4-fast",)
        assert "★ grok-4-fast" in screen.text()
        await screen.press("x")
        assert screen.program.endpoints["xai"].dialect == "responses"
        assert "responses" in screen.text().splitlines()[0]
        await screen.press("d")
        assert screen.program.choices.model == "grok-4-fast"


async def test_sessions_are_listed_opened_renamed_and_deleted_with_a_way_back(open_screen):
    async with open_screen(reply("one"), reply("two"), size=(120, 30)) as screen:
        await screen.say("First [/] talk")
        await screen.settled()
        await screen.press("ctrl+n")
        await screen.say("Second talk")
        await screen.settled()
        await screen.press("ctrl+r")
        assert "First [/] talk" in screen.text()
        await screen.press("down", "r", "end", *"!", "enter")
        assert "First [/] talk!" in screen.text()
        await screen.press("down", "d")
        assert "First" not in "\n".join(screen.text().splitlines()[1:-1])
        await screen.press("u")
        assert "First [/] talk!" in screen.text()
        await screen.type("fir")
        await screen.press("enter")
        assert screen.turns[0].text == "one"
        assert "First [/] talk!" in screen.text().splitlines()[0]


async def test_a_pane_stands_beside_the_page_where_there_is_room_and_the_text_keeps_its_place(open_screen):
    async with open_screen(reply("Hello there."), size=(160, 40)) as screen:
        await screen.say("Hi")
        await screen.settled()
        row = next(line for line in screen.text().splitlines() if "Hello there." in line)
        await screen.press("ctrl+e")
        assert "The wire" in screen.text()
        beside = next(line for line in screen.text().splitlines() if "Hello there." in line)
        assert beside.index("Hello") == row.index("Hello")
        assert screen.program.choices.shown == ("wire",)
        width = screen.chat.dock.size.width
        await screen.press("alt+left")
        assert screen.chat.dock.size.width == width + 4
        await screen.press("ctrl+g")
        assert "Tool calls" in screen.text()
        await screen.press("escape", "ctrl+e", "ctrl+e")
        assert "The wire" not in screen.text()
        assert screen.program.choices.shown == ("calls",)


async def test_on_a_narrow_screen_one_thing_shows_at_a_time(open_screen):
    async with open_screen(reply("Hello there."), size=(80, 24)) as screen:
        await screen.say("Hi")
        await screen.settled()
        await screen.press("ctrl+e")
        assert "Hello there." not in screen.text()
        assert "The wire" in screen.text()
        await screen.press("escape")
        assert "Hello there." in screen.text()


async def test_panes_of_the_last_time_come_back(open_screen):
    async with open_screen(choices=Choices(shown=("calls",), sizes={"panes": 50}), size=(140, 30)) as screen:
        assert "Tool calls" in screen.text()
        assert screen.chat.dock.columns == 50
        assert screen.chat.composer.has_focus


async def test_a_tiny_screen_still_shows_the_talk_and_how_it_stands(open_screen):
    async with open_screen(reply("Hello there."), size=(60, 15)) as screen:
        await screen.say("Hi")
        await screen.settled()
        assert "Hello there." in screen.text()
        assert "finished" in screen.text()
        await screen.press("ctrl+o")
        assert "grok-4" in screen.text()


async def test_the_wire_shows_each_frame_with_its_time_and_kind(open_screen):
    made = tape(*words("Paris is mild.", 0.31), *ending(1.2), prompt="Weather?")
    async with open_screen([Played(made)], size=(160, 40)) as screen:
        await screen.say("Weather?")
        await screen.settled()
        await screen.press("ctrl+e")
        text = screen.text()
        assert "request" in text
        assert "head 200" in text
        assert "0.310" in text
        assert "mild." in text
        assert "finish" in text
        assert "[DONE]" in text
        await screen.press("home", "enter")
        assert '"model": "grok-4"' in screen.text()


async def test_the_palette_finds_and_runs(open_screen):
    async with open_screen() as screen:
        await screen.press("ctrl+p")
        await screen.type("colou")
        await screen.press("enter")
        assert "Themes" in screen.text()


async def test_themes_show_at_once_and_esc_takes_them_back(open_screen):
    async with open_screen() as screen:
        await screen.press("ctrl+t")
        await screen.press("end")
        assert screen.app.look.name != "ink"
        await screen.press("escape")
        assert screen.app.look.name == "ink"
        await screen.say("/theme paper")
        assert screen.app.look.name == "paper"
        assert screen.program.choices.theme == "paper"


async def test_help_starts_with_where_one_is_and_runs_nothing(open_screen):
    async with open_screen() as screen:
        await screen.press("f1")
        lines = [line for line in screen.text().splitlines() if line.strip()]
        assert "Writing" in "\n".join(lines[:5])
        await screen.press("enter", "r", "d")
        assert "Help" in screen.text()
        assert not screen.turns
        await screen.press("escape")
        assert "Help" not in screen.text()


async def test_find_says_how_many_and_goes_there(open_screen):
    async with open_screen(reply("one two one")) as screen:
        await screen.say("Count")
        await screen.settled()
        await screen.press("ctrl+f")
        await screen.type("one")
        await screen.press("enter")
        assert "of 2" in screen.chat.key_bar.sentence
        assert screen.chat.page.has_focus


async def test_every_key_can_be_another_and_clashes_are_told(open_screen):
    from tui.store.settings import Settings

    settings = Settings(keymap={"chat.models": "f8", "chat.modles": "f9", "chat.wire": "ctrl+g"})
    async with open_screen(settings=settings) as screen:
        notices = " ".join(screen.app.notices)
        assert "did you mean “chat.models”" in notices
        assert "ctrl+g is meant for both" in notices
        await screen.press("f8")
        assert "Models" in screen.text()
