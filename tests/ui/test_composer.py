"""Writing: what Enter sends, what a paste becomes, what Up brings back, what a slash offers."""

from textual import events

from tests.ui.fake import reply
from tui.chat.conversation import Conversation
from tui.store.settings import Settings


async def paste(screen, text):
    screen.chat.composer.post_message(events.Paste(text))
    await screen.pilot.pause()


async def test_new_lines_are_made_by_ctrl_j_shift_enter_and_a_backslash(open_screen):
    async with open_screen() as screen:
        await screen.press("a", "ctrl+j", "b", "shift+enter", "c", "alt+enter", "d", "backslash", "enter", "e")
        assert screen.chat.composer.text == "a\nb\nc\nd\ne"
        await screen.press("enter")
        await screen.settled()
        assert screen.turns[0].opening.text == "a\nb\nc\nd\ne"


async def test_it_grows_to_a_third_of_the_screen(open_screen):
    async with open_screen(size=(80, 30)) as screen:
        assert screen.chat.composer.size.height == 1
        await screen.press("a", *["ctrl+j"] * 4)
        assert screen.chat.composer.size.height == 5
        await screen.press(*["ctrl+j"] * 20)
        assert screen.chat.composer.size.height <= 10


async def test_a_long_paste_folds_to_a_chip_and_is_sent_whole(open_screen):
    long = "x" * 4312
    async with open_screen() as screen:
        await screen.type("see ")
        await paste(screen, long)
        assert screen.chat.composer.text == "see [pasted 4,312 characters]"
        await screen.press("enter")
        await screen.settled()
        assert screen.turns[0].opening.text == f"see {long}"


async def test_a_chip_unfolds_and_is_deleted_as_a_whole(open_screen):
    lines = "\n".join(str(number) for number in range(30))
    async with open_screen() as screen:
        await paste(screen, lines)
        assert screen.chat.composer.text.startswith("[pasted")
        await screen.press("backspace")
        assert screen.chat.composer.text == ""
        await paste(screen, lines)
        await screen.press("alt+p")
        assert screen.chat.composer.text == lines


async def test_control_characters_of_a_paste_are_shown_and_never_send(open_screen):
    async with open_screen() as screen:
        await paste(screen, "rm\r\n\x1b[201~\r\x07ls\u202e\n")
        text = screen.chat.composer.text
        assert text == "rm\n␛[201~\n␇ls<RLO>\n"
        assert not screen.turns
        assert "shown as signs" in screen.text()


UNSEEN = "a\u200bb\ufeffc\u200ed\u202ee\x1bf <1 hidden> ␛"


async def test_what_cannot_be_seen_is_shown_as_signs_and_sent_as_it_was_pasted(open_screen):
    async with open_screen(reply("1"), reply("2"), reply("3"), reply("4")) as screen:
        await paste(screen, UNSEEN)
        text = screen.chat.composer.text
        assert text == "a<1 hidden, 2>b<1 hidden, 3>c<LRM>d<RLO>e<␛, 2>f <1 hidden> ␛"
        assert screen.chat.composer.draft.text == UNSEEN
        await screen.press("enter")
        await screen.settled()
        await screen.press("up")
        assert screen.chat.composer.text == text
        await screen.press("enter")
        await screen.settled()
        await paste(screen, UNSEEN + "x" * 3000)
        await screen.press("enter")
        await screen.settled()
        await paste(screen, "\u200d")
        assert screen.chat.composer.text == "<1 hidden>"
        await paste(screen, "y")
        await screen.press("enter")
        await screen.settled()
        asked = [turn.opening.text for turn in screen.turns]
        assert asked == [UNSEEN, UNSEEN, UNSEEN + "x" * 3000, "\u200dy"]
        assert screen.program.requests[0].messages[0].parts[0].text == UNSEEN


async def test_a_sign_is_deleted_as_a_whole_and_kept_in_a_command_and_an_editor(open_screen, monkeypatch):
    edited = []
    monkeypatch.setattr("tui.ui.terminal.editor.edit", lambda text, suffix: edited.append(text) or text)

    async def hand_over(run):
        return run()

    async with open_screen() as screen:
        monkeypatch.setattr(screen.chat.outside, "hand_over", hand_over)
        await paste(screen, "\ufeff\ufeffone\u2060")
        await screen.press("f4")
        assert edited == ["\ufeff\ufeffone\u2060"]
        assert screen.chat.composer.prompt.text == edited[0]
        await screen.press("backspace", "home", "delete")
        assert screen.chat.composer.text == "one"
        await screen.press("ctrl+u", "ctrl+k")
        await screen.type("/title a")
        await paste(screen, "\u2060b")
        await screen.press("enter")
        assert screen.chat.conversation.session.title == "a\u2060b"


async def test_up_brings_back_earlier_prompts_and_down_the_draft(open_screen):
    async with open_screen(reply("1"), reply("2")) as screen:
        screen.program.database.prompts.add_history("from before")
        await screen.say("one")
        await screen.settled()
        await screen.say("two")
        await screen.settled()
        await screen.type("draft")
        await screen.press("up")
        assert screen.chat.composer.text == "two"
        await screen.press("up", "up")
        assert screen.chat.composer.text == "from before"
        await screen.press("up")
        assert screen.chat.composer.text == "from before"
        await screen.press("down", "down", "down")
        assert screen.chat.composer.text == "draft"


async def test_up_moves_within_what_is_written_first(open_screen):
    async with open_screen() as screen:
        screen.program.database.prompts.add_history("before")
        await screen.press("a", "ctrl+j", "b", "up")
        assert screen.chat.composer.text == "a\nb"
        await screen.press("up")
        assert screen.chat.composer.text == "before"


async def test_keys_that_come_at_once_do_what_they_do_in_their_order(open_screen):
    async with open_screen() as screen:
        for key in ("a", "b", "backspace", "c", "backspace", "d", "left", "x", "end", "shift+left", "y"):
            screen.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await screen.until(lambda: screen.chat.composer.text == "axy")


async def test_the_draft_is_kept_and_comes_back(open_screen):
    async with open_screen() as screen:
        await screen.type("half a thought")
        await screen.until(lambda: screen.program.database.prompts.draft(None) == "half a thought")
        database = screen.program.database
        await screen.say("!")
        await screen.settled()
        assert database.prompts.draft(None) == ""
    async with open_screen(draft="kept") as screen:
        assert screen.chat.composer.text == "kept"


async def test_a_slash_offers_commands_and_runs_one(open_screen):
    async with open_screen() as screen:
        await screen.type("/ti")
        assert "/title" in screen.text()
        assert "rename this conversation" in screen.text()
        await screen.press("tab")
        assert screen.chat.composer.text == "/title "
        await screen.type("My [/] talk")
        await screen.press("enter")
        assert screen.chat.conversation.session.title == "My [/] talk"
        assert "My [/] talk" in screen.text().splitlines()[0]
        assert not screen.turns


async def test_what_is_typed_faster_than_the_list_follows_is_not_completed_away(open_screen):
    async with open_screen() as screen:
        await screen.type("/ti")
        composer = screen.chat.composer
        for key, character in [*((letter, letter) for letter in "tle"), ("space", " "), ("x", "x"), ("enter", "\r")]:
            composer.post_message(events.Key(key, character))
        await screen.until(lambda: screen.chat.conversation.session.title == "x")


async def test_an_unknown_command_is_told_and_stays(open_screen):
    async with open_screen() as screen:
        await screen.say("/modle x")
        assert "there is no command /modle; did you mean /model?" in screen.text()
        assert screen.chat.composer.text == "/modle x"
        assert not screen.turns


async def test_two_slashes_and_many_lines_are_a_prompt(open_screen):
    async with open_screen() as screen:
        await screen.press("/", "/", "x", "enter")
        await screen.settled()
        assert screen.turns[0].opening.text == "//x"


async def test_a_number_alone_asks_what_it_stands_for_on_the_empty_page_and_begins_a_prompt_otherwise(open_screen):
    async with open_screen() as screen:
        await screen.type("1")
        assert screen.chat.key_bar.sentence == "Enter asks: What is the capital of France?"
        await screen.press("enter")
        await screen.settled()
        assert screen.turns[0].opening.text == "What is the capital of France?"
        await screen.say("1")
        await screen.settled()
        assert screen.turns[1].opening.text == "1"
        await screen.press("ctrl+n")
        await screen.say("2+2?")
        await screen.settled()
        assert screen.turns[0].opening.text == "2+2?"


async def test_a_long_draft_takes_a_third_of_the_screen_and_no_row_is_empty(open_screen):
    for size in ((100, 30), (80, 24)):
        async with open_screen(size=size) as screen:
            for number in range(25):
                await screen.press(*f"line{number}", "ctrl+j")
            rows = screen.text().splitlines()
            assert "ready" in rows[-2]
            assert "Enter send" in rows[-1]
            first = next(number for number, row in enumerate(rows) if "line" in row)
            assert size[1] // 4 < len(rows) - 3 - first <= size[1] // 3
            shown = [row.strip("› ▁▂▃▄▅▆▇█").strip() for row in rows[first:-3]]
            assert shown == [*(f"line{number}" for number in range(26 - len(shown), 25)), ""], "the cursor is seen"


async def test_the_system_prompt_is_sent(open_screen):
    async with open_screen(reply("ok")) as screen:
        await screen.say("/system Be brief.")
        await screen.say("Hi")
        await screen.settled()
        assert screen.program.requests[0].system == "Be brief."


async def test_a_new_conversation_keeps_the_model_and_the_old_draft(open_screen):
    async with open_screen(reply("ok")) as screen:
        await screen.say("Hi")
        await screen.settled()
        first = screen.chat.conversation
        await screen.type("left here")
        await screen.press("ctrl+n")
        assert isinstance(screen.chat.conversation, Conversation)
        assert screen.chat.conversation is not first
        assert screen.chat.composer.text == ""
        assert "What is the capital of France?" in screen.text()
        assert screen.program.database.prompts.draft(first.session.id) == "left here"


async def test_enter_can_be_made_to_break_the_line_and_ctrl_enter_to_send(open_screen):
    async with open_screen(reply("ok"), settings=Settings(send_key="ctrl+enter")) as screen:
        await screen.press("a", "enter", "b")
        assert screen.chat.composer.text == "a\nb"
        await screen.press("ctrl+enter")
        await screen.settled()
        assert screen.turns[0].opening.text == "a\nb"


async def test_a_command_typed_faster_than_its_list_follows_is_the_one_that_runs(open_screen):
    async with open_screen() as screen:
        await screen.press("/")
        await screen.until(lambda: screen.chat.completing.is_open)
        screen.chat.composer.insert("tools")
        await screen.chat.composer._on_key(events.Key("enter", None))
        await screen.until(lambda: screen.chat.over is not None)
        assert screen.chat.over.name_in_dock == "tools"
