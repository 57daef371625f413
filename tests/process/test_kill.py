"""SIGKILL at any instant of a stream: the prompt is there, at most half a second of text is not, the file is whole.

`RILLET_KILLS=200` kills so many instead of 20; `RILLET_SEED` repeats a run that failed.
"""

import os
import random
import signal
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from tests.cli.running import start
from tests.process.numbered import Numbered
from tui.chat.opening import open_program
from tui.domain.turn import Prompt, TurnState

KILLS = int(os.environ.get("RILLET_KILLS", "20"))
AT_ONCE = 4
MOST_LOST = 0.5


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
def test_a_kill_loses_no_prompt_and_at_most_half_a_second_of_text(server, tmp_path, monkeypatch):
    seed = int(os.environ.get("RILLET_SEED") or random.randrange(1 << 32))
    pick = random.Random(seed)
    ended, lost = dict.fromkeys(TurnState, 0), []
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
    print(
        {str(state): count for state, count in ended.items() if count}, f"lost at most {max(lost):.3f} s; seed {seed}"
    )
    assert ended[TurnState.TRUNCATED] > KILLS // 2


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
        self.child = start(*words, home=self.home, stdout=-3, stderr=-3)  # -3: nowhere
        self.server.wait_for(lambda: self.server.count(f"kill-{self.number}"), 20)
        time.sleep(self.wait)  # the instant is what varies here
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
            self.lost = self.reply.lost_seconds(kept, self.killed_at)
            assert self.lost <= MOST_LOST + late, f"{about}: {kept} words kept, killed after {self.wait:.3f} s"
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
        with closing(sqlite3.connect(self.home / "data/rillet/sessions.db")) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)], about
        return turn.state
