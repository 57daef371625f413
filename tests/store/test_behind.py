"""Work on all that is in the file, done behind: how much of it is done is told."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.store.test_packing import write_first
from tests.store.test_search import say
from tui.store import packing
from tui.store.database import Database
from tui.store.indexing import PLACING
from tui.store.packing import pack_behind


def left_as_written(path):
    write_first(path)
    with closing(Database.open(path)):
        pass


def left_to_place_and_count(path):
    with closing(Database.open(path)) as database:
        for number in range(PLACING.at_once * 10):
            say(database, f"word{number} grapefruit")
        for name in ("placing", "kinds"):
            database._connection.run("INSERT INTO progress VALUES (?, 0)", name)


@pytest.mark.parametrize("leave", [left_as_written, left_to_place_and_count])
def test_how_much_is_done_behind_is_told(tmp_path, monkeypatch, leave):
    path = tmp_path / "sessions.db"
    leave(path)
    monkeypatch.setattr(packing, "TOLD_SECONDS", 0.0)
    told: list[float | None] = []
    pack_behind(path, lambda: True, tell=told.append)
    assert told[-1] is None
    shares = [share for share in told[:-1] if share is not None]
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
