"""Choices: what was chosen in the program, in a file that rillet owns; the user's settings are never rewritten."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from tui.domain.error import ConfigError
from tui.store.path import write_private
from tui.store.toml_file import parse, read_text
from tui.store.tool_setting import AllowedPattern
from tui.wire.json_text import clean


class Choices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was chosen in the program; empty where nothing was.

    Attributes:
        endpoint: The endpoint asked last.
        model: The model asked last there.
        theme: The theme in use.
        shown: Names of the panes that are shown; `None` for the usual ones.
        sizes: Columns or rows of each pane that was resized.
        favourites: Models marked in the picker, as `endpoint/model`.
        allowed: Tool calls that may run unasked, granted in the program.
        switched_tools: Tools that were switched on or off against what is usual.
    """

    endpoint: str = ""
    model: str = ""
    theme: str = ""
    shown: tuple[str, ...] | None = None
    sizes: dict[str, int] = {}
    favourites: tuple[str, ...] = ()
    allowed: tuple[AllowedPattern, ...] = ()
    switched_tools: tuple[str, ...] = ()


def load_choices(path: Path) -> Choices:
    """The choices in a file; none where it is missing or makes no sense: the next choice writes it anew."""
    with suppress(ConfigError, msgspec.ValidationError):
        if (text := read_text(path)) is not None:
            return msgspec.convert(parse(path, text), Choices)
    return Choices()


def save_choices(path: Path, choices: Choices) -> None:
    """Write the choices, 0600, all or nothing.

    Raises:
        StoreError: If the disk does not take them.
    """
    import tomli_w

    write_private(path, tomli_w.dumps(clean(msgspec.to_builtins(choices))).encode())
