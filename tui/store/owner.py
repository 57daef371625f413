"""Owners: which process streams a turn, said so that a later process with the same number is not taken for it."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

from msgspec import Struct

_SYSTEM: str = sys.platform


class Owner(Struct, frozen=True):
    """A process: its number, the boot it lives in, and when it started there."""

    pid: int
    boot: str
    started: str

    def record(self) -> str:
        """The owner as one string."""
        return f"{self.pid}/{self.boot}/{self.started}"


def this_owner() -> str:
    """This process, as saved with the turns it streams."""
    return _owner_of(os.getpid())


def is_alive(record: str) -> bool:
    """Whether the process that a record names still runs; a record that makes no sense names a dead one."""
    pid, _, _ = record.partition("/")
    if not pid.isdecimal():
        return False
    started = _started(int(pid))
    return started != "" and record == Owner(int(pid), _boot(), started).record()


def is_running(pid: int) -> bool:
    """Whether there is a process of that number, whichever it is."""
    return _started(pid) != ""


@functools.cache
def _owner_of(pid: int) -> str:
    return Owner(pid, _boot(), _started(pid)).record()


@functools.cache
def _boot() -> str:
    """An id of this boot of the machine; empty where the system has none."""
    if _SYSTEM == "linux":
        return _read("/proc/sys/kernel/random/boot_id")
    if _SYSTEM == "darwin":
        return _ask("sysctl", "-n", "kern.bootsessionuuid")
    return ""


def _started(pid: int) -> str:
    """When a process started, in the system's own terms; empty for one that is gone or only waits to be reaped."""
    if _SYSTEM == "linux":
        # The second field is the program's name in brackets and may hold anything; 3 is the state, 22 the start.
        fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        return "" if len(fields) < 20 or fields[0] in "ZX" else fields[19]
    if _SYSTEM == "win32":
        return "running" if pid == os.getpid() else ""
    return _ask("ps", "-o", "lstart=", "-p", str(pid))


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _ask(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=5, check=False, env={**os.environ, "LC_ALL": "C"})
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()
