"""A tool under way when rillet is killed or stopped: what became of it is known afterwards."""

import json
import os
import signal
import sys
import time

import pytest

from tests.cli.running import start
from tui.chat.history import messages_of
from tui.chat.opening import open_program
from tui.domain.message import ToolResultPart
from tui.domain.turn import Prompt, Turn

PAY = """
import os, sys, time
with open({paid!r}, "a") as file:
    file.write("paid " + sys.argv[1] + "\\n")
with open({pid!r}, "w") as file:
    file.write(str(os.getpid()))
time.sleep(60)
"""


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the latter if it went while it was read
        return False


@pytest.fixture
def paying(server, tmp_path):
    """`rillet ask` in the middle of running a tool that has paid and sleeps."""
    paid, pid, program = tmp_path / "paid", tmp_path / "pid", tmp_path / "pay.py"
    program.write_text(PAY.format(paid=str(paid), pid=str(pid)))
    settings = tmp_path / "settings.toml"
    argv = json.dumps([sys.executable, str(program), "{amount}"])
    settings.write_text(f'[tools.command.pay]\ndescription = "Pays."\nargv = {argv}\nparameters = "amount int"\n')
    words = ("--config", str(settings), "--base-url", server.url("tools"), "--model", "m", "--approve", "pay", "pay")
    with start("ask", *words, home=tmp_path) as child:
        try:
            until(pid.exists)
            until(lambda: pid.read_text().strip())
            yield child, int(pid.read_text()), tmp_path
        finally:
            child.kill()
            if pid.exists() and lives(int(pid.read_text())):
                os.kill(int(pid.read_text()), signal.SIGKILL)


def told_next(home, monkeypatch):
    """What the model is told of the call with the next prompt, by a rillet that reads the file anew."""
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    program = open_program({})
    try:
        (session,) = program.database.sessions.summaries()
        turns = program.database.turns.of_session(session.id)
        messages = messages_of([*turns, Turn(Prompt("and now?"))])
    finally:
        program.database.close()
    return [part.text for message in messages for part in message.parts if isinstance(part, ToolResultPart)]


def test_a_call_under_way_when_rillet_was_killed_is_not_told_as_not_run(paying, monkeypatch):
    child, pid, home = paying
    child.kill()
    child.wait()
    until(lambda: not lives(pid))
    assert told_next(home, monkeypatch) == ["Stopped while it ran; it may have done part of it."]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_tool_too_and_says_that_it_was_under_way(paying, monkeypatch, number):
    child, pid, home = paying
    child.send_signal(number)
    assert child.wait(timeout=60) == 128 + number
    until(lambda: not lives(pid))
    assert told_next(home, monkeypatch) == ["Stopped while it ran; it may have done part of it."]
    assert (home / "paid").read_text() == "paid 7\n"
