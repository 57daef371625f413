"""A large sessions file, seen from outside: mended, opened beside another, listed; and what a request adds to a long session."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.tape import Head, Read, SentRequest, TapeEnd
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database
from tui.store.opening import _SUSPECT, CHECKED_BYTES, find_damage

TURNS = 12
PAGE = 4096


@pytest.fixture
def large(home):
    """A file that is too large to be looked through at each start: one session, and a tape that takes nearly all of it."""
    path = home / "data/rillet/sessions.db"
    with closing(Database.open(path)) as database:
        database.hurry()
        session, parent = database.sessions.create("talk"), None
        for number in range(TURNS):
            turn = Turn(Prompt(f"prompt {number}"), parent=parent, model="m", endpoint="url", dialect="chat")
            database.turns.begin(session, turn)
            database.tapes.record_request(turn.id, SentRequest("POST", "http://x", {}, {"messages": []}))
            database.tapes.record_head(turn.id, Head(200, {"content-type": "text/event-stream"}, 0.1))
            database.tapes.append_reads(turn.id, [Read(0.2, chunk(f"answer {number}"))])
            database.tapes.record_end(turn.id, TapeEnd(0.3, "eof"))
            turn.apply(TextDelta(f"answer {number}"))
            turn.apply(FinishDelta("stop"))
            turn.end(TurnState.COMPLETE)
            database.turns.end(turn)
            parent = turn.id
        key = database.rows("SELECT max(key) FROM turn")[0][0]
        database._connection.run(
            "INSERT INTO block VALUES (?, 1, 0.3, zeroblob(?))", (key << 20) + 99, CHECKED_BYTES + PAGE
        )
    return path


def chunk(text):
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': text}}]})}\n\n".encode()


def spoil(path, table):
    """Make the first page of a table bad."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    with path.open("r+b") as file:
        file.seek(PAGE * (root - 1))
        file.write(b"\xff" * PAGE)


def test_one_with_a_bad_page_is_told_and_mended(large, rillet_process):
    spoil(large, "session")
    done = rillet_process("recover")
    assert f"{TURNS} of {TURNS} turns in 1 session could be read" in done.stdout, done
    listed = rillet_process("sessions")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert f"{TURNS} turns" in listed.stdout


def test_beside_an_open_one_it_is_not_looked_through(large, rillet_process, server):
    """It holds a page that is bad, and that only whoever looks through all of it meets."""
    with closing(sqlite3.connect(large)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with large.open("r+b") as file:
        file.seek(-PAGE, 2)  # the last page of the long tape, which names the next one
        file.write(b"\xff" * 4)
    assert find_damage(large)
    large.with_name(large.name + _SUSPECT).unlink()
    with closing(Database.open(large)) as beside:
        beside.sessions.create()  # so that the log beside it holds something
        listed = rillet_process("sessions", "list")
        done = rillet_process("ask", "--base-url", server.url("ok"), "--model", "m", "hi")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_tapes_are_listed_without_being_read(large, rillet_process):
    spoil(large, "flush")
    with closing(sqlite3.connect(large)) as raw, raw:
        raw.execute("UPDATE block SET packed = x'00'")
    done = rillet_process("tape", "list")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, TURNS), done
    assert " 0 B" not in done.stdout


def test_one_damaged_tape_keeps_no_other_interrupted_reply_from_being_mended(large, rillet_process, server):
    with closing(Database.open(large)) as database:
        session, turns = database.sessions.create("cut"), []
        for number in range(3):
            turns.append(turn := Turn(Prompt(f"cut {number}"), model="m", endpoint="url", dialect="chat"))
            request = SentRequest("POST", "http://x", {}, {"messages": []})
            database.turns.begin(session, turn, request)
            database.tapes.record_head(turn.id, Head(200, {"content-type": "text/event-stream"}, 0.1))
            database.tapes.append_reads(turn.id, [Read(0.2, chunk(f"half {number}"))])
        database._connection.run("UPDATE turn SET owner = 'nobody' WHERE owner IS NOT NULL")
        database._connection.run("UPDATE flush SET packed = x'00' WHERE turn_id = ?", turns[0].id)
    done = rillet_process("ask", "--base-url", server.url("ok"), "--model", "m", "hi")
    assert done.returncode == 0, done.stderr
    with closing(Database.open(large)) as database:
        read = [database.turns.read(turn.id) for turn in turns]
    assert [turn.text for turn in read] == ["", "half 1", "half 2"]
    assert {turn.state for turn in read} == {TurnState.TRUNCATED}


def test_a_request_adds_what_is_new_in_it_however_long_the_session_is(rillet_process, home, server):
    prompts = "".join(f"prompt {number}\n" for number in range(40))
    done = rillet_process("--plain", "--base-url", server.url("ok"), "--model", "m", stdin=prompts)
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(home / "data/rillet/sessions.db")) as raw:
        sizes = [size for (size,) in raw.execute("SELECT length(request) FROM tape ORDER BY rowid")]
    assert len(sizes) == 40
    assert max(sizes[20:]) < 1.2 * max(sizes[2:8]), sizes
