"""MCP servers: programs and services that offer tools over the Model Context Protocol.

The SDK is an extra, and heavy: it is imported in a thread when the first server starts. Its client must be
entered and left in one task, so each server has an owner task that does both and nothing else may touch
the client; callers post a call and wait for its future.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from msgspec import Struct

from tui.schema.json_value import thaw
from tui.tools.definition import Output, Tool, ToolError
from tui.tools.mcp_result import error_words, read_result, read_tools
from tui.tools.mcp_server import McpServer
from tui.tools.mcp_transport import import_sdk, open_log, open_transport

_Done = TypeVar("_Done")

START_SECONDS = 30.0
_CLOSE_SECONDS = 8.0


class McpConnection:
    """One server, started when needed and again after a crash.

    Attributes:
        name: The server's name.
        tools: Its tools, as last listed.
        problem: Why it does not run, in a sentence; empty while it runs or has not been asked to.
    """

    def __init__(self, server: McpServer, log_dir: Path | None = None) -> None:
        """Describe the connection; nothing is started."""
        self.name = server.name
        self.tools: tuple[Tool, ...] = ()
        self.problem = ""
        self._server = server
        self._log_dir = log_dir
        self._owner: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[None] | None = None
        self._calls: asyncio.Queue[_Call[Any]] = asyncio.Queue()
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._is_stale = False

    @property
    def is_running(self) -> bool:
        """Whether the server has listed its tools and not ended since."""
        is_up = self._ready is not None and self._ready.done() and not self._ended.is_set()
        return is_up and self._owner is not None and not self._owner.done()

    async def start(self) -> None:
        """Start the server unless it runs, and list its tools; a failure is said in `problem`."""
        if self._stop.is_set():
            return
        if self._owner is not None and self._ended.is_set():
            await asyncio.wait({self._owner}, timeout=_CLOSE_SECONDS)
        if self._owner is None or self._owner.done():
            self.problem = ""
            self._calls = asyncio.Queue()
            self._ended = asyncio.Event()
            self._ready = asyncio.get_running_loop().create_future()
            self._owner = asyncio.create_task(self._own(self._ready, self._ended), name=f"mcp {self.name}")
            self._owner.add_done_callback(self._note_end)
        if self._ready is not None:
            await asyncio.wait(
                {self._ready, self._owner}, timeout=START_SECONDS + 5, return_when=asyncio.FIRST_COMPLETED
            )
            await asyncio.sleep(0)  # an owner that has ended tells why in its callback

    async def aclose(self) -> None:
        """End the server, and its process with it."""
        self._stop.set()
        owner = self._owner
        if owner is None or owner.done():
            return
        await asyncio.wait({owner}, timeout=_CLOSE_SECONDS)
        if not owner.done():
            owner.cancel()
            await asyncio.wait({owner}, timeout=_CLOSE_SECONDS)

    async def call(self, tool: Tool, name: str, arguments: Mapping[str, Any]) -> Output:
        """Call a tool, starting the server again if it has ended.

        Raises:
            ToolError: If the server does not run, ends meanwhile, or no longer means the same by the tool.
        """
        return await self._do(lambda client: self._answer(client, tool, name, arguments))

    async def renew(self) -> None:
        """List the tools again: what a server announces may come late, or to nobody.

        Raises:
            ToolError: If the server does not run, or ends meanwhile.
        """
        await self._do(self._renew)

    async def _do(self, work: Callable[[Any], Coroutine[Any, Any, _Done]]) -> _Done:
        """Have the owner do something with the client, and wait for what comes of it."""
        await self.start()
        if not self.is_running:
            raise ToolError(f"the server {self.name} does not run: {self.problem or 'it has ended'}")
        call: _Call[_Done] = _Call(work, asyncio.get_running_loop().create_future())
        self._calls.put_nowait(call)
        # The owner may end with calls still in its queue: whichever is first speaks.
        owner = self._owner
        waiting: set[asyncio.Future[Any]] = {call.done} if owner is None else {call.done, owner}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            call.done.cancel()
            raise
        if not call.done.done():
            call.done.cancel()
            raise ToolError(f"the server {self.name} ended before it answered")
        return call.done.result()

    async def _own(self, ready: asyncio.Future[None], ended: asyncio.Event) -> None:
        """Enter the client, serve calls, leave the client: all in this one task."""
        sdk = await asyncio.to_thread(import_sdk)
        with open_log(self._log_dir, self.name) as log:
            async with asyncio.timeout(START_SECONDS) as limit:
                client = sdk.client(
                    open_transport(sdk, self._server, log, ended),
                    message_handler=self._notice,
                    read_timeout_seconds=self._server.timeout,
                )
                async with client:
                    self.tools = await self._list(client)
                    limit.reschedule(None)
                    ready.set_result(None)
                    await self._serve(client, ended)

    async def _serve(self, client: Any, ended: asyncio.Event) -> None:
        running: set[asyncio.Task[Any]] = set()
        stops = [asyncio.create_task(self._stop.wait()), asyncio.create_task(ended.wait())]
        try:
            while not any(stop.done() for stop in stops):
                taking = asyncio.create_task(self._calls.get())
                await asyncio.wait({taking, *stops}, return_when=asyncio.FIRST_COMPLETED)
                if not taking.done():
                    taking.cancel()
                    break
                call = taking.result()
                if call.done.cancelled():
                    continue
                if self._is_stale:
                    await self._renew(client)
                task = asyncio.create_task(call.work(client))
                running.add(task)
                task.add_done_callback(running.discard)
                call.follow(task, self.name)
            if ended.is_set():
                # What is under way fails by itself now that the stream has closed; a moment is enough.
                await asyncio.sleep(0)
                if running:
                    await asyncio.wait(running, timeout=1.0)
        finally:
            for stop in stops:
                stop.cancel()
            for task in running:
                task.cancel()

    async def _answer(self, client: Any, tool: Tool, name: str, arguments: Mapping[str, Any]) -> Output:
        current = next((other for other in self.tools if other.name == tool.name), None)
        if current is None or current.hash != tool.hash:
            raise ToolError(f"the server {self.name} has changed the definition of {name}; nothing was run")
        answer = await client.call_tool(name, thaw(arguments), read_timeout_seconds=self._server.timeout)
        return read_result(answer, self._server.output_limit)

    async def _renew(self, client: Any) -> None:
        self._is_stale = False
        self.tools = await self._list(client)

    async def _list(self, client: Any) -> tuple[Tool, ...]:
        server = self._server
        found = [spec for spec in await read_tools(client) if not server.only or spec.name in server.only]
        return tuple({tool.name: tool for tool in map(self._tool, found)}.values())

    def _tool(self, spec: Any) -> Tool:
        async def run(arguments: Mapping[str, Any]) -> Output:
            return await self.call(tool, spec.name, arguments)

        server = self._server

        def preview(_arguments: Mapping[str, Any]) -> str:
            return f"tools/call {spec.name} at {server.url or shlex.join(server.command)}"

        deciding = {
            "command": server.command,
            "url": server.url,
            "env": sorted(server.env),
            "cwd": server.cwd,
            "tool": spec.name,
        }
        tool = Tool(
            spec.full_name(server.name),
            spec.description,
            spec.parameters,
            "mcp",
            run,
            renew=self.renew,
            preview=preview,
            hints=spec.hints,
            server=server.name,
            deciding=deciding,
            runs_parallel=server.runs_parallel,
            timeout=server.timeout + START_SECONDS,
            output_limit=server.output_limit,
        )
        return tool

    async def _notice(self, message: Any) -> None:
        if getattr(message, "method", "") == "notifications/tools/list_changed":
            self._is_stale = True

    def _note_end(self, owner: asyncio.Task[None]) -> None:
        if owner.cancelled() or (error := owner.exception()) is None:
            return
        was_ready = self._ready is not None and self._ready.done()
        # After a crash the next call starts it again; a server that never came up is a problem to show.
        self.problem = "" if was_ready else error_words(error)


class _Call(Struct, Generic[_Done]):
    """What was posted to the owner to be done with the client, and the future its caller waits for."""

    work: Callable[[Any], Coroutine[Any, Any, _Done]]
    done: asyncio.Future[_Done]

    def follow(self, task: asyncio.Task[_Done], server: str) -> None:
        """Let the future end as the task ends, and the task when the future is cancelled."""

        def settle(task: asyncio.Task[_Done]) -> None:
            if self.done.done():
                task.cancelled() or task.exception()
            elif task.cancelled():
                self.done.set_exception(ToolError(f"the server {server} ended before it answered"))
            elif (error := task.exception()) is not None:
                words = str(error) if isinstance(error, ToolError) else f"the server {server}: {error_words(error)}"
                self.done.set_exception(ToolError(words))
            else:
                self.done.set_result(task.result())

        task.add_done_callback(settle)
        self.done.add_done_callback(lambda done: task.cancel() if done.cancelled() else None)
