"""Searching all that was said: prompts, replies, reasoning, calls and what came of them, errors, names of files."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext, suppress
from pathlib import Path

from msgspec import Struct

from tui.domain.error import StoreError
from tui.store.connection import Connection, Row, Table, written
from tui.store.excerpt import excerpt
from tui.store.fault import SQLITE_ERRORS, store_error
from tui.store.fold import Wanted, fold, pieces, quoted
from tui.store.spoken import Spoken, spoken
from tui.store.string_pool import to_json

PLACE_BITS = 24
"""A turn is in the index at the number of its session's place, shifted by so many bits, and its own. Before all turns, at the
number of its place itself, is each session, with the pieces of all its turns: it holds one where one of them does."""

FIRST_TURN = 1 << PLACE_BITS
"""From here on the places in the index are turns."""

NUMBER = FIRST_TURN - 1
"""What of the place of a turn is its number."""

LOOKED_AT = 64
"""So many turns are looked at at a time. The index knows pieces of words only: where it names more, a list of sessions may name
one, below the first, that holds all pieces of a word but not the word."""

LOOKED_THROUGH = 2048
"""Where more turns of a session than so many may hold some words, its turns are looked through without the index."""

MOST_OWED = 64
"""So many turns are kept in mind that could not be indexed."""

SHOWN_FIRST = 24
"""So many sessions are found before others are looked for: no list that is being typed at shows more."""

_NEWEST = "SELECT rowid FROM found WHERE found MATCH ? AND rowid >= ? ORDER BY rowid DESC"
_NEWEST_IN = """SELECT rowid FROM found WHERE found MATCH ? AND rowid >= ? AND rowid < ?
    AND rowid >> ? IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC"""


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

    def __init__(self, connection: Connection, clock: Callable[[], float] = time.time) -> None:
        """Use a connection; the clock is the wall's."""
        super().__init__(connection, clock)
        self._owed: dict[str, list[str]] = {}

    def search(self, text: str, limit: int = 50, sessions: Collection[int] | None = None) -> list[Hit]:
        """The turns that hold all these words, wherever in them; of the newest session first, the newest first.

        With `sessions`, only those in sessions with one of these keys.

        Raises:
            StoreError: If the index cannot be read.
        """
        wanted = Wanted(text)
        hits: list[Hit] = []
        with closing(self._newest(wanted, sessions)) as steps:
            for places in steps:
                hits += self._look(places, wanted)
                if len(hits) >= limit:
                    break
        return hits[:limit]

    def search_sessions(self, text: str, first: int = SHOWN_FIRST) -> Generator[list[Hit], None, None]:
        """Of each session that holds all these words in one turn, the newest such turn; the newest session first.

        They come some at a time: what is looked at first comes early.

        Raises:
            StoreError: If the index cannot be read.
        """
        wanted, many = Wanted(text), first
        with closing(self._newest(wanted)) as places:
            sessions = _by_session(places)
            while some := dict(itertools.islice(sessions, many)):
                if turns := self._newest_of_each(some, wanted):
                    yield [_hit(turn, wanted) for turn in turns]
                many *= 2

    def _newest_of_each(self, places: dict[int, list[int]], wanted: Wanted) -> list[Spoken]:
        """Of the places in each session that may hold the words, the newest that does."""
        newest: dict[int, Spoken] = {}
        living = self._living(places)
        left = {key: held for key, held in places.items() if key in living}
        # The newest of each, and where the words are not in it, those before: more of them where few are left.
        while left:
            many = max(1, LOOKED_AT // 2 // len(left))
            turns = self._read([place for held in left.values() for place in held[:many]], living)
            for key, held in [*left.items()]:
                some = (turns[place] for place in held[:many] if place in turns)
                saying = next((turn for turn in some if turn.says(wanted)), None)
                if saying is not None:
                    newest[key] = saying
                if saying is not None or len(held) <= many:
                    del left[key]
                else:
                    left[key] = held[many:]
        return [newest[key] for key in sorted(newest, reverse=True)]

    def sessions_saying(self, text: str) -> set[str]:
        """The sessions that `search` would find something in; where there are very many, of the older those it would look at."""
        wanted = Wanted(text)
        with closing(self._newest(wanted)) as places:
            first = next(places, [])
            are_few = len(first) < LOOKED_AT
            newest = dict(
                itertools.islice(_by_session(itertools.chain([first], places)), None if are_few else SHOWN_FIRST)
            )
        saying = {str(turn.row[0]) for turn in self._newest_of_each(newest, wanted)}
        if not are_few:
            saying |= self._sessions_before(min(newest), wanted)
        return saying

    def _sessions_before(self, key: int, wanted: Wanted) -> set[str]:
        """The sessions with lower keys of which a turn holds all pieces of the words."""
        if wanted.is_one_piece and not self._is_placing:
            rows = self._connection.rows(
                "SELECT session_id FROM found CROSS JOIN place ON key = found.rowid WHERE found MATCH ? AND found.rowid < ?",
                wanted.match(),
                key,
            )
        else:  # a session may hold each of them, but no turn all
            # FTS5 is told of no bounds: it would be asked for each place twice. The sessions' own places are of none.
            rows = self._connection.rows(
                """SELECT session_id FROM (SELECT DISTINCT rowid >> ? AS at FROM found WHERE found MATCH ?)
                   CROSS JOIN place ON place.key = at AND place.key < ?""",
                PLACE_BITS,
                wanted.match(),
                key,
            )
        return {str(session_id) for (session_id,) in rows}

    def may_say(self, session_id: str, text: str, most: int = LOOKED_THROUGH) -> set[str] | None:
        """The turns of a session without which none holds these words; `None` where that is not known, or they are more than so many.

        Raises:
            StoreError: If the index cannot be read.
        """
        match = Wanted(text).match(within=True)
        is_indexing = self._connection.row(
            """SELECT 1 FROM progress WHERE name = 'indexing' UNION ALL
               SELECT 1 FROM unfound CROSS JOIN turn ON turn.key = unfound.key WHERE session_id = ?""",
            session_id,
        )
        row = self._connection.row("SELECT key FROM place WHERE session_id = ?", session_id)
        if not match or is_indexing is not None or row is None:
            return None
        first = int(row[0]) << PLACE_BITS
        asked = "SELECT rowid FROM found WHERE found MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid LIMIT ?"
        places = self._connection.rows(asked, match, first, first + (1 << PLACE_BITS), most + 1)
        return None if len(places) > most else {f"{session_id}.{int(place) - first}" for (place,) in places}

    def forget(self, rows: Sequence[Row]) -> None:
        """Take sessions out of the index: all their turns, each as its session's id, its own, opening and reply, as they are saved.

        Raises:
            StoreError: If the index cannot be written.
        """
        turns: dict[int, set[str]] = {}
        sessions: dict[int, set[str]] = {}
        for row in rows:
            place = self._place(row[1])
            held = spoken(self._connection, [row])[0].pieces()
            if place is not None and held and self._holds(place, min(held)):
                turns[place] = held
                sessions.setdefault(place >> PLACE_BITS, set()).update(held)
        if self._is_placing:
            # To take what is not there would make the sums of FTS5 wrong. To look for each piece takes a second for 200 turns.
            for key, held in sessions.items():
                sessions[key] = {piece for piece in held if self._holds(key, piece)}
        put = "INSERT INTO found (found, rowid, pieces) VALUES ('delete', ?, ?)"
        for place, held in sorted(
            (sessions | turns).items()
        ):  # FTS5 begins anew whenever a row is not after the last one
            self._connection.run(put, place, " ".join(held))

    @property
    def _is_placing(self) -> bool:
        """Whether some sessions of an earlier rillet are not in the index yet, but their turns are."""
        return self._connection.row("SELECT 1 FROM progress WHERE name = 'placing'") is not None

    def _holds(self, place: int, piece: str) -> bool:
        return (
            self._connection.row("SELECT 1 FROM found WHERE found MATCH ? AND rowid = ?", quoted(piece), place)
            is not None
        )

    def owe(self, turn_id: str) -> None:
        """Note that a turn is to be indexed again, in the transaction of its change: whoever dies before it is leaves it to the next start.

        One that ends, or comes when it has ended, is noted by a trigger.

        Raises:
            StoreError: If that cannot be written.
        """
        self._connection.run("INSERT OR IGNORE INTO unfound SELECT key FROM turn WHERE id = ?", turn_id)

    def index(self, turn_id: str, said: Iterable[str]) -> None:
        """Let a turn be found by what was said in it. Not in the transaction of its ending, which a damaged index would roll back."""
        self.note(turn_id, said)
        self.settle()

    def note(self, turn_id: str, said: Iterable[str]) -> None:
        """Remember what was said in a turn until `settle`: where many are put into the index together, it writes less."""
        if len(self._owed) >= MOST_OWED:
            self.settle()
        self._owed[turn_id] = [*said]
        while len(self._owed) > MOST_OWED:
            del self._owed[next(iter(self._owed))]

    def settle(self) -> None:
        """Index what was not indexed when it was said, maybe because the disk was busy or full; if it still is, that waits."""
        if self._owed:
            with suppress(StoreError):  # what matters is saved
                self._settle()

    @written()
    def _settle(self) -> None:
        owed = {**self._owed}
        placed = {turn_id: place for turn_id in owed if (place := self._place(turn_id)) is not None}
        with nullcontext() if self._connection.is_writing else self._connection.writing():
            self._put({place: pieces(map(fold, owed[turn_id])) for turn_id, place in placed.items()})
            gone = (
                "DELETE FROM unfound WHERE key IN (SELECT key FROM turn WHERE id IN (SELECT value FROM json_each(?)))"
            )
            self._connection.run(gone, to_json([*placed]))
        for turn_id in owed:
            del self._owed[turn_id]

    def index_rows(self, rows: Sequence[Row], *, only_sessions: bool = False) -> None:
        """Let turns be found, and their sessions, each turn given by its session's id, its own, opening and reply, as they are saved.

        With `only_sessions`, the turns are found already.

        Raises:
            StoreError: If the index cannot be written.
        """
        placed = zip(map(self._place, (row[1] for row in rows)), spoken(self._connection, rows), strict=True)
        turns = {place: turn.pieces() for place, turn in placed if place is not None}
        self._put(turns, only_sessions=only_sessions)

    def _put(self, turns: Mapping[int, set[str]], *, only_sessions: bool = False) -> None:
        """Put the pieces of turns at their places, and at those of their sessions."""
        held: dict[int, set[str]] = {}
        for place, some in turns.items():
            held.setdefault(place >> PLACE_BITS, set()).update(some)
        if not only_sessions:
            held |= turns
        for place, some in sorted(held.items()):  # FTS5 begins anew whenever a row is not after the last one
            self._connection.run("INSERT INTO found (rowid, pieces) VALUES (?, ?)", place, " ".join(some))

    def _place(self, turn_id: str) -> int | None:
        session_id, _, number = turn_id.rpartition(".")
        row = self._connection.row("SELECT key FROM place WHERE session_id = ?", session_id)
        return None if row is None else (int(row[0]) << PLACE_BITS) + int(number)

    def _newest(self, wanted: Wanted, sessions: Collection[int] | None = None) -> Generator[list[int], None, None]:
        """The places that may hold the words, the newest first, some at a time as they are asked for.

        With `sessions`, only those in sessions with one of these keys.

        FTS5 counts downwards too, and then reads no more of its index than it needs.
        """
        match = wanted.match()
        if not match or (sessions is not None and not sessions):
            return
        asked, values = _NEWEST, [match, FIRST_TURN]
        if sessions is not None:
            first, end = min(sessions) << PLACE_BITS, (max(sessions) + 1) << PLACE_BITS
            asked, values = _NEWEST_IN, [match, first, end, PLACE_BITS, to_json([*sessions])]
        with closing(self._connection.rows_in_steps(asked, *values, count=LOOKED_AT)) as steps:
            for rows in steps:
                yield [place for (place,) in rows]

    def _look(self, places: Sequence[int], wanted: Wanted) -> list[Hit]:
        """Where the words really are, of these places."""
        turns = self._read(places, self._living({place >> PLACE_BITS for place in places}))
        looked_at = (turns[place] for place in places if place in turns)
        return [_hit(turn, wanted) for turn in looked_at if turn.says(wanted)]

    def _living(self, keys: Collection[int]) -> dict[int, tuple[str, str]]:
        """The ids and the titles of sessions by their keys, without those that are deleted."""
        rows = self._connection.rows(
            """SELECT place.key, session.id, session.title
               FROM json_each(?) AS asked CROSS JOIN place ON place.key = asked.value
               CROSS JOIN session ON session.id = place.session_id WHERE session.deleted_at IS NULL""",
            to_json([*keys]),
        )
        return {key: (session_id, title) for key, session_id, title in rows}

    def _read(self, places: Iterable[int], living: Mapping[int, tuple[str, str]]) -> dict[int, Spoken]:
        """The turns at places in sessions that are not deleted."""
        titles: dict[str, tuple[int, str]] = {}
        for place in places:
            if (session := living.get(place >> PLACE_BITS)) is not None:
                titles[f"{session[0]}.{place & NUMBER}"] = place, session[1]
        rows = self._connection.rows(
            """SELECT turn.session_id, turn.id, turn.opening, turn.reply, turn.created_at
               FROM json_each(?) AS asked CROSS JOIN turn ON turn.id = asked.value""",
            to_json([*titles]),
        )
        turns = {}
        for row, turn in zip(rows, spoken(self._connection, rows), strict=True):
            place, turn.title = titles[row[1]]
            turns[place] = turn
        return turns


def _hit(turn: Spoken, wanted: Wanted) -> Hit:
    """Where in a turn the words are."""
    return Hit(turn.row[0], turn.row[1], turn.title, turn.row[4], *excerpt(turn.texts, wanted))


def _by_session(steps: Iterable[list[int]]) -> Iterator[tuple[int, list[int]]]:
    """Places that come in their order, by the keys of their sessions."""
    key = -1
    held: list[int] = []
    for places in steps:
        at = 0
        while at < len(places):
            if places[at] >> PLACE_BITS != key:
                if held:
                    yield key, held
                key, held = places[at] >> PLACE_BITS, []
            end, least = at + 1, key << PLACE_BITS
            while end < len(places) and places[end] >= least:
                end += 1
            held += places[at:end]
            at = end
    if held:
        yield key, held


def find_sessions(path: Path, text: str, take: Callable[[list[Hit]], bool]) -> None:
    """What `search_sessions` finds, on a connection of its own; for a thread of its own.

    `take` is given it as it comes, and says whether more is wanted.

    Raises:
        StoreError: If the file cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as raw:
            give(SearchTable(Connection(raw)).search_sessions(text), take)
    except SQLITE_ERRORS as error:
        raise store_error(error) from error


def give(steps: Generator[list[Hit], None, None], take: Callable[[list[Hit]], bool]) -> None:
    """Give away what is found until no more is wanted."""
    with closing(steps):
        for hits in steps:
            if not take(hits):
                return
