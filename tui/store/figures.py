"""What every saved turn took: its times, its counts, its ending; without its text, so that a year of them is read at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from tui.domain.timing import Timing
from tui.domain.turn import Prompt, Turn, TurnState
from tui.domain.usage import Usage
from tui.store.database import Database
from tui.store.string_pool import digest_of, to_json

AT_ONCE = 256
"""So many turns are read by one statement, in some milliseconds."""

_ASKED = """SELECT turn.key, session_id, turn.id, turn.number, turn.created_at, turn.model, endpoint, dialect, state, reply
            FROM turn CROSS JOIN session ON session.id = session_id
            WHERE turn.created_at >= ? AND turn.key > ? AND deleted_at IS NULL ORDER BY turn.key LIMIT ?"""
_LENGTHS = """SELECT session_id, digest, length(text) FROM json_each(?) AS asked CROSS JOIN kept
              ON digest = substr(asked.value, 1, 32) AND session_id = substr(asked.value, 33)"""
_STATES = {state.value: state for state in TurnState}


class _Usage(msgspec.Struct):
    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cached: int | None = None
    total: int | None = None
    cost_usd: float | None = None
    rate: float | None = None
    estimated_usd: float | None = None


class _Reply(msgspec.Struct):
    """Of a saved reply, what is counted; the texts are there for their length."""

    finish: list[Any] = msgspec.field(default_factory=lambda: [False, None, None])
    usage: _Usage | None = None
    timing: dict[str, float | None] = {}
    body: list[Any] = []
    thoughts: list[Any] = []


_decode = msgspec.json.Decoder(_Reply).decode


class Figures(msgspec.Struct, frozen=True):
    """A turn without its long texts, and when it began, in seconds of the wall clock."""

    at: float
    turn: Turn


def count_turns(database: Database) -> int:
    """About how many turns `read_figures` looks at.

    Raises:
        StoreError: If they cannot be read.
    """
    return int(database.rows("SELECT coalesce(sum(turns), 0) FROM session WHERE deleted_at IS NULL")[0][0])


def read_figures(database: Database, since: float = 0.0) -> Iterator[Figures]:
    """The turns that have ended, in the order in which they were saved; some are read at a time, as they are asked for.

    Raises:
        StoreError: If they cannot be read.
    """
    key = 0
    while rows := database.rows(_ASKED, since, key, AT_ONCE):
        key = rows[-1][0]
        read: list[tuple[str, float, Turn, _Reply]] = []
        for _key, session_id, turn_id, number, at, model, endpoint, dialect, state, reply in rows:
            if reply is None or state not in _STATES:
                continue
            try:
                record = _decode(reply)
            except (msgspec.DecodeError, UnicodeEncodeError):
                continue
            turn = Turn(Prompt(""), id=turn_id, number=number, model=model, endpoint=endpoint, dialect=dialect)
            turn.state = _STATES[state]
            read.append((session_id, at, turn, record))
        lengths = _lengths_of(database, read)
        for session_id, at, turn, record in read:
            yield Figures(at, _turn_of(turn, record, session_id, lengths))


def _measured(record: _Reply) -> list[list[Any]]:
    """The texts by whose length its rate is told: none where the endpoint counted all that it wrote."""
    usage = record.usage
    if usage is None or not usage.output:
        return [record.body, record.thoughts]
    return [record.thoughts] if usage.reasoning else []


_Lengths = dict[tuple[str, str], int]
"""The lengths of texts that are kept apart, by the id of the session and the digest."""


def _lengths_of(database: Database, read: Sequence[tuple[str, float, Turn, _Reply]]) -> _Lengths:
    asked = [
        digest + session_id
        for session_id, _at, _turn, record in read
        for texts in _measured(record)
        for text in texts
        if (digest := digest_of(text)) is not None
    ]
    rows = database.rows(_LENGTHS, to_json(asked)) if asked else []
    return {(session_id, digest): length for session_id, digest, length in rows}


def _turn_of(turn: Turn, record: _Reply, session_id: str, lengths: _Lengths) -> Turn:
    if len(record.finish) == 3:
        turn.has_finished, turn.finish_reason, turn.incomplete_reason = record.finish
    turn.usage = None if record.usage is None else Usage(**msgspec.structs.asdict(record.usage))
    turn.timing = Timing.from_record(record.timing)
    for growing, texts in ((turn.body, record.body), (turn.thoughts, record.thoughts)):
        for part, text in enumerate(texts):
            length = lengths.get((session_id, digest_of(text) or ""), 0)
            growing.add(text if isinstance(text, str) else " " * length, part)
    return turn
