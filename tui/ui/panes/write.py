"""What would be written into the settings file, line by line, and Enter to write it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from tui.domain.error import RilletError
from tui.page.line import Line
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, hint_line
from tui.ui.host import Chat
from tui.ui.panes.install import Page
from tui.ui.panes.pane import Pane
from tui.wire.printable import printable_line

_TONES = {"+": "success", "-": "error", " ": "muted"}


class WritePane(Pane):
    """The lines that go and come, those around them, and the file they are in. Nothing is written until Enter."""

    columns = 96
    title_words = "Write the settings"
    is_snug = True
    hints = (Hint(("write.confirm",), "write"), Hint(("pane.close",), "back, nothing is written"))
    BINDINGS: ClassVar[list[BindingType]] = bindings("write")
    DEFAULT_CSS = """
    WritePane VerticalScroll { height: auto; max-height: 60vh; }
    """

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.text = Page()

    def content(self) -> ComposeResult:
        """The page."""
        with VerticalScroll(can_focus=False):
            yield self.text

    def on_mount(self) -> None:
        """Show the change."""
        self._tell()

    def _tell(self, problem: str = "") -> None:
        draft = self._chat.settings.draft
        if draft is None:
            return
        where = printable_line(str(draft.path))
        self.heading.tell([(self.title_words, "title")], [])
        lines: list[Line] = [
            [("In ", "muted"), (where, ""), ("" if draft.before is not None else ", a new file", "muted")],
            [],
        ]
        for line in draft.diff:
            sign, text = line[:1] or " ", printable_line(line[1:])
            tone = _TONES.get(sign, "muted")
            lines.append([(f"{sign} ", tone), (text, tone)])
        lines += [[], [(printable_line(problem), "warning")] if problem else self._ways()]
        self.text.show(lines)

    def _ways(self) -> Line:
        keys = self._chat.rillet.keys
        return hint_line((Hint(("write.confirm",), "writes it"), Hint(("pane.close",), "leaves it")), keys)

    def action_confirm(self) -> None:
        """Write it."""
        self._chat.call_later(self._confirm)

    async def _confirm(self) -> None:
        try:
            await self._chat.settings.confirm()
        except RilletError as error:
            self._tell(error.in_full)

    def action_close(self) -> None:
        """Leave the file as it is."""
        self._chat.call_later(self._chat.settings.leave)
