"""Importing on the screen: what is found, how far it is, what came of it; Esc stops and keeps what is whole."""

import threading

import pytest

from tests.chat.importing.samples import write_json
from tui.chat.importing import run as importing
from tui.chat.importing.weaving import weave
from tui.store.database import Database


def export(count):
    """A Claude export of so many conversations."""

    def message(number, sender, text):
        return {"uuid": f"m{number}-{sender}", "sender": sender, "text": text, "created_at": "2026-11-01T10:00:00Z"}

    return [
        {
            "uuid": f"c{number}",
            "name": f"talk {number}",
            "created_at": "2026-11-01T10:00:00Z",
            "updated_at": "2026-11-01T10:00:00Z",
            "account": {"uuid": "a"},
            "chat_messages": [message(number, "human", f"question {number}"), message(number, "assistant", "answer")],
        }
        for number in range(count)
    ]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


async def in_file(screen, path):
    """Let the screen save into a file."""
    screen.program.database = Database.open(path / "sessions.db")
    await screen.press("ctrl+n")


async def test_a_file_is_imported_its_faults_are_told_and_what_came_is_opened(open_screen, home):
    talks = [*export(2), {"uuid": "c9", "name": "no talk", "chat_messages": 5, "account": {}}]
    path = write_json(home / "my chats" / "conversations.json", talks)
    async with open_screen() as screen:
        await in_file(screen, home)
        await screen.say(f"/import {path}")
        await screen.until(lambda: "2 sessions imported, 2 turns" in " ".join(screen.text().split()))
        assert "(Claude" in screen.text()
        await screen.press("enter")
        await screen.until(lambda: "question" in screen.text())
        await screen.say(f"/import {path}")
        await screen.until(lambda: "2 were there already" in " ".join(screen.text().split()))
        await screen.press("escape")
        await screen.say("/import /nowhere.json")
        await screen.until(lambda: "there is no file /nowhere.json" in screen.text())


async def test_what_is_on_this_machine_is_listed_to_choose_from(open_screen, home):
    write_json(home / "Downloads" / "conversations.json", export(3))
    async with open_screen() as screen:
        await in_file(screen, home)
        await screen.say("/import")
        await screen.until(lambda: "3 chats" in screen.text())
        assert "~/Downloads/conversations.json" in screen.text()
        await screen.press("enter")
        await screen.until(lambda: "3 sessions imported, 3 turns" in " ".join(screen.text().split()))


async def test_escape_stops_and_keeps_what_is_whole(open_screen, home, monkeypatch):
    path = write_json(home / "conversations.json", export(50))
    was_pressed, is_waiting = threading.Event(), threading.Event()

    def slowly(talk, title):
        if talk.id == "c20":
            is_waiting.set()
            assert was_pressed.wait(20)
        return weave(talk, title)

    monkeypatch.setattr(importing, "weave", slowly)
    async with open_screen() as screen:
        await in_file(screen, home)
        await screen.say(f"/import {path}")
        await screen.until(lambda: is_waiting.is_set() and "20 of 50 conversations" in screen.text())
        await screen.press("escape")
        was_pressed.set()
        await screen.until(lambda: "stopped: 21 sessions imported" in screen.text())
        assert len(screen.program.database.sessions.summaries()) == 21
        await screen.press("escape")
        assert screen.chat.over is None


async def test_where_nothing_is_saved_nothing_is_imported(open_screen, home):
    path = write_json(home / "conversations.json", export(1))
    async with open_screen() as screen:
        await screen.say(f"/import {path}")
        await screen.until(lambda: "nothing can be imported" in screen.text())
