"""Statistics: where the time and the money went, from what is saved."""

import json
from datetime import datetime

import pytest

from tui.chat.stats import count_up, total
from tui.cli.command.stats import WHOLE
from tui.domain.delta import FinishDelta, ReasoningDelta, TextDelta, UsageDelta
from tui.domain.error import TruncatedError
from tui.domain.timing import Timing
from tui.domain.turn import Prompt, Turn, TurnState
from tui.domain.usage import Usage
from tui.page.stat_lines import plain, stat_line, stat_lines
from tui.store.database import Database
from tui.store.figures import read_figures

DAY = 86_400.0
NOON = datetime(2026, 3, 4, 12).timestamp()


class Wall:
    now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def database(wall):
    made = Database.memory(clock=wall)
    yield made
    made.close()


def save(
    database,
    *,
    model="grok-4",
    latency=0.5,
    duration=2.5,
    output=100,
    cost=None,
    estimated=None,
    state=None,
    reason="stop",
):
    session = database.sessions.create()
    turn = Turn(Prompt("hi " * 2000), model=model, endpoint="xai", dialect="chat")
    database.turns.begin(session, turn)
    turn.timing = Timing(
        sent_at=10.0,
        first_delta_at=10.0 + latency,
        progress_at=10.0 + duration,
        ended_at=10.0 + duration,
        longest_gap=duration / 2,
    )
    turn.apply(ReasoningDelta("hm"))
    turn.apply(TextDelta("word " * 2000))
    turn.apply(
        UsageDelta(Usage(input=1000, output=output, cached=400, reasoning=1, cost_usd=cost, estimated_usd=estimated))
    )
    if state is None:
        turn.apply(FinishDelta(reason))
        turn.end(TurnState.COMPLETE)
    else:
        turn.end(state, TruncatedError("it broke"))
    database.turns.end(turn)
    return turn


def test_a_row_for_each_model_and_day_the_newest_day_first(database, wall):
    save(database, cost=0.25)
    save(database, latency=1.5, duration=3.5, cost=0.75)
    save(database, model="gpt", estimated=0.5)
    wall.now += DAY
    save(database, state=TurnState.TRUNCATED)
    rows = count_up(read_figures(database))
    assert [(row.day, row.model, row.turns) for row in rows] == [
        ("2026-03-05", "grok-4", 1),
        ("2026-03-04", "grok-4", 2),
        ("2026-03-04", "gpt", 1),
    ]
    record = rows[1].record()
    assert record["first_token"] == {"median": 1.0, "p90": 1.4}
    assert record["duration"]["median"] == 3.0
    assert record["longest_gap"]["median"] == 1.5
    assert " 3 s    1.5 s " in plain(stat_line(rows[1], 120))
    assert record["rate"]["median"] == 50.0
    assert (record["tokens"]["input"], record["tokens"]["cached"], record["tokens"]["output"]) == (2000, 800, 200)
    assert (record["cost_usd"], record["estimated_usd"], record["seconds"]) == (1.0, 0.0, 6.0)
    assert rows[2].record()["estimated_usd"] == 0.5
    assert rows[0].record()["endings"] == {"truncated": 1}
    assert rows[0].record()["cost_usd"] is None
    json.dumps(record)


def test_rows_for_each_model_or_each_day_and_all_of_it(database, wall):
    save(database)
    save(database, model="gpt", reason="length")
    wall.now += DAY
    save(database)
    by_model = count_up(read_figures(database), "model")
    assert [(row.model, row.day, row.turns) for row in by_model] == [("grok-4", "", 2), ("gpt", "", 1)]
    assert [(row.model, row.turns) for row in count_up(read_figures(database), "day")] == [("", 1), ("", 2)]
    whole = total(by_model)
    assert (whole.turns, whole.output, dict(whole.endings)) == (3, 300, {"complete": 2, "cut": 1})
    assert [row.turns for row in count_up(read_figures(database, wall.now - 1))] == [1]


def test_how_long_a_reply_stood_still_is_measured_from_what_came_of_it():
    timing = Timing(sent_at=0.0)
    for at, delta in ((2.0, TextDelta("a")), (2.5, TextDelta("b")), (6.0, TextDelta("")), (6.5, TextDelta("c"))):
        timing.saw(delta, at)
    assert timing.longest_gap == 4.0
    assert Timing.from_record(timing.record()).longest_gap == 4.0


def test_what_is_deleted_and_what_still_runs_is_not_counted(database):
    turn = save(database)
    database.sessions.delete(turn.id.partition(".")[0])
    session = database.sessions.create()
    database.turns.begin(session, Turn(Prompt("hi"), model="m", endpoint="e"))
    assert list(read_figures(database)) == []


def test_where_there_is_little_room_the_endings_that_were_not_good_are_told(database):
    for _ in range(100):
        save(database)
    for _ in range(3):
        save(database, state=TurnState.FAILED)
    (row,) = count_up(read_figures(database))
    assert plain(stat_line(row, 100)).endswith("  3 failed")
    assert plain(stat_line(row, WHOLE)).endswith("complete"), "a pipe gets all of it"
    assert plain(stat_line(row, 80)).endswith("  3 failed")


@pytest.mark.parametrize("width", [80, 100, 120, 140])
def test_endings_for_which_there_is_no_room_stand_below_one_another(database, width):
    for state, times in ((TurnState.FAILED, 12), (TurnState.TRUNCATED, 3), (TurnState.STOPPED, 2), (None, 40)):
        for _ in range(times):
            save(database, state=state)
    (row,) = count_up(read_figures(database))
    lines = [plain(line) for line in stat_lines(row, width)]
    told = " ".join(lines)
    for words in ("12 failed", "3 truncated", "2 stopped"):
        assert words in told
    assert all(len(line) <= width for line in lines)
    (line,) = [plain(stat_line(row, width))]
    assert "…" not in line
    assert line.endswith(("17 not complete", "2 stopped", "40 complete"))


def test_a_pace_that_nobody_counted_is_marked_and_goes_by_the_length_of_the_reply(database):
    save(database, output=0)  # of 10,000 characters in two seconds, kept apart from the turn
    (row,) = count_up(read_figures(database))
    assert "~1,250/s" in plain(stat_line(row, WHOLE))
    assert row.record()["uncounted_turns"] == 1
    save(database, output=100)
    (row,) = count_up(read_figures(database))
    assert (row.uncounted, total([row]).uncounted) == (1, 1)


@pytest.mark.parametrize("seconds", [89.5, 3599, 46_799, 400_000, 59.7, 700])
def test_a_length_of_time_keeps_its_unit_in_the_narrowest_column(database, seconds):
    save(database, latency=seconds, duration=seconds + 1)
    (row,) = count_up(read_figures(database))
    assert "…" not in plain(stat_line(row, 140))
