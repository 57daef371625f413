"""What holds for every test: no deadline on properties (machines differ), and no home but a temporary one."""

import contextlib
import sqlite3

import pytest
from hypothesis import settings

settings.register_profile("rillet", deadline=None)
settings.load_profile("rillet")


@pytest.fixture(autouse=True)
def _home(tmp_path_factory, monkeypatch) -> None:
    """Keep every test away from the files, the keys and the proxies of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
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
