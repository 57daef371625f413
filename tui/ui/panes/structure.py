"""The structure: a reply that must follow a schema, as it takes shape, each value marked as it completes."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.domain.delta import Delta
from tui.domain.request import ReplySchema
from tui.domain.turn import Turn
from tui.tools.json_value import JsonError, indented, parse_frozen
from tui.tools.table import Table, read_table, to_csv
from tui.ui.host import Chat
from tui.ui.line import Line, pad
from tui.ui.panes.call_lines import Reading, text_lines
from tui.ui.panes.pane import Pane
from tui.ui.rows import Rows
from tui.ui.transcript import CopyText, OpenBlock

VERDICTS = {
    "valid": ("✓", "success"),
    "invalid": ("✗", "error"),
    "cut": ("✂", "warning"),
    "refused": ("■", "warning"),
}
WIDEST = 24
"""Cells that a column of a table takes at most."""


class StructurePane(Pane):
    """A tree or a table of the reply, and whether it is what was asked for."""

    title_words = "Structure"
    keys = (
        ("v", "raw", "focus_page"),
        ("y", "copy JSON", "focus_page"),
        ("Y", "copy CSV", "focus_page"),
        ("s", "save", "focus_page"),
        ("Esc", "leave", "write"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view", "Raw or tree", show=False, id="structure.view"),
        Binding("y", "copy", "Copy as JSON", show=False, id="structure.copy"),
        Binding("Y", "copy_csv", "Copy as CSV", show=False, id="structure.copy_csv"),
        Binding("s", "save", "Save as JSON", show=False, id="structure.save"),
    ]

    def __init__(self, chat: Chat) -> None:
        super().__init__()
        self._chat = chat
        self.turn: Turn | None = None
        self._schema: ReplySchema | None = None
        self._reading = Reading({})
        self._is_raw = False
        self.rows = Rows(lambda line, _width: line, has_cursor=False, empty="/schema sets what replies must follow")

    def content(self) -> ComposeResult:
        """The lines."""
        yield self.rows

    def tell(self, turn: Turn, schema: ReplySchema) -> None:
        """Follow this reply."""
        self.turn, self._schema = turn, schema
        self._reading = Reading(schema.schema)
        self._show()

    def feed(self, turn: Turn, deltas: list[Delta]) -> None:
        """More of the reply came."""
        del deltas
        if turn is self.turn:
            self._show()

    def end_turn(self, turn: Turn) -> None:
        """The reply ended: it is valid, or it is not."""
        if turn is self.turn:
            self._show()

    def _show(self) -> None:
        turn, schema = self.turn, self._schema
        if turn is None or schema is None:
            return
        width = max(20, self.size.width - 3)
        lines = text_lines(turn.text, width) if self._is_raw else self._shape(turn)
        self.heading.tell([(self.title_words, "title"), (f"  {schema.name}", "muted")], self._verdict(turn, schema))
        self.rows.show([*self._why(turn, schema), *lines])

    def _shape(self, turn: Turn) -> list[Line]:
        lines = self._reading.lines(turn.text)
        try:
            table = read_table(parse_frozen(turn.text)) if turn.state.is_over else None
        except JsonError:
            table = None
        return [*table_lines(table), [], *lines] if table is not None else lines

    def _verdict(self, turn: Turn, schema: ReplySchema) -> Line:
        from tui.chat.structure import judge

        if not turn.state.is_over:
            return [("arriving", "accent")]
        verdict = judge(turn, schema)
        symbol, tone = VERDICTS[verdict.kind]
        return [(f"{symbol} {verdict.kind}", tone)]

    def _why(self, turn: Turn, schema: ReplySchema) -> list[Line]:
        from tui.chat.structure import judge

        words = judge(turn, schema).words if turn.state.is_over else ""
        return [[(words, "warning")], []] if words else []

    def action_view(self) -> None:
        """The tree, or the text as it came."""
        self._is_raw = not self._is_raw
        self._show()

    def action_copy(self) -> None:
        """Copy it as JSON."""
        if self.turn is not None:
            self.post_message(CopyText(_as_json(self.turn.text), "the structure as JSON"))

    def action_copy_csv(self) -> None:
        """Copy it as CSV."""
        if self.turn is None:
            return
        try:
            self.post_message(CopyText(to_csv(parse_frozen(self.turn.text)), "the structure as CSV"))
        except JsonError as error:
            self._chat.say(f"this is not JSON yet: {error}", "warning")

    def action_save(self) -> None:
        """Save it into a file."""
        if self.turn is not None:
            self.post_message(OpenBlock(_as_json(self.turn.text), "json", "save"))


def _as_json(text: str) -> str:
    try:
        return indented(parse_frozen(text))
    except JsonError:
        return text


def table_lines(table: Table) -> list[Line]:
    """A table in lines, its columns as wide as they need."""
    widths = [
        min(WIDEST, max(len(name), *(len(row[at]) for row in table.rows))) for at, name in enumerate(table.columns)
    ]
    head: Line = [(pad(name, width) + "  ", "th") for name, width in zip(table.columns, widths, strict=True)]
    return [
        head,
        *([(pad(cell, width) + "  ", "") for cell, width in zip(row, widths, strict=True)] for row in table.rows),
    ]
