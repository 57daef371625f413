"""A server's question: what it asks, a value for each thing, and whether it gets them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tui.page.line import Line, pad
from tui.tools.mcp.question import Action, QuestionField, QuestionReply
from tui.ui.action.binding import bindings
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.install import Page
from tui.ui.panes.notices import wrapped
from tui.ui.panes.pane import Pane
from tui.ui.person import ServerAsks
from tui.ui.widgets.list_view import ListView, RowChosen, RowNotice
from tui.wire.printable import printable, printable_line

_YES, _NO = ("yes", "y", "true", "on", "1"), ("no", "n", "false", "off", "0")


class QuestionPane(Pane):
    """One question: its words, a row for each value, and below them the one under the cursor to be written."""

    columns = 84
    title_words = "A server asks"
    hints = ("question.send", "question.decline", "pane.close")
    BINDINGS: ClassVar[list[BindingType]] = bindings("question")
    DEFAULT_CSS = """
    QuestionPane Page { height: auto; max-height: 60%; }
    """

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._asked: ServerAsks = chat.servers.questions[0]
        fields = self._asked.question.fields
        self._values = {field.name: _written(field) for field in fields}
        self._field: QuestionField | None = None
        self._is_shown_only = False  # the address was to be opened, and no browser did
        self.text = Page()
        self.rows = ListView(self._paint, empty="", takes_focus=False)
        self.rows.hear = self._hear
        self.field = Field("Enter keeps it and goes on", self.rows)

    def content(self) -> ComposeResult:
        """The words, the values, and a field for the one that is written."""
        yield self.text
        yield self.rows
        yield self.field

    def on_mount(self) -> None:
        """Ask it."""
        question = self._asked.question
        self.heading.tell([(f"{question.server} asks", "title")], [])
        self._tell()
        self.rows.show(question.fields, cursor=0)
        self.field.display = self.rows.display = bool(question.fields)
        self.can_focus = not question.fields  # then the pane itself has the keys
        self._take(question.fields[0] if question.fields else None)

    def take_focus(self) -> None:
        """Write the first value."""
        (self.field if self._asked.question.fields else self).focus()

    def _tell(self, *problems: str) -> None:
        question = self._asked.question
        columns = max(20, min(self.columns, self.app.size.width) - 8)
        lines: list[Line] = [*wrapped(printable(question.message), columns), []]
        if question.url:
            lines += [[("It wants you to go to this address; rillet opens it when you agree:", "muted")]]
            lines += [*wrapped(printable_line(question.url), columns), []]
        lines += [[(printable_line(problem), "warning")] for problem in problems]
        self.text.show(lines)

    def _hear(self, notice: RowNotice) -> None:
        if isinstance(notice, RowChosen):
            self._choose(notice.item)
        else:
            self._reach(notice.item)

    def _reach(self, field: QuestionField) -> None:
        """Write another value."""
        self._keep()
        self._take(field)

    def _choose(self, chosen: QuestionField) -> None:
        """Keep the value, and go on to the next; after the last one, send them."""
        self._keep()
        fields = self._asked.question.fields
        at = next((number for number, field in enumerate(fields) if field is chosen), len(fields))
        if at + 1 < len(fields):
            self.rows.show(fields, cursor=at + 1)
            self._take(fields[at + 1])
        else:
            self.action_send()

    def _keep(self) -> None:
        if self._field is not None:
            self._values[self._field.name] = self.field.value
            self.rows.refresh()

    def _take(self, field: QuestionField | None) -> None:
        self._field = field
        if field is not None:
            self.field.value = self._values[field.name]
            self.field.cursor_position = len(self.field.value)

    def action_send(self) -> None:
        """Send the values, where they are what the server asks for."""
        self._keep()
        question = self._asked.question
        if question.url:
            self.run_worker(self._go(question.url), exit_on_error=False)
            return
        content = {field.name: _read(field, text) for field in question.fields if (text := self._values[field.name])}
        missing = {
            f"{field.name}: is missing": f"{field.title} is needed"
            for field in question.fields
            if field.is_required and field.name not in content
        }
        problems = [*missing.values(), *(each for each in question.problems(content) if each not in missing)]
        if problems:
            self._tell(*problems[:5])
        else:
            self._reply("accept", content)

    async def _go(self, url: str) -> None:
        """Open the address, and then say so; where no browser does, whoever has opened it elsewhere agrees once more."""
        if self._is_shown_only or await self._chat.servers.open_address(url, self._asked.question.server):
            self._reply("accept")
            return
        self._is_shown_only = True
        self._tell("No browser opened it here. Open it elsewhere, and agree once more when you have.")

    def action_close(self) -> None:
        """Leave it unanswered: the server is told that it was cancelled."""
        self._reply("cancel")

    def action_decline(self) -> None:
        """Refuse to say."""
        self._reply("decline")

    def _reply(self, action: Action, content: Mapping[str, Any] | None = None) -> None:
        if not self._asked.reply.done():
            self._asked.reply.set_result(QuestionReply(action, content))
        self._chat.call_later(self._chat.close_pane, self)

    def _paint(self, field: QuestionField, width: int) -> Line:
        value = self.field.value if field is self._field else self._values[field.name]
        needed = "*" if field.is_required else " "
        about = ", ".join(title for _, title in field.choices) or field.description or _KINDS[field.kind]
        return [
            (f"{needed} ", "warning"),
            (f"{pad(printable_line(field.title), 21)} ", ""),
            (f"{pad(printable_line(value), 23)} ", "accent"),
            (printable_line(about)[: max(10, width)], "muted"),
        ]


_KINDS = {
    "text": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "yes or no",
    "choice": "one of these",
    "choices": "some of these, with commas",
}


def _written(field: QuestionField) -> str:
    """A proposed value, as it is written into the field: one of several by the title that stands beside it."""
    titles = dict(field.choices)
    match field.default:
        case None:
            return ""
        case bool():
            return "yes" if field.default else "no"
        case list() | tuple() as values:
            return ", ".join(titles.get(str(value), str(value)) for value in values)
        case value:
            return titles.get(str(value), str(value))


def _read(field: QuestionField, text: str) -> Any:
    """What was written, as the value it stands for; as it is where it stands for none, to be found wrong."""
    word = text.strip()
    match field.kind:
        case "boolean":
            return True if word.lower() in _YES else False if word.lower() in _NO else word
        case "integer" | "number":
            with suppress(ValueError):
                number = json.loads(word)
                return number if isinstance(number, int | float) and not isinstance(number, bool) else word
            return word
        case "choice":
            return _chosen(field, word)
        case "choices":
            return [_chosen(field, each.strip()) for each in word.split(",") if each.strip()]
        case "text":
            return text


def _chosen(field: QuestionField, word: str) -> str:
    """The value that was meant, by its name or its title."""
    low = word.lower()
    return next((value for value, title in field.choices if low in (value.lower(), title.lower())), word)
