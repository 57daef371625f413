"""The MCP servers that were added by command, in a file that rillet owns: no command rewrites the user's settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui.domain.error import ConfigError
from tui.store.path import settings_path, write_private
from tui.store.settings import parse_settings, read_settings
from tui.store.toml_file import WrongValueError, parse, read_struct, read_text
from tui.store.tool_setting import McpServer, check_name

_HEAD = (
    "# Written by `rillet mcp add`, `import` and `remove`. A server of the same name in config.toml goes before.\n\n"
)


def mcp_path(config: Path | None = None) -> Path:
    """The file of added servers: beside the settings file that is in use."""
    return (config or settings_path()).parent / "mcp.toml"


def read_added(path: Path) -> Mapping[str, McpServer]:
    """The servers that were added; none where there is no file.

    Raises:
        ConfigError: If something in the file is wrong.
    """
    return read_settings(path).tools.mcp


def add_server(path: Path, name: str, table: Mapping[str, Any]) -> bool:
    """Add a server, as a table of the settings; whether it took the place of one of the same name.

    Raises:
        ConfigError: If it cannot be, or a key stands in it: nothing is written then.
        StoreError: If the disk does not take it.
    """
    try:
        check_name(["tools", "mcp", name], name)
        read_struct(McpServer, dict(table))
    except WrongValueError as error:
        raise ConfigError(f"{name}: {error.message}", error.hint) from error
    written = _written(path)
    _write(path, {**written, name: dict(table)})
    return name in written


def remove_server(path: Path, name: str) -> bool:
    """Take an added server away; whether there was one.

    Raises:
        ConfigError: If the file cannot be read.
        StoreError: If the disk does not take it.
    """
    written = dict(_written(path))
    if name not in written:
        return False
    del written[name]
    _write(path, written)
    return True


def _written(path: Path) -> Mapping[str, Any]:
    read_added(path)  # what is wrong in it is said before anything is written over it
    document = parse(path, read_text(path) or "")
    servers: Any = document.get("tools", {})
    return dict(servers.get("mcp", {}))


def _write(path: Path, servers: Mapping[str, Any]) -> None:
    import tomli_w

    text = _HEAD + tomli_w.dumps({"tools": {"mcp": dict(servers)}})
    parse_settings(path, text)
    write_private(path, text.encode())
