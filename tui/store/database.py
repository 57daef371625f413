"""The saved sessions: one SQLite file, in use by any number of rillets at once.

Everything is synchronous, because what must not be lost must be on disk before the next line runs; a write
is one transaction and one fsync (WAL, `synchronous=FULL`): 0.2 ms on an SSD, some 10 ms on a spinning disk.
Every failure is a `StoreError`, after which the database can be used again: whether to go on without it is
the caller's choice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tui.store.connection import Connection
from tui.store.fault import SQLITE_ERRORS, store_error
from tui.store.opening import open_file, open_memory
from tui.store.prompt_table import PromptTable
from tui.store.turn_table import TurnTable


class Database(TurnTable, PromptTable):
    """The saved sessions, their turns and tapes, the history of prompts, and drafts.

    Attributes:
        notice: What the user should be told about the file; empty when all is well.
        is_memory: Whether all of it is gone when the program ends.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], float] = time.time,
        *,
        notice: str = "",
        is_memory: bool = False,
    ) -> None:
        """Use a connection to a migrated database; see `open` and `memory`."""
        super().__init__(connection, clock)
        self.notice = notice
        self.is_memory = is_memory

    @classmethod
    def open(cls, path: Path, *, clock: Callable[[], float] = time.time) -> Self:
        """Open the file, or make it; a damaged one is moved aside, and `notice` says so.

        Raises:
            StoreError: If it cannot be opened, or is of a newer rillet.
        """
        raw, notice = open_file(path)
        database = cls(Connection(raw), clock, notice=notice)
        try:
            database.purge_sessions()
        except BaseException:
            database.close()
            raise
        return database

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

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        self._connection.close()
