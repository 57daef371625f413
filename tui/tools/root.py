"""Roots: the directories a tool may read, and the one way to a file in them.

A path is resolved first, links and all, and must then be under a root. The file is opened step by step from
the root, refusing links at every step, so that nothing swapped in meanwhile leads out.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from tui.tools.definition import ToolError


class Place(Struct, frozen=True):
    """A path under a root: `real` is where it leads, `shown` how a tool names it (relative to its root)."""

    root: Path
    real: Path

    @property
    def shown(self) -> str:
        """The path relative to its root; `.` for the root."""
        return str(self.real.relative_to(self.root))


class Roots:
    """The directories given by the user; with none, nothing can be read."""

    def __init__(self, directories: Iterable[str | Path]) -> None:
        """Resolve the directories; those that are missing are left out and named in `missing`."""
        given = [Path(directory).expanduser() for directory in directories]
        self.missing = tuple(str(path) for path in given if not path.is_dir())
        self.directories = tuple(dict.fromkeys(path.resolve() for path in given if path.is_dir()))

    def find(self, path: str) -> Place:
        """Where a path leads: absolute, or relative to the first root that holds it.

        Raises:
            ToolError: If it leads out of every root, or nowhere.
        """
        if not self.directories:
            raise ToolError("no directory was given to read from (--root DIR)")
        if "\0" in path:
            raise ToolError("a path cannot hold a NUL character")
        outside = False
        for root in self.directories:
            try:
                real = Path(os.path.realpath(root / path))
                exists = real.exists() or real.is_symlink()
            except OSError as error:
                raise _translated(error, path) from error
            if not real.is_relative_to(root):
                outside = True
            elif exists:
                return Place(root, real)
        if outside:
            raise ToolError(f"{path} is outside the directories that may be read")
        raise ToolError(f"there is no {path}")

    def open(self, place: Place) -> int:
        """Open a regular file for reading; the caller closes the descriptor.

        Raises:
            ToolError: If it is no regular file, or a link has been put in the way.
        """
        return self._descend(place, is_directory=False)

    def open_directory(self, place: Place) -> int:
        """Open a directory, in the same way."""
        return self._descend(place, is_directory=True)

    @staticmethod
    def _descend(place: Place, *, is_directory: bool) -> int:
        steps = place.real.relative_to(place.root).parts
        shown = place.shown
        try:
            here = os.open(place.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            for number, step in enumerate(steps):
                is_last = number == len(steps) - 1
                above = here
                try:
                    if not is_last or is_directory:
                        here = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
                    else:
                        here = _open_file(step, above, shown)
                finally:
                    os.close(above)
        except OSError as error:
            raise _translated(error, shown) from error
        if not steps and not is_directory:
            os.close(here)
            raise ToolError(f"{shown} is a directory")
        return here


def describe_mode(mode: int) -> str:
    """What a thing in the file system is, in a word."""
    for test, word in _KINDS:
        if test(mode):
            return word
    return "no file"


_KINDS = (
    (stat.S_ISREG, "a file"),
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _open_file(name: str, above: int, shown: str) -> int:
    # Looked at before it is opened: opening a pipe waits for a writer, opening a device can do things.
    _refuse_odd(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode, shown)
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=above)
    try:
        _refuse_odd(os.fstat(descriptor).st_mode, shown)
    except ToolError:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_odd(mode: int, shown: str) -> None:
    if not stat.S_ISREG(mode):
        raise ToolError(f"{shown} is {describe_mode(mode)}, not a file")


def _translated(error: OSError, shown: str) -> ToolError:
    if error.errno == errno.ELOOP:
        return ToolError(f"{shown} is a link that leads elsewhere")
    if error.errno == errno.ENOTDIR:
        return ToolError(f"{shown} is not a directory")
    return ToolError(f"{shown}: {(error.strerror or 'cannot be read').lower()}")
