"""What the replies have taken is added up as they end, and holds whatever becomes of their sessions."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from msgspec.structs import replace

from tests.store.test_packing import write_first
from tests.store.test_session_table import say
from tui.domain.delta import TextDelta, UsageDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.domain.usage import Usage
from tui.store.database import Database
from tui.store.spending import ADDING_UP, Spent


def cost(database, session, parent=None, **usage) -> Turn:
    turn = Turn(Prompt("how much?"), parent=parent, model="m", endpoint="e", dialect="chat")
    database.turns.begin(session, turn)
    turn.apply(TextDelta("so much"))
    turn.apply(UsageDelta(Usage(**usage)))
    turn.end(TurnState.COMPLETE)
    database.turns.end(turn)
    return turn


def by_reading(database, session) -> Spent:
    """The same, of the turns one by one."""
    usages = [turn.usage or Usage() for turn in database.turns.of_session(session)]
    dollars = sum(usage.estimated_usd or 0.0 if usage.cost_usd is None else usage.cost_usd for usage in usages)
    is_estimate = any(usage.cost_usd is None and usage.estimated_usd is not None for usage in usages)
    read, written = (sum(getattr(usage, name) or 0 for usage in usages) for name in ("input", "output"))
    return Spent(read, written, pytest.approx(dollars), is_estimate)


def test_a_session_knows_what_its_branches_have_cost(database):
    session = database.sessions.create()
    root = cost(database, session, input=10, output=5, cost_usd=0.1)
    cost(database, session, root.id, input=20, output=7, cost_usd=0.2)
    assert database.spending.of_session(session) == Spent(30, 12, 0.3)
    branch = cost(database, session, root.id, input=1, output=1, estimated_usd=0.000001)
    say(database, session, "no figures", "at all", branch.id)
    assert database.spending.of_session(session) == Spent(31, 13, 0.300001, is_estimate=True)


def test_a_reply_that_is_written_again_is_counted_once(database):
    session = database.sessions.create()
    turn = cost(database, session, input=10, output=5, cost_usd=0.7)
    for _ in range(3):
        database.turns.end(turn)
    assert database.spending.of_session(session) == database.spending.since(0) == Spent(10, 5, 0.7)


def test_what_is_deleted_restored_and_gone_for_good(database):
    session, other = database.sessions.create(), database.sessions.create()
    cost(database, session, input=10, output=5, cost_usd=0.1)
    cost(database, other, input=1, output=1, cost_usd=0.2)
    database.sessions.delete(session)
    database.sessions.undelete(session)
    assert database.spending.of_session(session) == Spent(10, 5, 0.1)
    database.sessions.delete(session)
    database.sessions.purge(-1)
    assert database.spending.since(0) == Spent(1, 1, 0.2)


def test_an_imported_session_brings_what_it_has_cost(database, tmp_path):
    session = database.sessions.create("talk")
    root = cost(database, session, input=10, output=5, cost_usd=0.1)
    cost(database, session, root.id, input=20, output=7, cost_usd=0.2)
    whole = database.whole.read(session)
    with closing(Database.open(tmp_path / "other" / "sessions.db")) as other:
        put = other.whole.put(replace(whole, turns=whole.turns[:1], head=1))
        assert other.spending.of_session(put.session_id) == Spent(10, 5, 0.1)
        assert other.whole.put(whole).fate == "grown"
        assert other.whole.put(whole).fate == "same"
        assert other.spending.of_session(put.session_id) == Spent(30, 12, 0.3)


def test_turns_of_an_earlier_rillet_are_added_up_in_steps_and_on_from_where_it_was_left(path):
    write_first(path)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("""UPDATE turn SET reply = json_set(reply, '$.usage', json('{"input": 3, "cost_usd": 0.01}'))""")
        raw.commit()
    with closing(Database.open(path)) as database:
        whole = by_reading(database, "aaaaaaaa")
        assert whole.input == 90
        assert database.spending.of_session("aaaaaaaa") == whole, "until then, they are read"
        assert ADDING_UP.step(database._connection, 7)
        assert database.spending.of_session("aaaaaaaa") == whole
        spent = cost(database, "aaaaaaaa", "aaaaaaaa.30", input=1, output=1, cost_usd=0.5)
    with closing(Database.open(path)) as database:
        while ADDING_UP.step(database._connection, 7):
            pass
        assert database.spending.of_session("aaaaaaaa") == by_reading(database, "aaaaaaaa")
        assert database.spending.of_session("aaaaaaaa").input == whole.input + (spent.usage.input or 0)
        assert database.spending.of_session("bbbbbbbb").input == 3 * 29
