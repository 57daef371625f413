"""Tapes that need not be kept go, what was said stays; what was deleted for good is gone from the file."""

from __future__ import annotations

import gzip
import os
import time
from contextlib import closing
from types import SimpleNamespace

import pytest

from tests.store.test_session_table import say
from tests.store.test_tape_size import talk
from tui.domain.error import SettingsError
from tui.domain.tape import SentRequest
from tui.domain.turn import Prompt, Turn
from tui.store import keeping, packing
from tui.store.database import Database
from tui.store.keep import Keep, parse_keep
from tui.store.packing import GIVEN_AT_ONCE, KEPT_PAGES, give_back, pack_behind
from tui.store.settings import read_settings


@pytest.mark.parametrize(
    ("words", "keep"),
    [
        ("all", Keep()),
        ("30 days", Keep(30 * 86400.0)),
        ("1 day", Keep(86400.0)),
        ("2 weeks", Keep(14 * 86400.0)),
        ("500 MB", Keep(size_bytes=500e6)),
        ("1.5gb", Keep(size_bytes=1.5e9)),
        ("500 KB", Keep(size_bytes=500e3)),
        ("1 TB", Keep(size_bytes=1e12)),
        ("for ever", None),
        ("30", None),
        ("-1 days", None),
    ],
)
def test_how_long_is_said_in_plain_words(words, keep):
    assert parse_keep(words) == keep


def test_a_setting_that_says_something_else_is_refused(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('[tapes]\nkeep = "a while"\n')
    with pytest.raises(SettingsError, match="a while"):
        read_settings(path)
    path.write_text('[tapes]\nkeep = "30 days"\n')
    assert read_settings(path).tapes.keep == "30 days"


def aged(path, days=40.0, turns=12):
    """A session whose first half is older than the rest."""
    with closing(Database.open(path)) as database:
        told = talk(database, turns)
        old = f"UPDATE turn SET created_at = created_at - {days * 86400} WHERE number <= {turns // 2}"
        database._connection.run(old)
    return told


def test_old_tapes_go_and_later_ones_stay_whole(path):
    told = aged(path)
    with closing(Database.open(path)) as database:
        before = [turn.text for turn in database.turns.of_session(told[0][0].partition(".")[0])]
        dropped, size = database.upkeep.prune(Keep(30 * 86400.0))
        assert (dropped, size > 500) == (6, True)
        for turn_id, _, _ in told[:6]:
            assert (database.tapes.tape(turn_id).request, database.tapes.tape(turn_id).reads) == (None, [])
        for turn_id, body, reads in told[6:]:
            tape = database.tapes.tape(turn_id)
            assert tape.request.body == body, "a request goes on from those above it, whose tapes are dropped"
            assert len(tape.reads) == len(reads)
        assert [turn.text for turn in database.turns.of_session(told[0][0].partition(".")[0])] == before
        assert database.upkeep.prune(Keep(30 * 86400.0)) == (0, 0)
        assert [line.split()[2] > "0" for line in database.tape_lines()] == [False] * 6 + [True] * 6


def test_the_newest_stay_where_a_size_is_said(path):
    told = aged(path)
    with closing(Database.open(path)) as database:
        (each,) = database._connection.row("SELECT max(length(packed)) FROM block")
        dropped, _ = database.upkeep.prune(Keep(size_bytes=3.5 * each))
        assert 6 <= dropped <= 9
        assert database.tapes.tape(told[-1][0]).reads
        assert not database.tapes.tape(told[0][0]).reads
        assert database.upkeep.prune(Keep()) == (0, 0)
        assert database.upkeep.prune(Keep(size_bytes=0)) == (12 - dropped, pytest.approx(3 * each, rel=0.6))
        assert database._connection.row("SELECT count(*) FROM tape") == (0,)


def test_a_tape_that_is_being_recorded_stays(path):
    with closing(Database.open(path)) as database:
        turn = Turn(Prompt("x"))
        database.turns.begin(database.sessions.create(), turn)
        assert database.upkeep.prune(Keep(size_bytes=0)) == (0, 0)


def test_the_disk_has_its_room_again(path, monkeypatch):
    with closing(Database.open(path)) as database:
        session = database.sessions.create()
        for _ in range(60):
            say(database, session, os.urandom(4000).hex())
        database._connection.rows("PRAGMA wal_checkpoint")
        before = path.stat().st_size
        database.sessions.delete(session)
        database._connection.run("UPDATE session SET deleted_at = 1")
        database.sessions.purge()
        (free,) = database._connection.row("PRAGMA freelist_count")
        rests = []
        monkeypatch.setattr(packing, "time", SimpleNamespace(sleep=rests.append))
        give_back(database._connection)
        (left,) = database._connection.row("PRAGMA freelist_count")
        assert (left <= KEPT_PAGES < free, len(rests)) == (True, -(-(free - KEPT_PAGES) // GIVEN_AT_ONCE))
        database.upkeep.shrink()
        assert path.stat().st_size < before / 3


def test_a_text_that_was_deleted_for_good_is_gone_from_the_file(path):
    secret = "xylophonequartz"
    with closing(Database.open(path)) as database:
        kept, gone = database.sessions.create(), database.sessions.create()
        say(database, kept, "this one stays", "a reply")
        say(database, gone, f"the word is {secret}", f"{secret} " * 60)
        database.sessions.delete(gone)
    with closing(Database.open(path)) as database:
        assert secret.encode() in path.read_bytes()
        database._connection.run("UPDATE session SET deleted_at = 1 WHERE deleted_at IS NOT NULL")
    with closing(Database.open(path)):
        pack_behind(path, lambda: True)
    for each in path.parent.rglob("*"):
        if each.is_file():
            data = gzip.decompress(each.read_bytes()) if each.suffix == ".gz" else each.read_bytes()
            assert secret.encode() not in data, each.name
    with closing(Database.open(path)) as database:
        assert [summary.id for summary in database.sessions.summaries("stays")] == [kept]


def test_a_request_that_comes_while_tapes_are_dropped_keeps_what_it_goes_on_from(path, monkeypatch):
    """As when an old session is gone on with while what is behind lets go of its tapes."""
    told = aged(path, days=40)
    monkeypatch.setattr(keeping, "AT_ONCE", 4)
    with closing(Database.open(path)) as database, closing(Database.open(path)) as other:
        session = told[0][0].partition(".")[0]
        messages = [*told[-1][1]["messages"], {"role": "user", "content": "and now?"}]
        asked = []

        def ask_meanwhile(_seconds):
            if not asked:
                asked.append(turn := Turn(Prompt("and now?"), parent=told[5][0]))
                other.turns.begin(session, turn, SentRequest("POST", "http://x", {}, {"messages": messages}))

        monkeypatch.setattr(keeping, "time", SimpleNamespace(sleep=ask_meanwhile))
        assert database.upkeep.prune(Keep(seconds=0))[0] == 12
        assert database.tapes.tape(asked[0].id).request.body == {"messages": messages}


def test_a_clock_that_is_ahead_for_one_start_lets_no_tape_go_and_is_told(path, monkeypatch):
    with closing(Database.open(path)) as database:
        talk(database, 4)
    real, ahead = time.time, 31 * 86400.0

    def tapes():
        return database._connection.row("SELECT count(*) FROM tape WHERE size >= 0")[0]

    with monkeypatch.context() as wrong:
        wrong.setattr(time, "time", lambda: real() + ahead)
        with closing(Database.open(path, clock=time.time)) as database:
            say(database, database.sessions.create(), "said while the clock was wrong")
            database.upkeep.pack_behind(lambda: True, Keep(30 * 86400.0))
            assert tapes() == 4
    with closing(Database.open(path)) as database:
        database.upkeep.pack_behind(lambda: True, Keep(30 * 86400.0))
        assert tapes() == 4
        (note,) = database.notes()
        assert "31 days after the last time that anything was said" in note
        assert "4 recordings stay" in note


def test_after_a_month_without_a_word_old_tapes_go_once_something_was_said(path):
    aged(path, days=45.0)
    with closing(Database.open(path)) as database:
        database._connection.run("UPDATE session SET updated_at = updated_at - 40 * 86400")
        database._connection.run("UPDATE turn SET created_at = created_at - 40 * 86400")
    with closing(Database.open(path)) as database:  # the first half is old by then, the second by now
        database.upkeep.pack_behind(lambda: True, Keep(30 * 86400.0))
        assert len(database.tape_lines()) == 12
        assert database._connection.row("SELECT count(*) FROM tape WHERE size >= 0") == (6,)
        say(database, database.sessions.create(), "back again")
    with closing(Database.open(path)) as database:
        database.upkeep.pack_behind(lambda: True, Keep(30 * 86400.0))
        assert database._connection.row("SELECT count(*) FROM tape WHERE size >= 0") == (0,)
