"""Calling: the tools of a conversation on the screen, and the calls of its turns as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tui.domain.delta import ToolCallDelta
from tui.domain.turn import Turn

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.chat.gate import CallView, Gate
    from tui.chat.program import Program
    from tui.tools.definition import Tool
    from tui.tools.registry import Registry

Fragments = list[tuple[float, str]]
"""Pieces of a call's arguments, each with its time in seconds since the request was sent."""


class Calling:
    """Knows the tools once they are loaded, and the gate through which calls go.

    `listener` is told a turn whenever one of its calls changed.
    """

    def __init__(self, program: Program, conversation: Conversation, listener: Callable[[Turn], None]) -> None:
        self._program = program
        self._conversation = conversation
        self._listener = listener
        self._registry: Registry | None = None
        self._gate: Gate | None = None
        self._is_chosen = False
        self._fragments: dict[tuple[str, int], Fragments] = {}

    async def load(self) -> Registry:
        """Build the tools, the first time; starting servers may take a while."""
        if self._registry is None:
            registry = await self._program.tools()
            await registry.start_servers()
            self._registry = registry
        return self._registry

    @property
    def is_wanted(self) -> bool:
        """Whether the settings describe tools that the model is to be told of without being asked."""
        settings = self._program.settings
        tools = settings.tools
        return bool(tools.command or tools.python or tools.mcp or settings.roots)

    async def prepare(self) -> None:
        """Before a prompt is sent: tell the model of the tools, unless a person has chosen which."""
        if self.is_wanted and not self._is_chosen:
            registry = await self.load()
            has_roots = bool(self._program.settings.roots)
            names = [
                tool.name for tool in registry.tools if tool.source != "builtin" or (has_roots and "file" in tool.name)
            ]
            self.offer(names)

    def offer(self, names: Iterable[str]) -> None:
        """Tell the model of these tools from now on, and of no others."""
        self._is_chosen = True
        if self._registry is not None:
            self._conversation.tools = self._registry.definitions(names)

    @property
    def offered(self) -> set[str]:
        """The names of the tools that the model is told of."""
        return {tool.name for tool in self._conversation.tools}

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

    # -- fragments ----------------------------------------------------------------------------------------

    def note(self, turn: Turn, delta: ToolCallDelta) -> None:
        """Keep a piece of arguments with the time it came."""
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
            tape = self._conversation.tape(turn)
        except RilletError:
            return
        if tape.response is None:
            return
        found: dict[int, Fragments] = {}
        for at, delta in play(tape, turn_for(tape, turn)):
            if isinstance(delta, ToolCallDelta) and delta.arguments:
                found.setdefault(delta.index, []).append((at, delta.arguments))
        for index, pieces in found.items():
            self._fragments[turn.id, index] = pieces
