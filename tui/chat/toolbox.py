"""The toolbox: the tools that the settings describe, built."""

from __future__ import annotations

import os

from tui.store import tool_setting
from tui.store.path import config_dir, state_dir
from tui.store.settings import Choices, Settings
from tui.tools.approval import Pattern
from tui.tools.command import CommandTool
from tui.tools.mcp_server import McpServer
from tui.tools.python_tool import PythonTool
from tui.tools.registry import Registry, build_registry


async def open_tools(settings: Settings, *, starts_servers: bool = True) -> Registry:
    """Build the tools of the settings; what cannot be used is in `Registry.problems`."""
    tools = settings.tools
    registry = await build_registry(
        roots=_roots(settings),
        builtin=tools.builtin,
        allows_fetch=tools.fetch_url,
        commands=[_command(name, tool) for name, tool in tools.command.items()],
        functions=[_function(name, tool) for name, tool in tools.python.items()],
        servers=[_server(name, server) for name, server in tools.mcp.items()],
        log_dir=state_dir() / "mcp",
    )
    if starts_servers:
        await registry.start_servers()
    return registry


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


def _server(name: str, server: tool_setting.McpServer) -> McpServer:
    return McpServer(
        name=name,
        command=server.argv,
        url=server.url,
        keep_env=server.env,
        key_env=server.key_env,
        cwd=_directory(server.cwd),
        timeout=server.timeout,
        output_limit=server.output_limit_bytes,
        only=server.only,
        runs_parallel=server.parallel,
    )
