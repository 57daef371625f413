"""Reading a TOML file into frozen structs, strictly, with messages that say where and what instead."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from tui.domain.error import SettingsError

LIMIT_BYTES = 1 << 20

_NAMES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
S = TypeVar("S", bound=msgspec.Struct)


class WrongValueError(ValueError):
    """A value that cannot be: `keys` is its path in the document, `message` says what is wrong with it."""

    def __init__(self, keys: Sequence[str | int], message: str, hint: str = "") -> None:
        """Keep the path."""
        super().__init__(message)
        self.keys = tuple(keys)
        self.message = message
        self.hint = hint


def read_text(path: Path) -> str | None:
    """A settings file's text; `None` where there is no file, nor a link to where one was.

    Raises:
        SettingsError: If it is not a readable text file of at most 1 MB.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a FIFO would wait for a writer
    except FileNotFoundError:
        if (link := next((each for each in (path, path.parent) if each.is_symlink()), None)) is not None:
            raise SettingsError(
                f"{link} is a link to what is not there: {link.readlink()}", "Bring that back, or remove the link."
            ) from None
        return None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", "Look at its permissions and links.") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise SettingsError(f"{path} is not a regular file", "Put a TOML file there, or nothing.")
    with open(handle, "rb") as file:  # noqa: PTH123  # a descriptor, not a path
        try:
            content = file.read(LIMIT_BYTES + 1)
        except OSError as error:
            raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > LIMIT_BYTES:
        raise SettingsError(f"{path} is too large: settings are at most 1 MB", "Is it the right file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: this is not UTF-8", "Save the file as UTF-8.") from error


def warn_of_writers(path: Path) -> str:
    """The sentence that others may write a settings file; empty where they may not, or there is none."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    if not mode & stat.S_IWOTH:
        return ""
    return f"everyone on this machine can write {path}, which says what rillet runs and whom it asks: chmod o-w {path}"


def parse(path: Path, text: str) -> dict[str, Any]:
    """The document in a TOML text.

    Raises:
        SettingsError: If it is not TOML, with file and line.
    """
    import tomllib  # here, because on most starts there is no file

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise SettingsError(f"{path}:1: this is nested too deeply") from error
    except ValueError as error:  # TOMLDecodeError, and integers without end
        message = str(error)
        if (match := re.search(r" ?\(at line (\d+), column (\d+)\)", message)) is not None:
            place = f"{match[1]}:{match[2]}"
            message = message.replace(match[0], "")
        else:
            place = str(text.count("\n") + 1 if "at end of document" in message else 1)
        raise SettingsError(f"{path}:{place}: this is not TOML: {message}", "Text values need quotes.") from error


def located(path: Path, text: str, error: WrongValueError) -> SettingsError:
    """A wrong value as an error with file, line and key."""
    from tui.store.toml_line import find_line

    return SettingsError(f"{path}:{find_line(text, error.keys)}: {error.message}", error.hint)


def dotted(keys: Sequence[str | int]) -> str:
    """A path as a person writes it: `endpoints.lab.base_url`, `tools.allow[2].tool`."""
    return "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")


def read_struct(kind: type[S], value: Any, keys: Sequence[str | int] = ()) -> S:
    """A table as a struct.

    Raises:
        WrongValueError: If a key is unknown or missing, or a value is of the wrong kind.
    """
    table = _table(value, keys)
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for key in table:
        if key not in fields:
            near = _nearest(key, fields)
            raise WrongValueError(
                [*keys, key],
                f"there is no setting “{dotted([*keys, key])}”" + (f"; did you mean “{near[0]}”?" if near else ""),
                "" if near else f"There are: {', '.join(fields)}.",
            )
    for name, field in fields.items():
        if field.required and name not in table:
            raise WrongValueError([*keys], f"“{dotted(keys)}” needs “{name}”")
    hints = get_type_hints(kind, include_extras=True)
    values = {key: _read(hints[key], each, [*keys, key]) for key, each in table.items()}
    try:
        return kind(**values)
    except WrongValueError as error:
        raise WrongValueError([*keys, *error.keys], error.message, error.hint) from error


def _nearest(word: str, words: Iterable[str]) -> list[str]:
    """The word of those that is nearest, if one is near; what finds it is loaded where a word is wrong."""
    from difflib import get_close_matches

    return get_close_matches(word, [*words], 1)


def _read(kind: Any, value: Any, keys: list[str | int]) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return read_struct(kind, value, keys)
    if origin in {Union, UnionType} and len(rest := [each for each in arguments if each is not NoneType]) == 1:
        return _read(rest[0], value, keys)
    if origin is Literal:
        if not isinstance(value, str) or value not in arguments:
            near = _nearest(value, arguments) if isinstance(value, str) else []
            raise WrongValueError(
                keys,
                f"“{dotted(keys)}” cannot be {shown(value)}" + (f"; did you mean “{near[0]}”?" if near else ""),
                f"It is one of: {', '.join(arguments)}.",
            )
        return value
    if origin is dict and arguments[1] is not Any:
        return {key: _read(arguments[1], each, [*keys, key]) for key, each in _table(value, keys).items()}
    if origin is tuple:
        if not isinstance(value, list):
            raise WrongValueError(keys, f"“{dotted(keys)}” must be a list, not {shown(value)}")
        return tuple(_read(arguments[0], each, [*keys, index]) for index, each in enumerate(value))
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise WrongValueError(
            keys, f"“{dotted(keys)}” must be {_wanted(kind, str(error))}, not {shown(value)}"
        ) from error


def _table(value: Any, keys: Sequence[str | int]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise WrongValueError(keys, f"“{dotted(keys)}” must be a table, not {shown(value)}")
    return value


def _wanted(kind: Any, message: str) -> str:
    """What msgspec expected, in words."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if kind is float:
        message = message.replace("`int | float`", "`float`")
    wanted = message.partition(" - at ")[0].partition(", got ")[0].removeprefix("Expected ")
    return re.sub(
        r"`([^`]*)`", lambda found: " or ".join(_NAMES.get(name, name) for name in found[1].split(" | ")), wanted
    )


def shown(value: Any) -> str:
    """A wrong value, shortened: it may be anything at all."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
