"""Branching: a long branch becomes a session of its own in a thread, while everything else goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from threading import Event

from tui.chat.conversation import Conversation
from tui.domain.error import StoreError
from tui.domain.turn import Turn
from tui.store.database import Database

BREATH = 0.005
"""Seconds between two transactions, in which others may write."""


async def copy_apart(
    database: Database, conversation: Conversation, turn: Turn, title: str, tell: Callable[[float], None]
) -> str:
    """Copy the branch that leads to a turn into a session of its own, and give its id.

    Where this is cancelled, nothing is left of the copy.

    Raises:
        StoreError: If it cannot be read, or not be saved.
    """
    tree, session_id = conversation.tree, conversation.session.id or ""
    turn_ids = [turn.id, *tree.outline.above(turn.id)][::-1]
    loop, is_given_up = asyncio.get_running_loop(), Event()

    def note(share: float) -> None:
        if is_given_up.is_set():
            raise StoreError("it was given up")
        loop.call_soon_threadsafe(tell, share)
        time.sleep(BREATH)

    def copy() -> str:
        with closing(database.beside()) as beside:
            beside.hurry()
            return beside.whole.copy_branch(session_id, turn_ids, title, note)

    try:
        return await asyncio.to_thread(copy)
    finally:
        is_given_up.set()
