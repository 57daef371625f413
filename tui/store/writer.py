"""The writer: a thread of its own with a connection of its own, so that nobody waits for a lock or for a slow disk.

A write is done there while its caller waits for a moment. What takes longer goes on, and its caller is told
`StoreBusyError`: the same call is made again when `on_free` says so, and then has the outcome, not a second write. Where
every write takes long, as on a slow disk, it would else be written for ever.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar

from tui.domain.error import StoreBusyError, StoreError
from tui.store.fault import BUSY_SECONDS, MOMENT_MS, is_lock

BUDGET = 0.05
"""Seconds for which the caller of a write waits: a key is late by no more. A write takes one, on a good disk."""

REST = 0.02
"""Seconds for which nothing was to be written before a step is done of what can wait."""

_T = TypeVar("_T")


class _Job:
    """A write, and what came of it."""

    def __init__(self, work: Callable[[], Any], key: Hashable, asked: object) -> None:
        self.work, self.key, self.asked = work, key, asked
        self.is_done = threading.Event()
        self.is_left = False
        self._outcome: Any = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._outcome = self.work()
        except BaseException as error:  # noqa: BLE001  it is raised where the outcome is wanted
            self._error = error

    @property
    def problem(self) -> StoreError | None:
        """What went wrong, where nobody has been told of it."""
        return self._error if isinstance(self._error, StoreError) else None

    def outcome(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._outcome


class Writer:
    """Does one write at a time. While one takes long, every other is refused at once.

    Attributes:
        on_free: Called, by the thread, when writes can be made again after one was refused or had taken long; with
            what had gone wrong, where nobody will ask for the outcome.
        later: Does a step of what can wait, whenever nothing is to be written; it says whether there may be more.
        is_locked_out: Whether it waits for a lock that another program holds, and not for the disk.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        """Write on the connection that is made by this, in the thread and when there is something to write."""
        self.on_free: Callable[[StoreError | None], None] = lambda _problem: None
        self.is_locked_out = False
        self.later: Callable[[], bool] | None = None
        self._connect = connect
        self._raw: sqlite3.Connection | None = None
        self._thread: threading.Thread | None = None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._now: _Job | None = None
        self._left: dict[Hashable, _Job] = {}
        self._left_last: _Job | None = None
        self._has_refused = False

    @property
    def is_here(self) -> bool:
        """Whether it is the writer's own thread that asks."""
        return threading.current_thread() is self._thread

    @property
    def raw(self) -> sqlite3.Connection:
        """The connection, for the thread."""
        if self._raw is None:
            self._raw = self._connect()
            self._raw.execute(f"PRAGMA busy_timeout = {MOMENT_MS}")
        return self._raw

    def patiently(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do something with the connection, in the thread; where another program has a lock, that is waited for.

        Raises:
            sqlite3.Error: If it fails, or the lock is held for too long.
        """
        raw = self.raw
        try:
            return work(raw)
        except sqlite3.OperationalError as error:
            if not is_lock(error):
                raise
        self.is_locked_out = True
        raw.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        try:
            return work(raw)
        finally:
            raw.execute(f"PRAGMA busy_timeout = {MOMENT_MS}")
            self.is_locked_out = False

    def do(
        self, work: Callable[[], _T], key: Hashable = None, asked: object = None, *, patience: float | None = None
    ) -> _T:
        """Do something in the thread.

        Args:
            work: What is done; it does no harm to do it twice, unless there is a key.
            key: What is the same whenever this very thing is asked for.
            asked: Without a key, what equals this is the same thing, as long as nothing else is written in between.
            patience: Seconds for which it is waited for, where they are others than usual.

        Raises:
            StoreBusyError: If it takes longer, or something else does.
        """
        if self.is_here:
            return work()
        with self._guard:
            job = self._left.get(key) if key is not None else self._same(asked)
            if job is None:
                if self._now is not None:
                    self._has_refused = True
                    raise StoreBusyError
                self._left_last = None
                job = self._now = _Job(work, key, asked)
                self._begin(job)
        if not job.is_done.wait(0 if job.is_left else BUDGET if patience is None else patience):
            with self._guard:
                if not job.is_done.is_set():
                    job.is_left = self._has_refused = True
                    if key is not None:
                        self._left[key] = job
                    else:
                        self._left_last = job
                    raise StoreBusyError
        self._left.pop(key, None)
        if self._left_last is job:
            self._left_last = None
        outcome: _T = job.outcome()
        return outcome

    def _same(self, asked: object) -> _Job | None:
        """The write that took long, where the same is asked for again and nothing else has been written since."""
        last = self._left_last
        return last if last is not None and asked is not None and last.asked == asked else None

    def _begin(self, job: _Job) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="rillet-writer", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def _run(self) -> None:
        while (job := self._next()) is not None:
            job.run()
            with self._guard:
                self._now = None
                job.is_done.set()
                is_awaited, self._has_refused = self._has_refused, False
                problem = job.problem if job.is_left and job.key is None else None
            if is_awaited:
                self.on_free(problem)
        if self._raw is not None:
            self._raw.close()

    def _next(self) -> _Job | None:
        """What is to be done next; until that comes, what can wait is done in steps."""
        while (later := self.later) is not None:
            with suppress(queue.Empty):
                return self._jobs.get(timeout=REST)
            try:
                has_more = later()
            except StoreError:  # for another start
                has_more = False
            if not has_more and self.later is later:
                self.later = None
        return self._jobs.get()

    def close(self) -> None:
        """End, after what is being written; closing twice does no harm."""
        thread, self.on_free = self._thread, lambda _problem: None
        self._jobs.put(None)
        if thread is not None:
            thread.join()
