import functools
import io
import os
import subprocess

import pytest

from tests.cli import running
from tests.local.conftest import data_dir, index
from tests.server import FaultServer
from tui.cli import run

__all__ = ["data_dir", "index"]  # fixtures of the tests of tui/local


@pytest.fixture(scope="module")
def server():
    with FaultServer() as running_:
        yield running_


@pytest.fixture
def home(tmp_path):
    return tmp_path


@pytest.fixture
def rillet_process(home):
    """Runs rillet in this test's home, in a process of its own."""
    return functools.partial(running.rillet, home=home)


@pytest.fixture
def rillet(home, monkeypatch, capfd):
    """Runs rillet in this test's home and in this process, which costs a tenth."""

    def run_here(*words, stdin=None, env=None):
        with monkeypatch.context() as patch:
            for name in list(os.environ):
                patch.delenv(name)
            for name, value in running.environ_in(home, **(env or {})).items():
                patch.setenv(name, value)
            piped = io.BytesIO((stdin or "").encode())
            patch.setattr("sys.stdin", io.TextIOWrapper(piped))
            try:
                code = run(words)
            except SystemExit as left:
                code = left.code
            out, err = capfd.readouterr()
            return subprocess.CompletedProcess(words, code, out, err)

    return run_here


@pytest.fixture
def ask(rillet, server):
    """Runs `rillet ask` against a scenario."""

    def run(scenario, *words, **more):
        return rillet("ask", "--base-url", server.url(scenario), "--model", "m", *words, **more)

    return run
