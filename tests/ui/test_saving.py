"""That nothing is saved is seen for as long as it is so, and leaving asks; what must be read stays until it was."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.ui.fake import FakeProgram
from tui.domain.error import StoreBusyError
from tui.store.database import Database
from tui.store.unsaved import UnsavedDatabase
from tui.ui import turn_runner


@pytest.fixture
def unsaved(monkeypatch):
    """Lets every program chat in memory, because of a file of a newer rillet."""
    made = FakeProgram.__init__

    def init(self, *scripts, **options):
        made(self, *scripts, **options)
        self.database = UnsavedDatabase(None, why="the sessions file is of a newer rillet")

    monkeypatch.setattr(FakeProgram, "__init__", init)


async def test_a_sign_stays_while_nothing_is_saved(open_screen, unsaved):
    async with open_screen() as screen:
        await screen.until(lambda: "! not saving" in screen.text())
        await screen.say("hello")
        await screen.settled()
        await screen.press("x", "escape", "escape")
        assert "! not saving" in screen.text()
        await screen.press("ctrl+r")
        assert "not saved" in screen.text()
        assert "1 saved" not in screen.text()


async def test_leaving_asks_and_writes_a_file(open_screen, unsaved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with open_screen() as screen:
        await screen.say("hello")
        await screen.settled()
        await screen.press("ctrl+q")
        assert "This conversation is not saved" in screen.text()
        assert screen.app.return_code is None
        await screen.press("escape")
        assert "This conversation is not saved" not in screen.text()
        await screen.press("ctrl+q", "s")
        assert "hello" in Path("rillet.md").read_text()
        await screen.press("q")
        assert screen.app.return_code == 0


async def test_leaving_twice_leaves(open_screen, unsaved):
    async with open_screen() as screen:
        await screen.say("hello")
        await screen.settled()
        await screen.press("ctrl+q", "ctrl+q")
        assert screen.app.return_code == 0


async def test_leaving_asks_nothing_where_nothing_was_said(open_screen, unsaved):
    async with open_screen() as screen:
        await screen.press("ctrl+q")
        assert screen.app.return_code == 0


async def test_leaving_asks_where_the_disk_is_full(open_screen, monkeypatch):
    async with open_screen() as screen:
        await screen.say("hello")
        await screen.settled()
        screen.program.database._connection.row("PRAGMA query_only = ON")
        await screen.say("not saved")
        await screen.settled()
        await screen.press("ctrl+q")
        assert "This conversation is not saved" in screen.text()
        await screen.press("escape")
        screen.program.database._connection.row("PRAGMA query_only = OFF")
        screen.chat.stage.saving.try_again()
        assert len(screen.program.database.turns.of_session(screen.chat.conversation.session.id)) == 2
        await screen.press("x")
        assert "not saving" not in screen.text()
        await screen.press("ctrl+q")
        assert screen.app.return_code == 0


NOTE = (
    "The saved sessions could not be read whole: 57 of 61 turns are in sessions.db, the old file is sessions.db.damaged"
)


async def test_what_must_be_read_stays_until_somebody_says_that_it_was(open_screen, monkeypatch):
    made = FakeProgram.__init__

    def init(self, *scripts, **options):
        made(self, *scripts, **options)
        self.database._connection.run("INSERT INTO note (text) VALUES (?)", NOTE)

    monkeypatch.setattr(FakeProgram, "__init__", init)
    async with open_screen() as screen:
        await screen.until(lambda: "sessions.db.damaged" in screen.text())
        await screen.press("escape")
        assert "sessions.db.damaged" not in screen.text()
        await screen.say("hello")
        await screen.settled()
        assert "/notices" in screen.text()
        assert screen.program.database.notes() == [NOTE]
        await screen.say("/notices ")
        await screen.until(lambda: "sessions.db.damaged" in screen.text())
        await screen.press("enter")
        await screen.until(lambda: screen.program.database.notes() == [])
        await screen.until(lambda: "/notices" not in screen.text())


async def test_a_prompt_that_waits_for_the_disk_says_what_it_waits_for_and_only_while_it_does(
    open_screen, monkeypatch, tmp_path
):
    made = FakeProgram.__init__

    def init(self, *scripts, **options):
        made(self, *scripts, **options)
        self.database = Database.open(path)

    monkeypatch.setattr(FakeProgram, "__init__", init)
    monkeypatch.setattr(turn_runner, "WAIT_TOLD", 0.02)
    path = tmp_path / "sessions.db"
    waits, is_done = "goes out as soon as it is saved", threading.Event()
    async with open_screen() as screen:
        with (
            closing(screen.program.database) as database,
            closing(sqlite3.connect(path, isolation_level=None)) as other,
        ):
            writer = database._connection.writer
            with pytest.raises(StoreBusyError):
                writer.do(lambda: is_done.wait(10))
            await screen.say("a")
            await screen.until(lambda: f"{waits}: the disk is slow" in screen.text())
            is_done.set()
            await screen.until(lambda: "Fine." in screen.text())
            await screen.until(lambda: waits not in screen.text())
            await screen.settled()
            other.execute("BEGIN IMMEDIATE")
            await screen.say("b")
            await screen.until(lambda: f"{waits}: another program has the sessions file locked" in screen.text())
            other.execute("COMMIT")
            await screen.until(lambda: screen.text().count("Fine.") == 2)
            await screen.until(lambda: waits not in screen.text())
            await screen.settled()
            turns = database.turns.of_session(database.sessions.last())
            assert [turn.opening.text for turn in turns] == ["a", "b"]
