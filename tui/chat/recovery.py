"""Recovery: what a crash left half-done is folded again from its tape, when the program next starts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress

from tui.domain.error import StoreBusyError, StoreError, TruncatedError
from tui.domain.kept import describe_kept
from tui.domain.tape import TapeEnd
from tui.domain.turn import Turn, TurnState
from tui.store.database import Database


def recover_turns(database: Database) -> list[str]:
    """End every turn whose program died while it streamed, keeping what its tape holds.

    Returns:
        A sentence for each.

    Raises:
        StoreError: If the database cannot be written.
    """
    turns = database.turns.interrupted()
    if not turns:
        return []
    sentences: list[str] = []
    for turn in turns:
        try:
            sentences.append(_mend(database, turn))
        except StoreError as error:  # one that cannot be mended keeps no other from it
            sentences.append(f"An interrupted reply was left as it is: {error.message}.")
    return sentences


def _mend(database: Database, turn: Turn) -> str:
    from tui.chat.fold import fold, turn_for  # all that decodes a reply: not what a start should wait for

    damage = ""
    try:
        database.take_arrived(turn.id)
    except StoreBusyError:
        raise
    except StoreError:  # what of it can be read is kept
        damage = " Its recording is damaged: what came after that cannot be read."
    tape = database.tapes.readable_tape(turn.id)
    at = tape.reads[-1].at if tape.reads else 0.0
    fresh = turn_for(tape, turn)
    message = "interrupted: rillet ended while this reply was arriving"
    if tape.response is None:
        fresh.end(TurnState.TRUNCATED, TruncatedError(message, "Ask again.", empty=True))
    else:
        tape.end = tape.end or TapeEnd(at, "interrupted", message)
        fold(tape, fresh)
    database.turns.end(fresh)
    database.arriving.drop(turn.id)
    if fresh.state is TurnState.COMPLETE:
        return "A reply had just been finished when rillet was interrupted; all of it is kept."
    if saved := describe_kept(fresh):
        return f"A reply was interrupted; what had come of it is kept: {saved}.{damage}"
    if damage:
        return f"A reply was interrupted; the prompt is kept.{damage}"
    return "A reply was interrupted before its first word; the prompt is kept."


def try_recovery(database: Database) -> list[str]:
    """Recover what can be; a database that cannot be written is left as it is, and a locked one for another time."""
    try:
        with database.impatient():
            return recover_turns(database)
    except StoreBusyError:
        return []
    except StoreError as error:
        return [f"interrupted replies were left as they are: {error.message}"]


def recover_behind(database: Database, is_wanted: Callable[[], bool]) -> list[str]:
    """Recover what could not be while another program had the file locked; for a thread of its own."""
    with suppress(StoreError), closing(database.beside()) as beside:
        while is_wanted():
            try:
                return recover_turns(beside)
            except StoreBusyError:  # it was waited for, and may be again
                continue
    return []
