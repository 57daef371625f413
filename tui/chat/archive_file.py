"""A long HTTP archive: its first exchange is shown while the others are read, each below the one before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from tui.chat.fold import play_in_turns
from tui.chat.recording import Recording, recorded_conversation
from tui.domain.error import RilletError
from tui.domain.turn import TurnState

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation
    from tui.domain.delta import Delta
    from tui.domain.straight import Straight
    from tui.domain.tape import Tape
    from tui.domain.turn import Turn
    from tui.net.watch import Patience


class ArchiveFile(Recording):
    """The exchanges of an archive, a turn each; see `Replies`. While one is shown, the next one is looked for.

    Attributes:
        first: The first of them.
    """

    def __init__(self, tapes: Iterator[Tape]) -> None:
        """Read up to the first.

        Raises:
            ConfigError: If that cannot be read, or there is none; the message says where.
        """
        super().__init__()
        self._ahead = tapes
        self.first = next(tapes)
        self._next: Tape | RilletError | None = None
        self._turn: Turn | None = None

    @property
    def at(self) -> float:
        """How far the turn has come that is read, in seconds since its request."""
        return self._turn.timing.read_at or 0.0 if self._turn is not None else 0.0

    async def stream(
        self,
        turn: Turn,
        patience: Patience | None = None,
        prepare: Callable[[], Awaitable[None]] | None = None,
        straight: Straight | None = None,
    ) -> AsyncGenerator[Delta, None]:
        """Give what the exchange says, and look for the next one."""
        del patience, prepare, straight
        self._turn, self._next = turn, None
        try:
            async for delta in play_in_turns(self._tapes[turn.id], turn):
                yield delta
            self._next = await asyncio.to_thread(self._find_next)
        finally:
            if not turn.state.is_over:
                turn.end(TurnState.STOPPED)

    def _find_next(self) -> Tape | RilletError | None:
        try:
            return next(self._ahead, None)
        except RilletError as error:
            return error

    def follow(self, conversation: Conversation) -> Turn | None:
        """The turn of the next exchange, once the last one is over; `None` after the last, and where somebody stopped.

        Raises:
            ConfigError: If it cannot be read; the message says where.
        """
        following, self._next = self._next, None
        if isinstance(following, RilletError):
            raise following
        return None if following is None else self.add(conversation, following)


def open_archive_file(program: ChatProgram, file: ArchiveFile, title: str) -> Conversation:
    """The conversation that a long archive tells, at its first turn, of which nothing has come yet."""
    conversation = recorded_conversation(program, file.first, title, lambda: file.at)
    conversation.replies = file
    conversation.follow = lambda: file.follow(conversation)
    file.add(conversation, file.first)
    return conversation
