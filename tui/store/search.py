"""Searching all that was said: prompts, replies, reasoning, calls and what came of them, errors, names of files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from tui.domain.error import StoreError
from tui.domain.turn import Prompt, ToolResults, Turn, TurnState
from tui.store.connection import Connection, Row, Table
from tui.store.fault import SQLITE_ERRORS, store_error
from tui.store.fold import Wanted, fold, pieces
from tui.store.row import opening_from, restore_reply
from tui.store.string_pool import unpack_record

PLACE_BITS = 24
"""A row of the index is the number of the session's place, shifted by so many bits, and that of the turn."""

LOOKED_AT = 32
"""So many turns are looked at before a list of sessions is shown. The index knows pieces of words only: a turn that holds
all pieces of a word but not the word is then found wrongly, which does not happen to a word that is said often."""

_EXCERPT = 200
_BEFORE = 60


class Hit(Struct, frozen=True):
    """A turn in which words were found.

    `excerpt` is the text around them, `spans` where in it they are; `created_at` is the wall clock's.
    """

    session_id: str
    turn_id: str
    title: str
    created_at: float
    excerpt: str
    spans: tuple[tuple[int, int], ...]


class SearchTable(Table):
    """The index over all that was said."""

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """The turns that hold all these words, wherever in them; of the newest session first, the newest first.

        Raises:
            StoreError: If the index cannot be read.
        """
        wanted = Wanted(text)
        hits: list[Hit] = []
        for place in self._candidates(wanted):
            if (hit := self._look(place, wanted)) is not None:
                hits.append(hit)
                if len(hits) == limit:
                    break
        return hits

    def search_sessions(self, text: str, limit: int = 50) -> list[Hit]:
        """Of each session that holds all these words in one turn, the newest such turn; the newest session first.

        Raises:
            StoreError: If the index cannot be read.
        """
        wanted = Wanted(text)
        hits: list[Hit] = []
        hit_key = -1
        for place in self._candidates(wanted):
            if place >> PLACE_BITS != hit_key and (hit := self._look(place, wanted)) is not None:
                hits.append(hit)
                hit_key = place >> PLACE_BITS
                if len(hits) == limit:
                    break
        return hits

    def sessions_saying(self, text: str) -> set[str]:
        """The sessions that `search` would find something in."""
        wanted = Wanted(text)
        if not (match := wanted.match()):
            return set()
        rows = self._connection.rows(
            "SELECT rowid >> ?, max(rowid), count(*) FROM found WHERE found MATCH ? GROUP BY 1", PLACE_BITS, match
        )
        names: dict[int, str] = dict(self._connection.rows("SELECT key, session_id FROM place")) if rows else {}
        left = LOOKED_AT
        saying: set[str] = set()
        for key, newest, count in sorted(rows, reverse=True):
            if (session_id := names.get(key)) is None:
                continue
            if count <= left:
                left -= count
                places = [newest]
                if count > 1:
                    places = self._places(match, key)
                if not any(self._says(place, wanted) for place in places):
                    continue
            saying.add(session_id)
        return saying

    def forget(self, row: Row) -> None:
        """Take a turn out of the index: its session's id, its own, state, opening and reply, as they are saved.

        Raises:
            StoreError: If the index cannot be written.
        """
        place = self._place(row[1])
        held = pieces(fold(text) for text in self._texts(row))
        if place is None or not held:
            return
        any_piece = '"' + min(held).replace('"', '""') + '"'
        if self._connection.row("SELECT 1 FROM found WHERE found MATCH ? AND rowid = ?", any_piece, place):
            put = "INSERT INTO found (found, rowid, pieces) VALUES ('delete', ?, ?)"
            self._connection.run(put, place, " ".join(held))

    def index(self, turn_id: str, said: Iterable[str]) -> None:
        """Let a turn be found by what was said in it. Not in the transaction of its ending, which a damaged index would roll back."""
        with suppress(StoreError):  # what matters is saved
            place = self._place(turn_id)
            if place is not None:
                self._put(place, said)

    def index_rows(self, rows: Iterable[Row]) -> None:
        """Let turns be found, each given by its session's id, its own, state, opening and reply, as they are saved.

        Raises:
            StoreError: If the index cannot be written.
        """
        placed = {place: row for row in rows if (place := self._place(row[1])) is not None}
        for place, row in sorted(placed.items()):  # FTS5 begins anew whenever a row is before the last one
            self._put(place, self._texts(row))

    def _put(self, place: int, said: Iterable[str]) -> None:
        held = " ".join(pieces(fold(text) for text in said))
        self._connection.run("INSERT INTO found (rowid, pieces) VALUES (?, ?)", place, held)

    def _place(self, turn_id: str) -> int | None:
        session_id, _, number = turn_id.rpartition(".")
        row = self._connection.row("SELECT key FROM place WHERE session_id = ?", session_id)
        return None if row is None else (int(row[0]) << PLACE_BITS) + int(number)

    def _candidates(self, wanted: Wanted) -> list[int]:
        """The places that may hold the words, the newest first.

        All of them at once: FTS5 counts upwards, and a query for the last few takes as long.
        """
        if not (match := wanted.match()):
            return []
        return [
            place for (place,) in reversed(self._connection.rows("SELECT rowid FROM found WHERE found MATCH ?", match))
        ]

    def _places(self, match: str, key: int) -> list[int]:
        rows = self._connection.rows(
            "SELECT rowid FROM found WHERE found MATCH ? AND rowid >= ? AND rowid < ?",
            match,
            key << PLACE_BITS,
            (key + 1) << PLACE_BITS,
        )
        return [int(place) for (place,) in rows]

    def _row(self, place: int) -> Row | None:
        key, number = place >> PLACE_BITS, place & ((1 << PLACE_BITS) - 1)
        return self._connection.row(
            """SELECT turn.session_id, turn.id, turn.state, turn.opening, turn.reply, session.title, turn.created_at
               FROM place JOIN session ON session.id = place.session_id JOIN turn ON turn.session_id = session.id
               WHERE place.key = ? AND turn.number = ? AND session.deleted_at IS NULL""",
            key,
            number,
        )

    def _says(self, place: int, wanted: Wanted) -> bool:
        row = self._row(place)
        return row is not None and wanted.is_in(fold(text) for text in self._texts(row))

    def _texts(self, row: Row) -> list[str]:
        with suppress(StoreError, KeyError, TypeError, ValueError, AttributeError):  # what is damaged is not found
            return texts(turn_of(self._connection, row))
        return []

    def _look(self, place: int, wanted: Wanted) -> Hit | None:
        row = self._row(place)
        if row is None:
            return None
        said = self._texts(row)
        if not wanted.is_in(fold(text) for text in said):
            return None
        session_id, turn_id, _, _, _, title, created_at = row
        excerpt, spans = _excerpt(said, wanted)
        return Hit(session_id, turn_id, title, created_at, excerpt, spans)


def turn_of(connection: Connection, row: Row) -> Turn:
    """A turn as far as it is searched: what began it, and its reply.

    Raises:
        StoreError, KeyError, TypeError, ValueError, AttributeError: If it cannot be read.
    """
    session_id, turn_id, state, opening, reply = row[:5]
    turn = Turn(opening_from(unpack_record(connection, session_id, opening)), turn_id)
    if reply is not None:
        restore_reply(turn, TurnState(state), unpack_record(connection, session_id, reply))
    return turn


def texts(turn: Turn) -> list[str]:
    """All that is looked through in a turn, what one would look for first at the front."""
    said: list[str] = []
    opening = turn.opening
    if isinstance(opening, Prompt):
        said += [opening.text, *(image.name for image in opening.images)]
    said += [turn.text, turn.reasoning, turn.refusal]
    if isinstance(opening, ToolResults):
        for result in opening.results:
            said += [result.text, *(image.name for image in result.images)]
    for call in turn.tool_calls:
        said += [call.name, *_strings(call.arguments), *(_strings(call.edited) if call.edited else ())]
        if call.outcome is not None:
            said += [call.outcome.text, call.outcome.aside, *(image.name for image in call.outcome.images)]
    for item in turn.server_tools.values():
        said += _values(item)
    for citation in turn.citations:
        said += [citation.title or "", citation.url]
    if turn.error is not None:
        said += [turn.error.message, turn.error.hint]
    return [text for text in said if text]


def _strings(arguments: str) -> list[str]:
    """The names and values of a call's arguments as they are read, not as JSON escapes them."""
    try:
        return [*_values(json.loads(arguments))] if arguments else []
    except (ValueError, RecursionError):
        return [arguments]


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield str(name)
            yield from _values(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _values(each)
    elif value is not None:
        yield str(value)


def _excerpt(said: list[str], wanted: Wanted) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Some text around the first place where a word stands, and where in it the words are."""
    for text in said:
        if not wanted.is_any_in(fold(text)):
            continue
        start = 0
        for line in text.splitlines(keepends=True):
            if wanted.is_any_in(fold(line)) and (places := wanted.places(line)):
                first = start + places[0][0]
                from_ = max(0, first - _BEFORE)
                shown = text[from_ : from_ + _EXCERPT]
                before, after = "…" if from_ else "", "…" if from_ + _EXCERPT < len(text) else ""
                moved = [(left + len(before), right + len(before)) for left, right in wanted.places(shown)]
                return before + shown + after, tuple(moved)
            start += len(line)
    return "", ()


def find_sessions(path: Path, text: str, limit: int = 50) -> list[Hit]:
    """What `search_sessions` finds, on a connection of its own; for a thread of its own.

    Raises:
        StoreError: If the file cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as raw:
            return SearchTable(Connection(raw)).search_sessions(text, limit)
    except SQLITE_ERRORS as error:
        raise store_error(error) from error
