"""A file of a few sessions, seen from outside: damaged, newer, searched; and a session had back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database

PAGE = 4096
WORDS = ("meadow", "harbour", "lantern")


@pytest.fixture
def small(home):
    """Three sessions of one turn."""
    path = home / "data/rillet/sessions.db"
    with closing(Database.open(path)) as database:
        for word in WORDS:
            turn = Turn(Prompt(f"tell of the {word}"), model="m", endpoint="url", dialect="chat")
            database.turns.begin(database.sessions.create(f"talk of a {word}"), turn)
            turn.apply(TextDelta(f"once there was a {word}"))
            turn.apply(FinishDelta("stop"))
            turn.end(TurnState.COMPLETE)
            database.turns.end(turn)
    return path


def titles(rillet_process):
    done = rillet_process("sessions", "list", "--json")
    assert done.returncode == 0, done
    return {each["title"] for each in json.loads(done.stdout)}


ALL = {f"talk of a {word}" for word in WORDS}


def test_a_bad_page_is_told_by_a_command_that_mends_nothing_and_costs_no_turn(small, rillet_process):
    with closing(sqlite3.connect(small)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'session'").fetchone()
    whole = small.read_bytes()
    small.write_bytes(whole[: PAGE * (root - 1)] + b"\xff" * PAGE + whole[PAGE * root :])
    spoiled = small.read_bytes()
    listed = rillet_process("sessions")
    assert "damaged" in listed.stderr
    assert small.read_bytes() == spoiled, "who only lists moves nothing"
    mended = rillet_process("recover")
    assert "3 of 3 turns" in mended.stdout, mended
    assert rillet_process("sessions", "search", "lantern").returncode == 0


def test_a_file_of_a_newer_rillet_is_read_and_told_of_and_never_written(small, rillet_process, server):
    with closing(sqlite3.connect(small)) as raw:
        raw.execute("PRAGMA user_version = 9999")
        raw.commit()
    before = small.read_bytes()
    listed = rillet_process("sessions")
    assert "newer" in listed.stderr
    assert all(title in listed.stdout for title in ALL)
    asked = rillet_process("ask", "--base-url", server.url("ok"), "--model", "m", "hi")
    assert "newer" in asked.stderr
    assert small.read_bytes() == before


def test_a_deleted_session_is_had_back_by_another_process(small, rillet_process):
    done = rillet_process("sessions", "list", "--json")
    chosen = next(each["id"] for each in json.loads(done.stdout) if "harbour" in each["title"])
    assert rillet_process("sessions", "rm", chosen).returncode == 0
    assert titles(rillet_process) == ALL - {"talk of a harbour"}
    assert rillet_process("sessions", "restore", chosen).returncode == 0
    assert titles(rillet_process) == ALL


@pytest.mark.parametrize(("words", "code", "where"), [("meadow", 0, "talk of a meadow"), ("nowhere", 1, "")])
def test_what_was_said_is_found_or_said_not_to_be_there(small, rillet_process, words, code, where):
    done = rillet_process("sessions", "search", words)
    assert (done.returncode, where in done.stdout, bool(done.stdout)) == (code, True, bool(where))
