"""One SQLite connection: statements, transactions, and errors that are sentences."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator, Hashable, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from tui.domain.error import StoreError
from tui.store.fault import BUSY_SECONDS, MOMENT_MS, SQLITE_ERRORS, is_damage, store_error
from tui.wire.json_text import clean_text

if TYPE_CHECKING:
    from tui.store.writer import Writer

_P = ParamSpec("_P")
_T = TypeVar("_T")

READ_PATIENCE_MS = 100
"""Milliseconds that a read may wait, where it must: a reader never waits for a writer, but may for what opens the file."""
Row = tuple[Any, ...]


class Connection:
    """A connection on which every write is one transaction, and every error a `StoreError`."""

    def __init__(self, raw: sqlite3.Connection, on_damage: Callable[[str], None] = lambda _words: None) -> None:
        """Wrap a connection that is in autocommit mode; `on_damage` is told when the file turns out to be damaged."""
        self._own = raw
        self.on_damage = on_damage
        self.writer: Writer | None = None
        self._patience: float | None = None

    def write_apart(self, writer: Writer) -> None:
        """Have everything written by a writer from now on: this connection reads, and waits for nobody."""
        self._own.execute(f"PRAGMA busy_timeout = {READ_PATIENCE_MS}")
        self.writer = writer

    @property
    def _raw(self) -> sqlite3.Connection:
        """The writer's connection in the writer's thread, our own anywhere else."""
        return self.writer.raw if self.writer is not None and self.writer.is_here else self._own

    def rows(self, statement: str, *values: object) -> list[Row]:
        """Every row a statement gives."""
        cleaned = _bound(statement, values)
        try:
            try:
                return self._patiently(lambda raw: raw.execute(statement, cleaned).fetchall())
            except sqlite3.OperationalError as error:
                if "decode" not in str(error):
                    raise
            # A damaged title must not keep all other sessions from being listed; this way takes five times as long.
            self._raw.text_factory = partial(str, encoding="utf-8", errors="replace")
            try:
                return self._raw.execute(statement, cleaned).fetchall()
            finally:
                self._raw.text_factory = str
        except SQLITE_ERRORS as error:
            raise self._told(error) from error

    def row(self, statement: str, *values: object) -> Row | None:
        """The first row a statement gives."""
        rows = self.rows(statement, *values)
        return rows[0] if rows else None

    @property
    def patience(self) -> float | None:
        """Seconds for which a write is waited for, where they are others than usual."""
        return self._patience

    def rows_in_steps(self, statement: str, *values: object, count: int) -> Generator[list[Row], None, None]:
        """The rows a statement gives, so many at a time, and no more read than are asked for; the caller closes it."""
        try:
            with closing(self._patiently(lambda raw: raw.execute(statement, _bound(statement, values)))) as cursor:
                while rows := cursor.fetchmany(count):
                    yield rows
        except SQLITE_ERRORS as error:
            raise self._told(error) from error

    def run(self, statement: str, *values: object) -> int:
        """Run a statement; how many rows it changed."""
        if self.writer is not None and not self.writer.is_here:
            work = partial(self.run, statement, *values)
            return self.writer.do(work, asked=(statement, values), patience=self._patience)
        try:
            return self._patiently(lambda raw: raw.execute(statement, _bound(statement, values)).rowcount)
        except SQLITE_ERRORS as error:
            raise self._told(error) from error

    def run_to_end(self, statement: str) -> None:
        """Run a statement whose rows have no columns: of such a one, `run` takes the first step only."""
        try:
            self._raw.executescript(statement)
        except SQLITE_ERRORS as error:
            raise self._told(error) from error

    @contextmanager
    def impatient(self) -> Generator[None, None, None]:
        """Wait for no lock, and for nothing that takes long, in here: what cannot be written at once is for another time."""
        self._own.execute(f"PRAGMA busy_timeout = {MOMENT_MS}")
        self._patience = MOMENT_MS / 1000
        try:
            yield
        finally:
            self._patience = None
            usual = int(BUSY_SECONDS * 1000) if self.writer is None else READ_PATIENCE_MS
            self._own.execute(f"PRAGMA busy_timeout = {usual}")

    def _patiently(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        writer = self.writer
        return writer.patiently(work) if writer is not None and writer.is_here else work(self._own)

    def _told(self, error: sqlite3.Error | UnicodeDecodeError) -> StoreError:
        if is_damage(error):
            self.on_damage(str(error))
        return store_error(error)

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is open; a full disk ends it."""
        return self._raw.in_transaction

    @contextmanager
    def reading(self) -> Generator[None, None, None]:
        """All that is read in here is of one moment, whatever is written meanwhile."""
        raw = self._raw
        is_outer = not raw.in_transaction
        if is_outer:
            with suppress(sqlite3.OperationalError):  # another thread has begun one just now
                raw.execute("BEGIN")
        try:
            yield
        finally:
            if is_outer and raw.in_transaction:
                raw.execute("COMMIT")

    @contextmanager
    def writing(self) -> Generator[None, None, None]:
        """One transaction. It takes the write lock at once: a read that turns into a write could not wait for it."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._raw.in_transaction:  # a full disk has rolled back already
                self._raw.rollback()
            raise

    def close(self) -> None:
        """Close; closing twice does no harm."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None
        try:
            self._raw.close()
        except SQLITE_ERRORS as error:
            raise store_error(error) from error


class Table:
    """Something that is kept in tables of one database."""

    def __init__(self, connection: Connection, clock: Callable[[], float] = time.time) -> None:
        """Use a connection; the clock is the wall's."""
        self._connection = connection
        self._clock = clock

    @property
    def writer(self) -> Writer | None:
        """Who writes in a thread of its own, if anybody does."""
        return self._connection.writer

    @property
    def patience(self) -> float | None:
        """Seconds for which a write is waited for, where they are others than usual."""
        return self._connection.patience


def written(key: Callable[..., Hashable] | None = None) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Marks what a table writes in several statements: it is done by the writer of its connection, if that has one.

    Args:
        key: Of what is given, what tells this write from any other, where to do it twice would do harm.
    """

    def mark(method: Callable[_P, _T]) -> Callable[_P, _T]:
        @wraps(method)
        def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            table: Any = args[0]
            writer: Writer | None = table.writer
            if writer is None or writer.is_here:
                return method(*args, **kwargs)
            name = None if key is None else (method.__qualname__, key(*args, **kwargs))
            asked = (method.__name__, args[1:], kwargs)
            return writer.do(lambda: method(*args, **kwargs), name, asked, patience=table.patience)

        return call

    return mark


def _bound(statement: str, values: Sequence[object]) -> list[object] | dict[str, object]:
    """The values as sqlite3 wants them: `?1` is a name to it, and from Python 3.14 on it takes no list for names."""
    cleaned = [_clean(value) for value in values]
    return {str(number): value for number, value in enumerate(cleaned, 1)} if "?1" in statement else cleaned


def _clean(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value
