"""A file of a few sessions, seen from outside: damaged, newer, searched; and a session had back."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.cli.running import environ_in
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database

PAGE = 4096
WORDS = ("meadow", "harbour", "lantern")


RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def can_do_without_rights():
    """Whether a process can be had for which the permissions of files count."""
    if os.getuid():
        return True
    return shutil.which("setpriv") is not None and subprocess.run([*RIGHTS, "true"], check=False).returncode == 0


def without_rights(home, *words):
    command = [*(() if os.getuid() else RIGHTS), sys.executable, "-m", "tui", *words]
    return subprocess.run(
        command, env=environ_in(home), cwd=home, capture_output=True, text=True, timeout=60, check=False
    )


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


def test_a_file_that_is_a_link_is_read_with_the_log_beside_what_it_leads_to(small, rillet_process, tmp_path):
    real = tmp_path / "disk" / "mine.db"
    real.parent.mkdir()
    small.rename(real)
    small.symlink_to(real)
    with closing(Database.open(real)) as beside:
        (first, *_) = beside.sessions.summaries()
        beside.sessions.rename(first.id, "renamed a moment ago")
        renamed = {*ALL, "renamed a moment ago"} - {first.title}
        assert titles(rillet_process) == renamed
    name = rillet_process("backup", "now").stdout.split()[0]
    assert rillet_process("backup", "restore", name).returncode == 0
    assert small.is_symlink(), "the file stays where its user put it"
    assert titles(rillet_process) == renamed


@pytest.mark.skipif(not can_do_without_rights(), reason="root looks into every directory, and setpriv is not there")
def test_a_directory_that_may_not_be_looked_into_is_no_empty_list(small, home, server):
    words = ("--base-url", server.url("ok"), "--model", "m", "hi")
    small.parent.chmod(0)
    try:
        listed, asked = without_rights(home, "sessions"), without_rights(home, "ask", *words)
    finally:
        small.parent.chmod(0o700)
    assert (listed.returncode, listed.stdout) == (1, "")
    assert f"{small} cannot be reached: Permission denied" in listed.stderr
    assert (asked.returncode, bool(asked.stdout)) == (0, True)
    assert "not saving" in asked.stderr
    assert "Traceback" not in listed.stderr + asked.stderr


def test_a_search_says_how_much_of_an_older_file_is_not_looked_through_yet(small, rillet_process):
    with closing(sqlite3.connect(small)) as raw:
        raw.execute("INSERT INTO progress SELECT 'indexing', min(key) FROM turn")
        raw.commit()
    for words in (("list", "--find", "meadow"), ("search", "meadow")):
        done = rillet_process("sessions", *words)
        assert (done.returncode, "meadow" in done.stdout) == (0, True)
        assert "what was said in 2 turns of an earlier rillet is not looked through yet" in done.stderr
    assert "earlier rillet" not in rillet_process("sessions", "list").stderr
