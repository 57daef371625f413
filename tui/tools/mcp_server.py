"""MCP servers as the settings describe them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field  # a Struct cannot leave a field out of its repr and its equality
from urllib.parse import urlsplit

from tui.tools.definition import OUTPUT_LIMIT


@dataclass(frozen=True, slots=True)
class McpServer:
    """An MCP server as the settings describe it: a command that is started, or a URL that is reached.

    The environment of a command is a clean one; `env` gives further variables and `keep_env` names those
    to hand down, keys among them only where they are named here. `key_env` names the variable that holds
    the bearer token for `url`. `only` keeps the named tools; all where empty. `timeout` is in seconds.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    keep_env: tuple[str, ...] = ()
    key_env: str = ""
    cwd: str | None = None
    timeout: float = 60.0
    output_limit: int = OUTPUT_LIMIT
    only: tuple[str, ...] = ()
    runs_parallel: bool = False


def mcp_problems(server: McpServer) -> Iterator[tuple[str, str]]:
    """What is wrong with a definition: the key, and what about it."""
    if bool(server.command) == bool(server.url):
        yield "command", "a server has either a command or a url"
    if server.url:
        parts = urlsplit(server.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield "url", "a url begins with https:// and names a host"
        elif parts.scheme == "http" and not is_loopback(parts.hostname):
            yield "url", "plain http is for this machine only; write https://"
        elif parts.username or parts.password:
            yield "url", "a url holds no password; name its variable as key_env"


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
