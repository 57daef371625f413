"""Where nothing can be saved, what the file holds can be read, and what is said stands in memory only."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.store.test_packing import write_first
from tests.store.test_session_table import say
from tui.chat.saved import open_database
from tui.domain.tape import Read, SentRequest
from tui.domain.turn import Prompt
from tui.store.database import Database
from tui.store.path import database_path
from tui.store.query import parse_query


@pytest.fixture
def newer():
    """A file that a newer rillet wrote: two sessions, a prompt in the history, a draft."""
    with closing(Database.open(database_path())) as database:
        first, second = database.sessions.create(), database.sessions.create()
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
        assert [each.id for each in database.sessions.summaries()] == [second, first]
        assert [each.id for each in database.sessions.summaries("quokkas")] == [first]
        assert database.prompts.history() == ["where do quokkas live?"]
        assert database.unsaved_sessions == []
        assert database.sessions.find(first[:6]) == first
        (turn,) = database.turns.of_session(first)
        assert turn.text == "on Rottnest " * 200
        assert database.tapes.tape(turn.id).reads == [Read(0.1, b"x")]
        assert database.unsaved_sessions == [], "what was only read is saved in the file"
        more = say(database, first, "and koalas?", "in trees", parent=turn.id)
        assert [each.opening for each in database.turns.of_session(first)] == [turn.opening, Prompt("and koalas?")]
        assert more.number == 2
        assert [each.id for each in database.sessions.summaries()] == [first, second]
        assert database.unsaved_sessions == [first]
        database.sessions.delete(second)
        assert [each.id for each in database.sessions.summaries()] == [first]
    assert database_path().read_bytes() == before


def test_what_is_not_to_be_saved_is_so_by_choice():
    with closing(open_database(saves=False)) as database:
        assert (database.why_unsaved, database.is_unsaved_by_choice) == ("--no-save", True)


def test_without_a_file_there_is_nothing_to_read(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file" / "under"))
    with closing(open_database()) as database:
        assert "cannot be made" in database.why_unsaved
        assert database.sessions.summaries() == []
        session = database.sessions.create()
        say(database, session, "x", "y")
        assert database.unsaved_sessions == [session]


def test_what_is_set_for_a_saved_session_is_read_and_changed_in_memory():
    with closing(Database.open(database_path())) as database:
        kept, away = database.sessions.create(system="Be a cat"), database.sessions.create()
        for session in (kept, away):
            say(database, session, "hello", "hi")
        database.sessions.set_effort(kept, "high")
        database.sessions.archive(away, is_archived=True)
    with closing(sqlite3.connect(database_path())) as raw:
        raw.execute("PRAGMA user_version = 99")
    with closing(open_database()) as database:
        assert [each.id for each in database.sessions.archived()] == [away]
        assert [each.id for each in database.sessions.matching(parse_query("hello"))] == [away, kept]
        assert (database.sessions.system(kept), database.sessions.effort(kept)) == ("Be a cat", "high")
        database.sessions.archive(away, is_archived=False)
        database.sessions.pin(kept, is_pinned=True)
        database.sessions.set_tags(kept, ["work"])
        assert database.sessions.archived() == []
        (first, second) = database.sessions.summaries()
        assert (first.id, first.is_pinned, first.tags, second.id) == (kept, True, ("work",), away)


def test_a_file_of_an_older_rillet_that_cannot_be_written_is_read_all_the_same(path, monkeypatch):
    write_first(path)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()

    def refuse(_path):
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("tui.store.opening._connect", refuse)
    with closing(Database.open_to_read(path)) as database:
        assert [each.turns for each in database.sessions.summaries()] == [30, 30]
        assert [each.turns for each in database.sessions.summaries("question")] == [30, 30]
        assert database.turns.read("aaaaaaaa.3").opening == Prompt("question 3")
    assert path.read_bytes() == before
