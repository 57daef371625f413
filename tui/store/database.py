"""The saved sessions: one SQLite file, in use by any number of rillets at once.

Everything is synchronous, because what must not be lost must be on disk before the next line runs; a write
is one transaction and one fsync (WAL, `synchronous=FULL`): 0.2 ms on an SSD, some 10 ms on a spinning disk. Where that
may not be waited for, `write_apart` has a thread write, and what takes longer is asked for again.
Every failure is a `StoreError`, after which the database can be used again: whether to go on without it is
the caller's choice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tui.domain.error import StoreBusyError, StoreError
from tui.store.arriving import Arriving
from tui.store.connection import Connection, Row
from tui.store.fault import SQLITE_ERRORS, store_error
from tui.store.opening import connect_again, open_file, open_memory, open_to_read, suspect
from tui.store.prompt_table import PromptTable
from tui.store.search import Hit, SearchTable, find_sessions, give
from tui.store.session_table import DELETED_SECONDS, SessionTable
from tui.store.spending import SpendingTable
from tui.store.tape_list import tape_list
from tui.store.tape_table import TapeTable
from tui.store.turn_table import TurnTable
from tui.store.upkeep import Upkeep

if TYPE_CHECKING:
    from tui.store.whole import WholeSessions


class Database:
    """The saved sessions, their turns and tapes, the history of prompts, and drafts.

    Attributes:
        sessions: The sessions, as they are listed, and what is set for each.
        turns: Their turns.
        tapes: What the wire said in each turn.
        full_text: The index over all that was said.
        prompts: The history of prompts, and drafts.
        spending: What the replies have taken.
        upkeep: What is done to the file as a whole.
        arriving: What turns that stream have received, and the tapes do not hold yet.
        notice: What the user should be told about the file; empty when all is well.
        is_memory: Whether all of it is gone when the program ends.
        path: The file; `None` in memory.
        why_unsaved: Why nothing is saved, in a few words, where it is in memory for a reason that a user must know.
        is_unsaved_by_choice: Whether the user asked for that.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], float] = time.time,
        *,
        notice: str = "",
        is_memory: bool = False,
        path: Path | None = None,
    ) -> None:
        """Use a connection to a migrated database; see `open` and `memory`."""
        self._connection = connection
        self._clock = clock
        self.full_text = SearchTable(connection, clock)
        self.tapes = TapeTable(connection, clock)
        self.sessions = SessionTable(connection, self.full_text, clock)
        self.turns = TurnTable(connection, self.sessions, self.tapes, self.full_text, clock=clock)
        self.prompts = PromptTable(connection, clock)
        self.spending = SpendingTable(connection, clock)
        self.upkeep = Upkeep(connection, clock, path)
        self.arriving = Arriving(path)
        self.notice = notice
        self.is_memory = is_memory
        self.path = path
        self.why_unsaved = ""
        self._version = 0
        self.is_unsaved_by_choice = False

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        tell: Callable[[str], None] = lambda _words: None,
    ) -> Self:
        """Open the file, or make it; of a damaged one what can be read is kept, and `notice` says how much.

        `tell` is told how far that is, for a large file takes a minute.

        Raises:
            StoreError: If it cannot be opened, or is of a newer rillet.
        """
        while True:
            damage: list[str] = []
            raw, notice = open_file(path, tell)
            database = cls(Connection(raw, damage.append), clock, notice=notice, path=path)
            try:
                with database.impatient():
                    database.upkeep.look_at_clock()
                    database.purge()
            except StoreBusyError:
                pass  # another time
            except StoreError:
                database.close()
                if damage and not notice:  # beyond the check of an opening: now it is looked through, and mended
                    suspect(path, damage[0])
                    continue
                raise
            except BaseException:  # an interrupt is nobody's damage: the file is closed, and it goes on its way
                database.close()
                raise
            database._connection.on_damage = partial(suspect, path)
            return database

    @classmethod
    def open_to_read(
        cls,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        tell: Callable[[str], None] = lambda _words: None,
    ) -> Self:
        """Open the file without changing anything on the disk; of a damaged one, what can be read.

        Raises:
            StoreError: If nothing of it can be read.
        """
        raw, notice = open_to_read(path, tell)
        return cls(Connection(raw, partial(suspect, path)), clock, notice=notice, path=path)

    @classmethod
    def memory(cls, notice: str = "", *, clock: Callable[[], float] = time.time) -> Self:
        """A database that is gone when the program ends, with the reason why it is one.

        Raises:
            StoreError: If Python's SQLite lacks full-text search.
        """
        try:
            raw = open_memory()
        except SQLITE_ERRORS as error:
            raise store_error(error) from error
        return cls(Connection(raw), clock, notice=notice, is_memory=True)

    def write_apart(self, on_free: Callable[[StoreError | None], None]) -> None:
        """Write in a thread of its own from now on; what takes longer than a moment raises `StoreBusyError`.

        It is then to be asked for again when `on_free` is called, by that thread; see `Writer`.
        """
        if self.path is not None:
            from tui.store.writer import Writer

            self._connection.write_apart(Writer(partial(connect_again, self.path)))
        if (writer := self._connection.writer) is not None:
            writer.on_free = on_free

    @property
    def is_locked_out(self) -> bool:
        """Whether a write waits for a lock that another program holds, and not for the disk."""
        writer = self._connection.writer
        return writer is not None and writer.is_locked_out

    @property
    def has_owned_turns(self) -> bool:
        """Whether some process streams a turn, or died while it did."""
        return bool(self._connection.rows("SELECT 1 FROM turn WHERE owner IS NOT NULL LIMIT 1"))

    def has_changed(self) -> bool:
        """Whether anything was written since this was asked last, by whomever: no page of the file is read for it."""
        before = self._version
        with suppress(StoreError):
            (self._version,) = self._connection.row("PRAGMA data_version") or (0,)
        return self._version != before

    def beside(self) -> Database:
        """The same file on a connection of its own, which waits for locks: for a thread of its own.

        Raises:
            StoreError: If there is none, or it cannot be opened.
        """
        if self.path is None:
            raise StoreError("there is no file")
        try:
            return Database(Connection(connect_again(self.path)), self._clock, path=self.path)
        except SQLITE_ERRORS as error:
            raise store_error(error) from error

    def purge(self, seconds: float = DELETED_SECONDS) -> None:
        """Drop for good what was deleted longer ago than that, in every copy, and what is left of turns that ended or are gone.

        Raises:
            StoreError: If it cannot be dropped.
        """
        if self.sessions.purge(seconds) and self.path is not None:
            from tui.store.backup import forget_backups  # hardly ever needed

            forget_backups(self.path)
        streaming = "SELECT id FROM turn WHERE owner IS NOT NULL"
        self.arriving.sweep(lambda: {str(turn_id) for (turn_id,) in self._connection.rows(streaming)})

    def take_arrived(self, turn_id: str) -> None:
        """Put on the tape of a turn what its process, which died, had received and not written down.

        Raises:
            StoreError: If the tape cannot be read, or not be written.
        """
        reads = self.arriving.reads(turn_id, len(self.tapes.flushed(turn_id)))
        if reads:
            self.tapes.append_reads(turn_id, reads)

    @property
    def whole(self) -> WholeSessions:
        """Whole sessions, to be taken along or put among the others."""
        from tui.store.whole import WholeSessions

        return WholeSessions(self._connection, self._clock, self.sessions, self.turns, self.full_text)

    def hurry(self) -> None:
        """Do not wait for the disk after each transaction from now on: for what can be done again if the power fails.

        Raises:
            StoreError: If the file cannot be read.
        """
        self._connection.run("PRAGMA synchronous = NORMAL")

    def impatient(self) -> AbstractContextManager[None]:
        """Wait for no lock that another program holds: for what can be done another time."""
        return self._connection.impatient()

    def rows(self, statement: str, *values: object) -> list[Row]:
        """What a statement gives, for what copies whole sessions."""
        return self._connection.rows(statement, *values)

    @property
    def unsaved_sessions(self) -> Sequence[str]:
        """The sessions in which something was said that is gone when the program ends; only in memory there are any."""
        return ()

    def search_apart(self, text: str, take: Callable[[list[Hit]], bool]) -> None:
        """Give what `search_sessions` finds as it comes, while more is wanted; from any thread: a file is opened once more."""
        if self.path is not None:
            find_sessions(self.path, text, take)
        else:
            give(self.full_text.search_sessions(text), take)

    def notes(self) -> list[str]:
        """What must be told until somebody says that it was read, such as what became of a damaged file."""
        return [str(text) for (text,) in self._connection.rows("SELECT text FROM note ORDER BY key")]

    def confirm_notes(self) -> None:
        """Somebody has read the notes.

        Raises:
            StoreError: If that cannot be written down; they are told again then.
        """
        self._connection.run("DELETE FROM note")

    def tape_lines(self) -> list[str]:
        """A line for each turn and what the wire said in it; see `tape_list`.

        Raises:
            StoreError: If they cannot be read.
        """
        return tape_list(self._connection)

    def close(self) -> None:
        """Close the file, with the tapes packed that nobody packs behind; closing twice does no harm."""
        self.full_text.settle()
        self.turns.pack_late()
        self._connection.close()
