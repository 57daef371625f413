"""The settings, for a shell: those there are with their defaults, their schema, and where each that is set comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import msgspec.json

from tui.store.choice import Choices
from tui.store.setting_row import field_words, table_of
from tui.store.settings import Settings
from tui.store.toml_file import dotted, parse, read_text
from tui.store.toml_line import find_line
from tui.typeset.wrap import told_rows
from tui.wire.json_text import write_json
from tui.wire.printable import printable_line

_NAMED = "NAME"


def default_lines() -> Iterator[str]:
    """A settings file with every setting, what it is for and what it is unless set; as it stands, it sets nothing else."""
    yield "# Every setting of rillet with its default. A line that is commented out has none."
    yield from _table_lines(Settings, ())


def _table_lines(kind: type[msgspec.Struct], path: tuple[str, ...]) -> Iterator[str]:
    """One table: its values first, then the tables in it."""
    words, hints = field_words(kind), get_type_hints(kind)
    later: list[tuple[tuple[str, ...], type[msgspec.Struct], str]] = []
    is_named = _NAMED in path
    for field in msgspec.structs.fields(kind):
        inner, name = table_of(hints[field.name]), field.encode_name
        if inner is not None:
            more = (name, _NAMED) if inner[1] else (name,)
            later.append(((*path, *more), inner[0], words.get(field.name, "")))
            continue
        yield ""
        yield from _comment(words.get(field.name, ""))
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        is_unset = default in (None, "", msgspec.NODEFAULT) or is_named or default in ({}, ())
        value = "" if default in (None, msgspec.NODEFAULT) else f" {_toml(default)}"
        yield f"# {name} ={value}" if is_unset else f"{name} ={value}"
    for keys, inner_kind, about in later:
        yield ""
        yield from _comment(about)
        header = f"[{'.'.join(keys)}]"
        yield f"# {header}" if _NAMED in keys else header
        yield from _table_lines(inner_kind, keys)


def _comment(words: str) -> Iterator[str]:
    yield from (f"# {line}" for line in told_rows(words, 110))


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return write_json(list(value) if isinstance(value, tuple) else value)


def schema() -> dict[str, Any]:
    """The JSON Schema of the settings file, as editors of TOML take it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "rillet settings",
        **msgspec.json.schema(Settings),
    }


def origin_lines(path: Path, choices_path: Path, choices: Choices, environ: Mapping[str, str]) -> Iterator[str]:
    """Each value that is set, and where: a line of the settings file, a choice made in rillet, or the environment."""
    rows: list[tuple[str, str]] = []
    text = read_text(path)
    document = parse(path, text) if text is not None else {}
    for keys, value in _leaves(document, ()):
        rows.append((f"{dotted(keys)} = {printable_line(_shown(value))}", f"{path}:{find_line(text or '', keys)}"))
    for field in msgspec.structs.fields(Choices):
        value = getattr(choices, field.name)
        if value != field.default and value:
            rows.append((f"{field.name} = {printable_line(_shown(value))}", f"{choices_path} (chosen in rillet)"))
    if environ.get("RILLET_CONFIG"):
        rows.append(("the settings file", "the environment: RILLET_CONFIG"))
    width = max((len(what) for what, _ in rows), default=0)
    for what, where in rows:
        yield f"{what:<{min(width, _WIDE)}}  {where}"
    yield f"Everything else is as rillet has it; {path} is read{'' if text is not None else ', and is not there'}."


_WIDE = 60


def _shown(value: Any) -> str:
    text = _toml(msgspec.to_builtins(value))
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 1]}…"


def _leaves(value: Any, keys: Sequence[str | int]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*keys, name))
    elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        for number, each in enumerate(value):
            yield from _leaves(each, (*keys, number))
    else:
        yield tuple(keys), value
