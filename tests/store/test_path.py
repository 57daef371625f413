from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tui.domain.error import StoreError
from tui.store import path as paths

KINDS = [
    (paths.config_dir, "XDG_CONFIG_HOME", ".config/rillet"),
    (paths.data_dir, "XDG_DATA_HOME", ".local/share/rillet"),
    (paths.state_dir, "XDG_STATE_HOME", ".local/state/rillet"),
    (paths.cache_dir, "XDG_CACHE_HOME", ".cache/rillet"),
]


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    for _, variable, _ in KINDS:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.delenv("RILLET_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize(("where", "variable", "usual"), KINDS)
@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_directories_follow_xdg_where_it_is_set(where, variable, usual, system, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", system)
    assert where() == tmp_path / usual
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    assert where() == tmp_path / "elsewhere" / "rillet"
    monkeypatch.setenv(variable, "relative/is/ignored")
    assert where() == tmp_path / usual
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("home", ["", "not/absolute"])
def test_without_a_home_it_is_a_sentence(monkeypatch, home):
    def nobody(_: int) -> None:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.setenv("HOME", home)
    for where, _, _ in KINDS:
        with pytest.raises(StoreError, match="no home"):
            where()
    assert all(directory.is_dir() for directory in paths.themes_dirs())


def test_the_settings_file_can_be_elsewhere(monkeypatch, tmp_path):
    assert paths.settings_path() == tmp_path / ".config/rillet/config.toml"
    monkeypatch.setenv("RILLET_CONFIG", "~/other.toml")
    assert paths.settings_path() == tmp_path / "other.toml"


def test_a_sessions_file_that_is_a_link_is_what_it_leads_to(tmp_path):
    link = paths.make_dir(paths.data_dir()) / paths.SESSIONS_FILE
    real = tmp_path / "disk" / "mine.db"
    link.symlink_to(real)
    with pytest.raises(StoreError, match="that directory is not there"):
        paths.database_path()
    assert not real.parent.exists(), "a disk that is not mounted is not stood in for"
    real.parent.mkdir()
    assert paths.database_path() == real


def test_themes_come_from_the_package_and_from_the_user(tmp_path):
    mine = tmp_path / ".config/rillet/themes"
    mine.mkdir(parents=True)
    assert paths.themes_dirs()[-1] == mine


def test_directories_are_made_private(tmp_path):
    tmp_path.chmod(0o755)
    before = os.umask(0)
    try:
        made = paths.make_dir(tmp_path / "share" / "rillet" / "logs")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (made, made.parent, made.parent.parent)] == [0o700] * 3
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_private_file_is_replaced_whole(tmp_path, monkeypatch):
    file = tmp_path / "rillet" / "choices.toml"
    paths.write_private(file, b"old")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match="No space left on device"):
        paths.write_private(file, b"new")
    assert [each.name for each in file.parent.iterdir()] == ["choices.toml"]
    assert file.read_bytes() == b"old"


def test_what_is_in_the_way_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    for target in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nothing/here")):
        with pytest.raises(StoreError):
            paths.make_dir(target)
