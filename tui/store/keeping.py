"""How long tapes are kept, and letting go of the others."""

from __future__ import annotations

from contextlib import suppress

from tui.domain.error import StoreError
from tui.store.connection import Connection
from tui.store.keep import Keep
from tui.store.sent import base_of
from tui.store.tape_list import put_line
from tui.store.tape_table import BLOCK_BITS


def prune(connection: Connection, keep: Keep, now: float) -> tuple[int, int]:
    """Let go of the tapes that are not to be kept; what was said stays. A tape that is being recorded stays too.

    A request that a later one goes on from is kept, without its reads.

    Returns:
        How many tapes were dropped, and the bytes of their reads.

    Raises:
        StoreError: If they cannot be dropped; then none of them is.
    """
    dropped = size = 0
    with connection.writing():
        doomed = _doomed(connection, keep, now)
        emptied = {str(turn_id) for (turn_id,) in connection.rows("SELECT turn_id FROM tape WHERE size = -1")}
        needed = _needed(connection, emptied | {turn_id for turn_id, _, _ in doomed})
        for turn_id in emptied - needed:  # what went on from it has gone too
            connection.run("DELETE FROM tape WHERE turn_id = ?", turn_id)
        for turn_id, key, held in doomed:
            connection.run("DELETE FROM flush WHERE turn_id = ?", turn_id)
            first, end = key << BLOCK_BITS, (key + 1) << BLOCK_BITS
            connection.run("DELETE FROM block WHERE key >= ? AND key < ?", first, end)
            if turn_id in needed:
                gone = "UPDATE tape SET head = NULL, end = NULL, attempts = NULL, size = -1 WHERE turn_id = ?"
            else:
                gone = "DELETE FROM tape WHERE turn_id = ?"
            connection.run(gone, turn_id)
            connection.run("UPDATE turn SET size_bytes = max(0, size_bytes - ?) WHERE id = ?", held, turn_id)
            dropped, size = dropped + 1, size + held
        for turn_id, _, _ in doomed:
            put_line(connection, turn_id)
    return dropped, size


def _doomed(connection: Connection, keep: Keep, now: float) -> list[tuple[str, int, int]]:
    """The turns whose tapes go, their keys, and how many bytes their reads take; oldest last."""
    rows = connection.rows(
        """SELECT turn.id, turn.key, turn.created_at,
               coalesce((SELECT sum(length(packed)) FROM block
                   WHERE block.key >= turn.key << 20 AND block.key < (turn.key + 1) << 20), 0)
               + coalesce((SELECT sum(length(packed)) FROM flush WHERE flush.turn_id = turn.id), 0),
               coalesce((SELECT length(packed) FROM survey WHERE survey.key = turn.key), 0)
           FROM tape JOIN turn ON turn.id = tape.turn_id
           WHERE turn.owner IS NULL AND coalesce(tape.size, 0) >= 0 ORDER BY turn.key DESC"""
    )
    doomed: list[tuple[str, int, int]] = []
    so_far = 0
    for turn_id, key, created_at, held, beside in rows:
        so_far += held + beside
        is_old = keep.seconds is not None and created_at < now - keep.seconds
        is_over = keep.size_bytes is not None and so_far > keep.size_bytes
        if is_old or is_over:
            doomed.append((turn_id, key, held))
    return doomed


def _needed(connection: Connection, doomed: set[str]) -> set[str]:
    """Of the tapes that go, those whose requests a tape that stays goes on from."""
    needed: set[str] = set()
    sessions = {turn_id.rpartition(".")[0] for turn_id in doomed}
    for session_id in sessions:
        bases: dict[str, str] = {}
        rows = connection.rows(
            "SELECT turn.id, request FROM tape JOIN turn ON turn.id = turn_id WHERE session_id = ?", session_id
        )
        for turn_id, request in rows:
            with suppress(StoreError):
                bases[turn_id] = base_of(request)
        for turn_id, base in bases.items():
            at = base if turn_id not in doomed else ""
            while at in bases and at not in needed:
                needed.add(at)
                at = bases[at]
    return needed & doomed
