"""What a person writes to find sessions, and what is found by it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.store.test_search import say
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
