"""Signals and closed pipes: what came is kept, the socket is closed at once, the shell is told."""

import json
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.cli.running import environ_in, start
from tests.process.numbered import Numbered
from tui.domain.turn import TurnState
from tui.store.database import Database


def begin(server, home, name, *words):
    """Start an endless reply; returns the process, and its exchange as the server sees it."""
    reply = Numbered(count=5000, rate=200.0)
    url = server.add(name, reply)
    child = start("ask", "--base-url", url, "--model", "m", "hi", *words, home=home)
    exchange = server.wait_for(lambda: [each for each in server.log if each.scenario == name], 60)[0]
    return child, exchange, reply


def saved_turn(home):
    with closing(Database.open(home / "data/rillet/sessions.db")) as database:
        (session,) = database.sessions.summaries()
        (turn,) = database.turns.of_session(session.id)
        return turn


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_the_reply_and_keeps_what_came(server, tmp_path, number, code):
    child, exchange, reply = begin(server, tmp_path, f"signal-{number}")
    with child:
        said = child.stdout.read(40)
        at = time.monotonic()
        child.send_signal(number)
        out, err = child.stdout.read(), child.stderr.read()
    assert child.returncode == code
    server.wait_for(lambda: exchange.hung_up_at)
    assert exchange.hung_up_at - at < 20  # of 25 that the reply takes
    turn = saved_turn(tmp_path)
    assert (turn.state, turn.error) == (TurnState.STOPPED, None)
    assert (said + out).rstrip("\n") == turn.text
    assert reply.text.startswith(turn.text)
    assert "rillet: stopped" in err
    assert f"{len(turn.text.split())} words came and are saved: rillet --session" in err
    assert "Traceback" not in err


def test_a_signal_before_the_first_word_keeps_the_prompt(server, tmp_path):
    child = start("ask", "--base-url", server.url("stall-head"), "--model", "m", "hi", home=tmp_path)
    with child:
        server.wait_for(lambda: server.count("stall-head"), 60)
        child.send_signal(signal.SIGINT)
        err = child.stderr.read()
    assert child.returncode == 130
    assert "the prompt is saved" in err
    assert saved_turn(tmp_path).state is TurnState.STOPPED


def test_a_countdown_can_be_interrupted(server, tmp_path):
    child = start("ask", "--base-url", server.url("retry-after@60"), "--model", "m", "hi", home=tmp_path)
    with child:
        assert "trying again in 1 min (1 of 2)" in child.stderr.readline()
        child.send_signal(signal.SIGINT)
        child.stdout.read()
    assert child.returncode == 130
    assert saved_turn(tmp_path).state is TurnState.STOPPED


def test_the_events_end_with_the_turn_also_after_a_signal(server, tmp_path):
    child, _, _ = begin(server, tmp_path, "signal-events", "--events")
    with child:
        for _ in range(5):
            child.stdout.readline()
        child.send_signal(signal.SIGTERM)
        out = child.stdout.read()
    last = json.loads(out.splitlines()[-1])
    assert (child.returncode, last["type"], last["state"], last["next"]) == (143, "turn", "stopped", "error")


def test_a_reader_that_goes_away_ends_it_quietly(server, tmp_path):
    """As `| head -c 1` does; the reply is stopped, not read to its end for nobody."""
    child, exchange, _ = begin(server, tmp_path, "pipe")
    with child:
        child.stdout.read(1)
        child.stdout.close()
        err = child.stderr.read()
        assert child.wait(60) == 141
    assert err == ""
    server.wait_for(lambda: exchange.hung_up_at)
    assert saved_turn(tmp_path).state is TurnState.STOPPED


def test_a_shell_pipe_ends_quietly(server, tmp_path):
    command = f"set -o pipefail; {sys.executable} -m tui ask --base-url '{server.url('ok;tokens=20000')}' --model m hi | head -c 1"
    done = subprocess.run(
        ["bash", "-c", command], env=environ_in(tmp_path), stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert (done.returncode, len(done.stdout), done.stderr) == (141, 1, "")


INTERRUPTED = """
import os, signal, sys
from tui.__main__ import main

def interrupt(frame, event, _argument):
    if event == "call" and frame.f_code.co_filename.endswith(os.path.join("msgspec", "_utils.py")):
        sys.setprofile(None)
        os.write(1, b"interrupted")
        os.kill(os.getpid(), signal.SIGINT)

sys.setprofile(interrupt)
main()
"""


@pytest.mark.parametrize("words", [["ask", "hi"], ["--plain"]])
def test_ctrl_c_while_a_command_is_loaded_ends_it_as_a_signal_does_without_a_word(tmp_path, words):
    command = [sys.executable, "-c", INTERRUPTED, *words, "--base-url", "http://127.0.0.1:9/v1", "--model", "m"]
    done = subprocess.run(command, env=environ_in(tmp_path), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"interrupted", b"")


def test_a_job_of_which_ctrl_c_is_kept_loads_on(server, tmp_path):
    command = [sys.executable, "-c", INTERRUPTED, "ask", "--base-url", server.url("ok"), "--model", "m", "hi"]
    done = subprocess.run(
        command,
        env=environ_in(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert (done.returncode, done.stdout[:11]) == (0, b"interrupted")
