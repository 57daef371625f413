"""Changes to the settings file: made as a person would make them, with comments and order kept, and only on confirmation."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Any

import msgspec

from tui.domain.error import ConfigError, SettingsError
from tui.store.path import write_private
from tui.store.settings import parse_settings
from tui.store.toml_file import dotted, parse, read_text

Keys = tuple[str, ...]


class Edit(msgspec.Struct, frozen=True):
    """One change: the path of a setting, and its value; `None` takes the setting out of the file."""

    keys: Keys
    value: Any = None


class Draft(msgspec.Struct, frozen=True):
    """What a settings file would be after changes; `before` is what it was when they were made, `None` for no file."""

    path: Path
    before: str | None
    after: str

    @property
    def diff(self) -> list[str]:
        """The lines that change, each behind `+`, `-` or a space, those around them with them."""
        lines = unified_diff((self.before or "").splitlines(), self.after.splitlines(), n=2, lineterm="")
        return [line for line in list(lines)[2:] if not line.startswith("@@")]


def draft(path: Path, edits: Sequence[Edit]) -> Draft:
    """The settings file as it would be after changes; nothing is written.

    Raises:
        SettingsError: If the file cannot be read, or its settings could not be used any more; the message says why.
        ConfigError: If it is written in a form in which the change cannot be made.
    """
    before = read_text(path)
    after = edit_text(path, before or "", edits)
    parse_settings(path, after)
    return Draft(path, before, after)


def write_draft(made: Draft) -> None:
    """Write what was confirmed, all or nothing; the file keeps its permissions, and a link stays one.

    Raises:
        SettingsError: If somebody else changed the file meanwhile: nothing is written then.
        StoreError: If the disk does not take it.
    """
    if read_text(made.path) != made.before:
        raise SettingsError(f"{made.path} was changed meanwhile, and nothing was written", "Look at the change again.")
    target = made.path.resolve()
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
    write_private(target, made.after.encode())
    if mode != 0o600:
        target.chmod(mode)


def edit_text(path: Path, text: str, edits: Sequence[Edit]) -> str:
    """A settings text after changes.

    Raises:
        SettingsError: If it is not TOML.
        ConfigError: If it is written in a form in which a change cannot be made.
    """
    for edit in edits:
        wanted = _changed(parse(path, text), edit)
        for place in (_append_table, _place_well, _place_plainly):
            try:
                made = place(text if text.endswith("\n") or not text else text + "\n", edit)
                if parse(path, made) == wanted:
                    text = made
                    break
            except Exception as error:  # noqa: BLE001  # whatever the library makes of an odd file: it is not written
                del error
        else:
            raise ConfigError(
                f"{dotted(edit.keys)} cannot be changed here: {path} is written in a form that rillet leaves alone",
                "Change it in an editor.",
            )
    return text


def _changed(document: dict[str, Any], edit: Edit) -> dict[str, Any]:
    """A document after a change, as plain values: what the text must say then."""
    table: Any = document
    for key in edit.keys[:-1]:
        if isinstance(table, list):
            table = next(each for each in table if each.get("name") == key)
        elif edit.value is None and key not in table:
            return document
        else:
            table = table.setdefault(key, {})
    last = edit.keys[-1]
    if isinstance(table, list):  # `[[endpoints]]`, each with its name
        table[:] = [each for each in table if each.get("name") != last]
        if edit.value is not None:
            table.append({"name": last, **edit.value})
        if not table:
            document.pop(edit.keys[0])
    elif edit.value is None:
        table.pop(last, None)
        _drop_empty(document, edit.keys[:-1])
    else:
        table[last] = _plain(edit.value)
    return document


def _drop_empty(document: dict[str, Any], keys: Keys) -> None:
    """Take out tables that hold nothing any more."""
    for length in range(len(keys), 0, -1):
        table: Any = document
        for key in keys[: length - 1]:
            if not isinstance(table, dict):
                return
            table = table.get(key, {})
        if not isinstance(table, dict) or table.get(keys[length - 1]) != {}:
            return
        del table[keys[length - 1]]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _append_table(text: str, edit: Edit) -> str:
    """Put a new table at the end, where it comes between no comment and what that is about."""
    import tomli_w

    if not isinstance(edit.value, dict):
        return ""
    table: Any = {edit.keys[-1]: _plain(edit.value)}
    for key in edit.keys[-2::-1]:
        table = {key: table}
    return f"{text.rstrip()}\n\n{tomli_w.dumps(table)}".lstrip()


def _place_well(text: str, edit: Edit) -> str:
    """Put a new value behind the last one of its table, where a comment about what follows stays with that."""
    import tomlkit
    from tomlkit.items import Table

    document = tomlkit.parse(text)
    table: Any = document
    for key in edit.keys[:-1]:
        table = _inner(table, key)
    last = edit.keys[-1]
    if edit.value is None or last in table or isinstance(edit.value, dict):
        return _place_plainly(text, edit)
    body = table.value.body if isinstance(table, Table) else document.body if table is document else None
    if body is None:
        return _place_plainly(text, edit)
    values = [at for at, (key, item) in enumerate(body) if key is not None and not _is_table(item)]
    at = values[-1] + 1 if values else _after_head(body) if table is document else 0
    pair = (tomlkit.key(last), tomlkit.item(_plain(edit.value)))
    body.insert(at, pair)
    if not values and table is document and at < len(body) - 1:
        body.insert(at + 1, (None, tomlkit.nl()))
    return document.as_string()


def _is_table(item: Any) -> bool:
    from tomlkit.items import AoT, Table

    return isinstance(item, Table | AoT)


def _after_head(body: Sequence[Any]) -> int:
    """Behind the comment that a file begins with, where a blank line ends it."""
    from tomlkit.items import Comment, Whitespace

    at = 0
    while at < len(body) and isinstance(body[at][1], Comment):
        at += 1
    return at + 1 if at and at < len(body) and isinstance(body[at][1], Whitespace) else 0


def _inner(table: Any, key: str) -> Any:
    if isinstance(table, list):
        return next(each for each in table if each.get("name") == key)
    return table[key]


def _place_plainly(text: str, edit: Edit) -> str:
    """Put a value where the library puts it; take a table away with its last value."""
    import tomlkit

    document = tomlkit.parse(text)
    way: list[tuple[Any, str]] = []
    table: Any = document
    for number, key in enumerate(edit.keys[:-1]):
        if not isinstance(table, list) and key not in table:
            if edit.value is None:
                return text
            table[key] = tomlkit.table(is_super_table=number < len(edit.keys) - 2 or isinstance(edit.value, dict))
        way.append((table, key))
        table = _inner(table, key)
    last = edit.keys[-1]
    if isinstance(table, list):
        _in_list(document, table, edit)
    elif edit.value is not None:
        table[last] = _plain(edit.value)
    elif last in table:
        del table[last]
        for outer, key in reversed(way):
            if isinstance(outer, list) or outer[key]:
                break
            del outer[key]
    made = document.as_string()
    return made.rstrip("\n") + "\n" if edit.value is None and made.strip() else made


def _in_list(document: Any, tables: Any, edit: Edit) -> None:
    """Put a table into `[[endpoints]]`, or take it out."""
    import tomlkit

    last = edit.keys[-1]
    at = next((number for number, each in enumerate(tables) if each.get("name") == last), None)
    if at is not None:
        del tables[at]
    if edit.value is not None:
        fresh = tomlkit.table()
        for name, value in {"name": last, **edit.value}.items():
            fresh[name] = _plain(value)
        tables.append(fresh)
    if not len(tables):
        del document[edit.keys[0]]
