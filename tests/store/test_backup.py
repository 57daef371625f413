"""A copy of what was said is made once a day, is small, and can take the file's place."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

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
