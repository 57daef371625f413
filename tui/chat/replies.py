"""Where the replies of a conversation come from: an endpoint, or a tape."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from tui.domain.joined_reads import JoinedReads

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence

    from tui.chat.requests import Requests
    from tui.chat.saved_session import SavedSession
    from tui.chat.sheet import ConversationSheet
    from tui.chat.turn_tree import TurnTree
    from tui.domain.delta import Delta
    from tui.domain.straight import Straight
    from tui.domain.tape import Read, SentRequest, Tape
    from tui.domain.turn import Opening, Standing, Turn
    from tui.net.watch import Patience


class Talk(Protocol):
    """What the parts of a conversation see of one another."""

    sheet: ConversationSheet
    tree: TurnTree
    session: SavedSession
    requests: Requests


class Replies(Protocol):
    """Begins the turns of a conversation, and brings what is said in them."""

    def begin(
        self, opening: Opening, parent: str | None, earlier: Turn | None = None, *, standing: Standing = ""
    ) -> Turn:
        """Begin a turn below another, perhaps because of an earlier one; `aside` is no part of the conversation.

        Raises:
            ConfigError: If nothing can be asked, or something must be known before.
        """

    def stream(
        self,
        turn: Turn,
        patience: Patience | None = None,
        prepare: Callable[[], Awaitable[None]] | None = None,
        straight: Straight | None = None,
    ) -> AsyncGenerator[Delta, None]:
        """Send a turn, once what it needs has been prepared, and fold the reply into it as it arrives.

        A delta is already in the turn when it is yielded, or taken by the straight way in place of that. However this ends, whether by itself, by an
        error or by being closed or cancelled, the turn has then ended, its state says how, and it is saved.

        Yields:
            The deltas, for whoever paints them. Errors do not come out: they are the turn's ending.
        """

    def tape(self, turn: Turn) -> Tape:
        """What the wire said in a turn, as far as it was written down.

        Raises:
            StoreError: If it cannot be read.
        """

    def tape_since(self, turn: Turn, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of a turn's tape while it grows; see `TapeTable.tape_since`.

        Raises:
            StoreError: If it cannot be read.
        """

    def request(self, turn: Turn) -> SentRequest | None:
        """All that was sent in a turn, also where the first piece of its tape leaves the conversation in it out.

        Raises:
            StoreError: If it cannot be read.
        """

    async def gather_request(self, turn: Turn) -> SentRequest | None:
        """The same in steps, between which everything else goes on.

        Raises:
            StoreError: If it cannot be read.
        """

    def is_whole(self, turn: Turn) -> bool:
        """Whether no more will be written of a turn's tape, though the turn may still be read from it."""

    def stretches(self, turn: Turn) -> Sequence[tuple[int, float]]:
        """The stretches that the tape of a turn is kept in: how many reads each has, and when its first came.

        Raises:
            StoreError: If they cannot be read.
        """

    def survey(self, turn: Turn) -> bytes | None:
        """What was kept about the tape of a turn after it had been read through; `None` for nothing.

        Raises:
            StoreError: If it cannot be read.
        """

    def keep_survey(self, turn: Turn, survey: bytes) -> None:
        """Keep it until the tape is another.

        Raises:
            StoreError: If it cannot be kept now.
        """

    def interrupt(self, why: str) -> None:
        """Say why the reply that runs is about to be stopped, where it is not a person who stops it."""


def reads_of(replies: Replies, turn: Turn, row: int = 0) -> Iterator[Read]:
    """The reads of a turn's tape from one of a number on, a piece at a time.

    Raises:
        StoreError: If they cannot be read.
    """
    while True:
        piece, after = replies.tape_since(turn, row)
        if after == row:
            return
        yield from piece.reads
        row = after


def data_of(replies: Replies, turn: Turn, first: int, last: int) -> bytes:
    """The bytes of a turn's tape from the read of one number up to that of another.

    Raises:
        StoreError: If they cannot be read.
    """
    pieces: list[bytes] = []
    while first < last:
        piece, after = replies.tape_since(turn, first)
        if after == first:
            break
        reads = piece.reads[: last - first]
        pieces.append(reads.data if isinstance(reads, JoinedReads) else b"".join(read.data for read in reads))
        first = after
    return b"".join(pieces)


async def exhaust(deltas: AsyncGenerator[Delta, None]) -> None:
    """Run a stream to its end, for its effects."""
    async with aclosing(deltas):
        async for _ in deltas:
            await asyncio.sleep(0)
