"""A process that dies at any instant leaves its prompt, its tape, and a file that is whole."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from tui.domain.turn import Prompt, Turn, TurnState
from tui.store import owner
from tui.store.database import Database

CHILD = Path(__file__).with_name("streaming_child.py")
ENDING_CHILD = Path(__file__).with_name("ending_child.py")
ROOT = Path(__file__).parent.parent.parent


def start(path: Path, child: Path = CHILD) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(child), str(path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ)


def end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.communicate()


def test_a_killed_process_leaves_its_prompt_and_what_it_recorded(path):
    chance = random.Random(7)
    for _ in range(5):
        child = start(path)
        assert child.stdout is not None
        turn_id = child.stdout.readline().decode().strip()
        time.sleep(chance.random() * 0.1)  # the instant is what varies here, not a condition to wait for
        child.send_signal(signal.SIGKILL)
        said = [int(line) for line in child.stdout.read().split(b"\n")[:-1]]
        end(child)
        with closing(Database.open(path)) as database:
            assert database.notice == ""
            assert database._connection.row("PRAGMA integrity_check") == ("ok",)
            (turn,) = database.turns.interrupted()
            assert (turn.id, turn.opening, turn.state) == (turn_id, Prompt("does it live?"), TurnState.WAITING)
            reads = database.tapes.tape(turn_id).reads
            assert len(reads) >= (said[-1] if said else 0)
            assert [read.data for read in reads] == [f"read {n}\n".encode() * 20 for n in range(len(reads))]
            turn.end(TurnState.TRUNCATED)
            database.turns.end(turn)
            assert database.turns.interrupted() == []
            assert database.turns.read(turn_id).state is TurnState.TRUNCATED


def test_the_turns_of_a_living_process_are_left_alone(path):
    child = start(path)
    assert child.stdout is not None
    child.stdout.readline()
    try:
        with closing(Database.open(path)) as database:
            mine = Turn(Prompt("mine"))
            database.turns.begin(database.sessions.create(), mine)
            assert database.turns.interrupted() == []
    finally:
        end(child)
    with closing(Database.open(path)) as first, closing(Database.open(path)) as second:
        assert len(first.turns.interrupted()) == 1
        assert second.turns.interrupted() == []  # the first has taken it over


def test_what_a_killed_process_could_not_index_is_found_after_the_next_start(path):
    child = start(path, ENDING_CHILD)
    assert child.stdin is not None and child.stdout is not None
    try:
        assert child.stdout.readline() == b"ended\n"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            child.stdin.write(b"go on\n")
            child.stdin.flush()
            turn_id = child.stdout.readline().decode().strip()
            child.kill()
    finally:
        end(child)
    with closing(Database.open(path)) as database:
        session = turn_id.partition(".")[0]
        assert database.full_text.search("grapefruit") == []
        assert database.turns.may_say(session, "grapefruit") is None  # the index does not know
        database.upkeep.pack_behind(lambda: True)
        assert [hit.turn_id for hit in database.full_text.search("grapefruit indeed")] == [turn_id]
        assert database.turns.may_say(session, "grapefruit") == {turn_id}
        assert database._connection.rows("SELECT key FROM unfound") == []


def test_owners_tell_processes_apart():
    mine = owner.this_owner()
    pid, boot, started = mine.split("/")
    assert owner.is_alive(mine)
    assert not owner.is_alive(f"{pid}/{boot}/1{started}")  # another process with our number
    assert not owner.is_alive(f"{pid}/another-boot/{started}")
    for nonsense in ("", "/", "-1//", "x/y/z", "99999999999/b/s", "0/b/s"):
        assert not owner.is_alive(nonsense)


def test_a_process_that_only_waits_to_be_reaped_is_dead(monkeypatch):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    record = owner.Owner(child.pid, owner._boot(), owner._started(child.pid)).record()
    assert owner.is_alive(record)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not owner.is_alive(record)
    child.communicate()
