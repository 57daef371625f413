"""What a person writes to find sessions, and what is found by it."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.test_search import say
from tui.store.database import Database
from tui.store.kind import COUNTING, are_counted
from tui.store.query import Query, parse_query

NOW = datetime.fromisoformat("2026-11-28T15:00:00").astimezone()  # a Saturday


def day(word):
    return datetime.fromisoformat(word).astimezone().timestamp()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Query()),
        ("green tea", Query("green tea")),
        ("model:grok  tea", Query("tea", model="grok")),
        ("MODEL:grok http://x y:z", Query("MODEL:grok http://x y:z")),
        ('tag:"two words" endpoint:XAI state:trunc', Query(tag="two words", endpoint="xai", state="trunc")),
        ("tag: tea", Query("tea", has_tag=True)),
        ("model: tea", Query("tea")),
        ("is:pinned is:arch from:lm-studio", Query(is_pinned=True, is_archived=True, program="lm_studio")),
        ("since:monday", Query(since=day("2026-11-23"))),
        ("since:saturday until:today", Query(since=day("2026-11-28"), until=day("2026-11-29"))),
        ("since:yesterday", Query(since=day("2026-11-27"))),
        ("since:2026-11 until:2026-12", Query(since=day("2026-11-01"), until=day("2027-01-01"))),
        ("until:2026-02-28", Query(until=day("2026-03-01"))),
        ("since:3d", Query(since=(NOW - timedelta(days=3)).timestamp())),
        ("since:nonsense tea", Query("tea", unclear="since:nonsense")),
        ("since:2026-13", Query(unclear="since:2026-13")),
        ("C++ “量子” ß", Query("C++ “量子” ß")),
    ],
)
def test_a_query_is_read(text, expected):
    assert parse_query(text, NOW) == expected


def test_sessions_are_found_by_what_is_so_of_them(database):
    tea, sea = say(database, "green tea"), say(database, "the sea")
    tea_id, sea_id = (turn.id.partition(".")[0] for turn in (tea, sea))
    database._connection.run("UPDATE turn SET model = 'grok-4', endpoint = 'xai' WHERE id = ?", tea.id)
    database._connection.run("UPDATE turn SET state = 'truncated' WHERE id = ?", sea.id)
    database._connection.run("UPDATE session SET updated_at = ? WHERE id = ?", NOW.timestamp() - 9 * 86400, sea_id)
    database.sessions.set_tags(tea_id, ["work", "drinks"])
    database.sessions.pin(tea_id, is_pinned=True)
    database.sessions.archive(sea_id, is_archived=True)

    def found(text):
        return [summary.id for summary in database.sessions.matching(parse_query(text, NOW))]

    assert (
        found("model:GROK")
        == found("endpoint:xa")
        == found("tag:wor")
        == found("tag:")
        == found("is:pinned")
        == [tea_id]
    )
    assert found("state:trunc") == found("is:archived") == found("until:friday state:trunc") == [sea_id]
    assert found("since:2020 model:%") == found("model:gr_k") == []
    assert found("tag:work sea") == []
    assert found("tag:work tea") == found("tea") == [tea_id]
    assert found("sea") == [sea_id]  # archived ones are found
    assert found("") == [tea_id]  # and not listed
    assert database.sessions.summary(tea_id).tags == ("drinks", "work")


def test_hits_are_looked_for_in_the_sessions_alone_of_which_the_rest_is_so(database):
    turns = [say(database, f"green tea {number}") for number in range(200)]
    for number in (3, 150):
        database.sessions.set_tags(turns[number].id.partition(".")[0], ["work"])

    def found(text):
        return [hit.turn_id for hit in database.sessions.hits(parse_query(text), 9)]

    assert found("tag:work tea") == [turns[150].id, turns[3].id]
    assert found("tag:none tea") == found("tag:work coffee") == []
    assert found("model:none tea") == []
    assert found("state:complete tea") == [turn.id for turn in turns[:-10:-1]]


KINDS = "SELECT session_id, model, endpoint, state, turns FROM kind ORDER BY 1, 2, 3, 4"
COUNTED = "SELECT session_id, model, endpoint, state, count(*) FROM turn GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"


@given(data=st.data())
def test_kinds_are_counted_as_turns_come_change_and_go_and_those_of_an_earlier_rillet_behind(data):
    with closing(Database.memory()) as database:
        run, rows = database._connection.run, database._connection.rows
        sessions = [database.sessions.create() for _ in range(3)]
        models = st.sampled_from(["", "grok-4", "gpt-5"])
        if is_older := data.draw(st.booleans()):
            for session in sessions:
                say(database, "before", session=session)
            run("DELETE FROM kind")
            run("INSERT INTO progress VALUES ('kinds', 0)")
        for what in data.draw(st.lists(st.sampled_from(["say", "change", "fail", "go", "count"]), max_size=12)):
            ids = [turn_id for (turn_id,) in rows("SELECT id FROM turn ORDER BY key")]
            if what == "say":
                turn = say(database, "tea", session=data.draw(st.sampled_from(sessions)))
                run("UPDATE turn SET model = ? WHERE id = ?", data.draw(models), turn.id)
            elif what == "count":
                COUNTING.step(database._connection, 1)
            elif ids:
                turn_id = data.draw(st.sampled_from(ids))
                if what == "change":
                    run("UPDATE turn SET model = ?, endpoint = 'xai' WHERE id = ?", data.draw(models), turn_id)
                elif what == "fail":
                    run("UPDATE turn SET state = 'failed' WHERE id = ?", turn_id)
                else:
                    run("DELETE FROM session WHERE id = ?", turn_id.partition(".")[0])
                    sessions = [
                        *(each for each in sessions if each != turn_id.partition(".")[0]),
                        database.sessions.create(),
                    ]
            wanted = data.draw(st.sampled_from(["model:gpt", "state:fail", "endpoint:xai model:grok"]))
            found = {summary.id for summary in database.sessions.matching(parse_query(wanted))}
            clauses, values = parse_query(wanted).clauses("turn")
            asked = " ".join(("SELECT id FROM session WHERE", " AND ".join(clauses)))
            assert found == {session_id for (session_id,) in rows(asked, *values)}
        while COUNTING.step(database._connection, 1):
            pass
        assert are_counted(database._connection)
        assert rows(KINDS) == rows(COUNTED)
        assert is_older or not rows("SELECT 1 FROM progress")
