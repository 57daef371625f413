"""The tool session: the tools of a conversation on the screen, and the calls of its turns as they stand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from tui.domain.delta import ToolCallDelta
from tui.domain.error import ConfigError
from tui.domain.quantity import describe_seconds
from tui.domain.turn import Turn
from tui.wire.printable import printable_line

if TYPE_CHECKING:
    from tui.chat.call_view import CallView
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation
    from tui.chat.gate import Gate
    from tui.tools.definition import Output, Tool
    from tui.tools.mcp.connection import McpConnection
    from tui.tools.mcp.library import PromptText, Resource, ServerPrompt
    from tui.tools.registry import Registry

_Had = TypeVar("_Had")

PATIENCE = 5.0
"""Seconds that a prompt waits for MCP servers that are starting."""
MANY_TOOLS = 128
"""As many tools as every endpoint takes."""


Fragments = list[tuple[float, str]]
"""Pieces of a call's arguments, each with its time in seconds since the request was sent."""


class Library(Struct, frozen=True):
    """What servers have beside tools, each with its server's name: resources, and prompts."""

    resources: tuple[tuple[str, Resource], ...] = ()
    prompts: tuple[tuple[str, ServerPrompt], ...] = ()


class ToolSession:
    """Knows the tools once they are loaded, and the gate through which calls go.

    `listener` is told a turn whenever one of its calls changed.
    """

    def __init__(
        self,
        program: ChatProgram,
        conversation: Conversation,
        listener: Callable[[Turn], object],
        tell: Callable[[str, str], None] = lambda _text, _tone: None,
    ) -> None:
        self._program = program
        self._conversation = conversation
        self._listener = listener
        self._tell = tell
        self._registry: Registry | None = None
        self._gate: Gate | None = None
        own = conversation.sheet.switched_tools
        self._switched = set(program.choices.switched_tools if own is None else own)
        self._told: set[str] = set()
        self._fragments: dict[tuple[str, int], Fragments] = {}

    async def load(self) -> Registry:
        """Build the tools, the first time; MCP servers start in the background."""
        if self._registry is None:
            self._registry = await self._program.tools()
        self._registry.begin_servers()
        return self._registry

    def renew(self) -> None:
        """The settings describe other tools, or allow other calls: those count from the next prompt on."""
        from tui.chat.toolbox import patterns

        self._registry = None
        self._told.clear()
        if self._gate is not None:
            self._gate.patterns = tuple(patterns(self._program.settings, self._program.choices))
        if not self.is_wanted and not self._switched:
            self._conversation.sheet.tools, self._conversation.sheet.tool_instructions = (), ""

    @property
    def is_wanted(self) -> bool:
        """Whether the settings describe tools that the model is to be told of without being asked."""
        settings = self._program.settings
        tools = settings.tools
        return bool(tools.command or tools.python or tools.mcp or settings.roots)

    @property
    def problems(self) -> tuple[str, ...] | None:
        """What of the tools cannot be used, in sentences; `None` while they are not built."""
        if self._registry is None:
            return None
        return tuple(printable_line(str(each)) for each in self._registry.problems)

    @property
    def switched(self) -> tuple[str, ...]:
        """The names of the tools that a person switched on or off, against what is usual."""
        return tuple(sorted(self._switched))

    async def prepare(self) -> None:
        """Before a prompt is sent: tell the model of the tools there are now, but for those switched off."""
        if not self.is_wanted and not self._switched:
            return
        registry = await self.load()
        await self._await_servers(registry)
        self._apply(registry)

    def offer(self, names: Iterable[str]) -> None:
        """Tell the model of these tools from now on, and of no others; what was allowed for the others is taken back."""
        if self._registry is not None:
            wanted = set(names)
            if self._gate is not None:
                for name in self._gate.grants.tools.keys() - wanted:
                    self._gate.grants.revoke(name)
            for tool in self._registry.tools:
                if (tool.name in wanted) == self._is_usual(tool):
                    self._switched.discard(tool.name)
                else:
                    self._switched.add(tool.name)
            self._apply(self._registry)

    def take_up(self) -> None:
        """The servers have other tools now: the model is told of those."""
        if self._registry is not None and (self.is_wanted or self._switched):
            self._apply(self._registry)

    def _apply(self, registry: Registry) -> None:
        names = [tool.name for tool in registry.tools if self._is_usual(tool) is not (tool.name in self._switched)]
        self._conversation.sheet.tools = registry.definitions(names)
        self._conversation.sheet.tool_instructions = registry.instructions_for(names)
        if len(names) > MANY_TOOLS:
            self._tell_once(
                f"the model is told of {len(names)} tools, and some endpoints take {MANY_TOOLS}: /tools", "warning"
            )

    def _is_usual(self, tool: Tool) -> bool:
        """Whether the model is told of a tool unless a person says otherwise."""
        return tool.source != "builtin" or (bool(self._program.settings.roots) and "file" in tool.name)

    async def _await_servers(self, registry: Registry) -> None:
        """Give servers that are starting a little time, and say which; what does not run is told once."""
        starting = [server for server in registry.servers if not server.is_settled]
        if starting:
            self._tell(f"waiting for {_names(starting)}, {describe_seconds(PATIENCE)} at most", "muted")
            tasks = [asyncio.ensure_future(server.start()) for server in starting]
            await asyncio.wait(tasks, timeout=PATIENCE)
            for task in tasks:
                task.cancel()
            late = [server for server in starting if not server.is_settled]
            if late:
                self._tell(f"still starting: {_names(late)}; this prompt goes without the tools of it", "warning")
        for server in registry.servers:
            if server.problem:
                self._tell_once(f"{server.name} does not run: {server.trouble} (/tools)", "warning")

    def _tell_once(self, text: str, tone: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(printable_line(text), tone)

    @property
    def offered(self) -> set[str]:
        """The names of the tools that the model is told of."""
        return {tool.name for tool in self._conversation.sheet.tools}

    @property
    def gate(self) -> Gate:
        """The gate of this conversation."""
        if self._gate is None:
            from tui.chat.gate import Gate
            from tui.chat.toolbox import patterns
            from tui.tools.runner import Runner

            allowed = patterns(self._program.settings, self._program.choices)
            self._gate = Gate(
                self._conversation, Runner(self.tool, mask=self._program.mask_keys), allowed, listener=self._listener
            )
            self._gate.is_attended = True
        return self._gate

    def tool(self, name: str) -> Tool | None:
        """The tool of that name, if the tools are loaded and it is one."""
        return self._registry.get(name) if self._registry is not None else None

    def views(self, turn: Turn) -> list[CallView]:
        """The calls of a turn as they stand."""
        return self.gate.views(turn) if turn.tool_calls else []

    def is_undecided(self, turn: Turn) -> bool:
        """Whether a turn has calls that an earlier run left undecided."""
        return bool(turn.tool_calls) and self.gate.is_undecided(turn)

    def leave(self) -> None:
        """Another turn begins: calls that still wait for a decision are not run."""
        if self._gate is not None:
            self._gate.leave()

    # -- what servers have beside tools -------------------------------------------------------------------

    async def library(self) -> Library:
        """The resources and the prompts of the servers that run; those that cannot say have none."""
        from tui.tools.definition import ToolError

        if not self._program.settings.tools.mcp and self._registry is None:
            return Library()
        registry = await self.load()
        running = [server for server in registry.servers if server.is_running]
        resources: list[tuple[str, Resource]] = []
        prompts: list[tuple[str, ServerPrompt]] = []
        for server in running:
            with suppress(ToolError, TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    resources += [(server.name, each) for each in await server.resources()]
                    prompts += [(server.name, each) for each in await server.prompts()]
        return Library(tuple(resources), tuple(prompts))

    async def read_resource(self, server: str, uri: str) -> Output:
        """Read a resource of a server.

        Raises:
            ConfigError: If it cannot be read.
        """
        return await self._of_server(server, lambda connection: connection.read(uri))

    async def make_prompt(self, server: str, name: str, written: str) -> PromptText | None:
        """What a server makes of a prompt with what was written behind its name; `None` where it has none of that name.

        Raises:
            ConfigError: If something is missing, or the server cannot make it.
        """
        from tui.chat.template import read_arguments

        library = await self.library()
        prompt = next((prompt for owner, prompt in library.prompts if (owner, prompt.name) == (server, name)), None)
        if prompt is None:
            return None
        names = [argument.name for argument in prompt.arguments]
        given, words = read_arguments(written, names)
        free = [each for each in names if each not in given]
        given |= dict(zip(free, words, strict=False))
        if free and len(words) > len(free):
            given[free[-1]] = " ".join(words[len(free) - 1 :])
        missing = [each.name for each in prompt.arguments if each.is_required and each.name not in given]
        if missing:
            raise ConfigError(f"/{server}:{name} needs {', '.join(missing)}", f"Write {missing[0]}=… behind it.")
        return await self._of_server(server, lambda connection: connection.prompt(name, given))

    async def _of_server(self, name: str, ask: Callable[[McpConnection], Awaitable[_Had]]) -> _Had:
        from tui.tools.definition import ToolError

        connection = (await self.load()).server(name)
        if connection is None:
            raise ConfigError(f"there is no server {name}")
        try:
            return await ask(connection)
        except ToolError as error:
            raise ConfigError(printable_line(str(error))) from error

    # -- fragments ----------------------------------------------------------------------------------------

    def keep_fragment(self, turn: Turn, delta: ToolCallDelta) -> None:
        """Keep a fragment of arguments with the time it came; to be told as soon as it has."""
        timing = turn.timing
        if not delta.arguments or timing.sent_at is None:
            return
        at = (timing.progress_at or timing.sent_at) - timing.sent_at
        self._fragments.setdefault((turn.id, delta.index), []).append((at, delta.arguments))

    def fragments(self, turn: Turn, index: int) -> Fragments:
        """The pieces of a call's arguments as they came; of a turn that is over, read from its tape."""
        key = (turn.id, index)
        if turn.state.is_over and (turn.id, -1) not in self._fragments:
            self._fragments[turn.id, -1] = []
            self._read_tape(turn)
        return self._fragments.get(key, [])

    def _read_tape(self, turn: Turn) -> None:
        from tui.chat.fold import play, turn_for
        from tui.domain.error import RilletError

        try:
            tape = self._conversation.replies.tape(turn)
        except RilletError:
            return
        if tape.response is None:
            return
        fragments: dict[int, Fragments] = {}
        for at, delta in play(tape, turn_for(tape, turn)):
            if isinstance(delta, ToolCallDelta) and delta.arguments:
                fragments.setdefault(delta.index, []).append((at, delta.arguments))
        for index, pieces in fragments.items():
            self._fragments[turn.id, index] = pieces


def _names(servers: Iterable[McpConnection]) -> str:
    return ", ".join(server.name for server in servers)
