"""The settings as a list: what each is for, what it may be, what it is, and where that comes from."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from tui.domain.endpoint import Deadlines
from tui.domain.error import ConfigError
from tui.store.choice import Choices
from tui.store.endpoint_setting import BUILT_IN, DeadlineSettings, merge_endpoints
from tui.store.settings import Settings
from tui.store.toml_file import dotted, parse, read_text
from tui.store.toml_line import find_line
from tui.wire.json_text import write_json

Kind = Literal["switch", "choice", "text", "number", "words", "value"]
"""What a setting takes: yes or no, one of some words, text, a number, a list of words, or whatever TOML can write."""


class SettingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One setting.

    Attributes:
        keys: Its path: `("endpoints", "xai", "model")`.
        kind: What it takes.
        about: What it is for.
        usual: What holds where the file says nothing; `None` for nothing.
        value: What holds now.
        origin: Where that comes from: `config.toml:3`, `chosen in rillet`, or empty for the default.
        line: The line of the settings file that says it; 0 where none does.
        words: What it may be, for a choice.
    """

    keys: tuple[str, ...]
    kind: Kind
    about: str = ""
    usual: Any = None
    value: Any = None
    origin: str = ""
    line: int = 0
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its path as it is written."""
        return dotted(self.keys)

    def read(self, text: str) -> Any:
        """The value that a text stands for.

        Raises:
            ConfigError: If it stands for none.
        """
        word = text.strip()
        match self.kind:
            case "switch":
                meant = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
                if word.lower() not in meant:
                    raise ConfigError(f"{self.name} cannot be “{word[:60]}”", "It takes yes or no.")
                return meant[word.lower()]
            case "number":
                try:
                    return float(word) if "." in word or "e" in word.lower() else int(word)
                except ValueError as error:
                    raise ConfigError(f"{self.name} cannot be “{word[:60]}”", "It takes a number.") from error
            case "words" if not word.startswith("["):
                return [each.strip() for each in word.split(",") if each.strip()]
            case "words" | "value":
                return _read_toml(self.name, word)
        return _read_toml(self.name, word) if word.startswith("[") and self.kind == "text" else text

    def write(self, value: Any) -> str:
        """A value as it is written into a field; empty for none."""
        if value is None or value in ("", (), [], {}):
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if self.kind == "words" and all(isinstance(each, str) and "," not in each for each in value):
            return ", ".join(value)
        return value if isinstance(value, str) and self.kind != "value" else inline(value)


def setting_rows(settings: Settings, choices: Choices, path: Path) -> list[SettingRow]:
    """Every setting there is, those of the file's own tables with them; what was chosen in rillet comes first where it counts.

    Raises:
        SettingsError: If the file cannot be read.
    """
    text = read_text(path) or ""
    document = parse(path, text)
    builtin = merge_endpoints({}, DeadlineSettings())
    chosen = {"theme": choices.theme}
    if not settings.endpoint:
        chosen |= {"endpoint": choices.endpoint, "model": choices.model}
    rows: list[SettingRow] = []
    for keys, kind, about, usual, words in _fields(Settings, (), settings):
        if keys[:2] == ("tools", "mcp") and _stated(document, keys[:3])[1] is None:
            continue  # it was added by command, and stands in a file of its own
        if keys[0] == "endpoints" and keys[1] in builtin and len(keys) == 3:
            own = getattr(builtin[keys[1]], keys[2], None)
            usual = own if own not in (None, (), {}, "") else usual  # noqa: PLW2901  # the built-in endpoint has its own
        if keys[0] in ("deadlines", "endpoints") and keys[-2:-1] == ("deadlines",):
            base = builtin[keys[1]].deadlines if len(keys) == 4 and keys[1] in builtin else Deadlines()
            usual = getattr(base if len(keys) == 2 else settings.deadlines.over(base), keys[-1])  # noqa: PLW2901
        stated, at = _stated(document, keys)
        value, origin, line = usual, "", 0
        if at is not None:
            line = find_line(text, at)
            value, origin = stated, f"{path.name}:{line}"
        if len(keys) == 1 and chosen.get(keys[0]):
            value, origin = chosen[keys[0]], "chosen in rillet"
        rows.append(
            SettingRow(
                keys=keys, kind=kind, about=about, usual=usual, value=value, origin=origin, line=line, words=words
            )
        )
    return rows


_Field = tuple[tuple[str, ...], Kind, str, Any, tuple[str, ...]]


def _fields(table: type[msgspec.Struct], keys: tuple[str, ...], settings: Any) -> Iterator[_Field]:
    """The plain values of a table first, then the tables in it; of tables with names of their own, those there are."""
    words, hints = field_words(table), get_type_hints(table, include_extras=True)
    later: list[_Field] = []
    for field in msgspec.structs.fields(table):
        inner, name = table_of(hints[field.name]), field.encode_name
        value = getattr(settings, field.name, None)
        if inner is None:
            kind, choices = _kind_of(hints[field.name])
            default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
            usual = None if default is msgspec.NODEFAULT else default
            yield (*keys, name), kind, words.get(field.name, ""), usual, choices
        elif inner[1]:
            names = dict.fromkeys((*(BUILT_IN if keys == () and name == "endpoints" else ()), *(value or {})))
            for own in names:
                later += _fields(inner[0], (*keys, name, own), (value or {}).get(own))
        else:
            later += _fields(inner[0], (*keys, name), value)
    yield from later


def _kind_of(hint: Any) -> tuple[Kind, tuple[str, ...]]:
    """What a field takes, and the words it may be."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kind_of(arguments[0])
    if origin in (Union, UnionType):
        rest = [each for each in arguments if each is not NoneType]
        return ("text", ()) if str in rest else _kind_of(rest[0]) if len(rest) == 1 else ("value", ())
    if origin is Literal:
        return "choice", tuple(each for each in arguments if each)
    if origin is tuple:
        return ("words", ()) if arguments[0] is str or get_origin(arguments[0]) is Literal else ("value", ())
    plain: dict[Any, Kind] = {bool: "switch", str: "text", int: "number", float: "number"}
    return plain.get(hint, "value"), ()


def _stated(document: Mapping[str, Any], keys: Sequence[str]) -> tuple[Any, tuple[str | int, ...] | None]:
    """What a document says of a setting, and where it stands in it; `None` where it says nothing."""
    value: Any = document
    at: list[str | int] = []
    for key in keys:
        if isinstance(value, list):
            place = next(
                (n for n, each in enumerate(value) if isinstance(each, dict) and each.get("name") == key), None
            )
            if place is None:
                return None, None
            value = value[place]
            at.append(place)
        elif isinstance(value, dict) and key in value:
            value = value[key]
            at.append(key)
        else:
            return None, None
    return value, tuple(at)


def table_of(hint: Any) -> tuple[type[msgspec.Struct], bool] | None:
    """The struct of a table, and whether there is one for each of many names; `None` for a plain value."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint, False
    if get_origin(hint) is dict:
        inner = get_args(hint)[1]
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            return inner, True
    return None


def field_words(kind: type[msgspec.Struct]) -> dict[str, str]:
    """What the docstring of a struct says of each attribute."""
    text = inspect.getdoc(kind) or ""
    _, _, attributes = text.partition("Attributes:")
    matches = re.findall(r"^ {4}(\w+): (.*(?:\n {8,}.*)*)", attributes, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in matches}


def inline(value: Any) -> str:
    """A value as TOML has it on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {inline(each)}" for name, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(inline(each) for each in value)}]"
    if isinstance(value, msgspec.Struct):
        return inline(msgspec.to_builtins(value))
    return write_json(value) if isinstance(value, str | int | float) else str(value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else write_json(name)


def _read_toml(name: str, text: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{name} cannot be read: {error}", 'It is written as in TOML: "text", ["a", "b"], { a = "b" }.'
        ) from error
