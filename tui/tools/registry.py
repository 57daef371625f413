"""The registry: every tool there is, by name, and every definition that could not be used."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from tui.domain.request import ToolDefinition
from tui.tools.builtin import BUILTIN_NAMES, builtin_tools
from tui.tools.command import CommandTool, command_problems, command_tool
from tui.tools.definition import Tool, ToolError
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.question import Person
from tui.tools.mcp.server import McpServer, mcp_problems
from tui.tools.process import hide_memory
from tui.tools.python_tool import PythonTool, python_problems, python_tool
from tui.tools.root import Roots

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Problem(Struct, frozen=True):
    """A definition that cannot be used: whose, which key of it, and what about it."""

    name: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"tool {self.name}: {self.key}: {self.what}" if self.key else f"tool {self.name}: {self.what}"


class Registry:
    """The tools, by name; an asynchronous context that ends the servers it started."""

    def __init__(
        self, tools: Iterable[Tool] = (), problems: Iterable[Problem] = (), servers: Iterable[McpConnection] = ()
    ) -> None:
        """Hold what `build_registry` found."""
        self._own = {tool.name: tool for tool in tools}
        self._problems = list(problems)
        self.servers = tuple(servers)
        self._starting: asyncio.Task[None] | None = None

    @property
    def tools(self) -> tuple[Tool, ...]:
        """Every tool that can be called now, the servers' last; none whose name another server uses as well."""
        names = Counter([*self._own, *(tool.name for server in self.servers for tool in server.tools)])
        return (
            *self._own.values(),
            *(tool for server in self.servers for tool in server.tools if names[tool.name] == 1),
        )

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be used, and servers that do not run."""
        down = (Problem(server.name, "", server.trouble) for server in self.servers if server.problem)
        return (*self._problems, *down)

    @property
    def notes(self) -> tuple[Problem, ...]:
        """Tools of servers that are left out, or whose arguments are not checked."""
        usable = {id(tool) for tool in self.tools}
        clashes = (
            Problem(server.name, "", f"{tool.name} is left out: another tool has this name too")
            for server in self.servers
            for tool in server.tools
            if id(tool) not in usable
        )
        return (*(Problem(server.name, "", note) for server in self.servers for note in server.notes), *clashes)

    def instructions_for(self, names: Iterable[str]) -> str:
        """What the servers of these tools say about them, for the model; foreign text, each under its server's name."""
        wanted = set(names)
        return "\n\n".join(
            f"The server {server.name} says of its tools, whose names begin with {server.name}__:\n{server.instructions}"
            for server in self.servers
            if server.instructions and any(tool.name in wanted for tool in server.tools)
        )

    def server(self, name: str) -> McpConnection | None:
        """The server of that name."""
        return next((server for server in self.servers if server.name == name), None)

    def servers_of(self, names: Iterable[str]) -> tuple[McpConnection, ...]:
        """The servers that could have a tool of one of these names."""
        names = tuple(names)
        return tuple(server for server in self.servers if any(name.startswith(f"{server.name}__") for name in names))

    def get(self, name: str) -> Tool | None:
        """The tool of that name, as it is defined now."""
        return next((tool for tool in self.tools if tool.name == name), None)

    def definitions(self, names: Iterable[str] | None = None) -> tuple[ToolDefinition, ...]:
        """The tools as the model is told of them; all, or those named."""
        wanted = None if names is None else set(names)
        return tuple(tool.definition() for tool in self.tools if wanted is None or tool.name in wanted)

    async def start_servers(self, servers: Iterable[McpConnection] | None = None) -> None:
        """Start all servers, or these, side by side; those that fail say so in `problems`."""
        await asyncio.gather(*(server.start() for server in (self.servers if servers is None else servers)))

    def begin_servers(self) -> None:
        """Start all servers in the background; their `state` says how far they are."""
        if self._starting is None:
            self._starting = asyncio.create_task(self.start_servers(), name="mcp servers")

    async def has_begun(self) -> None:
        """Wait until each server that was begun runs, or has failed."""
        if self._starting is not None:
            await asyncio.wait({self._starting})

    async def aclose(self, but: Iterable[McpConnection] = ()) -> None:
        """End every server, and its process, but for those that another registry has taken over."""
        excepted = set(map(id, but))
        await asyncio.gather(*(server.aclose() for server in self.servers if id(server) not in excepted))
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})

    async def __aenter__(self) -> Registry:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


async def build_registry(
    *,
    roots: Sequence[str | Path] = (),
    builtin: Sequence[str] | None = None,
    allows_fetch: bool = False,
    commands: Iterable[CommandTool] = (),
    functions: Iterable[PythonTool] = (),
    servers: Iterable[McpServer] = (),
    log_dir: Path | None = None,
    person: Person | None = None,
    running: Iterable[McpConnection] = (),
) -> Registry:
    """Build the tools from their definitions; a bad one is a problem, and the rest still work.

    The servers are not started: `Registry.start_servers` does that.

    Args:
        roots: Directories that may be read; missing ones are problems.
        builtin: Names of the built-in tools to offer; all but `fetch_url` where not given.
        allows_fetch: Whether `fetch_url` is offered.
        commands: Command tools.
        functions: Python tools; each is asked, in a child process, what it takes.
        servers: MCP servers.
        log_dir: Where the servers' errors are written; nowhere where not given.
        person: Who answers what servers ask; nobody where not given.
        running: Servers there are already: one that is described as it was is taken over as it runs.
    """
    hide_memory()
    file_roots = Roots(roots)
    problems = [Problem("read_file", "roots", f"there is no directory {path}") for path in file_roots.missing]
    own = builtin_tools(roots, allows_fetch=allows_fetch)
    tools = {tool.name: tool for tool in own if builtin is None or tool.name in builtin or tool.name == "fetch_url"}
    for command in commands:
        faults = [
            Problem(command.name, key, what)
            for key, what in (*_name_problems(command.name, tools), *command_problems(command))
        ]
        problems += faults
        if not faults:
            tools[command.name] = command_tool(command, file_roots)
    functions, running = list(functions), tuple(running)
    built = await asyncio.gather(*(_function_tool(function) for function in functions))
    for function, outcome in zip(functions, built, strict=True):
        faults = [Problem(function.name, key, what) for key, what in _name_problems(function.name, tools)]
        if isinstance(outcome, Problem):
            faults.append(outcome)
        elif not faults:
            tools[function.name] = outcome
        problems += faults
    connections: dict[str, McpConnection] = {}
    for server in servers:
        faults = [
            Problem(server.name, key, what)
            for key, what in (*_name_problems(server.name, connections), *mcp_problems(server))
        ]
        problems += faults
        if not faults:
            same = (each for each in running if each.server == server)
            connections[server.name] = next(same, None) or McpConnection(server, log_dir, person)
    return Registry(tools.values(), problems, connections.values())


def _name_problems(name: str, taken: Iterable[str]) -> list[tuple[str, str]]:
    if not _NAME.fullmatch(name):
        return [("name", "a name has letters, digits, _ and -, 64 at most")]
    if name in BUILTIN_NAMES:
        return [("name", f"{name} is the name of a built-in tool")]
    return [("name", "another tool has this name")] if name in taken else []


async def _function_tool(tool: PythonTool) -> Tool | Problem:
    for key, what in python_problems(tool):
        return Problem(tool.name, key, what)
    try:
        return await python_tool(tool)
    except ToolError as error:
        return Problem(tool.name, "target", str(error))
