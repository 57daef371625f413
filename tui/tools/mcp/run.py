"""One run of a server, from its start to its end, and what is posted to its owner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from tui.tools.definition import ToolError
from tui.tools.mcp.http import Faults
from tui.tools.mcp.transport import Way
from tui.tools.mcp.words import error_words

Done = TypeVar("Done")

ENDED = "it ended before it answered"
MODERN = "2026"
RENEW_PAUSE = 1.0
"""Seconds between two listings that a server's notices ask for: some give one with each listing. A call does not wait."""


class Run(Struct, eq=False):
    """One run of a server, from its start to its end."""

    ready: asyncio.Future[None]
    owner: asyncio.Task[None] = field(default_factory=lambda: asyncio.create_task(asyncio.sleep(0)))
    calls: asyncio.Queue[Posted[Any]] = field(default_factory=asyncio.Queue)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    stale: asyncio.Event = field(default_factory=asyncio.Event)
    faults: Faults = field(default_factory=Faults)
    way: Way | None = None
    limit: asyncio.Timeout | None = None

    @property
    def is_up(self) -> bool:
        """Whether it has listed its tools and not ended since."""
        return self.ready.done() and not self.ended.is_set() and not self.owner.done()

    @property
    def ends_by_itself(self) -> bool:
        """Whether the owner ends once `stop` is set: one that is still starting does not look at it.

        One that is leaving must not be cancelled: the SDK waits for its process then, and would leave it behind.
        """
        return self.ready.done() or self.ended.is_set() or self.owner.cancelling() > 0

    async def post(self, work: Callable[[Any], Coroutine[Any, Any, Done]], server: str) -> Done:
        """Have the owner do something with the client, and wait for what comes of it.

        Raises:
            ToolError: If the server ends meanwhile, or what the work raises.
        """
        call: Posted[Done] = Posted(work, asyncio.get_running_loop().create_future())
        self.calls.put_nowait(call)
        # The owner may end with calls still in its queue: whichever is first speaks.
        waiting: set[asyncio.Future[Any]] = {call.done, self.owner}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            call.done.cancel()
            raise
        if not call.done.done():
            call.done.cancel()
            raise ToolError(f"the server {server}: {self.faults.reason or ENDED}")
        return call.done.result()


class Posted(Struct, Generic[Done]):
    """What was posted to the owner to be done with the client, and the future its caller waits for."""

    work: Callable[[Any], Coroutine[Any, Any, Done]]
    done: asyncio.Future[Done]

    def follow(self, task: asyncio.Task[Done], server: str, faults: Faults) -> None:
        """Let the future end as the task ends, and the task when the future is cancelled."""

        def settle(task: asyncio.Task[Done]) -> None:
            if self.done.done():
                task.cancelled() or task.exception()
            elif task.cancelled():
                self.done.set_exception(ToolError(f"the server {server}: {faults.reason or ENDED}"))
            elif (error := task.exception()) is not None:
                is_ours = isinstance(error, ToolError)
                words = str(error) if is_ours else f"the server {server}: {error_words(error, faults.words())}"
                self.done.set_exception(ToolError(words))
            else:
                self.done.set_result(task.result())

        task.add_done_callback(settle)
        self.done.add_done_callback(lambda done: task.cancel() if done.cancelled() else None)


async def serve(client: Any, run: Run, name: str, renew: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    """Do what is posted until the run is stopped or ends; `renew` has the tools listed again when they have changed."""
    running: set[asyncio.Task[Any]] = set()
    stops = [asyncio.create_task(run.stop.wait()), asyncio.create_task(run.ended.wait())]
    listening = asyncio.create_task(_listen(client, run)) if client.protocol_version >= MODERN else None
    if listening is not None:  # without it the tools are still listed again before they run unasked
        listening.add_done_callback(lambda task: task.cancelled() or task.exception())
    loop = asyncio.get_running_loop()
    quiet_until = loop.time()

    async def changed() -> None:
        await run.stale.wait()
        await asyncio.sleep(quiet_until - loop.time())

    waits: list[asyncio.Task[Any]] = []
    try:
        while not any(stop.done() for stop in stops):
            taking = asyncio.create_task(run.calls.get())
            stale = asyncio.create_task(changed())
            waits = [taking, stale]
            await asyncio.wait({taking, stale, *stops}, return_when=asyncio.FIRST_COMPLETED)
            if run.stale.is_set() and (stale.done() or taking.done()) and not run.ended.is_set():
                await renew(client)
                quiet_until = loop.time() + RENEW_PAUSE
            stale.cancel()
            if not taking.done():
                taking.cancel()
                continue
            call = taking.result()
            if call.done.cancelled():
                continue
            task = asyncio.create_task(call.work(client))
            running.add(task)
            task.add_done_callback(running.discard)
            call.follow(task, name, run.faults)
        if run.ended.is_set():
            # What is under way fails by itself now that the stream has closed; a moment is enough.
            await asyncio.sleep(0)
            if running:
                await asyncio.wait(running, timeout=1.0)
    finally:
        for each in (*stops, *waits, *running, *([listening] if listening else [])):
            each.cancel()


async def _listen(client: Any, run: Run) -> None:
    """Hear of changed tools: servers of the newest protocol tell only those who listen."""
    capabilities = getattr(client.server_capabilities, "tools", None)
    if not getattr(capabilities, "list_changed", False):
        return
    async with client.listen(tools_list_changed=True) as changes:
        async for _ in changes:
            run.stale.set()
