"""Two windows on one session: each says what the other added, and shows it."""

from contextlib import closing

from textual import events

from tests.ui.fake import FakeProgram, reply
from tui.chat.conversation import Conversation
from tui.chat.replies import exhaust
from tui.store.database import Database
from tui.ui.screen import chat


class Window(FakeProgram):
    """Another window: a program of its own on the same file, without a screen."""

    def __init__(self, path, *scripts):
        super().__init__(*scripts)
        self.database = Database.open(path)

    def reopen(self, session):
        return Conversation.reopen(self, session)


async def shared(screen, path):
    """Let the screen save into a file, and say something; the session that another window opens then."""
    screen.program.database = Database.open(path)
    await screen.press("ctrl+n")
    await screen.say("first")
    await screen.settled()
    return screen.chat.conversation.session.id


async def talk(window, session, text):
    conversation = window.reopen(session)
    turn = conversation.say(text)
    await exhaust(conversation.replies.stream(turn))
    return conversation, turn


async def test_what_another_window_went_on_with_is_shown_when_one_comes_back(open_screen, tmp_path):
    path = tmp_path / "sessions.db"
    async with open_screen(reply("Mine.")) as screen:
        session = await shared(screen, path)
        window = Window(path, reply("Theirs."), reply("Theirs again."))
        with closing(window.database):
            conversation, _ = await talk(window, session, "and from there")
            await exhaust(conversation.replies.stream(conversation.say("once more")))
            screen.app.post_message(events.AppFocus())
            await screen.until(lambda: "another window went on from here: 2 turns" in screen.text())
            assert "Theirs again." in screen.text()
            await screen.say("thanks")
            await screen.settled()
            assert [turn.opening.text for turn in screen.turns] == ["first", "and from there", "once more", "thanks"]


async def test_it_is_shown_by_itself_where_no_terminal_tells_that_one_comes_back(open_screen, tmp_path, monkeypatch):
    monkeypatch.setattr(chat, "LOOK_EVERY", 0.02)
    path = tmp_path / "sessions.db"
    async with open_screen(reply("Mine.")) as screen:
        session = await shared(screen, path)
        window = Window(path, reply("Theirs."))
        with closing(window.database):
            await talk(window, session, "and from there")
            await screen.until(lambda: "Theirs." in screen.text())


async def test_a_reader_further_up_keeps_their_place_while_another_window_goes_on(open_screen, tmp_path, monkeypatch):
    path = tmp_path / "sessions.db"
    async with open_screen(reply("Mine.\n\n" * 50)) as screen:
        session = await shared(screen, path)
        screen.chat.page.scroll_home(animate=False)
        window = Window(path, reply("Theirs."))
        with closing(window.database):
            await talk(window, session, "and from there")
            before = screen.text()
            screen.chat.turns.look_by_itself()
            assert screen.text() == before
            screen.chat.page.jump_end()
            screen.chat.turns.look_by_itself()
            await screen.until(lambda: "another window went on from here: a turn" in screen.text())


async def test_a_branch_that_another_window_added_is_told_and_found(open_screen, tmp_path):
    path = tmp_path / "sessions.db"
    async with open_screen(reply("Mine."), reply("Mine again.")) as screen:
        session = await shared(screen, path)
        window = Window(path, reply("Theirs."))
        with closing(window.database):
            await talk(window, session, "from there")
            await screen.say("from here")
            await screen.settled()
            assert "another window added a branch, a turn" in screen.text()
            assert "Theirs." not in screen.text()
            await screen.press("alt+up")
            await screen.until(lambda: "Theirs." in screen.text())
            assert "branch 1 of 2" in screen.text()


async def test_what_still_streamed_elsewhere_is_whole_when_one_comes_back(open_screen, tmp_path):
    path = tmp_path / "sessions.db"
    async with open_screen(reply("Mine.")) as screen:
        session = await shared(screen, path)
        window = Window(path, reply("Theirs, at last."))
        with closing(window.database):
            conversation = window.reopen(session)
            turn = conversation.say("from there")
            screen.app.post_message(events.AppFocus())
            await screen.until(lambda: "another window added a branch" in screen.text())
            await exhaust(conversation.replies.stream(turn))
            screen.app.post_message(events.AppFocus())
            await screen.until(lambda: "Theirs, at last." in screen.text())


async def test_nothing_is_said_where_nobody_added_anything(open_screen, tmp_path):
    async with open_screen(reply("Mine."), reply("Mine again.")) as screen:
        await shared(screen, tmp_path / "sessions.db")
        screen.app.post_message(events.AppFocus())
        await screen.say("second")
        await screen.settled()
        assert "another window" not in screen.text()
