"""What a turn has received and its tape does not hold yet is there after the process has died, and nowhere afterwards."""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import closing

import pytest

from tui.domain.tape import Read
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.arriving import Arriving
from tui.store.database import Database

READS = [Read(number / 8, f"read {number}\n".encode() * (number + 1)) for number in range(9)]


@pytest.fixture
def arriving(path):
    return Arriving(path)


@pytest.mark.parametrize("after", range(10))
def test_what_was_put_is_read_from_the_number_that_is_asked_for(arriving, after):
    file = arriving.of("aaaa.1")
    for number, read in enumerate(READS):
        file.put(number, [read])
    assert arriving.reads("aaaa.1", after) == READS[after:]


@pytest.mark.parametrize("settled", range(1, 8))
def test_what_was_settled_is_not_taken_for_what_came_later(arriving, settled):
    file = arriving.of("aaaa.1")
    file.put(0, READS[:settled])
    assert arriving.reads("aaaa.1", settled) == [], "in the database, but the process died before it said so"
    file.settle()
    assert arriving.reads("aaaa.1", settled) == []
    for count in range(settled, len(READS)):
        file.put(count, READS[count : count + 1])
        assert arriving.reads("aaaa.1", settled) == READS[settled : count + 1]


def test_what_an_older_rillet_left_there_when_it_was_killed_is_read(arriving, path):
    (path.parent / "arriving").mkdir(parents=True)
    data = READS[3].data
    record = struct.pack("<QdII", 7, READS[3].at, len(data), zlib.crc32(data)) + data
    (path.parent / "arriving" / "aaaa.1").write_bytes(record)
    assert arriving.reads("aaaa.1", 7) == READS[3:4]


def test_reads_after_a_gap_are_not_put_in_the_place_of_others(arriving):
    arriving.of("aaaa.1").put(3, READS[3:])
    assert arriving.reads("aaaa.1", 2) == []
    assert arriving.reads("aaaa.1", 5) == READS[5:]


def test_reads_of_an_attempt_that_came_to_nothing_are_gone(arriving):
    file = arriving.of("aaaa.1")
    file.put(0, READS)
    file.clear()
    file.put(0, READS[:1])
    assert arriving.reads("aaaa.1", 0) == READS[:1]
    assert arriving.reads("aaaa.1", 1) == []


def test_a_file_that_was_cut_or_spoiled_anywhere_gives_what_stands_before(arriving, path):
    arriving.of("aaaa.1").put(0, READS[:4])
    file = path.parent / "arriving/aaaa.1"
    whole = file.read_bytes()
    for at in range(len(whole)):
        file.write_bytes(whole[:at])
        reads = arriving.reads("aaaa.1", 0)
        assert reads == READS[: len(reads)]
        file.write_bytes(whole[:at] + b"\xff" + whole[at + 1 :])
        reads = arriving.reads("aaaa.1", 0)
        assert [read.data for read in reads] == [read.data for read in READS[: len(reads)]]
    file.write_bytes(os.urandom(4096))
    assert arriving.reads("aaaa.1", 0) == []


def test_it_is_private_and_goes_with_its_turn(arriving, path):
    file = arriving.of("aaaa.1")
    file.put(0, READS)
    made = path.parent / "arriving/aaaa.1"
    assert made.stat().st_mode & 0o777 == 0o600
    assert made.parent.stat().st_mode & 0o777 == 0o700
    file.drop()
    assert not made.exists()


@pytest.mark.parametrize("name", ["../sessions.db", "..", ".1", "", "a/b", "naïve.1"])
def test_an_id_that_a_damaged_file_made_up_leads_to_no_file(arriving, path, name):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    arriving.of(name).put(0, READS)
    assert arriving.reads(name, 0) == []
    arriving.drop(name)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_in_memory_there_is_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(Database.memory()) as database:
        database.arriving.of("aaaa.1").put(0, READS)
        assert [*tmp_path.iterdir()] == []
        assert database.arriving.reads("aaaa.1", 0) == []


def test_a_disk_that_takes_nothing_is_no_fault_of_the_stream(arriving, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "arriving").touch()  # a file where the directory should be
    file = arriving.of("aaaa.1")
    file.put(0, READS)
    file.settle()
    file.put(9, READS)
    file.drop()
    assert arriving.reads("aaaa.1", 0) == []


def put(database: Database, owner: str | None) -> tuple[str, str]:
    session = database.sessions.create()
    turn = Turn(Prompt("x"))
    database.turns.begin(session, turn)
    database.arriving.of(turn.id).put(0, READS)
    database._connection.run("UPDATE turn SET owner = ? WHERE id = ?", owner, turn.id)
    return session, turn.id


def test_what_is_left_of_a_turn_that_ended_goes_at_the_next_start_and_no_other(path):
    with closing(Database.open(path)) as database:
        _, over = put(database, None)
        _, cut = put(database, "nobody")
    with closing(Database.open(path)) as database:
        assert database.arriving.reads(over, 0) == []
        assert database.arriving.reads(cut, 0) == READS


def test_it_goes_with_a_session_that_is_dropped_for_good(path):
    with closing(Database.open(path)) as database:
        session, cut = put(database, "nobody")
        database.sessions.delete(session)
        database.purge()
        assert database.arriving.reads(cut, 0) == READS, "a deleted one can be had back"
        database.purge(-1.0)
        assert [*path.parent.glob("arriving/*")] == []


def test_what_had_arrived_is_on_the_tape_once_however_often_it_is_taken(path):
    with closing(Database.open(path)) as database:
        _, cut = put(database, "nobody")
        database.tapes.append_reads(cut, READS[:4])
        for _ in range(2):
            database.take_arrived(cut)
        assert database.tapes.flushed(cut) == READS
        turn = database.turns.read(cut)
        turn.end(TurnState.TRUNCATED)
        database.turns.end(turn)
