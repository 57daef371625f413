"""Programs that are asked something: started whole, and ended with the asking, whatever becomes of it.

asyncio leaves a pipe open where a start is cancelled, and a process and its transport where a wait is.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

_LOOK_SECONDS = 0.01
_END_SECONDS = 5.0

Started = TypeVar("Started")


async def whole(starting: Awaitable[Started]) -> tuple[Started, bool]:
    """What has started, and whether a stop came meanwhile: a start is never cut short.

    Raises:
        OSError: If it cannot be started.
        ValueError: If it cannot be started.
    """
    start = asyncio.ensure_future(starting)
    try:
        return await asyncio.shield(start), False
    except asyncio.CancelledError:
        with contextlib.suppress(OSError, ValueError):
            return await start, True
        raise


@contextlib.asynccontextmanager
async def child(*argv: str, **options: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program that has ended when this is left; one with a session of its own is ended with all in its group.

    `options` are those of `asyncio.create_subprocess_exec`.

    Raises:
        OSError: If it cannot be started.
        ValueError: If it cannot be started.
    """
    process = await start_child(*argv, **options)
    try:
        yield process
    finally:
        await end_child(process, with_group=bool(options.get("start_new_session")))


async def start_child(*argv: str, **options: Any) -> asyncio.subprocess.Process:
    """A program, for `end_child` to end; one that is no longer wanted once it runs has been ended.

    Raises:
        OSError: If it cannot be started.
        ValueError: If it cannot be started.
    """
    process, is_stopped = await whole(asyncio.create_subprocess_exec(*argv, **options))
    if is_stopped:
        await end_child(process, with_group=bool(options.get("start_new_session")))
        raise asyncio.CancelledError
    return process


async def exit_status(process: asyncio.subprocess.Process) -> int:
    """How it ended. asyncio's own `wait` would wait for its pipes as well, which what it has started may hold."""
    while process.returncode is None:  # noqa: ASYNC110  # asyncio has no event for it
        await asyncio.sleep(_LOOK_SECONDS)
    return process.returncode


async def end_child(process: asyncio.subprocess.Process, *, with_group: bool = False) -> None:
    """Kill what still runs, wait for its end, and let go of its pipes; a cancel waits for that, which is soon."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if with_group else os.kill)(process.pid, signal.SIGKILL)
    loop = asyncio.get_running_loop()
    until, is_stopped = loop.time() + _END_SECONDS, False
    while process.returncode is None and loop.time() < until:
        try:
            await asyncio.sleep(_LOOK_SECONDS)
        except asyncio.CancelledError:
            is_stopped = True
    transport: asyncio.SubprocessTransport = process._transport  # type: ignore[attr-defined]  # noqa: SLF001
    transport.close()
    if is_stopped:
        raise asyncio.CancelledError
