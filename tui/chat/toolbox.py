"""The toolbox: the tools that the settings describe, built."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from tui.store import tool_setting
from tui.store.path import config_dir, state_dir
from tui.store.settings import Choices, Settings
from tui.store.tool_setting import split_words
from tui.tools.approval import Pattern
from tui.tools.command import CommandTool
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.question import Person
from tui.tools.mcp.server import McpServer, SignIn, Value
from tui.tools.python_tool import PythonTool
from tui.tools.registry import Registry, build_registry


async def open_tools(
    settings: Settings, person: Person | None = None, servers: Iterable[McpConnection] = ()
) -> Registry:
    """Build the tools of the settings; what cannot be used is in `Registry.problems`. No server is started.

    Args:
        settings: What describes them.
        person: Who answers what MCP servers ask.
        servers: Those there are already: one that is described as it was is taken over.
    """
    tools = settings.tools
    roots = _roots(settings)
    return await build_registry(
        roots=roots,
        builtin=tools.builtin,
        allows_fetch=tools.fetch_url,
        commands=[_command(name, tool) for name, tool in tools.command.items()],
        functions=[_function(name, tool) for name, tool in tools.python.items()],
        servers=[server_of(name, server, roots) for name, server in tools.mcp.items()],
        log_dir=state_dir() / "mcp",
        person=person,
        running=servers,
    )


def patterns(settings: Settings, choices: Choices) -> list[Pattern]:
    """The calls that may run unasked: those of the settings, and those granted for good in the program."""
    return [
        Pattern(allowed.tool, allowed.arguments, allowed.definition)
        for allowed in (*settings.tools.allow, *choices.allowed)
    ]


def _directory(path: str) -> str | None:
    return os.path.expanduser(path) if path else None  # noqa: PTH111  # as below


def _roots(settings: Settings) -> list[str]:
    return [os.path.expanduser(root) for root in settings.roots]  # noqa: PTH111  # Path.expanduser raises without a home


def _command(name: str, tool: tool_setting.CommandTool) -> CommandTool:
    return CommandTool(
        name=name,
        description=tool.description,
        argv=tool.argv,
        parameters=tool.parameters,
        cwd=_directory(tool.cwd),
        timeout=tool.timeout,
        output_limit=tool.output_limit_bytes,
        keep_env=tool.env,
        runs_parallel=tool.parallel,
    )


def _function(name: str, tool: tool_setting.PythonTool) -> PythonTool:
    return PythonTool(
        name=name,
        target=tool.function,
        description=tool.description,
        path=(*(os.path.expanduser(path) for path in tool.path), str(config_dir())),  # noqa: PTH111  # as below
        cwd=_directory(tool.cwd),
        timeout=tool.timeout,
        output_limit=tool.output_limit_bytes,
        keep_env=tool.env,
        runs_parallel=tool.parallel,
    )


def server_of(name: str, server: tool_setting.McpServer, roots: Sequence[str] = ()) -> McpServer:
    """An MCP server of the settings, as the tools know it."""
    env = server.env if isinstance(server.env, dict) else {}
    key_argv = split_words(server.key_command, "key_command")
    how = server.sign_in
    return McpServer(
        name=name,
        command=server.argv,
        url=server.url,
        env={variable: _value(value) for variable, value in env.items()},
        keep_env=() if isinstance(server.env, dict) else server.env,
        headers={header: _value(value) for header, value in server.headers.items()},
        key=Value(env=server.key_env, command=key_argv) if server.key_env or key_argv else None,
        sign_in=SignIn(
            client_id=how.client_id,
            client_secret_env=how.client_secret_env,
            private_key_env=how.private_key_env,
            client_metadata_url=how.client_metadata_url,
            issuer=how.issuer,
            scope=how.scope,
            port=how.port,
            grant=how.grant,
            store=how.store,
        )
        if how.enabled
        else None,
        cwd=_directory(server.cwd),
        timeout=server.timeout,
        start_timeout=server.start_timeout,
        protocol=server.protocol,
        output_limit=server.output_limit_bytes,
        only=server.only,
        runs_parallel=server.parallel,
        is_on=server.enabled,
        roots=tuple(roots) if server.roots else (),
    )


def _value(value: str | tool_setting.ValueSource) -> Value:
    if isinstance(value, str):
        return Value(value)
    return Value(env=value.env, command=value.argv, form=value.form)
