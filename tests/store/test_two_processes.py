"""Two processes that write into one file, and into one session, lose nothing of each other's."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tui.domain.turn import Prompt
from tui.store.database import Database

TURNS = int(os.environ.get("TWO_PROCESSES_TURNS", "40"))
"""So many are said by each: 40 take a second. With 2,000 they write for a minute."""

WRITE = """
import sys
from pathlib import Path
from tui.domain.delta import TextDelta
from tui.domain.error import StoreBusyError
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database

path, session, name, count = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
database = Database.open(path)
print("ready", flush=True)
sys.stdin.readline()


def write(work):
    # Where the other has the lock for too long, it is asked again, as rillet does.
    while True:
        try:
            return work()
        except StoreBusyError:
            pass


for number in range(count):
    turn = Turn(Prompt(f"{name} asks {number}"))
    write(lambda: database.turns.begin(session, turn))
    turn.apply(TextDelta(f"{name} hears {number}"))
    turn.end(TurnState.COMPLETE)
    write(lambda: database.turns.end(turn))
database.close()
"""


@pytest.mark.timeout(120 + TURNS)
def test_two_processes_write_at_once_and_nothing_is_lost(path):
    with closing(Database.open(path)) as database:
        session = database.sessions.create()
        environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        children = [
            subprocess.Popen(
                [sys.executable, "-c", WRITE, str(path), session, name, str(TURNS)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environ,
            )
            for name in ("one", "two")
        ]
        for child in children:
            assert child.stdout.readline() == b"ready\n"
        for child in children:
            child.stdin.write(b"go\n")
            child.stdin.close()
        assert [child.wait(timeout=60 + TURNS) for child in children] == [0, 0]
        for child in children:
            child.stdout.close()
        turns = database.turns.of_session(session)
        assert [turn.number for turn in turns] == [*range(1, 2 * TURNS + 1)]
        for name in ("one", "two"):
            mine = [turn for turn in turns if turn.text.startswith(name)]
            assert [turn.opening for turn in mine] == [Prompt(f"{name} asks {number}") for number in range(TURNS)]
            assert [turn.text for turn in mine] == [f"{name} hears {number}" for number in range(TURNS)]
            assert len(database.full_text.search(f"{name} hears", TURNS + 1)) == TURNS
        assert database._connection.row("PRAGMA integrity_check") == ("ok",)
