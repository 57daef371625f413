"""A home with one saved session in it, of as many messages as wanted."""

from __future__ import annotations

from pathlib import Path

from tests.bench import document
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database

LAST_WORD = "mk99999"
"""Stands at the end of the last message and nowhere else."""


def hurry(database: Database) -> None:
    """Let the disk take its time: what is measured comes after."""
    database._connection.run("PRAGMA synchronous = OFF")


def save_session(home: str, messages: int) -> None:
    """Save a session in the home of a `Terminal`: prompts, and replies of some 180 tokens."""
    replies = [document.markdown(180, "mixed", seed) for seed in range(20)]
    path = Path(home) / "data" / "rillet" / "sessions.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    database = Database.open(path)
    try:
        hurry(database)
        session_id = database.sessions.create("saved")
        parent = None
        for number in range(messages // 2):
            turn = Turn(
                Prompt(f"prompt {number} here{number:06d}"),
                parent=parent,
                model="bench-1",
                endpoint="url",
                dialect="chat",
            )
            database.turns.begin(session_id, turn)
            is_last = number == messages // 2 - 1
            turn.apply(TextDelta(replies[number % len(replies)] + (f"\n\n{LAST_WORD}" if is_last else "")))
            turn.apply(FinishDelta("stop"))
            turn.end(TurnState.COMPLETE)
            database.turns.end(turn)
            parent = turn.id
        database.sessions.set_head(session_id, parent)
    finally:
        database.close()
