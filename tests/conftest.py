"""What holds for every test: no deadline on properties (machines differ), and no home but a temporary one."""

import contextlib
import gc
import re
import sqlite3
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("rillet", deadline=None)
settings.load_profile("rillet")

_NUMBERS = count()


def pytest_collection_finish() -> None:
    """Leave what all tests share out of every collection of garbage: there is much of it, and it stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def _folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A new folder with a number of its own: pytest would look through all there are for a free one, each time."""
    return factory.mktemp(f"{name}{next(_NUMBERS)}", numbered=False)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each test, named after it, as pytest's own is."""
    return _folder(tmp_path_factory, re.sub(r"\W", "_", request.node.name)[:26])


@pytest.fixture(autouse=True)
def _home(tmp_path_factory, monkeypatch) -> None:
    """Keep every test away from the files, the keys and the proxies of whoever runs it."""
    home = _folder(tmp_path_factory, "home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in ("XAI_API_KEY", "RILLET_API_KEY", "RILLET_CONFIG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(autouse=True)
def _closed_files(monkeypatch):
    """Close the database that a command or a scripted program leaves to the end of its process: Python 3.13 warns of it."""
    connect, opened = sqlite3.connect, []

    def remember(*arguments, **options):
        opened.append(connect(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", remember)
    yield
    for connection in opened:
        with contextlib.suppress(sqlite3.ProgrammingError):  # it belongs to another thread
            connection.close()
