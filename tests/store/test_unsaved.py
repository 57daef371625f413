"""Where nothing can be saved, what the file holds can be read, and what is said stands in memory only."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.store.test_session_table import say
from tui.chat.opening import open_database
from tui.domain.tape import Read, SentRequest
from tui.domain.turn import Prompt
from tui.store.database import Database
from tui.store.path import database_path


@pytest.fixture
def newer():
    """A file that a newer rillet wrote: two sessions, a prompt in the history, a draft."""
    with closing(Database.open(database_path())) as database:
        first, second = database.create_session(), database.create_session()
        turn = say(database, first, "where do quokkas live?", "on Rottnest " * 200)
        database.tapes.record_request(turn.id, SentRequest("POST", "u", {}, {"messages": []}))
        database.tapes.append_reads(turn.id, [Read(0.1, b"x")])
        say(database, second, "another", "reply")
        database.prompts.add_history("where do quokkas live?")
        database.prompts.save_draft(first, "half a thought")
    with closing(sqlite3.connect(database_path())) as raw:
        raw.execute("PRAGMA user_version = 99")
    return first, second


def test_saved_sessions_are_listed_opened_and_continued_in_memory(newer):
    first, second = newer
    before = database_path().read_bytes()
    with closing(open_database()) as database:
        assert "newer rillet" in database.why_unsaved
        assert database.is_memory
        assert [each.id for each in database.sessions()] == [second, first]
        assert [each.id for each in database.sessions("quokkas")] == [first]
        assert database.prompts.history() == ["where do quokkas live?"]
        assert database.unsaved_sessions == []
        assert database.find_session(first[:6]) == first
        (turn,) = database.turns(first)
        assert turn.text == "on Rottnest " * 200
        assert database.tapes.tape(turn.id).reads == [Read(0.1, b"x")]
        assert database.unsaved_sessions == [], "what was only read is saved in the file"
        more = say(database, first, "and koalas?", "in trees", parent=turn.id)
        assert [each.opening for each in database.turns(first)] == [turn.opening, Prompt("and koalas?")]
        assert more.number == 2
        assert [each.id for each in database.sessions()] == [first, second]
        assert database.unsaved_sessions == [first]
        database.delete_session(second)
        assert [each.id for each in database.sessions()] == [first]
    assert database_path().read_bytes() == before


def test_what_is_not_to_be_saved_is_so_by_choice():
    with closing(open_database(saves=False)) as database:
        assert (database.why_unsaved, database.is_unsaved_by_choice) == ("--no-save", True)


def test_without_a_file_there_is_nothing_to_read(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file" / "under"))
    with closing(open_database()) as database:
        assert "cannot be made" in database.why_unsaved
        assert database.sessions() == []
        session = database.create_session()
        say(database, session, "x", "y")
        assert database.unsaved_sessions == [session]
