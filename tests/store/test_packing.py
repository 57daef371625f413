"""A file of an earlier rillet is packed in steps, behind everything else, and loses nothing, also when that is cut off."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.test_tape_size import chunk, said
from tui.domain.tape import Read, SentRequest
from tui.domain.turn import Prompt
from tui.store import packing, tape_list
from tui.store.connection import Connection
from tui.store.database import Database
from tui.store.migration import STEPS, migrate
from tui.store.packing import PACKING, pack_behind
from tui.store.reads import pack_reads
from tui.store.string_pool import pack_record, to_json

REPLY = "It is a long reply, so long that the first rillet kept it apart. " * 20


def write_first(path: Path, turns: int = 30) -> None:
    """A file as the first rillet wrote it: branches, tapes, drafts, a turn whose process died, one that was never sent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        migrate(raw, None, STEPS[:2])
        connection = Connection(raw)
        raw.execute("BEGIN")
        for session in ("aaaaaaaa", "bbbbbbbb"):
            raw.execute(
                "INSERT INTO session VALUES (?, 'title', ?, 1, 1e9, 1e9, NULL)", (session, f"{session}.{turns}")
            )
            raw.execute("INSERT INTO draft VALUES (?, 'half a thought')", (session,))
            messages, parent = [said("system", "Be brief.")], None
            for number in range(1, turns + 1):
                prompt = f"question {number}"
                messages.append(said("user", prompt))
                turn_id = f"{session}.{number}"
                opening = pack_record(connection, session, {"prompt": prompt, "images": []})[0]
                reply = pack_record(connection, session, reply_of(REPLY + str(number)))[0]
                is_over = number != turns or session == "aaaaaaaa"
                put = "INSERT INTO turn VALUES (NULL, ?, ?, ?, ?, 1e9, 'm', 'xai', 'chat', ?, 9, ?, ?, ?)"
                state, owner = ("complete", None) if is_over else ("waiting", "nobody")
                raw.execute(put, (turn_id, session, number, parent, state, owner, opening, reply if is_over else None))
                if number != 7:
                    body = {"model": "m", "stream": True, "messages": list(messages)}
                    record = ["POST", "http://x", {}, body, "2026-11-22T00:00:00Z"]
                    head = to_json([200, {"content-type": "text/event-stream"}, 0.1])
                    request = pack_record(connection, session, record)[0]
                    raw.execute("INSERT INTO tape VALUES (?, ?, ?, NULL)", (turn_id, request, head))
                    for start in range(0, 40, 8):
                        reads = [Read((start + at) / 10, chunk(f"{start + at} ")) for at in range(8)]
                        raw.execute("INSERT INTO flush (turn_id, packed) VALUES (?, ?)", (turn_id, pack_reads(reads)))
                messages.append(said("assistant", REPLY + str(number)))
                parent = parent if number % 10 == 3 else turn_id  # every tenth is asked again
        raw.execute("COMMIT")


def reply_of(text: str) -> dict:
    usual = {"error": None, "answered_by": "m", "response_id": "r", "finish": [True, "stop", None], "usage": None}
    usual |= {"timing": {"latency": 0.1, "duration": 1.0}, "body": [text], "thoughts": [], "refusals": []}
    return usual | {
        "tool_calls": [], "server_tools": [], "items": [], "echo": {}, "citations": [], "oddities": [], "oddity_count": 0
    }  # fmt: skip


def everything(database: Database) -> list:
    """All that a user has: turns as they are, and their tapes as they would be exported."""
    found = []
    for summary in sorted(database.sessions.summaries(), key=lambda one: one.id):
        for turn in database.turns.of_session(summary.id):
            tape = database.tapes.tape(turn.id)
            found.append((turn.id, turn.parent, turn.opening, turn.text, turn.state, [*tape.lines()]))
        found.append((summary.title, database.sessions.head(summary.id), summary.turns))
    return found


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "rillet" / "sessions.db"
    write_first(path)
    return path


def test_a_file_of_the_first_rillet_is_packed_with_nothing_lost(old):
    with closing(Database.open(old)) as database:
        before = everything(database)
        assert len(before) == 62
        assert PACKING.steps_left(database._connection) * PACKING.at_once == 60
        steps = 0
        while PACKING.step(database._connection):
            steps += 1
            assert everything(database) == before if steps % 3 == 0 else True
        assert steps > 5
        assert PACKING.steps_left(database._connection) == 0
        assert everything(database) == before
        assert database._connection.row("SELECT count(*) FROM flush WHERE turn_id <> 'bbbbbbbb.30'") == (0,)
        assert database.prompts.draft("aaaaaaaa") == "half a thought"
        (turn,) = database.turns.interrupted()
        assert turn.opening == Prompt("question 30")
        assert len(database.tapes.tape(turn.id).reads) == 40


def test_packing_makes_the_tapes_small(old):
    size = "SELECT (SELECT sum(length(request)) FROM tape) + coalesce((SELECT sum(length(packed)) FROM flush), 0)"
    with closing(Database.open(old)) as database:
        (before,) = database._connection.row(size)
        while PACKING.step(database._connection):
            pass
        (after,) = database._connection.row(size)
        (blocks,) = database._connection.row("SELECT sum(length(packed)) FROM block")
        assert (after + blocks) * 3 < before


PACK = """
import msgspec, sys
from pathlib import Path
from tui.store.packing import pack_behind
import tui.store.packing as packing
packing.REST = 0.0
msgspec.structs.force_setattr(packing.PACKING, "at_once", 1)
print("begun", flush=True)
pack_behind(Path(sys.argv[1]), lambda: True)
"""


def test_packing_that_is_killed_goes_on_where_it_was_and_loses_nothing(old):
    with closing(Database.open(old)) as database:
        before = everything(database)
    kills = 0
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for _ in range(40):
        command = [sys.executable, "-c", PACK, str(old)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as child:
            child.stdout.readline()
            with closing(sqlite3.connect(old)) as raw:
                (left,) = raw.execute("SELECT count(*) FROM progress").fetchone()
            if not left:
                break
            child.send_signal(signal.SIGKILL)
            kills += 1
        with closing(Database.open(old)) as database:
            assert everything(database) == before
            for _ in range(5):  # so that it comes to an end on any machine
                PACKING.step(database._connection)
    assert kills
    with closing(Database.open(old)) as database:
        assert (PACKING.steps_left(database._connection), everything(database)) == (0, before)


def test_a_tape_that_cannot_be_read_keeps_no_other_from_being_packed(old):
    with closing(Database.open(old)) as database:
        database._connection.run("UPDATE flush SET packed = x'00' WHERE turn_id = 'aaaaaaaa.2'")
        while PACKING.step(database._connection):
            pass
        assert PACKING.steps_left(database._connection) == 0
        assert database._connection.rows("SELECT DISTINCT turn_id FROM flush ORDER BY 1") == [
            ("aaaaaaaa.2",),
            ("bbbbbbbb.30",),
        ]


def test_a_request_that_was_written_whole_and_one_that_was_not_are_read_alike(old):
    with closing(Database.open(old)) as database:
        tape = database.tapes.tape("aaaaaaaa.30")
        assert isinstance(tape.request, SentRequest)
        body = dict(tape.request.body)
        while PACKING.step(database._connection):
            pass
        assert database.tapes.tape("aaaaaaaa.30").request.body == body


@pytest.mark.parametrize("is_early", [True, False])
def test_what_is_free_in_the_file_is_given_back_behind(tmp_path, monkeypatch, is_early):
    path = tmp_path / "sessions.db"
    if is_early:
        write_first(path)
    monkeypatch.setattr(packing, "WORTH_PAGES", 64)
    monkeypatch.setattr(packing, "REST", 0.0)  # nobody else wants the disk here
    with closing(Database.open(path)) as database:
        database._connection.run("CREATE TABLE room (text)")
        database._connection.run("INSERT INTO room VALUES (?)", "x" * (8 << 20))
        database._connection.run("DROP TABLE room")
        database._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        before = path.stat().st_size
        pack_behind(path, lambda: True)
        database._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        assert path.stat().st_size < before - (7 << 20)
        assert database._connection.row("PRAGMA integrity_check") == ("ok",)
        assert database._connection.row("PRAGMA auto_vacuum") == (2,)
    assert not [each for each in tmp_path.iterdir() if each.suffix == ".bak"]


def test_the_list_of_tapes_of_an_older_file_is_made_behind(path, monkeypatch):
    write_first(path, 12)
    with closing(Database.open(path)) as database:
        by_reading = database.tape_lines()
        assert len(by_reading) == 24
        database.upkeep.pack_behind(lambda: True)
        assert database._connection.row("SELECT count(*) FROM listed") == (23,), "one has not ended"
        assert database.tape_lines() == by_reading
        monkeypatch.setattr(tape_list, "_line_of", lambda *_: "made anew")
        assert "made anew" not in database.tape_lines()[12:], "nothing is read for it any more"
