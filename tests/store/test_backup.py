"""A copy of what was said is made once a day, is small, and can take the file's place."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.test_search import say
from tests.store.test_tape_size import talk
from tui.domain.error import ConfigError, StoreError
from tui.store.backup import MOST, back_up_daily, backups, forget_backups, restore, set_aside
from tui.store.database import Database
from tui.store.packing import pack_behind

DAY = 86400.0


def test_one_is_made_a_day_and_together_they_are_no_larger_than_the_file(path):
    with closing(Database.open(path)) as database:
        talk(database, 30)
        assert back_up_daily(path, 1e9)
        assert not back_up_daily(path, 1e9 + DAY / 2)
        for day in range(1, 9):
            assert back_up_daily(path, 1e9 + day * DAY + 1)
    made = backups(path)
    assert 2 <= len(made) <= MOST
    assert made[0].at == 1e9 + 8 * DAY + 1
    assert sum(each.size_bytes for each in made) <= path.stat().st_size
    assert {each.stat().st_mode & 0o777 for each in (path.parent / "backups").iterdir()} == {0o600}


def test_a_backup_takes_the_place_of_the_file_and_the_file_is_kept(path):
    with closing(Database.open(path)) as database:
        told = talk(database, 5)
        session = told[0][0].partition(".")[0]
        before = [(turn.opening, turn.text) for turn in database.turns.of_session(session)]
        back_up_daily(path)
        database.sessions.delete(session)
        with pytest.raises(StoreError, match="another rillet"):
            restore(path, backups(path)[0].name)
    with pytest.raises(ConfigError):
        restore(path, "1999")
    aside = restore(path, backups(path)[0].name)
    with closing(Database.open(path)) as database:
        assert [(turn.opening, turn.text) for turn in database.turns.of_session(session)] == before
        assert database._connection.row("PRAGMA integrity_check") == ("ok",)
        assert database.tapes.tape(told[-1][0]).reads == [], "recordings are not in it"
    with closing(sqlite3.connect(aside)) as raw:
        assert raw.execute("SELECT count(*) FROM turn").fetchone() == (5,)


def test_what_was_deleted_for_good_is_gone_from_the_backups_too(path):
    with closing(Database.open(path)) as database:
        talk(database, 3)
        back_up_daily(path, 1e9)
        database._connection.run("UPDATE session SET deleted_at = 1")
        database.sessions.purge()
    pack_behind(path, lambda: True)
    (one,) = backups(path)
    assert one.at > 1e9


def test_what_was_deleted_for_good_is_nowhere_beside_the_sessions_either(path):
    with closing(Database.open(path)) as database, closing(Database.open(path)) as other:
        asked = ["short xylophone", "xylophone, at length: " + "la " * 900, "  xylophone with room around it\n", "kept"]
        for number, text in enumerate(asked):
            reply = "" if text == "kept" else "a xylophone, indeed"
            turn = say(database, text, reply, session=database.sessions.create())
            other.prompts.add_history(text)
            other.prompts.save_draft(turn.id.partition(".")[0], f"xylophone {number}" if text != "kept" else "half")
        other.prompts.add_history("written and never sent")
        back_up_daily(path, 1e9)
        database._connection.run("UPDATE session SET deleted_at = 1 WHERE title <> 'kept'")
        database.purge()
        assert other.prompts.history() == ["kept", "written and never sent"]
        database.upkeep.shrink()
        held = [each for each in path.parent.rglob("*") if each.is_file()]
        assert path in held
        assert [each.name for each in held if b"xylophone" in each.read_bytes()] == []
        assert backups(path) == []


def test_what_was_deleted_for_good_is_gone_from_the_copy_that_a_conversion_made(path):
    with closing(Database.open(path)) as database:
        talk(database, 1)
    copy, aside = path.with_name(f"{path.name}.v3.bak"), path.with_name(f"{path.name}.before-20261129-000000")
    copy.write_bytes(b"words")
    aside.write_bytes(b"words")
    forget_backups(path)
    assert (copy.exists(), set_aside(path)) == (False, [aside]), (
        "what was put aside for a person stays, and can be named"
    )


def test_what_a_killed_process_left_of_a_copy_goes_and_what_another_is_writing_stays(path):
    with subprocess.Popen(["true"]) as gone:
        pass
    with closing(Database.open(path)) as database:
        talk(database, 1)
    names = ["{}.{}.part", "{}.v2.bak.{}.part", "{}.v2.bak.{}.part-journal", "backups/.2026-11-29-000000.{1}.gz"]
    halves = [path.parent / name.format(path.name, gone.pid) for name in names]
    others = [path.parent / name.format(path.name, os.getpid()) for name in names]
    others += [path.with_name(f"{path.name}.damaged-20261129-000000"), path.with_name("notes.12.part")]
    (path.parent / "backups").mkdir()
    for each in (*halves, *others):
        each.write_bytes(b"words")
    pack_behind(path, lambda: True)
    assert [each.exists() for each in halves] == [False] * 4
    assert [each.exists() for each in others] == [True] * 6
    assert path.exists()
    for each in halves:
        each.write_bytes(b"words")
    forget_backups(path)
    assert [each.exists() for each in halves] == [False] * 4, "nor does what was deleted for good stay in one"


def test_a_backup_of_the_future_keeps_none_from_being_made_and_goes_first(path):
    with closing(Database.open(path)) as database:
        talk(database, 120)
        assert back_up_daily(path, 2e9)
        for day in range(MOST):
            assert back_up_daily(path, 1e9 + day * DAY * 1.1)
            assert not back_up_daily(path, 1e9 + day * DAY * 1.1 + 60)
    assert 2e9 not in [each.at for each in backups(path)]


def test_there_is_a_sessions_file_at_every_moment_of_a_restoring(path, monkeypatch):
    with closing(Database.open(path)) as database:
        talk(database, 2)
        back_up_daily(path)
    monkeypatch.setattr(Path, "replace", lambda *_: pytest.fail("never comes to it") if not path.exists() else None)
    restore(path, backups(path)[0].name)
    assert path.exists()


@pytest.mark.parametrize("is_due", [True, False])
def test_what_is_dropped_for_good_when_the_file_is_opened_is_in_no_copy_from_then_on(path, is_due):
    with closing(Database.open(path)) as database:
        talk(database, 2)
        database._connection.run("UPDATE session SET deleted_at = ?", 1 if is_due else time.time())
    back_up_daily(path)
    copy = path.with_name(f"{path.name}.v3.bak")
    copy.write_bytes(b"words")
    with closing(Database.open(path)):
        assert (backups(path) == [], copy.exists()) == (is_due, not is_due)
