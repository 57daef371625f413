"""The person before a shell: servers' questions are declined or answered with what they propose, a sign-in opens a browser."""

from __future__ import annotations

import asyncio
import os
from typing import Literal, TextIO

from tui.chat.browser import open_in_browser
from tui.tools.mcp.question import Question, QuestionReply, Unattended, is_safe_address
from tui.wire.printable import printable_line

Elicit = Literal["decline", "defaults"]


class ShellPerson:
    """Answers for whoever runs a command: what was asked and answered is said on `notes`."""

    def __init__(self, notes: TextIO, elicit: Elicit = "decline") -> None:
        """Say how questions are answered: declined, or with the values that the server proposes."""
        self._notes = notes
        self._takes_defaults = elicit == "defaults"
        self._unattended = Unattended(takes_defaults=self._takes_defaults)
        self._browsing: set[asyncio.Future[bool]] = set()

    async def answer(self, question: Question) -> QuestionReply:
        """Decline, or take what is proposed."""
        reply = await self._unattended.answer(question)
        how = "answered with what it proposes"
        if reply.action != "accept":
            lacks = question.lacks() if self._takes_defaults and not question.url else []
            how = f"declined, since {lacks[0]}" if lacks else "declined (see --elicit)"
        where = f" at {question.url}" if question.url else ""
        self._say(f"{question.server} asks{where}: {question.message}: {how}")
        return reply

    async def sign_in(self, server: str, address: str) -> bool:
        """Open the address in the browser (`$BROWSER` where it is set), and show it where someone may read it."""
        is_watched = self._notes.isatty()
        if not is_safe_address(address) or not (is_watched or os.environ.get("BROWSER")):
            return False
        self._say(f"{server} wants you to sign in: {address}")
        opening = asyncio.ensure_future(open_in_browser(address, self._notes if is_watched else None))
        self._browsing.add(opening)
        opening.add_done_callback(self._browsing.discard)
        return True

    def _say(self, text: str) -> None:
        self._notes.write(f"rillet: {printable_line(text)}\n")
        self._notes.flush()
