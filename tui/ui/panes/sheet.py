"""The sheet of a conversation: all that it asks of its model, a row each, and the one under the cursor to be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from tui.chat.account import is_price_unknown
from tui.domain.endpoint_word import DIALECT_NAMES, EFFORTS
from tui.domain.error import RilletError
from tui.domain.model import refuses_effort
from tui.domain.option import OPTIONS, Option
from tui.page.line import Line, cut, pad
from tui.page.wording import place
from tui.typeset.wrap import wrap_told
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.field import Field
from tui.ui.panes.pane import Pane
from tui.ui.panes.preview import Preview, PreviewLine
from tui.ui.widgets.list_view import ListView, RowChosen, RowNotice
from tui.wire.dialect import dialect_named, is_dialect
from tui.wire.printable import printable_line

WIDE = 104
"""Columns from which on the next request has room beside the rows."""
ROWS = 74
"""Columns that the rows want, and the least and the most that the request has beside them."""
LEAST, MOST = 38, 60
ABOUT = 3
"""Rows for what is to be said of a row, with a blank one above."""


class Row(Struct, frozen=True):
    """One row: `keep` takes what is written here; `opens` names the action that changes it where nothing is."""

    name: str
    about: str
    value: Callable[[], str]
    usual: Callable[[], str] = str
    keep: Callable[[str], None] | None = None
    opens: str = ""


class SheetPane(Pane):
    """What this conversation asks: only what its model and dialect take. A change counts from the next turn on, and is saved."""

    DEFAULT_CSS = """
    SheetPane > Horizontal > Vertical { width: 1fr; }
    SheetPane.-narrow Preview { display: none; }
    SheetPane.-wide PreviewLine { display: none; }
    """
    columns = 150
    title_words = "This conversation"
    hints = (Hint(("list.choose",), "keep, and go on"), "sheet.clear", "pane.close")
    BINDINGS: ClassVar[list[BindingType]] = bindings("sheet")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._row: Row | None = None
        self._words = Lines()
        self.rows = ListView(self._paint, empty="", takes_focus=False)
        self.rows.hear = self._hear
        self._preview = Preview(chat)
        self._in_short = PreviewLine(chat, self._preview)
        self.field = Field("Enter keeps it and goes on", self.rows)

    def content(self) -> ComposeResult:
        """The rows, a field for the one that is written, and what comes of them."""
        with Horizontal():
            with Vertical():
                yield self.rows
                yield self._words
                yield self.field
            yield self._preview
        yield self._in_short

    def on_mount(self) -> None:
        """Show every row."""
        self._words.styles.height = ABOUT
        self.heading.tell([(self.title_words, "title")], [("counts from the next turn on, and is saved", "muted")])
        self._show(0)
        self.call_after_refresh(self._follow)

    def on_resize(self, event: events.Resize) -> None:
        """Show what comes of it beside the rows, or in a line where there is no room."""
        width = event.size.width
        self.set_class(width >= WIDE, "-wide")
        self.set_class(width < WIDE, "-narrow")
        self._preview.styles.width = max(LEAST, min(MOST, width - ROWS))
        if self._row is not None:
            self.call_after_refresh(self._tell, self._row.about, "muted")

    def on_unmount(self) -> None:
        """Whatever key led elsewhere, what was written is kept."""
        self._keep()

    def _follow(self) -> None:
        self._preview.follow()
        self._in_short.refresh()

    def take_focus(self) -> None:
        """Write the first value."""
        self.field.focus()

    # -- the rows -----------------------------------------------------------------------------------------

    def _sheet(self) -> list[Row]:
        talk = self._chat.conversation
        usual, endpoint = self._chat.program.endpoints[talk.sheet.endpoint], talk.sheet.asked
        dialects, about_system = ", ".join(DIALECT_NAMES), "what the model is told first; Enter writes a longer one"
        rows = [
            Row("system prompt", about_system, lambda: talk.sheet.system, keep=self._keep_system, opens="chat.system"),
            Row("model", f"at {place(endpoint)}", lambda: talk.sheet.model, opens="chat.models"),
            Row("dialect", dialects, lambda: talk.sheet.dialect or "", lambda: usual.dialect, self._keep_dialect),
        ]
        if not (endpoint.is_local or refuses_effort(talk.sheet.model)):
            about = ", ".join(EFFORTS)
            rows.append(Row("effort", about, lambda: talk.sheet.effort, lambda: endpoint.effort, self._keep_effort))
        rows += [self._option_row(row) for row in OPTIONS if talk.sheet.takes(row.name)]
        rows.append(Row("tools", "what the model may call here", self._tools, opens="chat.tools"))
        if endpoint.server_tools and dialect_named(endpoint.dialect).has_server_tools:
            about = f"what the endpoint runs itself: {', '.join(endpoint.server_tools)}"
            rows.append(
                Row("server tools", about, lambda: ",".join(talk.sheet.server_tools), keep=self._keep_server_tools)
            )
        rows.append(Row("schema", "what every reply follows", self._schema, keep=self._keep_schema))
        return rows

    def _option_row(self, option: Option) -> Row:
        talk = self._chat.conversation

        def keep(text: str) -> None:
            talk.session.set_options(**{option.name: option.read(text)})

        about = option.about
        if option.name == "budget" and is_price_unknown(self._chat.program, talk):
            about = "price unknown: what is said here does not count towards it"
        return Row(
            option.slash.replace("-", " "),
            about,
            lambda: option.write(getattr(talk.sheet.options, option.name)),
            lambda: option.write(getattr(talk.sheet.all_options, option.name)),
            keep,
        )

    def _tools(self) -> str:
        return ", ".join(tool.name for tool in self._chat.conversation.sheet.tools)

    def _schema(self) -> str:
        schema = self._chat.conversation.sheet.schema
        if schema is None:
            return ""
        from tui.schema.schema_line import write_schema_line

        return write_schema_line(schema.schema)

    # -- keeping ------------------------------------------------------------------------------------------

    def _keep_system(self, text: str) -> None:
        self._chat.conversation.session.set_system(text)

    def _keep_dialect(self, text: str) -> None:
        if text and not is_dialect(text):
            raise RilletError(f"there is no dialect “{text}”", f"There are: {', '.join(DIALECT_NAMES)}.")
        self._chat.conversation.session.set_dialect(text if is_dialect(text) else None)

    def _keep_effort(self, text: str) -> None:
        effort = next((word for word in EFFORTS if word == text.lower()), None)
        if effort is None and text:
            raise RilletError(f"there is no effort “{text}”", f"There are: {', '.join(EFFORTS)}.")
        self._chat.conversation.session.set_effort(effort or "")

    def _keep_server_tools(self, text: str) -> None:
        talk = self._chat.conversation
        offered = self._chat.program.endpoints[talk.sheet.endpoint].server_tools
        names = tuple(name.strip() for name in text.split(",") if name.strip())
        if unknown := [name for name in names if name not in offered]:
            raise RilletError(f"there is no tool “{unknown[0]}” at the endpoint", f"There are: {', '.join(offered)}.")
        talk.sheet.server_tools = names
        talk.session.save_sheet()

    def _keep_schema(self, text: str) -> None:
        talk = self._chat.conversation
        if text == self._schema():
            return
        if text:
            from tui.chat.structure import find_schema

            talk.sheet.schema, talk.sheet.keeps_schema = find_schema(text, self._chat.program.settings.schemas), True
        else:
            talk.sheet.schema, talk.sheet.keeps_schema = None, False
        talk.session.save_sheet()

    def _keep(self) -> bool:
        """Keep what is written; whether it could be."""
        row = self._row
        text = self.field.value.strip()
        if row is None or row.keep is None or text == row.value() or not (text or self._is_filled(row)):
            return True
        try:
            row.keep("" if text.lower() == "off" else text)
        except RilletError as error:
            self._tell(error.in_full, "warning")
            return False
        self._chat.tell_title()
        if self.is_attached:
            self._follow()
        return True

    def _tell(self, words: str, tone: str) -> None:
        """Say what the row is about, in full, or what is wrong with what is written there."""
        room = max(20, self._words.size.width or self.size.width - 4)
        rows = [row for row, _ in wrap_told([(printable_line(words), tone)], room)]
        self._words.show([[], *rows][:ABOUT])

    # -- moving -------------------------------------------------------------------------------------------

    def _show(self, cursor: int) -> None:
        sheet = self._sheet()
        self.rows.show(sheet, cursor=min(cursor, len(sheet) - 1))
        self._take(sheet[min(cursor, len(sheet) - 1)])

    def _take(self, row: Row) -> None:
        self._row = row
        self._tell(row.about, "muted")
        self.field.value = printable_line(row.value()) if self._is_filled(row) else ""
        self.field.cursor_position = len(self.field.value)

    def _hear(self, notice: RowNotice) -> None:
        if isinstance(notice, RowChosen):
            self._choose(notice.item)
        else:
            self._reach(notice.item)

    def _reach(self, row: Row) -> None:
        """Write another value."""
        self._keep()
        self.rows.refresh()
        self._take(row)

    @staticmethod
    def _is_filled(row: Row) -> bool:
        """Whether the field begins with the value: one that may have many lines is changed elsewhere."""
        return row.keep is not None and not row.opens

    async def _go(self, action_id: str, typed: str) -> None:
        screen = self.screen
        await self._chat.close_pane(self)
        await self._chat.action_do(action_id)
        for pane in screen.query(Pane) if typed else ():
            if pane.is_over and not pane.is_leaving and pane.query(Field):
                pane.query(Field).first().value = typed  # a list of what is meant by it

    def _choose(self, row: Row) -> None:
        """Keep the value, and go on to the next; or go where it is changed."""
        typed = self.field.value.strip()
        if row.opens and not (typed and row.keep is not None):
            self._chat.call_later(self._go, row.opens, typed)
        elif self._keep():
            at = next((number for number, each in enumerate(self._sheet()) if each.name == row.name), 0)
            self._show(at + 1)

    def action_clear(self) -> None:
        """Leave a value to the endpoint again."""
        row = self._row
        if row is not None and row.keep is not None:
            self.field.value = ""
            if row.opens:
                self._keep_system(self._chat.program.settings.system)
            self._keep()
            self._follow()
            self.rows.refresh()

    def action_close(self) -> None:
        """Keep what is written, and go."""
        if self._keep():
            super().action_close()
        else:
            self._row = None  # once more goes without it

    def _paint(self, row: Row, width: int) -> Line:
        is_written = row is self._row and row.keep is not None and (self._is_filled(row) or self.field.value)
        value = self.field.value if is_written else row.value()
        usual = row.usual()
        shown, tone = (value, "accent") if value else (f"{usual} (settings)" if usual else "–", "muted")
        room = 30 if width >= 100 else 18
        return [
            (pad(row.name, 16), ""),
            (pad(cut(printable_line(shown), room - 2), room), tone),
            (cut(row.about, max(10, width - 18 - room)), "muted"),
        ]
