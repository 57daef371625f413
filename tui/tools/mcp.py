"""MCP servers: programs and services that offer tools over the Model Context Protocol.

The SDK is an extra, and heavy: it is imported in a thread when the first server starts. Its client must be
entered and left in one task, so each server has an owner task that does both and nothing else may touch
the client; callers post a call and wait for its future.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ipaddress
import logging
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field  # a Struct cannot leave a field out of its repr and its equality
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from msgspec import Struct

from tui.tools.definition import OUTPUT_LIMIT, Output, Tool, ToolError
from tui.tools.json_value import thaw
from tui.tools.mcp_result import error_words, read_result, read_tools
from tui.tools.process import clean_environment, home_path

START_SECONDS = 30.0
_CLOSE_SECONDS = 8.0
_LOG_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class McpServer:
    """An MCP server as the settings describe it: a command that is started, or a URL that is reached.

    The environment of a command is a clean one; `env` gives further variables and `keep_env` names those
    to hand down, keys among them only where they are named here. `key_env` names the variable that holds
    the bearer token for `url`. `only` keeps the named tools; all where empty. `timeout` is in seconds.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    keep_env: tuple[str, ...] = ()
    key_env: str = ""
    cwd: str | None = None
    timeout: float = 60.0
    output_limit: int = OUTPUT_LIMIT
    only: tuple[str, ...] = ()
    runs_parallel: bool = False


def mcp_problems(server: McpServer) -> Iterator[tuple[str, str]]:
    """What is wrong with a definition: the key, and what about it."""
    if bool(server.command) == bool(server.url):
        yield "command", "a server has either a command or a url"
    if server.url:
        parts = urlsplit(server.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield "url", "a url begins with https:// and names a host"
        elif parts.scheme == "http" and not _is_loopback(parts.hostname):
            yield "url", "plain http is for this machine only; write https://"
        elif parts.username or parts.password:
            yield "url", "a url holds no password; name its variable as key_env"


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
        self._calls: asyncio.Queue[_Call] = asyncio.Queue()
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
        await self.start()
        if not self.is_running:
            raise ToolError(f"the server {self.name} does not run: {self.problem or 'it has ended'}")
        loop = asyncio.get_running_loop()
        call = _Call(tool, name, arguments, loop.create_future())
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
        sdk = await asyncio.to_thread(_import_sdk)
        with _open_log(self._log_dir, self.name) as log:
            async with asyncio.timeout(START_SECONDS) as limit:
                client = sdk.client(
                    _watched(self._transport(sdk, log), ended),
                    message_handler=self._notice,
                    read_timeout_seconds=self._server.timeout,
                )
                async with client:
                    self.tools = await self._list(client)
                    limit.reschedule(None)
                    ready.set_result(None)
                    await self._serve(client, ended)

    def _transport(self, sdk: _Sdk, log: TextIO) -> Any:
        server = self._server
        if server.command:
            env = {name: os.environ[name] for name in server.keep_env if name in os.environ} | dict(server.env)
            parameters = sdk.parameters(
                command=server.command[0],
                args=list(server.command[1:]),
                env=clean_environment() | env,
                cwd=home_path(server.cwd),
                encoding_error_handler="replace",
            )
            return sdk.stdio(parameters, errlog=log)
        key = os.environ.get(server.key_env, "") if server.key_env else ""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return _over_http(sdk, server, headers)

    async def _serve(self, client: Any, ended: asyncio.Event) -> None:
        running: set[asyncio.Task[Output]] = set()
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
                    self._is_stale = False
                    self.tools = await self._list(client)
                task = asyncio.create_task(self._answer(client, call))
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

    async def _answer(self, client: Any, call: _Call) -> Output:
        current = next((tool for tool in self.tools if tool.name == call.tool.name), None)
        if current is None or current.hash != call.tool.hash:
            raise ToolError(f"the server {self.name} has changed the definition of {call.name}; nothing was run")
        answer = await client.call_tool(call.name, thaw(call.arguments), read_timeout_seconds=self._server.timeout)
        return read_result(answer, self._server.output_limit)

    async def _list(self, client: Any) -> tuple[Tool, ...]:
        server = self._server
        found = [spec for spec in await read_tools(client) if not server.only or spec.name in server.only]
        return tuple({tool.name: tool for tool in map(self._tool, found)}.values())

    def _tool(self, spec: Any) -> Tool:
        async def run(arguments: Mapping[str, Any]) -> Output:
            return await self.call(tool, spec.name, arguments)

        server = self._server
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
        self.problem = "" if was_ready else error_words(error, self._server.command[:1])


class _Call(Struct):
    """A call that was posted to the owner, and the future its caller waits for."""

    tool: Tool
    name: str
    arguments: Mapping[str, Any]
    done: asyncio.Future[Output]

    def follow(self, task: asyncio.Task[Output], server: str) -> None:
        """Let the future end as the task ends, and the task when the future is cancelled."""

        def settle(task: asyncio.Task[Output]) -> None:
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


class _Sdk(Struct, frozen=True):
    """What is used of the SDK; loaded late, and typed as loosely as an extra must be."""

    client: Any
    parameters: Any
    stdio: Any
    http: Any
    http_client: Any
    http_timeout: Any


def _import_sdk() -> _Sdk:
    try:
        mcp = importlib.import_module("mcp")
        stdio = importlib.import_module("mcp.client.stdio")
        http = importlib.import_module("mcp.client.streamable_http")
        httpx2 = importlib.import_module("httpx2")
    except ImportError as error:
        raise ToolError("MCP needs the extra: pip install 'rillet[mcp]'") from error
    # Without a handler the SDK's complaints would go to the terminal, over the screen.
    logging.getLogger("mcp").addHandler(logging.NullHandler())
    return _Sdk(
        mcp.Client,
        mcp.StdioServerParameters,
        stdio.stdio_client,
        http.streamable_http_client,
        httpx2.AsyncClient,
        httpx2.Timeout,
    )


@contextlib.asynccontextmanager
async def _over_http(sdk: _Sdk, server: McpServer, headers: Mapping[str, str]) -> AsyncIterator[Any]:
    timeout = sdk.http_timeout(30.0, read=server.timeout + 5)
    async with (
        sdk.http_client(headers=headers, timeout=timeout, follow_redirects=False) as http,
        sdk.http(server.url, http_client=http) as streams,
    ):
        yield streams


@contextlib.asynccontextmanager
async def _watched(transport: Any, ended: asyncio.Event) -> AsyncIterator[Any]:
    """The transport, with an event that tells when the server's end of it has closed."""
    async with transport as (reading, writing):
        yield _Watched(reading, ended), writing


class _Watched:
    """A stream that tells when it has ended; otherwise the stream itself."""

    def __init__(self, stream: Any, ended: asyncio.Event) -> None:
        self._stream = stream
        self._ended = ended

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __aiter__(self) -> _Watched:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._stream.__anext__()
        except StopAsyncIteration:
            self._ended.set()
            raise

    async def __aenter__(self) -> _Watched:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> Any:
        return await self._stream.__aexit__(*error)


@contextlib.contextmanager
def _open_log(folder: Path | None, name: str) -> Iterator[TextIO]:
    """Where a server's errors go: never the terminal."""
    if folder is None:
        path, flags = Path(os.devnull), os.O_WRONLY
    else:
        path = folder / f"mcp-{name}.log"
        is_long = path.exists() and path.stat().st_size > _LOG_BYTES
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (os.O_TRUNC if is_long else os.O_APPEND)
    with os.fdopen(os.open(path, flags | os.O_CLOEXEC, 0o600), "w", encoding="utf-8", errors="replace") as log:
        yield log


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
