"""The child process of the built-in model, seen from its parent: started, heard, ended, and why it died."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tui.child import end_child, start_child
from tui.domain.error import EndpointError
from tui.wire.printable import printable_line

# By its path and with -P: nothing in the folder where rillet happens to run can stand in for it.
HOST_COMMAND = (sys.executable, "-P", str(Path(__file__).with_name("host.py")))

_TAIL_BYTES = 16384
_REASON_CHARS = 300
# A line of llama.cpp at the level of errors: `0.00.021.567 E function: what happened`.
_LLAMA_ERROR = re.compile(r"^[\d.]+ E (?:\w+\s+)?(?:\w+: )?(.+)$", re.MULTILINE)
_PYTHON_ERROR = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception): (.+)$", re.MULTILINE)


class Host:
    """A child that loads the weights and then serves them, until it is ended or its parent dies."""

    def __init__(self, process: Process, log_path: Path) -> None:
        self._process = process
        self._log_path = log_path

    @classmethod
    async def start(cls, command: Sequence[str], config: Mapping[str, Any], log_path: Path) -> Host:
        """Start a child; its configuration, with the key, goes over its standard input, where nobody else sees it.

        Raises:
            OSError: If the system starts no process.
        """
        process = await start_child(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            # Ctrl+C at the terminal is for rillet alone.
            start_new_session=True,
        )
        host = cls(process, log_path)
        if process.stdin is not None:
            # A child that is dead already is noticed when it is heard.
            process.stdin.write(json.dumps({**config, "log": str(log_path)}).encode() + b"\n")
        return host

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    async def hear(self) -> dict[str, str] | None:
        """The next thing the child says of its state; `None` when it has nothing more to say."""
        if self._process.stdout is None:
            return None
        try:
            said = json.loads(await self._process.stdout.readline())
        except ValueError:
            return None
        return said if isinstance(said, dict) else None

    def kill(self) -> None:
        """End it now: it holds nothing that must be saved. Safe to call at any time, also twice."""
        with suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def wait(self) -> int:
        """Wait until it has ended; its return code."""
        return await self._process.wait()

    async def end(self) -> None:
        """End it now, and wait for that."""
        await end_child(self._process)

    def failure(self, *, was_ready: bool) -> EndpointError:
        """Why it ended, from its log where that says so."""
        log = "" if was_ready else _tail(self._log_path)
        return EndpointError(
            f"the built-in model {read_reason(log, self._process.returncode)}",
            f"Its log is {self._log_path}. Another try starts it again.",
            kind="server",
        )


def read_reason(log: str, returncode: int | None) -> str:
    """Why a child ended, as what comes after “the built-in model”; `log` is the end of its log, if that is to tell.

    The first error that llama.cpp reports is the cause, the others are its consequences.
    """
    if errors := _LLAMA_ERROR.findall(log):
        return f"could not be loaded: {_shorten(errors[0])}"
    if errors := _PYTHON_ERROR.findall(log):
        return f"could not be started: {_shorten(errors[-1])}"
    if returncode is not None and returncode < 0:
        name = signal.Signals(-returncode).name if -returncode in set(signal.Signals) else f"signal {-returncode}"
        hint = {"SIGKILL": " (was the memory full?)", "SIGILL": " (this processor lacks what it needs)"}.get(name, "")
        return f"was ended by {name}{hint}"
    return f"ended by itself with code {returncode}"


def _shorten(text: str) -> str:
    line = printable_line(text.strip())
    return line if len(line) <= _REASON_CHARS else f"{line[:_REASON_CHARS]}…"


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
