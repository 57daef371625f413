"""The person in plain mode: what a server asks is answered line by line."""

from __future__ import annotations

import asyncio
from typing import Any

from tui.chat.browser import open_in_browser
from tui.cli.plain.terminal import LineTerminal
from tui.tools.mcp.question import Question, QuestionField, QuestionReply, is_safe_address
from tui.wire.printable import printable_line


class PlainPerson:
    """Answers servers' questions, one after the other."""

    def __init__(self, terminal: LineTerminal) -> None:
        self._terminal = terminal
        self._alone = asyncio.Lock()

    async def answer(self, question: Question) -> QuestionReply:
        """Have a question answered, declined, or put off."""
        async with self._alone:
            say = self._terminal.say
            say(f"The server {printable_line(question.server)} asks: {question.message}")
            if question.url:
                say(f"It wants you to open {printable_line(question.url)}")
            choices = ("Answer", "Decline", "Cancel")
            match await self._terminal.choose("What shall it be told?", choices, is_needed=True):
                case 0:
                    return await self._accept(question)
                case 1:
                    return QuestionReply("decline")
                case _:
                    return QuestionReply("cancel")

    async def _accept(self, question: Question) -> QuestionReply:
        if question.url:
            opened = await open_in_browser(question.url)
            if not opened:
                self._terminal.say("No browser could be opened; go there yourself.")
            return QuestionReply("accept")
        while True:
            content = {field.name: value for field in question.fields if (value := await self._ask(field)) is not None}
            problems = question.problems(content)
            if not problems:
                return QuestionReply("accept", content)
            for problem in problems:
                self._terminal.say(printable_line(problem))
            if await self._terminal.choose("Once more?", ("Answer again", "Decline"), is_needed=True) == 1:
                return QuestionReply("decline")

    async def _ask(self, field: QuestionField) -> Any:
        words = printable_line(f"{field.title}. {field.description}".strip())
        needed = ", needed" if field.is_required else ""
        default = f", Enter for {printable_line(str(field.default))}" if field.default is not None else ""
        if field.kind in ("choice", "choices") or field.kind == "boolean":
            values = [value for value, _ in field.choices] or ["yes", "no"]
            titles = [title for _, title in field.choices] or ["yes", "no"]
            at = await self._terminal.choose(f"{words}{needed}{default}:", titles)
            if at is None:
                return field.default
            if field.kind == "boolean":
                return at == 0
            return [values[at]] if field.kind == "choices" else values[at]
        text = await self._terminal.read(f"{words}{needed}{default}:")
        if not text:
            return field.default
        return _number(text, field.kind) if field.kind in ("integer", "number") else text

    async def sign_in(self, server: str, address: str) -> bool:
        """Bring the person to where they sign in."""
        if not is_safe_address(address):
            return False
        self._terminal.say(f"{printable_line(server)} wants you to sign in: {printable_line(address)}")
        if await self._terminal.choose("Shall it be opened?", ("Open the browser", "No"), is_needed=True) == 1:
            return False
        return await open_in_browser(address)


def _number(text: str, kind: str) -> Any:
    try:
        return int(text) if kind == "integer" else float(text)
    except ValueError:
        return text  # the check says what is wrong with it
