"""How tests run rillet as a user does: a process of its own, with a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

KEY = "xai-F4k3K3yF4k3K3yF4k3K3yF4k3K3yF4k3"
_CLEAN = ("XAI_API_KEY", "RILLET_API_KEY", "RILLET_CONFIG", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def environ_in(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user whose everything is in `home`; keys and proxies of the machine are left out."""
    kept = {name: value for name, value in os.environ.items() if name.upper() not in _CLEAN}
    homes = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    root = str(Path(__file__).parent.parent.parent)
    return {**kept, "HOME": str(home), **homes, "PYTHONPATH": root, **more}


def start(*words: str, home: Path, env: dict[str, str] | None = None, **more: Any) -> subprocess.Popen[str]:
    """Start rillet, with everything piped."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, "-m", "tui", *words]
    return subprocess.Popen(command, env=environ_in(home, **(env or {})), text=True, cwd=home, **{**streams, **more})


def rillet(
    *words: str, home: Path, stdin: str | None = None, env: dict[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run rillet to its end."""
    source = {"stdin": subprocess.DEVNULL} if stdin is None else {"stdin": subprocess.PIPE}
    with start(*words, home=home, env=env, **{**source, **more}) as child:
        out, err = child.communicate(stdin, timeout=60)
        return subprocess.CompletedProcess(words, child.returncode, out, err)
