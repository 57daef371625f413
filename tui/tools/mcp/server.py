"""MCP servers as the settings describe them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field  # a Struct cannot leave a field out of its repr and its equality
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from tui.domain.host import is_loopback
from tui.tools.definition import OUTPUT_LIMIT, ToolError
from tui.tools.process import run_process

_COMMAND_SECONDS = 30.0
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")

TokenStore = Literal["keyring", "memory", "file"]


class Value(Struct, frozen=True):
    """Text that the settings hold, or say where to find: in a variable of the environment, or from a command.

    In `form`, `{}` stands for what was found there.
    """

    text: str = ""
    env: str = ""
    command: tuple[str, ...] = ()
    form: str = "{}"

    async def find(self) -> str:
        """The text itself.

        Raises:
            ToolError: If it is not where the settings say.
        """
        if self.env:
            if not (printed := os.environ.get(self.env, "").strip()):
                raise ToolError(f"the environment has no {self.env}, which the settings name")
        elif self.command:
            finished = await run_process(
                self.command, timeout=_COMMAND_SECONDS, output_limit=64 << 10, env=dict(os.environ)
            )
            printed = finished.out.decode("utf-8", "replace").strip().partition("\n")[0].strip()
            if finished.status or not printed:
                raise ToolError(f"the command {self.command[0]} gave nothing (exit status {finished.status})")
        else:
            return self.text
        return self.form.replace("{}", printed)


class SignIn(Struct, frozen=True):
    """How to sign in at a server that wants OAuth.

    Without a `client_id`, rillet registers itself, or shows `client_metadata_url` where that is taken.
    `client_secret_env` and `private_key_env` name variables. `port` is that of the address the browser comes
    back to; any that is free where it is 0. `grant` is `client_credentials` where no person signs in.
    """

    client_id: str = ""
    client_secret_env: str = ""
    private_key_env: str = ""
    client_metadata_url: str = ""
    issuer: str = ""
    scope: str = ""
    port: int = 0
    grant: Literal["browser", "client_credentials"] = "browser"
    store: TokenStore = "keyring"


@dataclass(frozen=True, slots=True)
class McpServer:
    """An MCP server as the settings describe it: a command that is started, or a URL that is reached.

    The environment of a command is a clean one; `env` gives further variables and `keep_env` names those
    to hand down, keys among them only where they are named here. `headers` go with every request to `url`,
    and `key` is the bearer token there. `sign_in` is `None` where the server is never signed in at. `only`
    keeps the named tools; all where empty. `timeout` is how long an answer may take, `start_timeout` the
    start, both in seconds. `protocol` is the newest that it speaks, or the older one of 2025.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: Mapping[str, Value] = field(default_factory=dict, repr=False)
    keep_env: tuple[str, ...] = ()
    headers: Mapping[str, Value] = field(default_factory=dict, repr=False)
    key: Value | None = None
    sign_in: SignIn | None = field(default_factory=SignIn)
    cwd: str | None = None
    timeout: float = 60.0
    start_timeout: float = 60.0
    protocol: Literal["newest", "older"] = "newest"
    output_limit: int = OUTPUT_LIMIT
    only: tuple[str, ...] = ()
    runs_parallel: bool = False
    is_on: bool = True
    roots: tuple[str, ...] = ()

    @property
    def is_named_clearly(self) -> bool:
        """Whether `name__tool` can be no tool of another server."""
        return "__" not in self.name and not self.name.endswith("_")

    @property
    def deciding(self) -> Mapping[str, object]:
        """What decides which server it is; what only decides who asks is left out."""
        return {"command": self.command, "url": self.url, "env": sorted(self.env), "cwd": self.cwd}


def mcp_problems(server: McpServer) -> Iterator[tuple[str, str]]:
    """What is wrong with a definition: the key, and what about it."""
    if bool(server.command) == bool(server.url):
        yield "command", "give either a command or a url"
    elif server.command and not server.command[0]:
        yield "command", "the program is missing"
    elif server.url:
        parts = urlsplit(server.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield "url", "a url begins with https:// and names a host"
        elif parts.scheme == "http" and not is_loopback(parts.hostname):
            yield "url", "plain http is for this machine only; write https://"
        elif parts.username or parts.password:
            yield "url", "a url holds no password; name its variable as key_env"
    for name, value in server.headers.items():
        if not _HEADER.fullmatch(name) or "\n" in value.text or "\r" in value.text:
            yield "headers", f"{name} is not a header"
