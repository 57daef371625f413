"""Choices: what was chosen in the program, in a file that rillet owns; the user's settings are none of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tui.domain.error import SettingsError
from tui.store.path import write_private
from tui.store.preset_setting import Preset
from tui.store.toml_file import parse, read_text
from tui.store.tool_setting import AllowedPattern
from tui.wire.json_text import clean


class Choices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was chosen in the program; empty where nothing was.

    Attributes:
        endpoint: The endpoint asked last.
        model: The model asked last there.
        theme: The theme in use.
        ground: Whether the terminal was light or dark when it last said so.
        shown: Names of the panes that are shown; `None` for the usual ones.
        sizes: Columns or rows of each pane that was resized.
        recents: Models used last, as `endpoint/model`, the last first.
        favourites: Models marked in the picker, as `endpoint/model`.
        allowed: Tool calls that may run unasked, granted in the program.
        token_factors: By how much the rough count of tokens was wrong for each model so far.
        switched_tools: Tools that were switched on or off against what is usual.
        presets: Sheets of conversations that were given a name.
    """

    endpoint: str = ""
    model: str = ""
    theme: str = ""
    ground: str = ""
    shown: tuple[str, ...] | None = None
    sizes: dict[str, int] = {}
    recents: tuple[str, ...] = ()
    favourites: tuple[str, ...] = ()
    allowed: tuple[AllowedPattern, ...] = ()
    switched_tools: tuple[str, ...] = ()
    token_factors: dict[str, float] = {}
    presets: dict[str, Preset] = {}


def load_choices(path: Path) -> Choices:
    """The choices in a file, none where it is missing; one that makes no sense counts as not made, but for whom to ask.

    Raises:
        SettingsError: If it cannot be told from the file whom it was chosen to ask: a prompt might go elsewhere.
    """
    try:
        text = read_text(path)
        document = parse(path, text) if text is not None else {}
    except SettingsError as error:
        raise _damaged(error.message) from error
    made: dict[str, Any] = {}
    for field in msgspec.structs.fields(Choices):
        if field.name in document:
            try:
                made[field.name] = msgspec.convert(document[field.name], field.type)
            except msgspec.ValidationError as error:
                if field.name in {"endpoint", "model"}:
                    raise _damaged(f"{path}: “{field.name}” makes no sense") from error
    return Choices(**made)


def _damaged(what: str) -> SettingsError:
    return SettingsError(
        f"which endpoint was made the default in rillet cannot be read: {what}",
        'Mend that file or remove it. Or name an endpoint in the settings: endpoint = "…", or for this run: --endpoint NAME.',
        is_choice=True,
    )


def save_choices(path: Path, choices: Choices) -> None:
    """Write the choices, 0600, all or nothing.

    Raises:
        StoreError: If the disk does not take them.
    """
    import tomli_w

    write_private(path, tomli_w.dumps(clean(msgspec.to_builtins(choices))).encode())
