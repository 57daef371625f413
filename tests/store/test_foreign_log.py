"""A log of another sessions file is not taken for ours, and ours never for another's."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.store.test_search import say
from tui.store.database import Database
from tui.store.foreign_log import is_log_foreign

PAGE = 4096


def log_of(path):
    return path.with_name(path.name + "-wal")


def fill(path, titles, turns=4):
    """An open database with sessions in it."""
    database = Database.open(path)
    for title in titles:
        session, parent = database.sessions.create(title), None
        for number in range(turns):
            parent = say(database, f"{title} asks {number}", "says " * 90, session=session, parent=parent).id
    return database


@pytest.fixture
def ours(path):
    with closing(fill(path, ["one", "two"])):
        pass
    return path


@pytest.fixture(params=["whole", "late", "empty", "of another program"])
def their_log(request, tmp_path, ours):
    """The log of another file lies beside ours; all of that file is in it, or what came last."""
    other = tmp_path / "other/sessions.db"
    other.parent.mkdir()
    if request.param == "of another program":
        with closing(sqlite3.connect(other)) as raw:
            raw.execute("PRAGMA journal_mode = WAL")
            raw.execute("CREATE TABLE theirs (text)")
            raw.commit()
            shutil.copy(log_of(other), log_of(ours))
    else:
        with closing(fill(other, [] if request.param == "empty" else ["theirs"])) as database:
            if request.param == "late":
                database._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
                say(database, "late", "x")
            shutil.copy(log_of(other), log_of(ours))
    return log_of(ours).read_bytes()


def test_the_log_of_another_file_is_put_aside_and_told_and_nothing_of_ours_is_lost(ours, their_log):
    for _ in range(2):
        with closing(Database.open(ours)) as database:
            assert [(each.title, each.turns) for each in database.sessions.summaries()] == [("two", 4), ("one", 4)]
            (note,) = database.notes()
            assert database._connection.row("PRAGMA integrity_check") == ("ok",)
    (aside,) = ours.parent.glob("sessions.db.other-*-wal")
    assert aside.read_bytes() == their_log
    assert aside.name in note and "of another sessions file" in note


def test_who_only_reads_reads_ours_and_leaves_the_log_where_it_is(ours, their_log):
    before = ours.read_bytes()
    with closing(Database.open_to_read(ours)) as database:
        assert [each.title for each in database.sessions.summaries()] == ["two", "one"]
    assert (ours.read_bytes(), log_of(ours).read_bytes()) == (before, their_log)


@pytest.mark.parametrize("seed", range(12))
def test_a_log_of_ours_is_ours_however_far_it_was_put_into_the_file(path, tmp_path, seed):
    """Whoever is killed while the log is put into the file leaves some pages of it there, and all of the log."""
    chance = random.Random(seed)
    with closing(fill(path, [f"first {number}" for number in range(chance.randrange(30))], turns=1)):
        pass
    old = path.read_bytes()
    database = Database.open(path)
    database._connection.run("PRAGMA wal_autocheckpoint = 0")
    for _ in range(chance.randrange(1, 4)):
        for summary in database.sessions.summaries():
            if chance.random() < 0.6:
                database.sessions.delete(summary.id)
        if chance.random() < 0.5:
            database.purge(-1)
        for number in range(chance.randrange(60)):
            say(database, f"later {number}", "says " * chance.randrange(300))
    titles = [each.title for each in database.sessions.summaries()]
    log = log_of(path).read_bytes()
    database.close()
    new = path.read_bytes()
    torn = tmp_path / "torn/sessions.db"
    torn.parent.mkdir()
    for _ in range(10):
        pages = bytearray(old)
        for at in range(0, len(new), PAGE):
            if at >= len(pages) or chance.random() < 0.5:
                pages[at : at + PAGE] = new[at : at + PAGE]
        torn.write_bytes(pages)
        log_of(torn).write_bytes(log)
        assert not is_log_foreign(torn)
    with closing(Database.open(torn)) as database:
        assert [each.title for each in database.sessions.summaries()] == titles
        assert database.notes() == []
