"""Other programs' lists of MCP servers (`mcpServers` in JSON), as tables of the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from tui.domain.error import ConfigError, FrameError
from tui.domain.key_word import names_key, variable_for
from tui.wire.json_text import parse_json

_REFERENCE = re.compile(r"\$\{(?:env:)?([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)$")
_BEARER = re.compile(r"(?i)bearer\s+")


class Imported(Struct, frozen=True):
    """What came of a list: tables by name, and a sentence for everything that needs a person. Names are foreign."""

    tables: Mapping[str, Mapping[str, Any]]
    notes: tuple[str, ...] = ()


def read_servers(text: str) -> Imported:
    """The servers of a list; no key of it is taken along, only the name of a variable for it.

    Raises:
        ConfigError: If it is no such list.
    """
    try:
        document = parse_json(text)
    except FrameError as error:
        raise ConfigError(error.message, 'It should have {"mcpServers": {…}}.') from error
    listed = None
    if isinstance(document, Mapping):
        inner = document.get("mcp")
        listed = (
            document.get("mcpServers")
            or document.get("servers")
            or (inner.get("servers") if isinstance(inner, Mapping) else None)
        )
    if not isinstance(listed, Mapping) or not listed:
        raise ConfigError("there is no list of servers", 'It should have {"mcpServers": {"NAME": {"command": …}}}.')
    tables: dict[str, Mapping[str, Any]] = {}
    notes: list[str] = []
    for given, entry in listed.items():
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", str(given)).strip("-_")[:32] or "server"
        while name in tables:
            name += "-2"
        if not isinstance(entry, Mapping):
            notes.append(f"{given} is left out: it is no object")
            continue
        tables[name] = dict(_table(str(given), entry, notes))
        if not tables[name].get("command") and not tables[name].get("url"):
            del tables[name]
            notes.append(f"{given} is left out: it has neither a command nor a url")
        elif name != given:
            notes.append(f"{given} is called {name} here")
    return Imported(tables, tuple(notes))


def _table(given: str, entry: Mapping[str, Any], notes: list[str]) -> Iterator[tuple[str, Any]]:
    command, arguments = entry.get("command"), entry.get("args")
    if isinstance(command, str) and command:
        yield "command", [command, *(str(word) for word in (arguments if isinstance(arguments, list) else ()))]
    url = entry.get("url") or entry.get("serverUrl") or entry.get("httpUrl")
    if isinstance(url, str) and url and not command:
        yield "url", url
        if entry.get("type") == "sse":
            notes.append(f"{given}: the old transport (sse) is not spoken; try its newer address")
    if isinstance(entry.get("cwd"), str):
        yield "cwd", entry["cwd"]
    for table in ("env", "headers"):
        values = entry.get(table)
        if isinstance(values, Mapping) and values:
            yield table, {str(name): _value(given, str(name), str(value), notes) for name, value in values.items()}
    if entry.get("disabled") is True or entry.get("enabled") is False:
        yield "enabled", False
    timeout = entry.get("timeout")
    if isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout > 0:
        yield "timeout", min(86_400.0, timeout / 1000 if timeout >= 1000 else float(timeout))


def _value(given: str, name: str, value: str, notes: list[str]) -> str | Mapping[str, str]:
    """A value as the settings hold it: a reference stays one, and a key becomes one."""
    if (match := _REFERENCE.search(value)) is not None:
        source = {"env": match[1] or match[2]}
        form = value[: match.start()] + "{}" + value[match.end() :]
        return source if form == "{}" else {**source, "form": form}
    if not names_key(name) or not value:
        return value
    variable = variable_for(f"{given}_token" if name.lower() == "authorization" else name)
    notes.append(f"{given}: the value of {name} is a key and was not taken along; put it into the variable {variable}")
    has_bearer = _BEARER.match(value) is not None
    return {"env": variable, "form": "Bearer {}"} if has_bearer else {"env": variable}
