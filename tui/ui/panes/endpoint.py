"""An endpoint that is set up: its address, where its key comes from, and what it tells of itself; written on confirmation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import BindingType

from tui.chat.endpoint_form import TYPED, EndpointForm, ask_about, check_key_source, name_for
from tui.chat.program import Program
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import ConfigError, RilletError
from tui.net.address import check_base_url
from tui.page.line import Line, cut, pad
from tui.store.endpoint_setting import BUILT_IN
from tui.store.setting_edit import Edit
from tui.ui.action.binding import bindings
from tui.ui.action.hint import hint_line
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.field import Field
from tui.ui.panes.notices import wrapped
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowChosen, RowNotice
from tui.wire.dialect import is_dialect
from tui.wire.printable import printable_line


class Part(Struct, frozen=True):
    """One row: what it is, what may stand there, and how it is read and kept."""

    name: str
    about: str
    value: Callable[[], str]
    keep: Callable[[str], None]


class EndpointPane(Pane):
    """A row for each part; asking fills in what was not written. Nothing is written into the settings unless wanted."""

    columns = 96
    title_words = "An endpoint"
    hints = ("endpoint.write", "endpoint.test", "endpoint.key", "pane.close")
    BINDINGS: ClassVar[list[BindingType]] = bindings("endpoint")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._form = chat.settings.form or EndpointForm()
        self._first = self._form.name
        self._part: Part | None = None
        self._is_asking = False
        self.rows = ListView(self._paint, empty="", takes_focus=False)
        self.rows.hear = self._hear
        self.field = Field("Enter keeps it and goes on", self.rows)
        self.outcome = Lines()

    def content(self) -> ComposeResult:
        """The rows, the field for the one that is written, and what came of asking."""
        yield self.field
        yield self.rows
        yield self.outcome

    def on_mount(self) -> None:
        """Begin with the address, or where a key was just typed, ask."""
        self.rows.styles.height = len(self._parts()) + 1
        self.heading.tell([(self.title_words, "title")], [("for this run until it is saved", "muted")])
        self._show(0)
        if self._form.address and self._form.key:
            self.action_test()

    def _parts(self) -> list[Part]:
        form = self._form
        listed = (
            f"; it lists {', '.join(form.models[:3])}{', …' if len(form.models) > 3 else ''}" if form.models else ""
        )
        return [
            Part("address", "localhost:11434, https://llm.example.com/v1", lambda: form.address, self._keep_address),
            Part(
                "key",
                "empty for none, a variable's NAME, keyring, or a command such as pass show it",
                lambda: form.key,
                self._keep_key,
            ),
            Part(
                "dialect",
                f"{', '.join(DIALECT_NAMES)}; found by asking",
                lambda: form.dialect or "",
                self._keep_dialect,
            ),
            Part("model", f"asked unless another is chosen{listed}", lambda: form.model, self._keep_model),
            Part("name", "what it is called in the settings", lambda: form.name, self._keep_name),
        ]

    # -- keeping ------------------------------------------------------------------------------------------

    def _keep_address(self, text: str) -> None:
        form = self._form
        form.address = check_base_url(text)
        form.models, form.dialects = (), ()
        if not form.name:
            form.name = name_for(text, self._chat.program.endpoints)

    def _keep_key(self, text: str) -> None:
        try:
            check_key_source(text)
        except ConfigError:
            self.field.value = ""
            raise
        self._form.key = text

    def _keep_dialect(self, text: str) -> None:
        if text and not is_dialect(text):
            raise ConfigError(f"there is no dialect “{text}”", f"There are: {', '.join(DIALECT_NAMES)}.")
        self._form.dialect = text if is_dialect(text) else None

    def _keep_model(self, text: str) -> None:
        self._form.model = text

    def _keep_name(self, text: str) -> None:
        from tui.store.toml_file import WrongValueError
        from tui.store.tool_setting import check_name

        try:
            check_name([], text)
        except WrongValueError as error:
            raise ConfigError(error.message, error.hint) from error
        if text != self._first and text in self._chat.program.endpoints and text != self._form.name:
            raise ConfigError(f"there is an endpoint “{text}” already", "Choose another name.")
        old, self._form.name = self._form.name, text
        program, talk = self._chat.program, self._chat.conversation
        if old in program.endpoints and old not in program.settings.endpoints and old not in BUILT_IN:
            program.rename_endpoint(old, text)
            if talk.sheet.endpoint == old:
                talk.session.set_model(text, talk.sheet.model)

    def _keep(self) -> bool:
        """Keep what is written; whether it could be."""
        part, text = self._part, self.field.value.strip()
        if part is None or text == part.value():
            return True
        try:
            part.keep(text)
        except RilletError as error:
            self._tell(error.in_full, "warning")
            return False
        self._tell("")
        return True

    # -- asking -------------------------------------------------------------------------------------------

    def action_test(self) -> None:
        """Ask what it speaks and which models it has."""
        if self._keep() and self._form.address and not self._is_asking:
            self.run_worker(self._ask(), exit_on_error=False)

    async def _ask(self) -> None:
        program = self._chat.program
        if not isinstance(program, Program):
            return
        self._is_asking = True
        self._tell("asking it…")
        try:
            answer = await ask_about(program, self._form)
        finally:
            self._is_asking = False
        form = self._form
        form.dialect, form.model, form.models = answer.dialect, form.model or answer.model, answer.models
        form.dialects, form.words, form.is_wrong = answer.dialects, answer.words, answer.is_wrong
        part = self._part
        self._show(self.rows.cursor if part is None or self.field.value == part.value() else None)
        self._tell(form.words, "warning" if form.is_wrong else "success")

    def _tell(self, words: str, tone: str = "muted") -> None:
        width = max(20, min(self.columns, self.app.size.width) - 8)
        lines: list[Line] = [[(line[0][0], tone)] for line in wrapped(printable_line(words), width)] if words else []
        keys = self._chat.rillet.keys
        self.outcome.show([*lines, [], hint_line(("endpoint.write", "endpoint.test", "endpoint.key"), keys)])

    # -- moving -------------------------------------------------------------------------------------------

    def _show(self, cursor: int | None) -> None:
        parts = self._parts()
        self.rows.show(parts, cursor=cursor)
        if cursor is not None:
            self._take(parts[min(cursor, len(parts) - 1)])
        self._tell("")

    def _take(self, part: Part) -> None:
        self._part = part
        self.field.value = printable_line(part.value())
        self.field.cursor_position = len(self.field.value)
        self.field.placeholder = part.about

    def _hear(self, notice: RowNotice) -> None:
        if isinstance(notice, RowChosen):
            self._choose(notice.item)
        else:
            self._reach(notice.item)

    def _reach(self, part: Part) -> None:
        """Write another part."""
        self._keep()
        self._take(part)
        self.rows.refresh()

    def _choose(self, part: Part) -> None:
        """Keep the part, and go on to the next; after the address and the key, ask."""
        if not self._keep():
            return
        at = next(number for number, each in enumerate(self._parts()) if each.name == part.name)
        if at == len(self._parts()) - 1:
            self._chat.call_later(self.action_write)
            return
        self._show(at + 1)
        if part.name in ("address", "key"):
            self.action_test()

    # -- leaving ------------------------------------------------------------------------------------------

    async def action_write(self) -> None:
        """Show what this would be in the settings, to be confirmed."""
        form = self._form
        if not self._keep():
            return
        if not form.address:
            self._tell("it needs an address", "warning")
            return
        try:
            if form.key == TYPED:
                self._chat.say("the key that was typed is for this run: the settings say where to find one", "muted")
            edits = [Edit(("endpoints", form.name), form.table())]
            await self._chat.settings.propose(edits, back="models")
        except RilletError as error:
            self._tell(error.in_full, "warning")

    def action_key(self) -> None:
        """Type a key for it."""
        if not self._keep():
            return
        form, program = self._form, self._chat.program
        try:
            program.put_endpoint(form.endpoint(program.settings))
        except RilletError as error:
            self._tell(error.in_full, "warning")
            return
        self._chat.settings.form = form
        self._chat.call_later(partial(self._chat.settings.ask_key, form.name, back="endpoint"))

    def action_close(self) -> None:
        """Go back to the models; nothing is written."""
        self._chat.settings.form = None
        self._chat.call_later(self._chat.action_do, "chat.models")

    def _paint(self, part: Part, width: int) -> Line:
        value = self.field.value if part is self._part else part.value()
        room = max(10, width - 42)
        return [
            (pad(part.name, 10), ""),
            (pad(printable_line(value) or "–", 32), "accent" if value else "muted"),
            (cut(part.about, room), "muted"),
        ]
