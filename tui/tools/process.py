"""Processes that tools start: bounded in time, output and memory, and killed with all their children.

On Linux each has a keeper (`tui.tools.keeper`), to which whatever it leaves behind comes: a tool call leaves nothing
behind, in no session; where systemd can, each has a cgroup too (`tui.tools.scope`). Elsewhere each runs in a session of its own, and what it left in its process group is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from tui.child import whole
from tui.tools.definition import ToolError
from tui.tools.scope import NO_SCOPE, PROCESSES, Scope, find_scope

GRACE = 2.0
"""Seconds between asking a program to end and killing it."""

LAST_RESORT = 10.0
"""Seconds over a program's own time limit after which whoever runs the tool stops waiting: the program gets its grace first."""

MEMORY_BYTES = 4 << 30
"""How much a tool may take, where the system can hold it to that."""

SERVER_MEMORY_BYTES = 16 << 30
"""How much a program may take that is a server of tools: some hold a model."""

_KEEPER = Path(__file__).with_name("keeper.py")
_DRAIN = 1.0
_STOP_GRACE = 0.2
_PATH = "/usr/local/bin:/usr/bin:/bin"
_KEY_NAME = re.compile(
    r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL)S?\d*(_|$)|(^|_)(AUTH|PASS|PAT)(_|$)", re.IGNORECASE
)
_KEY_VALUE = re.compile(r"^(sk-|xai-|gsk_|ghp_|github_pat_|hf_|AKIA|AIza|xox[bp]-)[\w-]{12,}|-----BEGIN .*PRIVATE KEY")


class Finished(Struct, frozen=True):
    """How a process ended.

    `status` is the exit status, negative for the signal that ended it. `was_cut` when it wrote more than
    it might, `has_timed_out` when it ran longer; either way it was killed.
    """

    out: bytes
    err: bytes
    status: int
    was_cut: bool = False
    has_timed_out: bool = False


async def run_process(
    argv: Sequence[str],
    *,
    timeout: float,  # noqa: ASYNC109  # the program is ended in steps, not merely left
    output_limit: int,
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    given: bytes | None = None,
    grace: float = GRACE,
) -> Finished:
    """Run a program to its end, or end it.

    Args:
        argv: The program and its arguments; never a shell's text.
        timeout: Seconds it may run.
        output_limit: Bytes it may write, output and errors together.
        cwd: Where it runs.
        env: Its whole environment; a clean one where none is given.
        given: What it reads; nothing where `None`.
        grace: Seconds between SIGTERM and SIGKILL.

    Raises:
        ToolError: If it cannot be started.
    """
    env = clean_environment() if env is None else env
    loop = asyncio.get_running_loop()
    program = find_program(argv[0], env, cwd)
    scope = await asyncio.to_thread(_scope) if has_keeper() else NO_SCOPE
    fault, report = os.pipe()
    try:
        starting = loop.subprocess_exec(
            lambda: _Watch(output_limit),
            *_keeping(report, env, scope),
            program,
            *argv[1:],
            stdin=asyncio.subprocess.DEVNULL if given is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=cwd,
            env={**env, **scope.env},
            start_new_session=True,
            pass_fds=(report,) if has_keeper() else (),
        )
        (transport, watch), is_stopped = await whole(starting)
    except (OSError, ValueError) as error:
        os.close(fault)
        raise ToolError(_why_not(argv[0], cwd, error)) from error
    except BaseException:
        os.close(fault)
        raise
    finally:
        os.close(report)
    group = transport.get_pid()
    try:
        if is_stopped:
            raise asyncio.CancelledError
        if given is not None:
            _give(transport.get_pipe_transport(0), given)
        finished = await _follow(watch, group, timeout, grace)
    except asyncio.CancelledError:
        # The user waits for this: ask, give it a moment, and kill what is left.
        _signal_group(group, signal.SIGTERM)
        try:
            await asyncio.wait({watch.exited}, timeout=_STOP_GRACE)
        finally:
            _end_all(group)
        await asyncio.wait({watch.exited}, timeout=_DRAIN)
        _signal_group(group, signal.SIGKILL)
        await asyncio.wait({watch.exited}, timeout=_DRAIN)  # else its end would be told to a loop that is over
        raise
    else:
        if watch.exited.done() and (number := os.read(fault, 16)):
            raise ToolError(_why_not(argv[0], cwd, OSError(int(number), os.strerror(int(number)))))
        return finished
    finally:
        os.close(fault)
        transport.close()


@cache
def has_keeper() -> bool:
    """Whether tools are kept: their children found wherever they hide, their memory and processes limited."""
    return sys.platform == "linux" and bool(sys.executable) and _KEEPER.is_file() and Path("/proc/self/stat").exists()


def describe_bounds() -> str:
    """What holds a tool on this system, in a sentence; asking the system may take a moment."""
    if not has_keeper():
        return "tools: time and output are limited; what leaves its process group is not found"
    gigabytes, how = MEMORY_BYTES >> 30, "a keeper ends all that a tool starts"
    if _scope().is_there:
        return f"tools: a systemd scope holds each to {gigabytes} GB of memory and {PROCESSES} processes; {how}"
    return f"tools: {how}; {gigabytes} GB of memory, processes and open files are limited for each process"


def _scope() -> Scope:
    return find_scope(MEMORY_BYTES, clean_environment()["PATH"])


def _keeping(report: int, env: Mapping[str, str], scope: Scope) -> list[str]:
    if not has_keeper():
        return []
    # Python itself sets LC_CTYPE where there is no locale.
    dropped = ",".join(name for name in ("LC_CTYPE", *scope.dropped) if name not in env)
    memory = "0" if scope.is_there else str(MEMORY_BYTES)
    return [*scope.words, sys.executable, "-I", "-S", str(_KEEPER), str(report), memory, dropped]


def keep_server(program: str, env: Mapping[str, str]) -> list[str]:
    """The words before those of a server's program, by which it has a keeper too; none where there are no keepers."""
    if not has_keeper():
        return []
    dropped = "" if "LC_CTYPE" in env else "LC_CTYPE"
    return [sys.executable, "-I", "-S", str(_KEEPER), "-", str(SERVER_MEMORY_BYTES), dropped, program]


@cache
def hide_memory() -> bool:
    """Keep this process's memory and environment from the tools it starts, where the system can: whether it could.

    On Linux other processes of the same user can then not read `/proc/PID/environ` or `mem`, where keys are. A
    tool of root still can.
    """
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        return bool(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


_PR_SET_DUMPABLE = 4


def find_program(name: str, env: Mapping[str, str], cwd: str | Path | None = None) -> str:
    """The program's file.

    Raises:
        ToolError: If there is none, or it cannot be run.
    """
    if "/" in name:
        path = Path(cwd or ".", name)
        if not path.is_file():
            raise ToolError(f"there is no program {name}")
        if not os.access(path, os.X_OK):
            raise ToolError(f"{name} is not executable")
        return str(path.absolute())
    program = shutil.which(name, path=env.get("PATH", _PATH))
    if program is None:
        raise ToolError(f"there is no program {name} on the PATH")
    return program


def clean_environment(extra: Mapping[str, str] | None = None, keep: Sequence[str] = ()) -> dict[str, str]:
    """The environment of a tool: PATH, HOME, LANG, TERM=dumb, and what the settings list; never a key.

    Args:
        extra: Variables with their values.
        keep: Names of variables to hand down from our own environment.
    """
    path = ":".join(part for part in os.environ.get("PATH", _PATH).split(":") if part.startswith("/"))
    env = {"PATH": path or _PATH, "TERM": "dumb"}
    env |= {name: os.environ[name] for name in ("HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", *keep) if name in os.environ}
    return {name: value for name, value in {**env, **(extra or {})}.items() if not looks_like_key(name, value)}


def home_path(path: str | None) -> Path | None:
    """A directory as the settings name it, with `~` for the home."""
    return Path(path).expanduser() if path else None


def looks_like_key(name: str, value: str = "") -> bool:
    """Whether a variable seems to hold a key, by its name or its value."""
    return bool(_KEY_NAME.search(name) or _KEY_VALUE.search(value))


def key_problems(env: Mapping[str, str], keep_env: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Which variables of a tool seem to hold a key, and where they are named: no tool is given one."""
    for name, value in [*env.items(), *((name, "") for name in keep_env)]:
        if looks_like_key(name, value):
            yield ("env" if name in env else "keep_env"), f"{name} looks like a key, and no tool is given one"


def end_words(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"ended by signal {-status}"


def decode(data: bytes) -> tuple[str, int]:
    """Bytes as text, and how many could not be read as UTF-8 (U+FFFD stands for them)."""
    try:
        return data.decode(), 0
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        return text, text.count("\ufffd")


class _Watch(asyncio.SubprocessProtocol):
    """Keeps what a process writes, up to a limit, and tells when it ends.

    The end of the process and the end of its pipes are two things: a child that it leaves behind holds the
    pipes open, and waiting for those would be waiting for ever.
    """

    def __init__(self, limit: int) -> None:
        loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[int] = loop.create_future()
        self.drained: asyncio.Future[None] = loop.create_future()
        self.full: asyncio.Future[None] = loop.create_future()
        self.kept = {1: bytearray(), 2: bytearray()}
        self._left = limit
        self._open = {1, 2}
        self._transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.SubprocessTransport):
            self._transport = transport

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if len(data) > self._left and not self.full.done():
            self.full.set_result(None)
        taken = data[: self._left]
        self.kept[fd] += taken
        self._left -= len(taken)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self._open.discard(fd)
        if not self._open and not self.drained.done():
            self.drained.set_result(None)

    def process_exited(self) -> None:
        status = self._transport.get_returncode() if self._transport else None
        if not self.exited.done():
            self.exited.set_result(-signal.SIGKILL if status is None else status)


async def _follow(watch: _Watch, group: int, seconds: float, grace: float) -> Finished:
    ends: set[asyncio.Future[Any]] = {watch.exited, watch.full}
    await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    has_timed_out = not watch.exited.done() and not watch.full.done()
    if not watch.exited.done():
        _signal_group(group, signal.SIGTERM)
        await asyncio.wait({watch.exited}, timeout=grace)
        if not watch.exited.done():
            _end_all(group)
            await asyncio.wait({watch.exited}, timeout=_DRAIN)
    _signal_group(group, signal.SIGKILL)
    await asyncio.wait({watch.exited}, timeout=_DRAIN)
    await asyncio.wait({watch.drained}, timeout=_DRAIN)
    status = watch.exited.result() if watch.exited.done() else -signal.SIGKILL
    return Finished(bytes(watch.kept[1]), bytes(watch.kept[2]), status, watch.full.done(), has_timed_out)


def _give(pipe: asyncio.BaseTransport | None, given: bytes) -> None:
    if isinstance(pipe, asyncio.WriteTransport):
        pipe.write(given)
        pipe.write_eof()


def _end_all(group: int) -> None:
    """End a tool and all that it started: through its keeper, where it has one."""
    _signal_group(group, signal.SIGUSR1 if has_keeper() else signal.SIGKILL)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _why_not(name: str, cwd: str | Path | None, error: Exception) -> str:
    if cwd is not None and not Path(cwd).is_dir():
        return f"there is no directory {cwd} to run {name} in"
    if isinstance(error, OSError):
        return f"{name} cannot be run: {(error.strerror or str(error)).lower()}"
    return f"{name} cannot be run: {error}"
