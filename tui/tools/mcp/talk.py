"""What a server asks and says while it works: questions, roots, its log; and the clocks that stand meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from tui.tools.clock import CallClock
from tui.tools.mcp.log import ServerLog
from tui.tools.mcp.question import Person, Unattended, read_question
from tui.tools.mcp.server import McpServer
from tui.tools.mcp.transport import Sdk, home_text

LEVELS = ("warning", "error", "critical", "alert", "emergency")
"""Levels of a server's log that are told at once."""

ROOTS_ASKED = 0.3
"""Seconds after the start in which an older server usually asks for the roots; a call waits for that."""

ROOTS_TAKEN = 0.1
"""Seconds that a server has to take the roots in before it is called: it says nothing when it has."""

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
        self._told_roots = asyncio.Event()
        self._has_settled = False

    def begin(self) -> None:
        """The server is started: it has been told nothing."""
        self._told_roots.clear()
        self._has_settled = not self._server.roots

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
            self._told_roots.set()
            return sdk.types.ListRootsResult(
                roots=[sdk.types.Root(uri=root.as_uri(), name=root.name) for root in roots if root.is_absolute()]
            )

        return answer

    async def settle_roots(self) -> None:
        """Have the server know the roots before it is called for the first time.

        Older servers ask for them once they are greeted, and take calls meanwhile: one that came first would be answered
        as if there were none.
        """
        if self._has_settled:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(ROOTS_ASKED):
                await self._told_roots.wait()
        if self._told_roots.is_set():
            await asyncio.sleep(ROOTS_TAKEN)
        self._has_settled = True

    async def take_log(self, params: Any) -> None:
        """Take a line of the server's log."""
        said = params.data if isinstance(params.data, str) else str(params.data)
        self._log.note(f"[{params.level}] {said[:2000]}")
        if params.level in LEVELS:
            self._tell()
