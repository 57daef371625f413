"""The settings: every one there is, with its value and where that comes from; a change is shown before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from tui.chat.settings_file import NEXT_START
from tui.domain.error import RilletError
from tui.page.line import Line, cut, pad, spread
from tui.store.setting_edit import Edit
from tui.store.setting_row import SettingRow, setting_rows
from tui.typeset.wrap import told_rows
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, Hints
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.field import Field
from tui.ui.panes.match import best_in_columns
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowChosen, RowReached
from tui.wire.printable import printable_line

_ABOUT_ROWS = 3
_TAKES = {
    "switch": "yes or no",
    "choice": "one of these",
    "text": "text",
    "number": "a number",
    "words": "words, with commas between",
    "value": 'a value as in TOML: "text", ["a", "b"], { a = "b" }',
}


class Group(Struct, frozen=True):
    """The heading of a table: how many settings it holds, how many of them the file sets, whether it is open."""

    name: str
    count: int
    is_set: int
    is_open: bool


class Word(Struct, frozen=True):
    """One of the values that a setting may have."""

    text: str
    note: str = ""


Item = SettingRow | Group | Word


class SettingsPane(Pane):
    """A list that shrinks as one types; Enter writes another value, and shows what that would change in the file."""

    columns = 112
    title_words = "Settings"
    hints = (Hint(("list.choose",), "change"), "settings.clear", "settings.reload", "pane.close")
    BINDINGS: ClassVar[list[BindingType]] = bindings("settings")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._rows: list[SettingRow] = []
        self._open: set[str] = set()
        self._edited: SettingRow | None = None
        self._problem = ""
        self.rows = ListView(self._paint, empty="", takes_focus=False)
        self.field = Field("type to find", self.rows)
        self.about = Lines()

    def content(self) -> ComposeResult:
        """The field, the list, and what the setting under the cursor is for."""
        yield self.field
        yield self.rows
        yield self.about

    async def on_mount(self) -> None:
        """Read the file as it is now; begin where the last change was made."""
        self.about.styles.height = _ABOUT_ROWS
        self.about.styles.margin = (1, 0, 0, 0)
        await self._chat.settings.look(tells=False)
        self.heed_settings()

    def heed_settings(self) -> None:
        """Show the file as it is now."""
        file = self._chat.program.settings_file
        if file is None:
            self.rows.show((), empty="There is no settings file here")
            return
        try:
            self._rows = setting_rows(self._chat.program.settings, self._chat.program.choices, file.path)
        except RilletError as error:
            self._rows, self._problem = [], error.in_full
            self.rows.show((), empty="The settings file cannot be read")
            self._tell_about()
            return
        self._problem = file.problem
        if not self._open:
            self._open = {_group_of(row) for row in self._rows if row.origin}
            self._open |= {_GENERAL, ".".join(self._chat.settings.at[:-1])}
        if self._edited is None:
            item = self.rows.item
            wanted = item.keys if isinstance(item, SettingRow) else self._chat.settings.at
            self._show()
            places = [n for n, row in enumerate(self.rows.items) if isinstance(row, SettingRow) and row.keys == wanted]
            self.rows.go(places[0] if places else self.rows.cursor)
        self._tell_about()

    def hints_now(self) -> Hints:
        """Other keys while a value is written."""
        if self._edited is not None:
            return (Hint(("list.choose",), "see the change"), "settings.clear", Hint(("pane.close",), "back"))
        return self.hints

    # -- the list -----------------------------------------------------------------------------------------

    def _show(self) -> None:
        if self._edited is not None:
            words = self._words(self._edited)
            self.rows.show(words, cursor=0, empty="No match")
            self.rows.display = bool(words) or self._is_choice
            return
        self.rows.display = True
        typed = self.field.value
        if typed.strip():
            matches = best_in_columns(typed, self._rows, lambda row: (row.name,), lambda row: (row.about,))
            items: Sequence[Item] = matches
        else:
            items = self._grouped()
        self.rows.show(items, cursor=0 if typed.strip() else None, empty="No match")
        file = self._chat.program.settings_file
        where = printable_line(str(file.path)) if file is not None else ""
        self.heading.tell([(self.title_words, "title")], [(cut(where, 60), "muted")])
        self._tell_about()

    def _grouped(self) -> list[Item]:
        items: list[Item] = []
        for name, each in groupby(self._rows, _group_of):
            rows = list(each)
            is_open = name in self._open
            items.append(Group(name, len(rows), sum(bool(row.origin) for row in rows), is_open))
            items += rows if is_open else ()
        return items

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit."""
        self._problem = ""
        self._show()
        self._tell_about()

    @on(RowReached)
    def tell(self, notice: RowReached) -> None:
        """Say what the setting is for."""
        notice.stop()
        self._tell_about()

    def _tell_about(self) -> None:
        width = max(20, self.about.content_size.width or self.columns - 6)
        if self._problem:
            self.about.show([[(line, "warning")] for line in told_rows(self._problem, width)[:_ABOUT_ROWS]])
            return
        row = self._edited or (self.rows.item if isinstance(self.rows.item, SettingRow) else None)
        if row is None:
            self.about.show([])
            return
        lines: list[Line] = [[(line, "")] for line in told_rows(row.about, width)[: _ABOUT_ROWS - 1]]
        usual = row.write(row.usual)
        takes = _TAKES["choice" if self._edited is not None and self.rows.items else row.kind]
        late = "; counts from the next start" if row.keys[0] in NEXT_START else ""
        lines.append(
            [(f"{row.name}: {takes}; " + (f"default {cut(usual, 40)}" if usual else "no default") + late, "muted")]
        )
        self.about.show(lines)

    # -- a value ------------------------------------------------------------------------------------------

    def _words(self, row: SettingRow) -> list[Word]:
        """The values to choose from, those that fit what was typed; none where anything may be written."""
        program = self._chat.program
        if row.keys == ("theme",):
            names = ["auto", *(theme.name for theme in self._chat.rillet.read_themes()[0])]
        elif row.keys == ("endpoint",):
            names = list(program.endpoints)
        else:
            names = ["yes", "no"] if row.kind == "switch" else list(row.words)
        now, usual = row.write(row.value), row.write(row.usual)
        matches = best_in_columns(self.field.value, names, lambda name: (name,))
        return [Word(name, "now" if name == now else "default" if name == usual else "") for name in matches]

    @property
    def _is_choice(self) -> bool:
        """Whether one of some values is taken, and no other."""
        row = self._edited
        return row is not None and (row.kind in ("switch", "choice") or row.keys in (("theme",), ("endpoint",)))

    def _takes(self, row: SettingRow) -> str:
        return f"Write {_TAKES[row.kind]}"

    @on(RowChosen)
    async def choose(self, notice: RowChosen) -> None:
        """Open a group, write a setting, or take one of the values."""
        notice.stop()
        match notice.item:
            case Group(name=name):
                self._open ^= {name}
                self._show()
            case SettingRow() as row:
                self._begin(row)
            case Word(text=text) if self._edited is not None:
                await self._propose(self._edited, text)

    def _begin(self, row: SettingRow) -> None:
        """Write another value of a setting."""
        self._edited, self._problem = row, ""
        self.heading.tell([(row.name, "title")], [(row.origin or "default", "muted")])
        has_words = self._is_choice
        self.field.value = "" if has_words else printable_line(row.write(row.value if row.origin else None))
        self.field.placeholder = "type to find" if has_words else self._takes(row)
        self.field.cursor_position = len(self.field.value)
        self._show()
        now = row.write(row.value)
        at = next((n for n, word in enumerate(self.rows.items) if isinstance(word, Word) and word.text == now), 0)
        self.rows.go(at)
        self._tell_about()
        self._chat.offer_keys()

    async def on_input_submitted(self) -> None:
        """Take what is written, where there is nothing to choose from."""
        if self._edited is not None and not self._is_choice:
            await self._propose(self._edited, self.field.value)

    async def _propose(self, row: SettingRow, text: str) -> None:
        try:
            value = row.read(text) if text.strip() else None
            await self._write(row, value)
        except RilletError as error:
            file = self._chat.program.settings_file
            place = f"{file.path}:" if file is not None else ""
            self._problem = printable_line(error.in_full.replace(place, "line ", 1) if place else error.in_full)
            self._tell_about()

    async def _write(self, row: SettingRow, value: object) -> None:
        self._chat.settings.at = row.keys
        await self._chat.settings.propose([Edit(row.keys, value)], back="settings")

    async def action_clear(self) -> None:
        """Take the setting out of the file: what rillet has counts again."""
        row = self._edited or self.rows.item
        if not isinstance(row, SettingRow):
            return
        if not row.line:
            self._chat.say(f"the settings file does not set {row.name}")
            return
        await self._propose(row, "")

    async def action_reload(self) -> None:
        """Read the file again."""
        await self._chat.settings.look(is_asked=True)

    def action_close(self) -> None:
        """Go back from a value to the list, or away."""
        if self._edited is None:
            super().action_close()
            return
        row, self._edited, self._problem = self._edited, None, ""
        self.field.value = ""
        self.field.placeholder = "type to find"
        self._show()
        self.rows.go(next((n for n, item in enumerate(self.rows.items) if item == row), 0))
        self._tell_about()
        self._chat.offer_keys()

    # -- painting -----------------------------------------------------------------------------------------

    def _paint(self, item: Item, width: int) -> Line:
        match item:
            case Group():
                sign = "▾" if item.is_open else "▸"
                total = f"{item.count} {'setting' if item.count == 1 else 'settings'}" + (
                    f", {item.is_set} set" if item.is_set else ""
                )
                return spread([(f"{sign} ", "muted"), (item.name, "strong")], [(total, "muted")], width)
            case Word():
                return [("  ", ""), (pad(item.text, 20), ""), (item.note, "muted")]
        is_found = bool(self.field.value.strip())
        usual = 34 if width >= 90 else 26
        longest = max((len(row.name) for row in self.rows.items if isinstance(row, SettingRow)), default=0)
        name_cells = max(usual, min(longest + 4, width - 24)) if is_found else usual
        name = item.name if is_found else item.keys[-1]
        value = printable_line(item.write(item.value))
        tone = "accent" if item.origin else "muted"
        left: Line = [("  ", ""), (pad(name, name_cells - 2), "")]
        room = max(8, width - name_cells - len(item.origin) - 3)
        return spread([*left, (cut(value, room) or "–", tone if value else "muted")], [(item.origin, "muted")], width)


_GENERAL = "General"


def _group_of(row: SettingRow) -> str:
    return ".".join(row.keys[:-1]) or _GENERAL
