"""Long strings are kept once, and those of many turns are read at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.connection import Connection
from tui.store.database import Database


def _say(database: Database, session_id: str, number: int) -> Turn:
    turn = Turn(Prompt(f"{number} " + "why? " * 100), model="m", endpoint="e", dialect="chat")
    database.turns.begin(session_id, turn)
    turn.apply(TextDelta(f"{number} " + "because " * 100))
    turn.apply(FinishDelta("stop"))
    turn.end(TurnState.COMPLETE)
    database.turns.end(turn)
    return turn


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are read by."""
    statements: list[str] = []
    rows = Connection.rows

    def counted(connection: Connection, statement: str, *values: object) -> list[tuple[object, ...]]:
        statements.append(statement)
        return rows(connection, statement, *values)

    monkeypatch.setattr(Connection, "rows", counted)
    return statements


def test_many_turns_with_long_texts_take_as_few_statements_as_one(database: Database, asked: list[str]) -> None:
    session_id = database.sessions.create()
    turns = [_say(database, session_id, number) for number in range(40)]

    asked.clear()
    assert [turn.text for turn in database.turns.of_ids([turns[0].id])] == [turns[0].text]
    for_one = len(asked)
    asked.clear()
    read = database.turns.of_ids([turn.id for turn in turns])
    assert len(asked) == for_one
    assert [(turn.opening, turn.text) for turn in read] == [(turn.opening, turn.text) for turn in turns]
    asked.clear()
    assert len(database.turns.of_session(session_id)) == len(turns)
    assert len(asked) == for_one


def test_a_long_text_that_is_gone_takes_only_its_own_turn_along(path: Path) -> None:
    database = Database.open(path)
    session_id = database.sessions.create()
    turns = [_say(database, session_id, number) for number in range(3)]
    database._connection.run("DELETE FROM kept WHERE text = ?", turns[1].text)

    from tui.chat.turn_tree import TurnTree

    tree = TurnTree.reading(database.turns, database.sessions.create())
    tree._session_id = session_id
    assert [turn.id for turn in tree.fetch([turn.id for turn in turns])] == [turns[0].id, turns[2].id]
    database.close()
