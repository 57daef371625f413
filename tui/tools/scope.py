"""Scopes: where a systemd user manager and cgroup v2 are there, each tool has a cgroup of its own.

Its limits hold for all that the tool starts together, and count what is really taken; the keeper's hold for each
process alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

PROCESSES = 512
"""How many processes and threads a tool may have in its scope."""

PATIENCE = 10.0
"""Seconds that the manager has to show that it can, once; a slow machine takes three of them."""

_ROOT = Path("/sys/fs/cgroup")
_ASKS = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
_TELLS = "INVOCATION_ID"
"""The variable in which systemd names the scope to what runs in it."""

_PROBE = """
import sys
from pathlib import Path
root, name = Path(sys.argv[1]), ""
for line in Path("/proc/self/cgroup").read_text().splitlines():
    if line.startswith("0::"):
        name = line[3:].lstrip("/")
print(*[(root / name / limit).read_text().strip() for limit in ("memory.max", "pids.max")])
"""


class Scope(Struct, frozen=True):
    """How a program is put into a scope: the words before its own, the variables they need, and those it must not get."""

    words: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    dropped: tuple[str, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether there is one at all."""
        return bool(self.words)


NO_SCOPE = Scope()


def find_scope(memory: int, path: str) -> Scope:
    """The scope of a tool with so many bytes of memory; tried once, and `NO_SCOPE` where its limits do not hold.

    `path` is where programs are looked for. This may take `PATIENCE`: call it in a thread.
    """
    return _find(memory, path, _ROOT)


@cache
def _find(memory: int, path: str, root: Path) -> Scope:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if sys.platform != "linux" or not runtime or not (root / "cgroup.controllers").is_file():
        return NO_SCOPE
    if not any(Path(runtime, name).exists() for name in ("systemd/private", "bus")):
        return NO_SCOPE
    program = shutil.which("systemd-run", path=path)
    if program is None:
        return NO_SCOPE
    limits = (f"MemoryMax={memory}", "MemorySwapMax=0", f"TasksMax={PROCESSES}")
    options = ("--user", "--scope", "--quiet", "--collect", *(f"--property={limit}" for limit in limits), "--")
    env = {name: os.environ[name] for name in _ASKS if name in os.environ}
    scope = Scope((program, *options), env, (*env, _TELLS))
    try:
        tried = subprocess.run(
            [*scope.words, sys.executable, "-I", "-S", "-c", _PROBE, str(root)],
            env={"PATH": path, **scope.env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return NO_SCOPE
    holds = tried.stdout.split() == [str(memory).encode(), str(PROCESSES).encode()]
    return scope if tried.returncode == 0 and holds else NO_SCOPE
