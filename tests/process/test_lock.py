"""Another program that has the sessions file locked: keys are seen at once, and what is said is saved, then sent."""

import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.bench.terminal import Terminal
from tests.cli.running import environ_in
from tests.process.numbered import Numbered
from tests.server import TEXT
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database

HOLD = """
import sqlite3, sys
with open(sys.argv[1] + "-wal", "rb"):
    pass
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
raw.execute("COMMIT")
"""
PATIENCE = 60.0
"""Seconds that SQLite waits for a lock in these tests, where a key or a start waits for it at all."""
LATE = 30.0
"""Seconds within which a key must be seen, or the screen, on a machine that is busy with other things."""
PATIENT = f"""
import sys
from tui.store import fault
fault.BUSY_SECONDS = {PATIENCE}
from tui.__main__ import main
sys.argv[0] = "rillet"
main()
"""


class Lock:
    """A process that holds the write lock."""

    def __init__(self, path):
        self._child = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._child.stdout.readline() == b"held\n"

    def let_go(self):
        if self._child.poll() is None:
            self._child.communicate(b"\n", timeout=60)


def terminal_in(home, url):
    argv = [sys.executable, "-c", PATIENT, "--base-url", url, "--model", "m"]
    return Terminal(argv, environ_in(home, TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8"), cwd=str(home))


@pytest.fixture
def open_terminal(tmp_path):
    opened = []

    def begin(url):
        terminal = terminal_in(tmp_path, url)
        opened.append(terminal)
        terminal.start()
        assert terminal.wait_for("ready", 60) is not None, terminal.live.text
        return terminal

    yield begin
    for terminal in opened:
        terminal.close()


def type_and_see(terminal, text):
    """Type a text letter by letter; how long the latest of them took to be seen."""
    longest = 0.0
    for end in range(1, len(text) + 1):
        at = terminal.type(text[end - 1])
        seen = terminal.wait_for(text[:end], 60)
        assert seen is not None, terminal.live.text
        longest = max(longest, seen - at)
    return longest


def saved(home):
    with closing(Database.open(home / "data/rillet/sessions.db")) as database:
        return [turn for session in database.sessions.summaries() for turn in database.turns.of_session(session.id)]


def test_a_held_lock_keeps_no_key_and_the_prompt_goes_out_once_it_is_saved(open_terminal, server, tmp_path):
    terminal = open_terminal(server.url("ok"))
    path = tmp_path / "data/rillet/sessions.db"
    terminal.type("first\r")
    assert terminal.wait_for("complete", 60) is not None, terminal.live.text
    lock = Lock(path)
    try:
        asked = server.count("ok")
        assert type_and_see(terminal, "second") < LATE
        terminal.type("\r")
        assert terminal.wait_for("goes out as soon as it is saved: another program", 60) is not None, terminal.live.text
        for number in range(10):
            assert type_and_see(terminal, f"z{number}z") < LATE
            terminal.type("\x15")  # Ctrl+U: the line is empty again
            terminal.pump(0.3)
        assert server.count("ok") == asked, "it is not sent before it is saved"
        assert len(saved(tmp_path)) == 1
    finally:
        lock.let_go()
    server.wait_for(lambda: server.count("ok") == asked + 1, 60)
    assert terminal.wait_for(lambda: terminal.live.text.count(TEXT) == 2, 60) is not None, terminal.live.text
    assert terminal.wait_for(lambda: "not saving" not in terminal.live.text, 60) is not None, terminal.live.text
    terminal.type("\x11")
    terminal.wait_for(lambda: terminal.ended, 60)
    turns = saved(tmp_path)
    assert [turn.opening.text for turn in turns] == ["first", "second"]
    assert [(turn.state, turn.text) for turn in turns] == [(TurnState.COMPLETE, TEXT)] * 2
    with closing(Database.open(path)) as database:
        assert [bool(database.tapes.tape(turn.id).end) for turn in turns] == [True, True]


def test_a_reply_that_ends_under_a_lock_is_saved_also_where_one_leaves_at_once(open_terminal, server, tmp_path):
    reply = Numbered(count=60, rate=40.0)
    reply.may_end.clear()  # before the file is locked
    terminal = open_terminal(server.add("lock", reply))
    terminal.type("first\r")
    assert terminal.wait_for("w1 ", 60) is not None, terminal.live.text
    lock = Lock(tmp_path / "data/rillet/sessions.db")
    reply.may_end.set()
    try:
        assert terminal.wait_for("w59", 60) is not None, terminal.live.text
        assert terminal.wait_for("complete", 60) is not None, terminal.live.text
        terminal.type("\x11")
        terminal.pump(1.0)
        assert not terminal.ended
    finally:
        lock.let_go()
    terminal.wait_for(lambda: terminal.ended, 60)
    assert [(turn.state, turn.text) for turn in saved(tmp_path)] == [(TurnState.COMPLETE, reply.text)]
    with closing(Database.open(tmp_path / "data/rillet/sessions.db")) as database:
        (turn,) = database.turns.of_session(database.sessions.last())
        tape = database.tapes.tape(turn.id)
    assert tape.end is not None
    assert b"w59" in b"".join(read.data for read in tape.reads)


def test_a_start_under_a_lock_is_no_later_and_a_reply_that_was_interrupted_is_mended_after_it(server, tmp_path):
    path = tmp_path / "data/rillet/sessions.db"
    with closing(Database.open(path)) as database:
        turn = Turn(Prompt("what?"), model="m", endpoint="url", dialect="chat")
        database.turns.begin(database.sessions.create(), turn)
        database._connection.run("UPDATE turn SET owner = 'nobody'")
        database.prompts.save_draft(None, "half a thought")
        database._connection.run("UPDATE draft SET owner = 'nobody'")
        gone = database.sessions.create()
        database._connection.run("UPDATE session SET deleted_at = 1 WHERE id = ?", gone)  # to be dropped for good
        lock = Lock(path)
        terminal = terminal_in(tmp_path, server.url("ok"))
        try:
            began = time.monotonic()
            terminal.start()
            assert terminal.wait_for("ready", 60) is not None
            assert time.monotonic() - began < LATE
            assert "not sav" not in terminal.live.text
            assert terminal.wait_for("half a thought", 60) is not None, terminal.live.text
            lock.let_go()
            assert terminal.wait_for("interrupted before its first word", 60) is not None, terminal.live.text
            assert database.turns.read(turn.id).state is TurnState.TRUNCATED
        finally:
            terminal.close()
            lock.let_go()
