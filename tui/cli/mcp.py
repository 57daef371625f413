"""`rillet mcp`: the servers listed, tried, added, taken away, and brought over from other programs."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from tui.cli.exit_code import ExitCode
from tui.domain.error import ConfigError
from tui.domain.key_word import names_key, variable_for
from tui.domain.quantity import describe_seconds
from tui.store import mcp_file
from tui.store.mcp_file import mcp_path, read_added, remove_server
from tui.store.mcp_import import read_servers
from tui.store.settings import Settings
from tui.store.tool_setting import McpServer, split_words
from tui.tools.registry import Registry
from tui.wire.printable import printable_line

_MOST_BYTES = 1 << 20


def list_servers(settings: Settings, config: Path | None, out: TextIO) -> int:
    """Print every server there is: its name, whether it is on, where it is, and which file says so."""
    added = read_added(mcp_path(config))
    rows = [
        (
            name,
            "on" if server.enabled else "off",
            _place(server),
            "mcp.toml" if added.get(name) == server else "config.toml",
        )
        for name, server in settings.tools.mcp.items()
    ]
    if not rows:
        out.write("there are no servers; add one: rillet mcp add NAME URL, or NAME -- COMMAND\n")
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        out.write(printable_line("  ".join([*cells, row[3]])) + "\n")
    return ExitCode.COMPLETE


async def test_server(registry: Registry, name: str, out: TextIO, err: TextIO) -> int:
    """Start one server and print what came of it.

    Returns:
        The exit code: 2 where it does not start.
    """
    server = registry.server(name)
    if server is None:
        names = ", ".join(other.name for other in registry.servers)
        raise ConfigError(f"there is no MCP server “{name}”", f"There are: {names or 'none'}.")
    began = time.monotonic()
    if server.state == "off":
        await server.restart()
    else:
        await server.start()
    seconds = time.monotonic() - began
    err.writelines(f"{printable_line(note)}\n" for note in server.notes)
    if server.state != "ready":
        err.write(f"{name} {server.state}: {printable_line(server.problem)}\n")
        err.writelines(f"  {printable_line(line)}\n" for line in list(server.log.lines)[-10:])
        return ExitCode.USAGE
    tools = f"{len(server.tools)} tool{'' if len(server.tools) == 1 else 's'}"
    title = f" ({server.title})" if server.title else ""
    out.write(printable_line(f"{name} is ready{title}: {tools}, after {describe_seconds(seconds)}") + "\n")
    out.writelines(f"  {printable_line(tool.name)}\n" for tool in server.tools)
    return ExitCode.COMPLETE


def add_server(
    config: Path | None,
    name: str,
    target: Sequence[str],
    *,
    env: Iterable[str] = (),
    headers: Iterable[str] = (),
    more: Mapping[str, Any],
) -> str:
    """Add a server: a url, or a command and its arguments.

    Returns:
        The sentence that says what was done.

    Raises:
        ConfigError: If it cannot be, or a key stands in it.
    """
    if not target:
        raise ConfigError(
            "where is the server?", "rillet mcp add NAME URL, or rillet mcp add NAME -- COMMAND ARGUMENT …"
        )
    if target[0].startswith("-"):
        raise ConfigError(
            f"{target[0]} stands behind the name",
            "Options come before it: rillet mcp add --env NAME=VALUE NAME -- COMMAND",
        )
    table: dict[str, Any] = {key: value for key, value in more.items() if value}
    if len(target) == 1 and "://" in target[0]:
        table["url"] = target[0]
    else:
        table["command"] = list(target)
    if values := dict(_pair(word, "=", "--env NAME=VALUE, or --env NAME for one to hand down") for word in env):
        table["env"] = values
    if values := dict(_pair(word, ":", '--header "NAME: VALUE"') for word in headers):
        table["headers"] = values
    path = mcp_path(config)
    done = f"replaced {name} in" if mcp_file.add_server(path, name, table) else f"added {name} to"
    return f"{done} {path}; try it: rillet mcp test {name}"


def drop_server(config: Path | None, settings: Settings, name: str) -> str:
    """Take an added server away.

    Raises:
        ConfigError: If there is none, or it stands in the settings, which no command writes.
    """
    path = mcp_path(config)
    if remove_server(path, name):
        return f"removed {name} from {path}"
    if name in settings.tools.mcp:
        raise ConfigError(
            f"{name} stands in the settings, which no command writes", f"Take out [tools.mcp.{name}] there."
        )
    raise ConfigError(f"there is no MCP server “{name}”", "rillet mcp list names them.")


def import_servers(config: Path | None, place: str) -> list[str]:
    """Bring servers over from another program's list: a file, or `-` for standard input.

    Returns:
        Sentences that say what was done, and what is left to a person.

    Raises:
        ConfigError: If it is no such list.
    """
    if place == "-":
        text = sys.stdin.read(_MOST_BYTES + 1)
    else:
        try:
            with Path(place).expanduser().open(encoding="utf-8", errors="replace") as file:
                text = file.read(_MOST_BYTES + 1)
        except OSError as error:
            raise ConfigError(
                f"{place} cannot be read: {error.strerror}", "Name a JSON file with mcpServers in it."
            ) from error
    if len(text) > _MOST_BYTES:
        raise ConfigError(f"{place} is longer than 1 MB", "Name a JSON file with mcpServers in it.")
    imported = read_servers(text)
    path, said, names = mcp_path(config), list(imported.notes), []
    for name, table in imported.tables.items():
        try:
            if mcp_file.add_server(path, name, table):
                said.append(f"{name} takes the place of the one that was added before")
        except ConfigError as error:
            said.append(f"{name} is left out: {error.message}")
        else:
            names.append(name)
    if names:
        said.append(f"added {', '.join(names)} to {path}; try one: rillet mcp test {names[0]}")
    return said


def _pair(word: str, sign: str, usage: str) -> tuple[str, Any]:
    """`NAME=VALUE`; a name alone takes its value from the variable of that name, and so does a key."""
    name, has_value, value = word.partition(sign)
    name, value = name.strip(), value.strip()
    if not name or (not has_value and sign != "="):
        raise ConfigError(f"“{word}” cannot be read", f"Write {usage}.")
    if not has_value:
        return name, {"env": name}
    if names_key(name) and value:
        raise ConfigError(
            f"{name} looks like a key, and rillet keeps none in a file",
            f"Put it into the variable {variable_for(name)} and write --env {name}, or key_command in the settings.",
        )
    return name, value


def _place(server: McpServer) -> str:
    return server.url or shlex.join(split_words(server.command, "command"))
