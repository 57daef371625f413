"""Disks that fail: rillet goes on, says that it does not save, and harms nothing that was there."""

import hashlib
import resource
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.running import environ_in, rillet
from tests.server import TEXT
from tui.domain.turn import TurnState
from tui.store.database import Database

LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.argv[1:2] = []
from tui.cli import run
sys.exit(run(sys.argv[1:]))
"""


def turns_in(home):
    with closing(Database.open(home / "data/rillet/sessions.db")) as database:
        return [turn for session in database.sessions.summaries() for turn in database.turns.of_session(session.id)]


def test_a_disk_that_fills_up_does_not_stop_the_reply(server, ask, tmp_path):
    ask("ok", "hi")  # so that the file is there
    path = tmp_path / "data/rillet/sessions.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    used = path.stat().st_size
    words = ["ask", "--base-url", server.url("ok;tokens=20000"), "--model", "m", "hi"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(used + 20_000), *words],
        env=environ_in(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) > 15_000
    assert "rillet: not saved: the disk" in done.stderr
    assert "Traceback" not in done.stderr
    # Nothing that was there is lost, and the prompt went to disk before there was no room.
    assert [turn.opening.text for turn in turns_in(tmp_path)] == ["hi", "hi"]
    with closing(sqlite3.connect(tmp_path / "data/rillet/sessions.db")) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_disk_that_is_full_for_a_while_loses_nothing_and_nothing_hangs(server, tmp_path):
    path = tmp_path / "data/rillet/sessions.db"
    child = Path(__file__).with_name("full_disk_child.py")
    words = [sys.executable, str(child), str(path), server.url("ok")]
    done = subprocess.run(words, env=environ_in(tmp_path), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:6] == ["before", "False", "while", "True", "after", "False"]
    session = done.stdout.split()[-1]
    turns = turns_in(tmp_path)
    assert [turn.opening.text for turn in turns] == ["before", "while", "after"]
    assert [turn.parent for turn in turns] == [None, f"{session}.1", f"{session}.2"]
    assert [turn.text for turn in turns] == [TEXT] * 3


def test_a_disk_without_room_from_the_start_is_told(server, tmp_path):
    words = ["ask", "--base-url", server.url("ok"), "--model", "m", "hi"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "1000", *words],
        env=environ_in(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, TEXT + "\n")
    assert "rillet: not saving: " in done.stderr
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


@pytest.mark.parametrize("events", [[], ["--events"]])
def test_a_home_that_cannot_be_written_is_told(ask, tmp_path, events):
    (tmp_path / "data").write_text("a file where a directory should be")  # also root cannot write here
    done = ask("ok", "hi", *events)
    assert done.returncode == 0
    assert "rillet: not saving: " in done.stderr
    assert done.stderr.count("not sav") == 1


def test_no_home_at_all_is_told(ask):
    homes = {f"XDG_{name}_HOME": "" for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    done = ask("ok", "hi", env={"HOME": "/proc/nonexistent", **homes})
    assert (done.returncode, done.stdout) == (0, TEXT + "\n")
    assert "rillet: not saving: " in done.stderr


def with_bad_page(path):
    """The bytes of a sessions file whose recordings cannot be read."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'tape'").fetchone()
    data = path.read_bytes()
    return data[: (page - 1) * 4096] + bytes(4096) + data[page * 4096 :]


@pytest.mark.parametrize("damage", ["zeroes", "bad page", "text", "directory"])
def test_a_damaged_file_is_moved_aside_and_told(ask, tmp_path, damage):
    ask("ok", "hi")
    path = tmp_path / "data/rillet/sessions.db"
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)
    if damage == "directory":
        path.unlink()
        path.mkdir()
    else:
        data = path.read_bytes()
        broken = {"zeroes": b"\0" * len(data), "bad page": with_bad_page(path), "text": b"not a database" * 99}
        path.write_bytes(broken[damage])
    done = ask("ok", "hi")
    assert (done.returncode, done.stdout) == (0, TEXT + "\n")
    assert "The saved sessions could not be read" in done.stderr
    (aside,) = path.parent.glob("sessions.db.damaged-*")
    assert aside.name in done.stderr
    if damage != "directory":
        assert aside.read_bytes() == broken[damage]
    found = 1 if damage == "bad page" else 0
    assert (f"{found} of 1 turns in 1 session could be read" in done.stderr) == bool(found)
    assert [turn.state for turn in turns_in(tmp_path)] == [TurnState.COMPLETE] * (1 + found)


def files_in(place):
    return {each.name: each.read_bytes() for each in place.iterdir() if each.is_file()}


@pytest.mark.parametrize("words", [["sessions"], ["tape", "list"]])
def test_a_command_that_only_reads_leaves_a_damaged_file_where_it_is_and_says_so(ask, rillet, tmp_path, words):
    ask("ok", "hi")
    path = tmp_path / "data/rillet/sessions.db"
    path.write_bytes(with_bad_page(path))
    before = files_in(path.parent)
    done = rillet(*words)
    assert done.returncode == 0
    assert "hi" in done.stdout
    assert "rillet: The sessions file is damaged" in done.stderr
    assert "1 of 1 turns can be read" in done.stderr
    assert files_in(path.parent) == before


def test_a_file_of_which_nothing_can_be_read_is_left_where_it_is_by_a_command_that_only_reads(ask, rillet, tmp_path):
    ask("ok", "hi")
    path = tmp_path / "data/rillet/sessions.db"
    path.write_bytes(b"not a database" * 99)
    before = files_in(path.parent)
    done = rillet("sessions")
    assert (done.returncode != 0, done.stdout) == (True, "")
    assert "damaged" in done.stderr
    assert files_in(path.parent) == before


def test_what_became_of_a_damaged_file_is_told_again_until_it_is_confirmed(ask, rillet, tmp_path):
    ask("ok", "hi")
    path = tmp_path / "data/rillet/sessions.db"
    path.write_bytes(with_bad_page(path))
    told = ask("ok", "hi").stderr.splitlines()[0]
    assert told in rillet("sessions").stderr
    assert told in ask("ok", "hi").stderr
    with closing(Database.open(path)) as database:
        database.confirm_notes()
    assert rillet("sessions").stderr == ""


def test_the_sessions_of_a_newer_file_are_listed_and_the_file_is_left_as_it_is(ask, rillet, tmp_path):
    ask("ok", "a prompt of long ago")
    path = tmp_path / "data/rillet/sessions.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version = 9999")
    before = files_in(path.parent)
    done = rillet("sessions")
    assert (done.returncode, "a prompt of long ago" in done.stdout) == (0, True)
    assert "rillet: The sessions file is of a newer rillet" in done.stderr
    assert files_in(path.parent) == before


def test_a_newer_file_is_left_untouched(ask, tmp_path):
    ask("ok", "hi")
    path = tmp_path / "data/rillet/sessions.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version = 9999")
        raw.execute("PRAGMA journal_mode = DELETE")
    before = hashlib.sha256(path.read_bytes()).digest()
    done = ask("ok", "hi")
    assert (done.returncode, done.stdout) == (0, TEXT + "\n")
    assert "rillet: not saving: " in done.stderr
    assert "newer" in done.stderr
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_many_at_once_share_one_file(server, tmp_path):
    def ask_at_once(number):
        url = server.url(f"ok;tokens=60;rate=60;n={number}")
        return rillet("ask", "--base-url", url, "--model", "m", "hi", home=tmp_path)

    with ThreadPoolExecutor(4) as pool:
        all_done = list(pool.map(ask_at_once, range(4)))
    assert [(done.returncode, done.stderr) for done in all_done] == [(0, "")] * 4
    assert [turn.state for turn in turns_in(tmp_path)] == [TurnState.COMPLETE] * 4
