"""Rows are told by how they look, wherever they stand; what leads nowhere is passed by."""

import sqlite3
from contextlib import closing

import pytest

from tests.store.test_session_table import say
from tui.store.database import Database
from tui.store.salvage import read_rows
from tui.store.stray import strays

PAGE = 4096
LEADING = {2, 5, 10, 13}
"""The first byte of a page with rows, or of one that leads to such."""


@pytest.mark.parametrize("following", [0, 1, 0xFFFFFFFF])
def test_a_long_row_that_goes_on_nowhere_takes_no_other_along(path, following):
    with closing(Database.open(path)) as database:
        session = database.sessions.create()
        say(database, session, "long", "".join(chr(0x4E00 + at * 7 % 20000) for at in range(6000)))
        say(database, session, "short", "reply")
        database._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert len(list(strays(path, "kept"))) == 1
    data = bytearray(path.read_bytes())
    for at in range(PAGE, len(data), PAGE):
        if data[at] not in LEADING and int.from_bytes(data[at : at + 4], "big") * PAGE in range(PAGE, len(data) + 1):
            data[at : at + 4] = following.to_bytes(4, "big")
    path.write_bytes(data)
    assert list(strays(path, "kept")) == [], "the long text"
    assert [row[2] for row in strays(path, "turn")] == [f"{session}.1", f"{session}.2"]


def test_a_table_whose_first_page_is_lost_is_not_tried_key_by_key(path):
    with closing(Database.open(path)) as database:
        for number in range(300):
            database.prompts.add_history(f"prompt {number} " * 10)
        (root,) = database._connection.row("SELECT rootpage FROM sqlite_master WHERE name = 'history'")
    with path.open("r+b") as file:
        file.seek(4096 * (root - 1))
        file.write(b"\xff" * 4096)
    statements = []
    with closing(sqlite3.connect(path)) as source:
        source.set_trace_callback(statements.append)
        assert list(read_rows(source, "history", ["key", "text"])) == []
    assert len(statements) < 5_000
