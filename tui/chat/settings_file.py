"""The settings file of a running program: looked at cheaply, read again when it changed, and what changed in words."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from tui.domain.error import SettingsError
from tui.store.mcp_file import mcp_path, read_added
from tui.store.settings import Choices, Settings, read_settings
from tui.store.toml_file import dotted

NEXT_START = ("tapes",)
"""Settings that count from the next start: no recording is let go the moment that a file is saved, which may be a slip."""


class SettingsFile:
    """The settings file that a program was opened with.

    Attributes:
        path: Where it is.
        problem: Why it cannot be used as it stands now, and where that is; empty while all is well.
    """

    def __init__(self, path: Path, *, must_exist: bool = False, roots: Sequence[str] = ()) -> None:
        """Remember how the file is now.

        Args:
            path: Where it is.
            must_exist: Whether it was named, and so has to be there.
            roots: Directories that tools may read besides those that it names.
        """
        self.path = path
        self.problem = ""
        self._must_exist = must_exist
        self._roots = tuple(roots)
        self._stamp = self._look()
        self._was_there = path.exists()

    def has_changed(self) -> bool:
        """Whether the file, or that of added MCP servers, is another than when it was last read: two looks at the disk."""
        return self._look() != self._stamp

    def read(self, choices: Choices) -> Settings:
        """The settings in it.

        Raises:
            SettingsError: If they cannot be used: then those that are in use should stay so.
        """
        self._stamp = self._look()
        self.problem = ""
        try:
            settings = read_with_added(self.path, must_exist=self._must_exist)
            if self._was_there and not self.path.exists():
                raise SettingsError(f"there is no file {self.path} any more", "Put it back; an empty one will do.")
            check_choice(settings, choices)
        except SettingsError as error:
            self.problem = error.in_full
            raise
        self._was_there = self.path.exists()
        return msgspec.structs.replace(settings, roots=(*settings.roots, *self._roots))

    def _look(self) -> tuple[object, ...]:
        return (_stamp(self.path), _stamp(mcp_path(self.path)))


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        status = os.stat(path)  # noqa: PTH116  # a few microseconds, every other second
    except OSError:
        return ()
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode)


def read_with_added(path: Path, *, must_exist: bool) -> Settings:
    """The settings in a file, with the MCP servers that were added by command.

    Raises:
        SettingsError: If they cannot be used.
    """
    settings = read_settings(path, must_exist=must_exist)
    if added := read_added(mcp_path(path)):
        tools = msgspec.structs.replace(settings.tools, mcp={**added, **settings.tools.mcp})
        settings = msgspec.structs.replace(settings, tools=tools)
    return settings


def check_choice(settings: Settings, choices: Choices) -> None:
    """Refuse to ask another endpoint in the place of the one that was made the default and is gone.

    Raises:
        SettingsError: If it is gone.
    """
    from tui.store.endpoint_setting import BUILT_IN

    name = choices.endpoint
    if not settings.endpoint and name and name not in {*BUILT_IN, *settings.endpoints}:
        raise SettingsError(
            f"the endpoint “{name}”, which was made the default in rillet, is not in the settings",
            f'Put [endpoints.{name}] back, or set another: endpoint = "…", or --endpoint NAME for this run.',
            is_choice=True,
        )


def changed_names(before: Settings, after: Settings) -> list[str]:
    """The settings that are not what they were, by their names; a table that came or went is one."""
    return list(dict.fromkeys(_differences(msgspec.to_builtins(before), msgspec.to_builtins(after), ())))


_DEEPEST = 3


def _differences(before: Any, after: Any, keys: tuple[str, ...]) -> Iterator[str]:
    if before == after:
        return
    is_deeper = isinstance(before, Mapping) and isinstance(after, Mapping) and len(keys) < _DEEPEST
    if not is_deeper:
        yield dotted(keys)
        return
    for name in dict.fromkeys((*before, *after)):
        if name not in before or name not in after:
            yield dotted((*keys, name))
        else:
            yield from _differences(before[name], after[name], (*keys, name))


_NAMED = 5


def told(names: Sequence[str]) -> str:
    """What changed, as a sentence."""
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    late = [name for name in names if name.partition(".")[0] in NEXT_START]
    return f"the settings changed: {shown}" + (f" ({', '.join(late)} from the next start on)" if late else "")


class HasSettings(Protocol):
    """A program that goes by a settings file."""

    choices: Choices

    @property
    def settings(self) -> Settings:
        """What it goes by now."""

    @property
    def settings_file(self) -> SettingsFile | None:
        """Where that is written."""

    async def use_settings(self, settings: Settings) -> None:
        """Go by others."""


async def reload(program: HasSettings) -> list[str] | None:
    """Read the settings file of a program again, and go by it; the names of what changed, `None` where it has no file.

    Raises:
        SettingsError: If it cannot be used: those in use stay.
    """
    file, before = program.settings_file, program.settings
    if file is None:
        return None
    settings = file.read(program.choices)
    try:
        await program.use_settings(settings)
    except SettingsError as error:
        file.problem = error.in_full
        raise
    return changed_names(before, settings)
