"""The runtime: whether xllamacpp, which runs a GGUF file, is here; the program does without it otherwise."""

from __future__ import annotations

import os
import platform
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from tui.domain.error import ConfigError

_MACHINES = {"x86_64", "amd64", "aarch64", "arm64"}
_MOST_THREADS = 4


def check_runtime() -> None:
    """See that a GGUF file could be run; nothing is imported.

    Raises:
        ConfigError: If not, with what to do about it.
    """
    if find_spec("xllamacpp") is not None:
        return
    if _has_wheel():
        raise ConfigError(
            "the built-in model needs xllamacpp, which is not installed", "Run: pip install 'rillet[local]'"
        )
    raise ConfigError(
        f"the built-in model needs xllamacpp, which is not made for {sysconfig.get_platform()}",
        "Any other endpoint works: set XAI_API_KEY, or use --base-url.",
    )


def count_threads() -> int:
    """Threads to compute with: one on a small machine, never all of its cores.

    The threads wait for each other by spinning, so one that has to share its core holds up all: with two on two
    busy cores the model becomes twenty times slower than with one.
    """
    cores = _count_cores()
    return 1 if cores <= 2 else min(_MOST_THREADS, cores - 1)


def _count_cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # A container's share of the processor shows in neither of the two.
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text("ascii").split()
        return cores if quota == "max" else max(1, min(cores, int(quota) // int(period)))
    except (OSError, ValueError, ZeroDivisionError):
        return cores


def _has_wheel() -> bool:
    is_musl = "musl" in str(sysconfig.get_config_var("SOABI") or "")
    return platform.machine().lower() in _MACHINES and not is_musl and sysconfig.get_platform() != "win-arm64"
