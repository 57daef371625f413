"""What a server asks and says while it works: questions, roots, its log; and the clocks that stand meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from tui.tools.clock import CallClock
from tui.tools.mcp.log import ServerLog
from tui.tools.mcp.question import Person, Unattended, read_question
from tui.tools.mcp.server import McpServer
from tui.tools.mcp.transport import Sdk, home_text

LEVELS = ("warning", "error", "critical", "alert", "emergency")
"""Levels of a server's log that are told at once."""


MOST_QUESTIONS = 8
"""Questions of one server that wait for a person at once; more are declined."""


class Talk:
    """Answers one server.

    Attributes:
        person: Who is asked.
        clocks: Those of the calls that are under way.
    """

    def __init__(self, server: McpServer, log: ServerLog, person: Person | None, tell: Callable[[], None]) -> None:
        """`tell` is called where something was said that should be seen."""
        self.person: Person = person or Unattended()
        self.clocks: set[CallClock] = set()
        self._server = server
        self._log = log
        self._tell = tell
        self._open = 0

    def asked(self, sdk: Sdk) -> Callable[[Any, Any], Coroutine[Any, Any, Any]]:
        """How the server's questions are answered."""

        async def answer(context: Any, params: Any) -> Any:
            del context
            question = read_question(self._server.name, params)
            if question is None:
                self._log.note("[rillet] declined a question that no form can be made of, or that leads nowhere safe")
                return sdk.types.ElicitResult(action="decline")
            if self._open >= MOST_QUESTIONS:
                self._log.note(f"[rillet] declined a question: {MOST_QUESTIONS} others wait already")
                return sdk.types.ElicitResult(action="decline")
            clocks = list(self.clocks)
            for clock in clocks:
                clock.pause()
            self._open += 1
            try:
                reply = await self.person.answer(question)
            finally:
                self._open -= 1
                for clock in clocks:
                    clock.go_on()
            if reply.action != "accept" or question.url:
                return sdk.types.ElicitResult(action=reply.action)
            return sdk.types.ElicitResult(action="accept", content=dict(reply.content or {}))

        return answer

    def roots(self, sdk: Sdk) -> Callable[[Any], Coroutine[Any, Any, Any]]:
        """How the server is told of the directories it may use."""
        roots = [Path(home_text(root)) for root in self._server.roots]

        async def answer(context: Any) -> Any:
            del context
            return sdk.types.ListRootsResult(
                roots=[sdk.types.Root(uri=root.as_uri(), name=root.name) for root in roots if root.is_absolute()]
            )

        return answer

    async def take_log(self, params: Any) -> None:
        """Take a line of the server's log."""
        said = params.data if isinstance(params.data, str) else str(params.data)
        self._log.note(f"[{params.level}] {said[:2000]}")
        if params.level in LEVELS:
            self._tell()
