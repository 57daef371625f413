"""SIGKILL at any instant of a stream: the prompt is there, every word that was printed is, and the file is whole.

`RILLET_KILLS=200` kills so many instead of 20; `RILLET_SEED` repeats a run that failed.
"""

import os
import random
import signal
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.cli.running import start
from tests.process.numbered import Numbered
from tui.chat.opening import open_program
from tui.domain.turn import Prompt, TurnState

KILLS = int(os.environ.get("RILLET_KILLS", "20"))
AT_ONCE = 4
MOST_LOST = 1.0
"""Seconds: what came before the kill may not have been read yet, above all while a busy machine loads what reads it."""


class Lateness:
    """How late this machine is to wake a thread at worst: no promise of ours covers that."""

    def __enter__(self):
        self.worst, self._over = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _watch(self):
        while not self._over.is_set():
            began = time.monotonic()
            self._over.wait(0.01)
            self.worst = max(self.worst, time.monotonic() - began - 0.01)


@pytest.mark.timeout(60 + 5 * KILLS)
def test_a_kill_loses_no_prompt_and_no_word_that_was_read(server, tmp_path, monkeypatch):
    seed = int(os.environ.get("RILLET_SEED") or random.randrange(1 << 32))
    pick = random.Random(seed)
    ended, lost, printed = dict.fromkeys(TurnState, 0), [], 0
    for first in range(0, KILLS, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, KILLS))
        rounds = [Round(server, tmp_path / str(number), number, pick) for number in numbers]
        with Lateness() as late:
            threads = [threading.Thread(target=each.run) for each in rounds]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        for each in rounds:
            ended[each.look(monkeypatch, late.worst, f"RILLET_SEED={seed}, kill {each.number}")] += 1
        lost += [each.lost for each in rounds]
        printed += sum(len(each.printed) for each in rounds)
    print(
        {str(state): count for state, count in ended.items() if count},
        f"lost {sorted(lost)[len(lost) // 2]:.3f} s, at most {max(lost):.3f}; seed {seed}",
    )
    assert ended[TurnState.TRUNCATED] > KILLS // 2
    assert printed


def seconds_waited(pid):
    """How long the threads of a process have waited for a processor that others had."""
    waited = 0
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                waited += int((thread / "schedstat").read_text().split()[1])
    return waited / 1e9


class Round:
    """One process, killed at one instant."""

    def __init__(self, server, home, number, pick):
        self.number, self.home, self.server = number, home, server
        self.reply = Numbered()
        self.dialect = "responses" if number % 2 else "chat"
        self.url = server.add(f"kill-{number}", self.reply)
        self.wait = pick.random() * 1.3  # the stream takes 1.2 s
        home.mkdir()

    def run(self):
        """Start it, and kill it some time after its request has come."""
        words = ("ask", "--base-url", self.url, "--dialect", self.dialect, "--model", "m", f"prompt {self.number}")
        with (self.home / "printed").open("w") as out:
            self.child = start(*words, home=self.home, stdout=out, stderr=-3)  # -3: nowhere
        self.server.wait_for(lambda: self.server.count(f"kill-{self.number}"), 60)
        waited = seconds_waited(self.child.pid)
        time.sleep(self.wait)  # the instant is what varies here
        self.waited = max(0.0, seconds_waited(self.child.pid) - waited)
        self.killed_at = time.monotonic()
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def look(self, monkeypatch, late, about):
        """Open what it left, as the next rillet does; returns the state of the turn."""
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            monkeypatch.setenv(f"XDG_{name}_HOME", str(self.home / name.lower()))
        program = open_program({}, base_url=self.url, model="m")
        with closing(program.database) as database:
            assert not program.database.is_memory, program.notices
            (session,) = database.sessions.summaries()
            (turn,) = database.turns.of_session(session.id)
            assert turn.opening == Prompt(f"prompt {self.number}"), about
            kept = len(turn.text.split())
            assert self.reply.text.startswith(turn.text), about
            self.printed = (self.home / "printed").read_text().rstrip("\n")
            assert turn.text.startswith(self.printed), about
            self.lost = self.reply.lost_seconds(kept, self.killed_at)
            assert self.lost <= MOST_LOST + late + self.waited, (
                f"{about}: {kept} words kept, killed after {self.wait:.3f} s"
            )
            if turn.state is TurnState.COMPLETE:
                assert turn.text == self.reply.text, about
                assert turn.has_finished, about
                assert self.reply.finished_at < self.killed_at, about
            else:
                assert turn.state is TurnState.TRUNCATED, about
                assert turn.error is not None
                (notice,) = program.notices
                assert (f"{kept} word" if kept else "the prompt is kept") in notice
            assert database.turns.interrupted() == []
            assert [*(self.home / "data/rillet").glob("arriving/*")] == [], about
        with closing(sqlite3.connect(self.home / "data/rillet/sessions.db")) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)], about
        return turn.state
