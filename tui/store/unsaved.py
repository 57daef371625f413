"""The sessions where nothing can be saved: those of the file can be read, and what is said stands in memory only."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Container, Sequence
from contextlib import suppress

from tui.domain.error import ConfigError, StoreError
from tui.domain.message import ImagePart
from tui.domain.session import SessionSummary
from tui.domain.tape import SentRequest, Tape
from tui.domain.turn import Turn
from tui.store.connection import Connection
from tui.store.database import Database
from tui.store.migration import ADD_SPENDING, ADD_UP
from tui.store.opening import open_memory
from tui.store.prompt_table import KEPT_PROMPTS, PromptTable
from tui.store.search import Hit, SearchTable
from tui.store.tape_table import TapeTable

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

    def tape(self, turn_id: str) -> Tape:
        """The tape of a turn, here or in the file."""
        return self._saved.tapes.tape(turn_id) if self._is_saved(turn_id) else super().tape(turn_id)

    def tape_since(self, turn_id: str, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of a tape."""
        return (
            self._saved.tapes.tape_since(turn_id, row) if self._is_saved(turn_id) else super().tape_since(turn_id, row)
        )

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

    def search(self, text: str, limit: int = 50, sessions: Container[int] | None = None) -> list[Hit]:
        """The turns that hold these words, here and in the file, whose sessions have other keys."""
        hits = super().search(text, limit, sessions)
        own = {hit.turn_id for hit in hits}
        if sessions is None:
            hits += [hit for hit in self._saved.full_text.search(text, limit) if hit.turn_id not in own]
        return hits[:limit]

    def search_sessions(self, text: str, limit: int = 50) -> list[Hit]:
        """Of each session that holds these words, one turn, here and in the file."""
        hits = super().search_sessions(text, limit)
        own = {hit.session_id for hit in hits}
        hits += [hit for hit in self._saved.full_text.search_sessions(text, limit) if hit.session_id not in own]
        return hits[:limit]


class PromptsOver(PromptTable):
    """History and drafts in memory, over those of a file."""

    def __init__(self, connection: Connection, clock: Callable[[], float], saved: Database) -> None:
        """Read what is not in memory from the file."""
        super().__init__(connection, clock)
        self._saved = saved

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


class UnsavedDatabase(Database):
    """A database in memory, over a file that can only be read, if there is one.

    A session of the file is copied into memory when it is opened; the file is never written to.
    """

    def __init__(
        self, saved: Database | None, *, why: str, notice: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        """Save nothing, and say why, over a file that was opened to be read."""
        super().__init__(Connection(open_memory()), clock, notice=notice, is_memory=True)
        self.why_unsaved = why
        if saved is not None:
            self.full_text = FullTextOver(self._connection, clock, saved)
            self.tapes = TapesOver(self._connection, clock, saved)
            self.prompts = PromptsOver(self._connection, clock, saved)
        self._saved = saved
        self._said_in: dict[str, None] = {}

    @property
    def unsaved_sessions(self) -> Sequence[str]:
        """The sessions in which something was said that is gone when the program ends."""
        return [*self._said_in]

    def begin_turn(self, session_id: str, turn: Turn, request: SentRequest | None = None) -> None:
        """Begin a turn, and remember that its session holds something that is nowhere else."""
        self._copy(session_id)
        super().begin_turn(session_id, turn, request)
        self._said_in[session_id] = None

    def sessions(self, words: str = "", *, most: int = -1) -> list[SessionSummary]:
        """Those in memory, then those of the file."""
        return [*super().sessions(words, most=most), *self._others(lambda saved: saved.sessions(words, most=most))]

    def deleted_sessions(self) -> list[SessionSummary]:
        """Those deleted in memory, then those of the file."""
        return [*super().deleted_sessions(), *self._others(lambda saved: saved.deleted_sessions())]

    def last_session(self) -> str | None:
        """The session used last, here or in the file."""
        return super().last_session() or (self._saved.last_session() if self._saved is not None else None)

    def find_session(self, prefix: str, *, is_deleted: bool = False) -> str:
        """The id that begins so, here or in the file."""
        try:
            return super().find_session(prefix, is_deleted=is_deleted)
        except ConfigError:
            if self._saved is None:
                raise
            return self._saved.find_session(prefix, is_deleted=is_deleted)

    def session(self, session_id: str) -> SessionSummary:
        """A session as it is listed."""
        self._copy(session_id)
        return super().session(session_id)

    def head(self, session_id: str) -> str | None:
        """The turn at which a session stands."""
        self._copy(session_id)
        return super().head(session_id)

    def rename_session(self, session_id: str, title: str) -> None:
        """Give a session another title, in memory."""
        self._copy(session_id)
        super().rename_session(session_id, title)

    def delete_session(self, session_id: str) -> None:
        """Delete a session, in memory."""
        self._copy(session_id)
        super().delete_session(session_id)

    def undelete_session(self, session_id: str) -> None:
        """Have a deleted session back, in memory."""
        self._copy(session_id)
        super().undelete_session(session_id)

    def turns(self, session_id: str, *, below: int = sys.maxsize, most: int = -1) -> list[Turn]:
        """The turns of a session, in the order in which they were begun."""
        self._copy(session_id)
        return super().turns(session_id, below=below, most=most)

    def turn(self, turn_id: str) -> Turn:
        """One turn."""
        self._copy(turn_id.rpartition(".")[0])
        return super().turn(turn_id)

    def close(self) -> None:
        """Close both."""
        super().close()
        if self._saved is not None:
            self._saved.close()

    def _own(self) -> set[str]:
        return {str(session_id) for (session_id,) in self._connection.rows("SELECT id FROM session")}

    def _others(self, read: Callable[[Database], list[SessionSummary]]) -> list[SessionSummary]:
        """What the file lists, without the sessions that are in memory already; nothing where it cannot be read."""
        if self._saved is None:
            return []
        own = self._own()
        with suppress(StoreError):
            return [summary for summary in read(self._saved) if summary.id not in own]
        return []

    def _copy(self, session_id: str) -> None:
        """Take a session of the file into memory, once."""
        if self._saved is None or self._connection.row("SELECT 1 FROM session WHERE id = ?", session_id):
            return
        with self._connection.writing():
            for table, which in _COPIED:
                columns = [
                    str(row[1]) for row in self._connection.rows(f"PRAGMA table_info({table})") if row[1] != "key"
                ]
                named = ", ".join(columns)
                words = ["SELECT", named, "FROM", table, "WHERE", which]
                put = ["INSERT INTO", table, f"({named}) VALUES ({', '.join('?' * len(columns))})"]
                for row in self._saved.rows(" ".join(words), session_id):
                    self._connection.run(" ".join(put), *row)
            for statement in (*ADD_UP, *ADD_SPENDING):
                self._connection.run(statement)
