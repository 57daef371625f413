"""The sessions where nothing can be saved: those of the file can be read, and what is said stands in memory only."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from contextlib import suppress

from tui.domain.endpoint_word import Effort
from tui.domain.error import ConfigError, StoreError
from tui.domain.message import ImagePart
from tui.domain.session import SessionSummary, Sheet
from tui.domain.tape import SentRequest, Tape
from tui.domain.turn import Turn
from tui.store.connection import Connection
from tui.store.database import Database
from tui.store.migration import ADD_SPENDING, ADD_UP
from tui.store.opening import open_memory
from tui.store.prompt_table import KEPT_PROMPTS, PromptTable
from tui.store.query import Query
from tui.store.search import SHOWN_FIRST, Hit, SearchTable
from tui.store.session_table import SessionTable
from tui.store.tape_table import TapeTable
from tui.store.turn_table import TurnTable

_COPIED = (
    ("session", "id = ?"),
    ("turn", "session_id = ? ORDER BY number"),
    ("kept", "session_id = ?"),
    ("tag", "session_id = ?"),
)
"""What a session is made of but its tapes, and which rows of each table are its own. Tapes are read where they are."""


class TapesOver(TapeTable):
    """Tapes in memory, over those of a file."""

    def __init__(self, connection: Connection, clock: Callable[[], float], saved: Database) -> None:
        """Read what is not in memory from the file."""
        super().__init__(connection, clock)
        self._saved = saved

    def tape(self, turn_id: str, *, is_held: bool = True) -> Tape:
        """The tape of a turn, here or in the file."""
        if self._is_saved(turn_id):
            return self._saved.tapes.tape(turn_id, is_held=is_held)
        return super().tape(turn_id, is_held=is_held)

    def tape_since(self, turn_id: str, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of a tape."""
        return (
            self._saved.tapes.tape_since(turn_id, row) if self._is_saved(turn_id) else super().tape_since(turn_id, row)
        )

    def request(self, turn_id: str, most: int | None = None) -> SentRequest | None:
        """What was sent, here or in the file."""
        return self._saved.tapes.request(turn_id, most) if self._is_saved(turn_id) else super().request(turn_id, most)

    def requesting(self, turn_id: str) -> Generator[None, None, SentRequest | None]:
        """The same in steps."""
        return self._saved.tapes.requesting(turn_id) if self._is_saved(turn_id) else super().requesting(turn_id)

    def stretches(self, turn_id: str) -> list[tuple[int, float]]:
        """The blocks of a tape, here or in the file."""
        return self._saved.tapes.stretches(turn_id) if self._is_saved(turn_id) else super().stretches(turn_id)

    def survey(self, turn_id: str) -> bytes | None:
        """What was kept about a tape, here or in the file."""
        return self._saved.tapes.survey(turn_id) if self._is_saved(turn_id) else super().survey(turn_id)

    def _is_saved(self, turn_id: str) -> bool:
        """Whether it is the file that holds the tape of a turn."""
        if self._connection.row("SELECT 1 FROM tape WHERE turn_id = ?", turn_id):
            return False
        return bool(self._saved.rows("SELECT 1 FROM turn WHERE id = ?", turn_id))


class FullTextOver(SearchTable):
    """The index in memory, over that of a file."""

    def __init__(self, connection: Connection, clock: Callable[[], float], saved: Database) -> None:
        """Find in the file, too."""
        super().__init__(connection, clock)
        self._saved = saved

    def search(self, text: str, limit: int = 50, sessions: Collection[int] | None = None) -> list[Hit]:
        """The turns that hold these words, here and in the file, whose sessions have other keys."""
        hits = super().search(text, limit, sessions)
        own = {hit.turn_id for hit in hits}
        if sessions is None:
            hits += [hit for hit in self._saved.full_text.search(text, limit) if hit.turn_id not in own]
        return hits[:limit]

    def search_sessions(self, text: str, first: int = SHOWN_FIRST) -> Generator[list[Hit], None, None]:
        """Of each session that holds these words, one turn, here and in the file."""
        own: set[str] = set()
        for hits in super().search_sessions(text, first):
            own |= {hit.session_id for hit in hits}
            yield hits
        for hits in self._saved.full_text.search_sessions(text, first):
            yield [hit for hit in hits if hit.session_id not in own]


class PromptsOver(PromptTable):
    """History and drafts in memory, over those of a file."""

    def __init__(self, connection: Connection, clock: Callable[[], float], saved: Database) -> None:
        """Read what is not in memory from the file."""
        super().__init__(connection, clock)
        self._saved = saved

    def asked(self, before: int | None, most: int) -> tuple[list[tuple[float, str]], int | None]:
        """The prompts of the file; those of this run are in the history."""
        return self._saved.prompts.asked(before, most)

    def history(self, limit: int = KEPT_PROMPTS) -> list[str]:
        """The prompts, newest last."""
        own = super().history(limit)
        saved = self._saved.prompts.history(limit)
        return [*(text for text in saved if text not in own), *own][-limit:]

    def draft(self, session_id: str | None) -> str:
        """What was in the composer."""
        return super().draft(session_id) or self._saved.prompts.draft(session_id)

    def draft_images(self, session_id: str | None) -> list[ImagePart]:
        """The images that stood in the draft."""
        if super().draft(session_id):
            return super().draft_images(session_id)
        return self._saved.prompts.draft_images(session_id)


class Below:
    """The file below the memory, if there is one: a session of it is copied into memory when it is opened."""

    def __init__(self, connection: Connection, saved: Database | None) -> None:
        """Copy into memory by a connection from a file that was opened to be read."""
        self._connection = connection
        self.saved = saved

    def others(self, read: Callable[[SessionTable], list[SessionSummary]]) -> list[SessionSummary]:
        """What the file lists, without the sessions that are in memory already; nothing where it cannot be read."""
        if self.saved is None:
            return []
        own = {str(session_id) for (session_id,) in self._connection.rows("SELECT id FROM session")}
        with suppress(StoreError):
            return [summary for summary in read(self.saved.sessions) if summary.id not in own]
        return []

    def copy(self, session_id: str) -> None:
        """Take a session of the file into memory, once."""
        if self.saved is None or self._connection.row("SELECT 1 FROM session WHERE id = ?", session_id):
            return
        with self._connection.writing():
            for table, which in _COPIED:
                columns = [
                    str(row[1]) for row in self._connection.rows(f"PRAGMA table_info({table})") if row[1] != "key"
                ]
                named = ", ".join(columns)
                words = ["SELECT", named, "FROM", table, "WHERE", which]
                put = ["INSERT INTO", table, f"({named}) VALUES ({', '.join('?' * len(columns))})"]
                for row in self.saved.rows(" ".join(words), session_id):
                    self._connection.run(" ".join(put), *row)
            for statement in (*ADD_UP, *ADD_SPENDING):
                self._connection.run(statement)


class SessionsOver(SessionTable):
    """Sessions in memory, over those of a file."""

    def __init__(
        self, connection: Connection, full_text: SearchTable, clock: Callable[[], float], below: Below
    ) -> None:
        """Read what is not in memory from the file."""
        super().__init__(connection, full_text, clock)
        self._below = below

    def summaries(self, words: str = "", *, most: int = -1) -> list[SessionSummary]:
        """Those in memory, then those of the file."""
        others = self._below.others(lambda saved: saved.summaries(words, most=most))
        return [*super().summaries(words, most=most), *others]

    def matching(self, query: Query) -> list[SessionSummary]:
        """Those in memory of which all is so that a query asks, then those of the file."""
        return [*super().matching(query), *self._below.others(lambda saved: saved.matching(query))]

    def deleted(self) -> list[SessionSummary]:
        """Those deleted in memory, then those of the file."""
        return [*super().deleted(), *self._below.others(lambda saved: saved.deleted())]

    def archived(self) -> list[SessionSummary]:
        """Those archived in memory, then those of the file."""
        return [*super().archived(), *self._below.others(lambda saved: saved.archived())]

    def last(self) -> str | None:
        """The session used last, here or in the file."""
        saved = self._below.saved
        return super().last() or (saved.sessions.last() if saved is not None else None)

    def find(self, prefix: str, *, is_deleted: bool = False) -> str:
        """The id that begins so, here or in the file."""
        try:
            return super().find(prefix, is_deleted=is_deleted)
        except ConfigError:
            if self._below.saved is None:
                raise
            return self._below.saved.sessions.find(prefix, is_deleted=is_deleted)

    def summary(self, session_id: str) -> SessionSummary:
        """A session as it is listed."""
        self._below.copy(session_id)
        return super().summary(session_id)

    def effort(self, session_id: str) -> Effort:
        """How hard the model is asked to think in a session."""
        self._below.copy(session_id)
        return super().effort(session_id)

    def sheet(self, session_id: str) -> Sheet:
        """The options of a session."""
        self._below.copy(session_id)
        return super().sheet(session_id)

    def system(self, session_id: str) -> str | None:
        """The system prompt of a session."""
        self._below.copy(session_id)
        return super().system(session_id)

    def head(self, session_id: str) -> str | None:
        """The turn at which a session stands."""
        self._below.copy(session_id)
        return super().head(session_id)

    def rename(self, session_id: str, title: str) -> None:
        """Give a session another title, in memory."""
        self._below.copy(session_id)
        super().rename(session_id, title)

    def pin(self, session_id: str, *, is_pinned: bool) -> None:
        """Keep a session at the top of the list, in memory."""
        self._below.copy(session_id)
        super().pin(session_id, is_pinned=is_pinned)

    def archive(self, session_id: str, *, is_archived: bool) -> None:
        """Put a session out of the way, in memory."""
        self._below.copy(session_id)
        super().archive(session_id, is_archived=is_archived)

    def set_tags(self, session_id: str, tags: Iterable[str]) -> None:
        """Give a session these tags, in memory."""
        self._below.copy(session_id)
        super().set_tags(session_id, tags)

    def delete(self, session_id: str) -> None:
        """Delete a session, in memory."""
        self._below.copy(session_id)
        super().delete(session_id)

    def undelete(self, session_id: str) -> None:
        """Have a deleted session back, in memory."""
        self._below.copy(session_id)
        super().undelete(session_id)


class TurnsOver(TurnTable):
    """Turns in memory, over those of a file.

    Attributes:
        said_in: The sessions in which something was said that is nowhere else.
    """

    def __init__(
        self,
        connection: Connection,
        sessions: SessionTable,
        tapes: TapeTable,
        full_text: SearchTable,
        *,
        clock: Callable[[], float],
        below: Below,
    ) -> None:
        """Read what is not in memory from the file."""
        super().__init__(connection, sessions, tapes, full_text, clock=clock)
        self._below = below
        self.said_in: dict[str, None] = {}

    def begin(self, session_id: str, turn: Turn, request: SentRequest | None = None) -> None:
        """Begin a turn, and remember that its session holds something that is nowhere else."""
        self._below.copy(session_id)
        super().begin(session_id, turn, request)
        self.said_in[session_id] = None

    def of_session(self, session_id: str, *, below: int = sys.maxsize, most: int = -1) -> list[Turn]:
        """The turns of a session, in the order in which they were begun."""
        self._below.copy(session_id)
        return super().of_session(session_id, below=below, most=most)

    def read(self, turn_id: str) -> Turn:
        """One turn."""
        self._below.copy(turn_id.rpartition(".")[0])
        return super().read(turn_id)


class UnsavedDatabase(Database):
    """A database in memory, over a file that can only be read, if there is one; the file is never written to."""

    def __init__(
        self, saved: Database | None, *, why: str, notice: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        """Save nothing, and say why, over a file that was opened to be read."""
        connection = Connection(open_memory())
        super().__init__(connection, clock, notice=notice, is_memory=True)
        self.why_unsaved = why
        if saved is not None:
            self.full_text = FullTextOver(connection, clock, saved)
            self.tapes = TapesOver(connection, clock, saved)
            self.prompts = PromptsOver(connection, clock, saved)
        below = Below(connection, saved)
        self.sessions = SessionsOver(connection, self.full_text, clock, below)
        self.turns: TurnsOver = TurnsOver(
            connection, self.sessions, self.tapes, self.full_text, clock=clock, below=below
        )
        self._saved = saved

    @property
    def unsaved_sessions(self) -> Sequence[str]:
        """The sessions in which something was said that is gone when the program ends."""
        return [*self.turns.said_in]

    def close(self) -> None:
        """Close both."""
        super().close()
        if self._saved is not None:
            self._saved.close()
