"""The way to an MCP server: the SDK, and the streams to a program or a service."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from msgspec import Struct

from tui.domain.host import is_loopback
from tui.tools.definition import ToolError
from tui.tools.mcp.bound import BOUNDED, bounded_lines, on_too_long
from tui.tools.mcp.http import ANSWER_BYTES, Faults, guarded_hooks
from tui.tools.mcp.listing import repair
from tui.tools.mcp.server import McpServer
from tui.tools.process import clean_environment, find_program, keep_server

LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")
"""This machine, as an HTTP client writes whom a proxy is for."""

PROBE_SECONDS = 4.0
"""Seconds until a server that is asked for the newest protocol and says nothing is greeted in the older way.

One that only starts slowly is understood all the same: the SDK asks once more where the older greeting is refused."""


class Sdk(Struct, frozen=True):
    """What is used of the SDK; loaded late, and typed as loosely as an extra must be."""

    client: Any
    types: Any
    parameters: Any
    stdio: Any
    http: Any
    httpx: Any


def import_sdk() -> Sdk:
    """Load it, which takes its time.

    Raises:
        ToolError: If it is not installed.
    """
    try:
        mcp = importlib.import_module("mcp")
        types = importlib.import_module("mcp.types")
        stdio: Any = importlib.import_module("mcp.client.stdio")
        http = importlib.import_module("mcp.client.streamable_http")
        session: Any = importlib.import_module("mcp.client.session")
        httpx2 = importlib.import_module("httpx2")
    except ImportError as error:
        raise ToolError("MCP needs the extra: pip install 'rillet[mcp]'") from error
    session.DISCOVER_TIMEOUT_SECONDS = PROBE_SECONDS
    if stdio.TextReceiveStream.__name__ != BOUNDED:
        stdio.TextReceiveStream = bounded_lines(stdio.TextReceiveStream)
    # Without a handler the SDK's complaints would go to the terminal, over the screen.
    for name in ("mcp", "client"):
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    return Sdk(mcp.Client, types, mcp.StdioServerParameters, stdio.stdio_client, http.streamable_http_client, httpx2)


class Way(Struct):
    """How a server is reached this time, and what is learned on the way.

    `ended` is set when the server's end has closed, or it has forgotten us. `auth` signs the requests. `notes`
    are the tools that were repaired or left out of a list.
    """

    sdk: Sdk
    server: McpServer
    log: TextIO
    ended: asyncio.Event
    faults: Faults
    auth: Any = None
    notes: list[str] = []

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Any]:
        """The streams to the server.

        Raises:
            ToolError: If its program, its directory, or a value that the settings name is not there.
        """
        on_too_long.set(self._give_up)
        transport = await (self._program() if self.server.command else self._service())
        async with transport as (reading, writing):
            yield _Watched(reading, self.ended.set, self.notes.extend), writing

    def _give_up(self) -> None:
        self.faults.reason = f"it sent a message of more than {ANSWER_BYTES >> 20} MiB"
        self.ended.set()

    async def _program(self) -> Any:
        server = self.server
        env = clean_environment() | {name: os.environ[name] for name in server.keep_env if name in os.environ}
        for name, value in server.env.items():
            env[name] = await value.find()
        program, cwd = home_text(server.command[0]), Path(home_text(server.cwd)) if server.cwd else None
        if cwd is not None and not cwd.is_dir():
            raise ToolError(f"there is no directory {cwd} to run {program} in")
        path = find_program(program, env, cwd)
        command, *before = [*keep_server(path, env)] or [path]
        parameters = self.sdk.parameters(
            command=command,
            args=[*before, *(home_text(word) for word in server.command[1:])],
            env=env,
            cwd=cwd,
            encoding_error_handler="replace",
        )
        return self.sdk.stdio(parameters, errlog=self.log)

    async def _service(self) -> Any:
        server = self.server
        headers = {name: await value.find() for name, value in server.headers.items()}
        if server.key is not None:
            headers["authorization"] = f"Bearer {await server.key.find()}"
        return self._over_http(headers)

    @contextlib.asynccontextmanager
    async def _over_http(self, headers: dict[str, str]) -> AsyncIterator[Any]:
        httpx = self.sdk.httpx
        # No proxy of the environment stands between rillet and this machine: it would read the token in clear. Nor between
        # rillet and a sign-in on this machine.
        is_here = is_loopback(urlsplit(self.server.url).hostname or "")
        direct = ("all://", "http://", "https://") if is_here else LOOPBACK
        try:
            client = httpx.AsyncClient(
                headers=headers,
                timeout=httpx.Timeout(30.0, read=None),
                follow_redirects=False,
                mounts=dict.fromkeys(direct),
                auth=self.auth,
                event_hooks=guarded_hooks(httpx.AsyncByteStream, self.faults, self.ended.set),
            )
        except (httpx.InvalidURL, ValueError):
            # Its own words repeat a part of what stands there, which may be a password.
            raise ToolError("a proxy cannot be read: see HTTP_PROXY, HTTPS_PROXY and ALL_PROXY") from None
        async with (
            client as http,
            self.sdk.http(self.server.url, http_client=http, max_sse_event_size=ANSWER_BYTES) as streams,
        ):
            yield streams


def home_text(word: str) -> str:
    """A word of a command with `~` for the home."""
    return os.path.expanduser(word)  # noqa: PTH111  # Path.expanduser raises without a home


class _Watched:
    """A stream that tells when it has ended, and mends lists of tools; otherwise the stream itself."""

    def __init__(self, stream: Any, end: Callable[[], None], note: Callable[[list[str]], None]) -> None:
        self._stream = stream
        self._end = end
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __aiter__(self) -> _Watched:
        return self

    async def __anext__(self) -> Any:
        try:
            said = await self._stream.__anext__()
        except StopAsyncIteration:
            self._end()
            raise
        self._note(list(repair(getattr(getattr(said, "message", None), "result", None))))
        return said

    async def __aenter__(self) -> _Watched:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> Any:
        return await self._stream.__aexit__(*error)
