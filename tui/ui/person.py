"""The person before the screen: servers' questions come as notices, and a sign-in opens where it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

from tui.ui.notice import Notice

if TYPE_CHECKING:
    from tui.tools.mcp.question import Question, QuestionReply


class ServerAsks(Notice):
    """A server asks something; `reply` waits for what the person says."""

    def __init__(self, question: Question, reply: asyncio.Future[QuestionReply]) -> None:
        super().__init__()
        self.question = question
        self.reply = reply


class OpenSignIn(Notice):
    """A person wants to sign in at a server: its address goes to the browser."""

    def __init__(self, server: str, address: str) -> None:
        super().__init__()
        self.server = server
        self.address = address


class ScreenPerson:
    """Whoever sits before the screen; `post` takes notices."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._signs_in: set[str] = set()

    def allow_sign_in(self, server: str) -> None:
        """The next sign-in at this server opens the browser: it was asked for. No other does."""
        self._signs_in.add(server)

    async def answer(self, question: Question) -> QuestionReply:
        """Ask the person."""
        reply: asyncio.Future[QuestionReply] = asyncio.get_running_loop().create_future()
        self._post(ServerAsks(question, reply))
        return await reply

    async def sign_in(self, server: str, address: str) -> bool:
        """Open the address, where the person has just asked for it."""
        from tui.tools.mcp.question import is_safe_address

        if server not in self._signs_in or not is_safe_address(address):
            return False
        self._signs_in.discard(server)
        self._post(OpenSignIn(server, address))
        return True
