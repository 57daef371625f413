"""An endpoint that sends without end or measure: memory stays small, keys would be answered, the limit is named."""

import json
import os
import subprocess
import sys

import pytest

MOST_MB = 150
MOST_LAG = 0.1

# How it ends, in words; in which dialects; and whether the sessions file is on disk.
BOTH = ("chat", "responses")
ENDINGS = [
    ("endless;size=400", "limit", "a reply of more than 8 MB", BOTH, "saves"),
    ("endless;size=400", "limit", "a reply of more than 8 MB", BOTH, "memory"),
    ("huge-reply", "limit", "a reply of more than 8 MB", BOTH, "saves"),
    ("endless-tool", "limit", "grew beyond 1 MB", BOTH, "memory"),
    ("endless-nothing", "truncated", "said nothing", BOTH, "saves"),
    ("many-tools", "limit", "more than 64 tool calls", ("responses",), "memory"),
    ("endless-line", "limit", "a line of more than 4 MB", ("chat",), "saves"),
    ("huge-line", "limit", "a line of more than 4 MB", ("responses",), "memory"),
    ("endless-frame", "limit", "a frame of more than 8 MB", ("chat",), "saves"),
    ("gzip-bomb", "limit", "grows more than 100 times", ("chat",), "saves"),
    ("gzip-comments", "limit", "grows more than 100 times", ("responses",), "memory"),
    ("huge-header", "limit", "headers", ("chat",), "memory"),
    ("http-endless", "failed", "refused (400)", ("chat",), "memory"),
    ("deep-json", "complete", "", ("responses",), "memory"),
]
# Starts a command, and says last how much memory it held at most. Linux counts to a process what the one that started it
# held, and that would be pytest.
MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr)
sys.exit(code)
"""
ROWS = [
    (scenario, state, words, dialect, saves)
    for scenario, state, words, dialects, saves in ENDINGS
    for dialect in dialects
]


@pytest.fixture
def environ(tmp_path):
    homes = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    return {**os.environ, "HOME": str(tmp_path), **homes}


def run(environ, *arguments):
    """What came of a Python command, and the most memory it held, in MB."""
    command = [sys.executable, "-c", MEASURED, sys.executable, *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    return done, int(done.stderr.splitlines()[-1])


@pytest.mark.parametrize(("scenario", "state", "words", "dialect", "saves"), ROWS)
def test_a_hostile_stream_is_borne(server, environ, scenario, state, words, dialect, saves):
    # Where the clock is what ends it, it does so long before the 64 MB that are the limit for any reply.
    seconds = "2" if words == "said nothing" else "20"
    done, most_mb = run(environ, "-m", "tests.fault.hostile_child", server.url(scenario), dialect, saves, seconds)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["state"], words in told["message"]) == (state, True), told
    assert most_mb < MOST_MB
    assert told["lag"] < MOST_LAG


@pytest.mark.parametrize(
    ("scenario", "words"),
    [("endless;size=400", "8 MB"), ("gzip-bomb", "100 times"), ("endless-line", "4 MB")],
)
def test_the_command_line_bears_it_too(server, environ, scenario, words):
    done, most_mb = run(environ, "-m", "tui", "ask", "--base-url", server.url(scenario), "--model", "m", "hi")
    assert done.returncode == 5
    assert words in done.stderr
    assert most_mb < MOST_MB
