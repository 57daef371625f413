"""Searching all that was said: prompts, replies, reasoning, calls and what came of them, errors, names of files."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from tui.domain.error import StoreError
from tui.store.connection import Connection, Row, Table
from tui.store.fault import SQLITE_ERRORS, store_error
from tui.store.fold import Wanted, fold, pieces
from tui.store.string_pool import to_json, unpack_records

PLACE_BITS = 24
"""A row of the index is the number of the session's place, shifted by so many bits, and that of the turn."""

END = 1 << 62
"""Comes after every row of the index."""

LOOKED_AT = 64
"""So many turns are looked at at a time, and before a list of sessions is shown. The index knows pieces of words only: a turn
that holds all pieces of a word but not the word is then found wrongly, which does not happen to a word that is said often."""

AT_ONCE = 1024
"""So many places are asked of the index where the newest of each session is wanted."""

LOOKED_THROUGH = 2048
"""Where more turns of a session than so many may hold some words, its turns are looked through without the index."""

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

    def search(self, text: str, limit: int = 50, sessions: Container[int] | None = None) -> list[Hit]:
        """The turns that hold all these words, wherever in them; of the newest session first, the newest first.

        With `sessions`, only those in sessions with one of these keys.

        Raises:
            StoreError: If the index cannot be read.
        """
        wanted = Wanted(text)
        hits: list[Hit] = []
        for places in self._candidates(wanted):
            here = [place for place in places if sessions is None or place >> PLACE_BITS in sessions]
            for start in range(0, len(here), LOOKED_AT):
                asked = here[start : start + LOOKED_AT]
                by_place = self._look(asked, wanted)
                hits += [by_place[place] for place in asked if place in by_place]
                if len(hits) >= limit:
                    return hits[:limit]
        return hits

    def search_sessions(self, text: str, limit: int = 50) -> list[Hit]:
        """Of each session that holds all these words in one turn, the newest such turn; the newest session first.

        Raises:
            StoreError: If the index cannot be read.
        """
        wanted = Wanted(text)
        hits: dict[int, Hit] = {}
        below = END
        while len(hits) < limit and (places := self._below(wanted, below, AT_ONCE)):
            of_session: dict[int, list[int]] = {}
            for place in places:
                of_session.setdefault(place >> PLACE_BITS, []).append(place)
            left = {key: held for key, held in of_session.items() if key not in hits}
            while left:  # the newest of each session, and where the words are not in it, the one before
                by_place = self._look([held.pop(0) for held in left.values()], wanted)
                hits |= {place >> PLACE_BITS: hit for place, hit in by_place.items()}
                left = {key: held for key, held in left.items() if held and key not in hits}
            oldest = places[-1] >> PLACE_BITS
            below = oldest << PLACE_BITS if oldest in hits else places[-1]
        return [hits[key] for key in sorted(hits, reverse=True)][:limit]

    def sessions_saying(self, text: str) -> set[str]:
        """The sessions that `search` would find something in; where there are very many, those that it would look at."""
        wanted = Wanted(text)
        if not (few := self._below(wanted, END, LOOKED_AT + 1)):
            return set()
        if len(few) <= LOOKED_AT:
            return {hit.session_id for hit in self._look(few, wanted).values()}
        rows = self._connection.rows(
            """SELECT session_id FROM (SELECT DISTINCT rowid >> ? AS at FROM found WHERE found MATCH ?)
               JOIN place ON place.key = at""",
            PLACE_BITS,
            wanted.match(),
        )
        return {str(session_id) for (session_id,) in rows}

    def may_say(self, session_id: str, text: str, most: int = LOOKED_THROUGH) -> set[str] | None:
        """The turns of a session without which none holds these words; `None` where that is not known, or they are more than so many.

        Raises:
            StoreError: If the index cannot be read.
        """
        match = Wanted(text).match(within=True)
        is_indexing = self._connection.row("SELECT 1 FROM progress WHERE name = 'indexing'") is not None
        row = self._connection.row("SELECT key FROM place WHERE session_id = ?", session_id)
        if not match or is_indexing or row is None:
            return None
        first = int(row[0]) << PLACE_BITS
        asked = "SELECT rowid FROM found WHERE found MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid LIMIT ?"
        places = self._connection.rows(asked, match, first, first + (1 << PLACE_BITS), most + 1)
        return None if len(places) > most else {f"{session_id}.{int(place) - first}" for (place,) in places}

    def forget(self, row: Row) -> None:
        """Take a turn out of the index: its session's id, its own, opening and reply, as they are saved.

        Raises:
            StoreError: If the index cannot be written.
        """
        place = self._place(row[1])
        held = pieces(fold(text) for text in self._texts([row])[0])
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
        """Let turns be found, each given by its session's id, its own, opening and reply, as they are saved.

        Raises:
            StoreError: If the index cannot be written.
        """
        placed = {place: row for row in rows if (place := self._place(row[1])) is not None}
        for place, row in sorted(placed.items()):  # FTS5 begins anew whenever a row is before the last one
            self._put(place, self._texts([row])[0])

    def _put(self, place: int, said: Iterable[str]) -> None:
        held = " ".join(pieces(fold(text) for text in said))
        self._connection.run("INSERT INTO found (rowid, pieces) VALUES (?, ?)", place, held)

    def _place(self, turn_id: str) -> int | None:
        session_id, _, number = turn_id.rpartition(".")
        row = self._connection.row("SELECT key FROM place WHERE session_id = ?", session_id)
        return None if row is None else (int(row[0]) << PLACE_BITS) + int(number)

    def _candidates(self, wanted: Wanted) -> Iterator[list[int]]:
        """The places that may hold the words, the newest first, in growing pieces."""
        below, most = END, LOOKED_AT
        while places := self._below(wanted, below, most):
            yield places
            if len(places) < most:
                return
            below, most = places[-1], most * 4

    def _below(self, wanted: Wanted, place: int, most: int) -> list[int]:
        """The newest places before one that may hold the words, at most so many, the newest first.

        FTS5 counts downwards too, and then reads no more of its index than it needs.
        """
        if not (match := wanted.match()):
            return []
        rows = self._connection.rows(
            "SELECT rowid FROM found WHERE found MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?", match, place, most
        )
        return [int(each) for (each,) in rows]

    def _look(self, places: Sequence[int], wanted: Wanted) -> dict[int, Hit]:
        """Those of the places where the words really are, as hits."""
        rows = self._connection.rows(
            """SELECT turn.session_id, turn.id, turn.opening, turn.reply, asked.value, session.title, turn.created_at
               FROM json_each(?) AS asked CROSS JOIN place ON place.key = asked.value >> 24
               CROSS JOIN session ON session.id = place.session_id
               CROSS JOIN turn ON turn.session_id = session.id AND turn.number = asked.value & 16777215
               WHERE session.deleted_at IS NULL""",
            to_json(places),
        )
        hits: dict[int, Hit] = {}
        for row, said in zip(rows, self._texts(rows), strict=True):
            if wanted.is_in(fold(text) for text in said):
                session_id, turn_id, _, _, place, title, created_at = row
                hits[place] = Hit(session_id, turn_id, title, created_at, *_excerpt(said, wanted))
        return hits

    def _texts(self, rows: Sequence[Row]) -> list[list[str]]:
        """What is looked through in turns, each given by its session's id, its own, opening and reply, as they are saved."""
        said: list[list[str]] = []
        for records in unpack_records(self._connection, [(row[0], (row[2], row[3] or "{}")) for row in rows]):
            said.append([])
            if records is not None:
                with suppress(KeyError, TypeError, ValueError, AttributeError):  # what is damaged is not found
                    said[-1] = texts(*records)
        return said


def texts(asked: Mapping[str, Any], replied: Mapping[str, Any]) -> list[str]:
    """All that is looked through in a turn, of its records as `row` makes them; what one would look for first at the front."""
    said = [asked.get("prompt") or "", *(image[2] for image in asked.get("images", ()) if len(image) > 2)]
    said.append("".join(replied.get("body", ())))
    said += ["\n\n".join(replied.get("thoughts", ())), "".join(replied.get("refusals", ()))]
    for _, text, _, images in asked.get("results", ()):
        said += [text, *(image[2] for image in images if len(image) > 2)]
    for call in replied.get("tool_calls", ()):
        said += [call["name"], *_strings(call["arguments"]), *_strings(call.get("edited") or "")]
        if outcome := call.get("outcome"):
            said += [outcome[1], *outcome[5:], *(image[2] for image in outcome[3])]
    for _, item in replied.get("server_tools", ()):
        said += _values(item)
    for url, title, *_ in replied.get("citations", ()):
        said += [title or "", url]
    if error := replied.get("error"):
        said += [error["message"], error["hint"]]
    return [text for text in said if text and isinstance(text, str)]  # a damaged mark is none


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
            if (first := wanted.first_place(line)) >= 0:
                from_ = word_start(text, max(0, start + first - _BEFORE), start + first)
                shown = text[from_ : from_ + _EXCERPT]
                before, after = "…" if from_ else "", "…" if from_ + _EXCERPT < len(text) else ""
                moved = [(left + len(before), right + len(before)) for left, right in wanted.places(shown)]
                return before + shown + after, tuple(moved)
            start += len(line)
    return "", ()


_WORD = re.compile(r"(?<!\S)\S")
_LONG_WORD = 24


def word_start(text: str, at: int, match: int) -> int:
    """Where a text that is shown from about `at` on may begin: where a word does, at the latest that of a match."""
    if not at:
        return 0
    if (first := _WORD.search(text, at, match + 1)) is not None:
        return first.start()
    spaces = (text.rfind(space, 0, match) for space in " \n\t")
    begin = max(spaces) + 1
    return begin if at - begin <= _LONG_WORD else at  # where no words are parted, in the midst of them


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
