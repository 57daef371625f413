"""Saving: what the screen writes to the sessions file, without waiting for a lock or a slow disk, and again where it must."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from tui.domain.error import StoreBusyError, StoreError

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation

LAST_PATIENCE = 6.0
"""Seconds that leaving waits for a busy disk: longer than another program may hold the file before it is told."""
TRIED_EVERY = 3.0
"""Seconds between two tries to save what a disk that is full or fails did not take: it may have room again, unasked."""
_PAUSE = 0.05


class View(Protocol):
    """Where it is told that nothing is saved."""

    def tell_saving(self) -> None:
        """Show, as long as it is so, that nothing is being saved."""


class Saving:
    """Keeps what could not be written because the disk was busy, and writes it as soon as it is not."""

    def __init__(self, program: ChatProgram, view: View, here: Callable[[], Conversation]) -> None:
        self._program = program
        self._view = view
        self._here = here
        self._again: dict[str, Callable[[], object]] = {}
        self._left: list[Conversation] = []
        self._numbers = itertools.count()

    def begin(self) -> None:
        """From now on nobody waits for the disk."""
        loop = asyncio.get_running_loop()

        def tell(problem: StoreError | None) -> None:
            with suppress(RuntimeError):  # the program is ending
                loop.call_soon_threadsafe(self._take, problem)

        self._program.database.write_apart(tell)

    def save(self, work: Callable[[], object], what: str = "") -> None:
        """Write something; while it waits for the disk, the same thing may change, and only the last of it is written."""
        what = what or f"{next(self._numbers)}"
        self._again.pop(what, None)
        try:
            work()
        except StoreBusyError as error:
            self._again[what] = work
            self._tell(error if error.is_lasting else None)
        except StoreError as error:
            self._tell(error)

    def try_again(self) -> None:
        """Write what a full or failing disk did not take, if there is anything."""
        if any(not each.session.owed.is_empty for each in self._owing()):
            self._take(None)

    def leave(self, conversation: Conversation) -> None:
        """Another conversation takes this one's place on the screen; what it owes the disk is still written."""
        if not conversation.session.owed.is_empty:
            self._left.append(conversation)

    @property
    def is_waiting(self) -> bool:
        """Whether something waits for a busy disk."""
        return bool(self._again) or any(
            each.session.owed.is_waiting and not each.session.owed.is_empty for each in self._owing()
        )

    async def settle(self) -> None:
        """Wait for what is merely late, for a while: the program ends."""
        until = time.monotonic() + LAST_PATIENCE
        self._write()
        while self.is_waiting and time.monotonic() < until:
            await asyncio.sleep(_PAUSE)
            self._write()

    def _owing(self) -> list[Conversation]:
        return [*self._left, self._here()]

    def _take(self, problem: StoreError | None) -> None:
        """The disk is free again, or something that was being written failed."""
        if problem is not None:
            self._tell(problem)
        self._write()
        if problem is None and not self.is_waiting:
            self._view.tell_saving()

    def _write(self) -> None:
        for conversation in self._owing():
            conversation.session.save_unsaved()
        self._left = [each for each in self._left if not each.session.owed.is_empty]
        for what, work in list(self._again.items()):
            self.save(work, what)

    def _tell(self, problem: StoreError | None) -> None:
        if problem is not None:
            self._program.lose_disk(problem)
            self._view.tell_saving()
