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
from urllib.parse import urlsplit

from msgspec import Struct

from tui.tools.definition import ToolError
from tui.tools.mcp_server import McpServer, is_loopback
from tui.tools.process import clean_environment, find_program, home_path

_LOG_BYTES = 1 << 20


class Sdk(Struct, frozen=True):
    """What is used of the SDK; loaded late, and typed as loosely as an extra must be."""

    client: Any
    parameters: Any
    stdio: Any
    http: Any
    http_client: Any
    http_timeout: Any
    bad_url: Any


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
        httpx2.InvalidURL,
    )


def open_transport(sdk: Sdk, server: McpServer, log: TextIO, ended: asyncio.Event) -> Any:
    """The streams to a server, not opened yet; `ended` is set when its end of them has closed.

    Raises:
        ToolError: If its program, or the directory it should run in, is not there.
    """
    return _watched(_transport(sdk, server, log), ended)


def _transport(sdk: Sdk, server: McpServer, log: TextIO) -> Any:
    if server.command:
        named = {name: os.environ[name] for name in server.keep_env if name in os.environ} | dict(server.env)
        env, cwd = clean_environment() | named, home_path(server.cwd)
        if cwd is not None and not cwd.is_dir():
            raise ToolError(f"there is no directory {cwd} to run {server.command[0]} in")
        parameters = sdk.parameters(
            command=find_program(server.command[0], env, cwd),
            args=list(server.command[1:]),
            env=env,
            cwd=cwd,
            encoding_error_handler="replace",
        )
        return sdk.stdio(parameters, errlog=log)
    key = os.environ.get(server.key_env, "") if server.key_env else ""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return _over_http(sdk, server, headers)


@contextlib.asynccontextmanager
async def _over_http(sdk: Sdk, server: McpServer, headers: Mapping[str, str]) -> AsyncIterator[Any]:
    timeout = sdk.http_timeout(30.0, read=server.timeout + 5)
    # No proxy of the environment stands between rillet and this machine: it would read the token in clear.
    is_here = is_loopback(urlsplit(server.url).hostname or "")
    mounts = dict.fromkeys(("all://", "http://", "https://")) if is_here else {}
    try:
        client = sdk.http_client(headers=headers, timeout=timeout, follow_redirects=False, mounts=mounts)
    except (sdk.bad_url, ValueError):
        # Its own words repeat a part of what stands there, which may be a password.
        raise ToolError("a proxy cannot be read: see HTTP_PROXY, HTTPS_PROXY and ALL_PROXY") from None
    async with client as http, sdk.http(server.url, http_client=http) as streams:
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
    """Where a server's errors go: never the terminal. What cannot be written down is let go; the server still runs."""
    try:
        file = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC) if folder is None else _open_log_file(folder, name)
    except OSError:
        file = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    with os.fdopen(file, "w", encoding="utf-8", errors="replace") as log:
        yield log


def _open_log_file(folder: Path, name: str) -> int:
    """The file of a server's errors, and the directories above it where they are missing; only its owner reads it."""
    for directory in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        directory.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"mcp-{name}.log"
    is_long = path.exists() and path.stat().st_size > _LOG_BYTES
    how = os.O_TRUNC if is_long else os.O_APPEND
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | how, 0o600)
