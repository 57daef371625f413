"""The commands of plain mode: one table, from which `/help` is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tui.chat.context import read_wish
from tui.chat.conversation import Conversation
from tui.cli.plain.reply import tell_turn
from tui.cli.plain.terminal import Leaving, LineTerminal
from tui.domain.quantity import describe_turns
from tui.domain.turn import Prompt, Summary, Turn
from tui.page.wording import model_and_place
from tui.wire.printable import printable_line

if TYPE_CHECKING:
    from tui.chat.program import Program
    from tui.chat.tool_session import ToolSession

SHOWN = 20
"""Rows that a list of choices has at most."""


class Command(NamedTuple):
    """One command: what it does, and what runs, with what stands behind its name."""

    words: str
    run: Callable[[str], Awaitable[None]]


class Talk(Protocol):
    """What commands need of the chat."""

    program: Program
    terminal: LineTerminal
    conversation: Conversation
    tools: ToolSession

    def open(self, conversation: Conversation) -> None:
        """Go on with this conversation."""

    async def answer(self, turn: Turn) -> None:
        """Stream a reply, and what follows it."""


class Commands:
    """What can be done beside talking."""

    def __init__(self, chat: Talk) -> None:
        self._chat = chat
        self._table = {
            "help": Command("say what can be done", self._help),
            "model": Command("choose the model that answers; a text behind it finds", self._model),
            "sessions": Command("open a saved conversation; a text behind it finds", self._sessions),
            "new": Command("begin a new conversation", self._new),
            "history": Command("read the conversation back", self._history),
            "retry": Command("ask the last prompt again", self._retry),
            "continue": Command("ask for the rest of a reply that was cut", self._continue),
            "compact": Command("have the earlier turns summarised into one; undo takes it back", self._compact),
            "btw": Command("ask beside the conversation, which does not change by it", self._aside),
            "edit": Command("write another prompt in place of the last", self._edit),
            "system": Command("say or set the system prompt of this conversation", self._system),
            "title": Command("name this conversation", self._title),
            "tools": Command("switch the tools that the model is told of", self._tools),
            "quit": Command("leave", self._quit),
        }

    async def run(self, words: str) -> None:
        """Run a command by its name, with what stands behind it."""
        name, _, text = words.partition(" ")
        command = self._table.get(name)
        if command is None:
            near = get_close_matches(name, self._table, 1)
            hint = f"Did you mean /{near[0]}?" if near else "/help says what there is."
            self._chat.terminal.say(f"There is no command /{printable_line(name)}. {hint}")
            return
        await command.run(text.strip())

    async def _help(self, _text: str) -> None:
        for name, command in self._table.items():
            self._chat.terminal.say(f"/{name}: {command.words}")
        self._chat.terminal.say("A line that ends with a backslash goes on in the next.")

    async def _model(self, text: str) -> None:
        chat, program = self._chat, self._chat.program
        rows: list[tuple[str, str]] = []
        for name in program.endpoints:
            if program.has_key(name):
                listed = await program.models(name)
                rows += [(name, model.id) for model in listed if not model.refusal]
        wanted = text.casefold().split()
        rows = [row for row in rows if all(word in f"{row[0]} {row[1]}".casefold() for word in wanted)]
        if not rows:
            chat.terminal.say("No match." if text else "No endpoint lists a model.")
            return
        if len(rows) > SHOWN:
            chat.terminal.say(f"{len(rows)} models; the first {SHOWN}. /model and a text finds others.")
        rows = rows[:SHOWN]
        at = await chat.terminal.choose(
            "Which model?", [model_and_place(model, program.endpoints[name]) for name, model in rows]
        )
        if at is not None:
            chat.conversation.session.set_model(*rows[at])
            chat.terminal.say(f"{printable_line(rows[at][1])} answers from now on.")

    async def _sessions(self, text: str) -> None:
        chat = self._chat
        summaries = chat.program.database.sessions.summaries(text)
        if not summaries:
            chat.terminal.say("No match." if text else "Nothing is saved yet.")
            return
        if len(summaries) > SHOWN:
            chat.terminal.say(f"{len(summaries)} conversations; the last {SHOWN}. /sessions and a text finds others.")
        summaries = summaries[:SHOWN]
        rows = [
            f"{summary.title or 'without a title'}, {describe_turns(summary.turns)}, "
            f"{datetime.fromtimestamp(summary.updated_at).astimezone():%d %B %Y, %H:%M}"
            for summary in summaries
        ]
        at = await chat.terminal.choose("Which conversation?", rows)
        if at is not None:
            chat.open(Conversation.reopen(chat.program, summaries[at].id))
            chat.terminal.say(f"{rows[at]}. /history reads it.")

    async def _new(self, _text: str) -> None:
        chat, before = self._chat, self._chat.conversation
        chat.open(Conversation(chat.program, before.sheet.endpoint, before.sheet.model))
        chat.terminal.say("A new conversation.")

    async def _history(self, _text: str) -> None:
        turns = self._chat.conversation.turns
        if not turns:
            self._chat.terminal.say("Nothing was said yet.")
        for turn in turns:
            tell_turn(self._chat.terminal, turn)

    async def _retry(self, _text: str) -> None:
        if (turn := self._chat.conversation.head) is None:
            self._chat.terminal.say("Nothing was asked yet.")
        else:
            await self._chat.answer(self._chat.conversation.regenerate(turn))

    async def _continue(self, _text: str) -> None:
        turn = self._chat.conversation.head
        if turn is None or not turn.text:
            self._chat.terminal.say("There is nothing to continue.")
        else:
            await self._chat.answer(self._chat.conversation.continue_(turn))

    async def _compact(self, text: str) -> None:
        conversation, say = self._chat.conversation, self._chat.terminal.say
        if text in ("undo", "redo"):
            summaries = (
                turn for turn in reversed(conversation.turns) if isinstance(turn.opening, Summary) and turn.text
            )
            turn = next((turn for turn in summaries if turn.stands_in or text == "redo"), None)
            if turn is None:
                say(f"There is no summary to {text}.")
                return
            conversation.session.set_standing(turn, "out" if text == "undo" else "")
            say("The turns themselves are sent." if text == "undo" else "The summary is sent in place of the turns.")
            return
        turn = conversation.summarise(*read_wish(text, reversed(conversation.turns)))
        await self._chat.answer(turn)
        if turn.stands_in:
            say("This is sent in place of the earlier turns. /compact undo takes it back.")

    async def _aside(self, text: str) -> None:
        if text:
            await self._chat.answer(self._chat.conversation.ask_aside(text))
        else:
            self._chat.terminal.say("/btw and a question asks it.")

    async def _edit(self, _text: str) -> None:
        turn = self._last_prompt()
        if turn is None or not isinstance(turn.opening, Prompt):
            self._chat.terminal.say("Nothing was asked yet.")
            return
        self._chat.terminal.say(f"It was: {turn.opening.text}")
        text = await self._chat.terminal.read_prompt("Instead, or Enter to leave it:")
        if text.strip():
            await self._chat.answer(self._chat.conversation.edit(turn, text, turn.opening.images))

    def _last_prompt(self) -> Turn | None:
        turns = reversed(self._chat.conversation.turns)
        return next((turn for turn in turns if isinstance(turn.opening, Prompt)), None)

    async def _system(self, text: str) -> None:
        conversation, say = self._chat.conversation, self._chat.terminal.say
        if text:
            conversation.session.set_system(text)
            say("The system prompt is set.")
        elif not conversation.sheet.system:
            say("There is no system prompt. /system and a text sets one.")
        else:
            say(f"The system prompt: {conversation.sheet.system}")
            if await self._chat.terminal.choose("Keep it?", ("Keep it", "Clear it")) == 1:
                conversation.session.set_system("")
                say("The system prompt is cleared.")

    async def _title(self, text: str) -> None:
        if text:
            self._chat.conversation.session.rename(text)
        self._chat.terminal.say(f"The title: {self._chat.conversation.session.title or 'none yet'}")

    async def _tools(self, _text: str) -> None:
        chat = self._chat
        registry = await chat.tools.load()
        await registry.start_servers(registry.servers)
        chat.tools.take_up()
        while True:
            offered = chat.tools.offered
            names = [tool.name for tool in registry.tools]
            if not names:
                chat.terminal.say("No tools are set up.")
                return
            rows = [f"{name}, {'on' if name in offered else 'off'}" for name in names]
            at = await chat.terminal.choose("Which one shall be switched?", rows)
            if at is None:
                return
            chat.tools.offer(offered ^ {names[at]})
            chat.conversation.sheet.switched_tools = chat.tools.switched
            chat.conversation.session.save_sheet()

    async def _quit(self, _text: str) -> None:
        raise Leaving
