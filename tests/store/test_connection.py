"""Statements as every Python's sqlite3 takes them."""

import sqlite3

from tui.store.connection import Connection


class Recording:
    """A connection that keeps what it is given; `sqlite3.Connection` cannot be patched."""

    def __init__(self):
        self.raw = sqlite3.connect(":memory:")
        self.given = []

    def execute(self, statement, values):
        self.given.append(values)
        return self.raw.execute(statement, values)


def test_numbered_values_are_given_by_name():
    raw = Recording()
    connection = Connection(raw)
    assert connection.row("SELECT ?1, ?2, ?1", "a", 2) == ("a", 2, "a")
    assert connection.row("SELECT ?, ?", "a", 2) == ("a", 2)
    assert raw.given == [{"1": "a", "2": 2}, ["a", 2]]
    raw.raw.close()
