"""A process that ends a turn, and waits to be told before it indexes it. Argument: the sessions file."""

from __future__ import annotations

import sys
from pathlib import Path

from tui.domain.delta import TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database

database = Database.open(Path(sys.argv[1]))
index = database.full_text.index


def index_when_told(turn_id: str, said: list[str]) -> None:
    print("ended", flush=True)
    sys.stdin.readline()
    with database.impatient():
        index(turn_id, said)


vars(database.full_text)["index"] = index_when_told
turn = Turn(Prompt("a grapefruit"))
database.turns.begin(database.sessions.create(), turn)
turn.apply(TextDelta("indeed"))
turn.end(TurnState.COMPLETE)
database.turns.end(turn)
print(turn.id, flush=True)
sys.stdin.readline()
