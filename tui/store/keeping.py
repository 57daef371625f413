"""How long tapes are kept, and letting go of the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from tui.domain.error import StoreError
from tui.store.connection import Connection
from tui.store.keep import Keep
from tui.store.sent import base_of
from tui.store.tape_list import put_line
from tui.store.tape_table import BLOCK_BITS

AT_ONCE = 64
"""So many tapes are dropped in one step, which takes some milliseconds: nobody waits long for the disk meanwhile."""

DAY = 86400.0
TOLD_DAYS = 7
"""So many days without a word are nothing to speak of."""

REST = 0.01
"""Seconds between two steps."""


def prune_behind(connection: Connection, keep: Keep, by: float, is_wanted: Callable[[], bool]) -> None:
    """Let go of the tapes that are not to be kept by a time; where the clock says that more are old, it is noted.

    Raises:
        StoreError: If they cannot be dropped; then the rest of them stays.
    """
    prune(connection, keep, by, is_wanted)
    now = time.time()
    days = int((now - by) / DAY) + 1  # see `Upkeep.look_at_clock`
    if days <= TOLD_DAYS or keep.seconds is None:
        return
    spared = len(_doomed(connection, Keep(keep.seconds), now))
    if spared:
        recordings = "1 recording stays" if spared == 1 else f"{spared:,} recordings stay"
        words = (
            f"The clock says {time.strftime('%Y-%m-%d', time.localtime(now))}, {days} days after the last time that anything was said. In case it"
            f" is wrong, {recordings} that would go by it, until something more has been said."
        )
        connection.run(
            "INSERT INTO note (text) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM note WHERE text = ?)", words, words
        )


def prune(
    connection: Connection, keep: Keep, now: float, is_wanted: Callable[[], bool] = lambda: True
) -> tuple[int, int]:
    """Let go of the tapes that are not to be kept, while it is wanted, some at a time; what was said stays.

    A tape that is being recorded stays too. A request that a later one goes on from is kept, without its reads.

    Returns:
        How many tapes were dropped, and the bytes of their reads.

    Raises:
        StoreError: If they cannot be dropped; then the rest of them stays.
    """
    dropped = size = 0
    version = _version(connection)
    doomed = _doomed(connection, keep, now)
    emptied = [(str(turn_id), 0, -1) for (turn_id,) in connection.rows("SELECT turn_id FROM tape WHERE size = -1")]
    going = {turn_id for turn_id, _, _ in (*doomed, *emptied)}
    needed = _needed(connection, going, going)
    for first in range(0, len(doomed), AT_ONCE):
        if not is_wanted():
            return dropped, size
        some = doomed[first : first + AT_ONCE]
        with connection.writing():
            if _version(connection) != version:  # a new request may go on from one of them
                needed |= _needed(connection, {turn_id for turn_id, _, _ in some}, going)
            _drop(connection, some, needed)
        dropped, size = dropped + len(some), size + sum(held for _, _, held in some)
        time.sleep(REST)
    unneeded = [turn_id for turn_id, _, _ in emptied if turn_id not in needed]
    if unneeded and is_wanted():  # what went on from them has gone too
        with connection.writing():
            still = _needed(connection, going, going) if _version(connection) != version else needed
            for turn_id in unneeded:
                if turn_id not in still:
                    connection.run("DELETE FROM tape WHERE turn_id = ?", turn_id)
    return dropped, size


def _version(connection: Connection) -> int:
    """A number that is another one when another connection has written something."""
    (version,) = connection.row("PRAGMA data_version") or (0,)
    return int(version)


def _drop(connection: Connection, doomed: Sequence[tuple[str, int, int]], needed: set[str]) -> None:
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
        put_line(connection, turn_id)


def _doomed(connection: Connection, keep: Keep, now: float) -> list[tuple[str, int, int]]:
    """The turns whose tapes go, their keys, and how many bytes their reads take; oldest last, for others go on from them."""
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


def _needed(connection: Connection, asked: set[str], going: set[str]) -> set[str]:
    """Of the tapes that are asked about, those whose requests a tape goes on from that is not among those that go."""
    needed: set[str] = set()
    sessions = {turn_id.rpartition(".")[0] for turn_id in asked}
    for session_id in sessions:
        bases: dict[str, str] = {}
        rows = connection.rows(
            "SELECT turn.id, request FROM tape JOIN turn ON turn.id = turn_id WHERE session_id = ?", session_id
        )
        for turn_id, request in rows:
            with suppress(StoreError):
                bases[turn_id] = base_of(request)
        for turn_id, base in bases.items():
            at = base if turn_id not in going else ""
            while at in bases and at not in needed:
                needed.add(at)
                at = bases[at]
    return needed & asked
