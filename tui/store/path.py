"""Where rillet's files are, and how they are made: directories 0700, files 0600, whatever the umask.

The `*_dir` functions only say where; `make_dir` makes. Nothing here reads the working directory.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

from tui.domain.error import StoreError

NAME = "rillet"
SESSIONS_FILE = "sessions.db"


def config_dir() -> Path:
    """Where the user's own files are: settings and themes. rillet writes here on confirmation only."""
    return _directory("XDG_CONFIG_HOME", "config")


def data_dir() -> Path:
    """Where sessions and weights are."""
    return _directory("XDG_DATA_HOME", "data")


def state_dir() -> Path:
    """Where logs and the choices made in the program are."""
    return _directory("XDG_STATE_HOME", "state")


def cache_dir() -> Path:
    """Where things are that can be had again."""
    return _directory("XDG_CACHE_HOME", "cache")


def settings_path() -> Path:
    """The settings file: `RILLET_CONFIG` where it is set, else `config.toml` in the config directory."""
    if chosen := os.environ.get("RILLET_CONFIG"):
        return Path(os.path.abspath(os.path.expanduser(chosen)))  # noqa: PTH100, PTH111  # Path.expanduser raises without a home
    return config_dir() / "config.toml"


def prompts_dir() -> Path:
    """Where the user's templates are, a file each."""
    return config_dir() / "prompts"


def is_settings_path_chosen() -> bool:
    """Whether a settings file is named by `RILLET_CONFIG`: then it must be there."""
    return bool(os.environ.get("RILLET_CONFIG"))


def choices_path() -> Path:
    """The file of the choices made in the program."""
    return state_dir() / "choices.toml"


def database_path() -> Path:
    """The file of the saved sessions; where that is a link, what it leads to, for SQLite keeps its log beside that.

    Raises:
        StoreError: If there is no home, or the link leads to a directory that is not there: its disk may not be.
    """
    path = data_dir() / SESSIONS_FILE
    if not os.path.islink(path):  # noqa: PTH114  # Path.is_symlink raises where the directory may not be looked into
        return path
    real = Path(os.path.realpath(path))
    if not real.parent.is_dir():
        raise StoreError(f"{path} leads to {real}, and that directory is not there", "Is its disk mounted?")
    return real


def themes_dirs() -> list[Path]:
    """The directories of themes that exist, ours first; a later one may replace a theme of an earlier one."""
    package = Path(__file__).parent.parent
    shipped = package / "_themes"
    directories = [shipped if shipped.is_dir() else package.parent / "themes"]
    with suppress(StoreError):  # no home: only our own themes
        directories.append(config_dir() / "themes")
    return [directory for directory in directories if directory.is_dir()]


def make_dir(path: Path) -> Path:
    """Make a directory and what is missing above it, each 0700; one of ours that others could read is closed.

    Raises:
        StoreError: If it cannot be made, or is something else.
    """
    try:
        missing = [each for each in (path, *path.parents) if not each.exists()]
        for directory in reversed(missing):
            directory.mkdir(mode=0o700, exist_ok=True)
            directory.chmod(0o700)
        status = path.stat()
        if path.name == NAME and status.st_mode & 0o077 and _is_mine(status):
            path.chmod(0o700)
    except OSError as error:
        raise disk_error(error, f"the directory {path} cannot be made") from error
    if not path.is_dir():
        raise StoreError(f"{path} is not a directory", "Move it out of the way.")
    return path


def write_private(path: Path, content: bytes) -> None:
    """Write a file, 0600, all or nothing: after a crash it holds the old bytes or the new ones.

    Raises:
        StoreError: If the disk does not take it; the old file is then untouched.
    """
    make_dir(path.parent)
    try:
        name = path.parent / f".{path.name}.{os.urandom(8).hex()}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(name, flags, 0o600)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor, not a path
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)  # noqa: PTH105  # both are names
        except BaseException:
            os.unlink(name)  # noqa: PTH108  # a name
            raise
    except OSError as error:
        raise disk_error(error, f"{path} cannot be written") from error


def move_aside(path: Path, aside: Path) -> None:
    """Give a file another name, and leave it its own too until another takes that: there is no moment without one.

    Where a file can have one name only it is moved, and so is a directory.
    """
    try:
        os.link(path, aside, follow_symlinks=False)
    except OSError:
        path.rename(aside)


def disk_error(error: OSError, what: str) -> StoreError:
    """An `OSError` as a sentence about what could not be done."""
    return StoreError(f"{what}: {error.strerror or type(error).__name__}", "Look at the disk's space and permissions.")


def _directory(variable: str, kind: Literal["config", "data", "state", "cache"]) -> Path:
    """`$XDG_…/rillet` where it is set and absolute, on every POSIX system; else what platformdirs says."""
    chosen = os.environ.get(variable, "")
    if sys.platform != "win32" and os.path.isabs(chosen):  # noqa: PTH117  # a string
        return Path(chosen) / NAME
    import platformdirs

    with suppress(RuntimeError):  # no home; older versions give a relative path instead
        usual = platformdirs.PlatformDirs(NAME, appauthor=False)
        path = {
            "config": usual.user_config_path,
            "data": usual.user_data_path,
            "state": usual.user_state_path,
            "cache": usual.user_cache_path,
        }[kind]
        if path.is_absolute():
            return path
    raise StoreError("there is no home directory to keep files in", f"Set HOME, or {variable}.")


def _is_mine(status: os.stat_result) -> bool:
    return sys.platform == "win32" or status.st_uid == os.getuid()
