"""The turn worker: runs one reply and posts what happens. It touches no widget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from textual.message import Message

from tui.chat.outbox import Outbox
from tui.domain.delta import Delta, ToolCallDelta
from tui.domain.error import StreamError
from tui.domain.turn import Turn, TurnState
from tui.ui.notice import DeltasArrived, TurnEnded, TurnQuieted, TurnResumed

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.net.watch import Quiet


class TurnWorker:
    """Runs turns of a conversation, one at a time; `post` takes notices, `backlog` counts what is yet unpainted.

    What `write` has shown, which says whether it did, need not be told of.

    `has_begun` tells whether the reply that runs has come as far as its first step.
    """

    def __init__(
        self,
        post: Callable[[Message], object],
        backlog: Callable[[], int] = lambda: 0,
        keep_fragment: Callable[[Turn, ToolCallDelta], None] = lambda _turn, _delta: None,
        write: Callable[[Turn, list[Delta]], bool] = lambda _turn, _deltas: False,
    ) -> None:
        self._post = post
        self._keep_fragment = keep_fragment
        self._write = write
        self._backlog = backlog
        self._answer: asyncio.Future[bool] | None = None
        self.has_begun = False

    async def run(self, conversation: Conversation, turn: Turn, prepare: Callable[[], Awaitable[None]]) -> None:
        """Stream a reply, after what it needs has been prepared. `TurnEnded` is posted exactly once, at the very end."""
        fault: Exception | None = None
        self.has_begun = True

        def post(deltas: list[Delta]) -> None:
            if not self._write(turn, deltas):
                self._post(DeltasArrived(turn, deltas))

        async def ask(quiet: Quiet) -> bool:
            return await self._ask(turn, quiet)

        outbox = Outbox(post, backlog=self._backlog)
        try:
            async with aclosing(conversation.replies.stream(turn, ask, prepare, outbox.straight)) as deltas:
                async for delta in deltas:
                    if isinstance(delta, ToolCallDelta):
                        self._keep_fragment(turn, delta)  # now: deltas of one batch came at several times
                    outbox.put(delta)
                    await outbox.room()
        except Exception as error:  # noqa: BLE001  the one outer guard: a fault of ours must not take the program along
            fault = error
            turn.end(TurnState.FAILED, StreamError(f"rillet itself failed: {type(error).__name__}"))
        finally:
            outbox.close()
            turn.end(TurnState.STOPPED)  # already ended, unless the stream was never begun
            self.has_begun = False
            self._post(TurnEnded(turn, fault))

    async def _ask(self, turn: Turn, quiet: Quiet) -> bool:
        """Ask the person whether to wait on; the question goes away when something comes after all."""
        self._answer = asyncio.get_running_loop().create_future()
        self._post(TurnQuieted(turn, quiet.seconds, quiet.phase))
        try:
            return await self._answer
        finally:
            self._answer = None
            self._post(TurnResumed())

    def answer(self, *, waits: bool) -> bool:
        """Answer the question, if one is open; whether one was."""
        if self._answer is None or self._answer.done():
            return False
        self._answer.set_result(waits)
        return True
