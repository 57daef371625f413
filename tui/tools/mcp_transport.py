"""The way to an MCP server: the SDK, the streams to a program or a service, and where its errors go."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from msgspec import Struct

from tui.tools.definition import ToolError
from tui.tools.mcp_server import McpServer
from tui.tools.process import clean_environment, home_path

_LOG_BYTES = 1 << 20


class Sdk(Struct, frozen=True):
    """What is used of the SDK; loaded late, and typed as loosely as an extra must be."""

    client: Any
    parameters: Any
    stdio: Any
    http: Any
    http_client: Any
    http_timeout: Any


def import_sdk() -> Sdk:
    """Load it, which takes its time.

    Raises:
        ToolError: If it is not installed.
    """
    try:
        mcp = importlib.import_module("mcp")
        stdio = importlib.import_module("mcp.client.stdio")
        http = importlib.import_module("mcp.client.streamable_http")
        httpx2 = importlib.import_module("httpx2")
    except ImportError as error:
        raise ToolError("MCP needs the extra: pip install 'rillet[mcp]'") from error
    # Without a handler the SDK's complaints would go to the terminal, over the screen.
    logging.getLogger("mcp").addHandler(logging.NullHandler())
    return Sdk(
        mcp.Client,
        mcp.StdioServerParameters,
        stdio.stdio_client,
        http.streamable_http_client,
        httpx2.AsyncClient,
        httpx2.Timeout,
    )


def open_transport(sdk: Sdk, server: McpServer, log: TextIO, ended: asyncio.Event) -> Any:
    """The streams to a server, not opened yet; `ended` is set when its end of them has closed."""
    return _watched(_transport(sdk, server, log), ended)


def _transport(sdk: Sdk, server: McpServer, log: TextIO) -> Any:
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


@contextlib.asynccontextmanager
async def _over_http(sdk: Sdk, server: McpServer, headers: Mapping[str, str]) -> AsyncIterator[Any]:
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
def open_log(folder: Path | None, name: str) -> Iterator[TextIO]:
    """Where a server's errors go: never the terminal."""
    if folder is None:
        path, flags = Path(os.devnull), os.O_WRONLY
    else:
        path = folder / f"mcp-{name}.log"
        is_long = path.exists() and path.stat().st_size > _LOG_BYTES
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (os.O_TRUNC if is_long else os.O_APPEND)
    with os.fdopen(os.open(path, flags | os.O_CLOEXEC, 0o600), "w", encoding="utf-8", errors="replace") as log:
        yield log
