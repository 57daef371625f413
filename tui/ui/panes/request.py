"""Before it is sent: what the next request will be, by where each part of it comes from."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from tui.chat.next_request import Outline, Part, learn_from, outline_next
from tui.domain.error import RilletError
from tui.domain.model import Model
from tui.page.line import Line
from tui.page.request_lines import outline_notes, part_line, total_words
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, Hints
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.notice import TurnsChanged
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowReached


class OutlineNotes(Lines):
    """What there is to say of all of it."""

    DEFAULT_CSS = "OutlineNotes { height: auto; max-height: 8; margin: 1 0 0 0; }"

    def __init__(self) -> None:
        super().__init__()
        self.outline = Outline()

    def lines(self, width: int) -> list[Line]:
        """The lines at a width."""
        return outline_notes(self.outline, width)


class RequestPane(Pane):
    """The parts of the next request; turns can be taken out, and put back."""

    columns = 110
    title_words = "The next request"
    BINDINGS: ClassVar[list[BindingType]] = bindings("request")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.has_changed = False
        self._model: Model | None = None
        self._was_priced = False
        self._notes = OutlineNotes()
        self.rows = ListView(self._paint, empty="nothing is written, and nothing was said")

    def content(self) -> ComposeResult:
        """The parts, and what there is to say of them."""
        yield self.rows
        yield self._notes

    def on_mount(self) -> None:
        """Show them, and once they are known, what they cost."""
        self._learn()
        self.show_parts()
        self.run_worker(self._price(), exit_on_error=False)

    def hints_now(self) -> Hints:
        """Whether the turn under the cursor is taken out, or put back."""
        part = self.rows.item
        out = "put back" if isinstance(part, Part) and part.is_out else "take out"
        return Hint(("list.up", "list.down"), "move"), Hint(("request.out",), out), Hint(("pane.close",), "leave")

    @on(RowReached)
    def offer_its_keys(self) -> None:
        """Another part is under the cursor."""
        self._chat.offer_keys()

    def on_unmount(self) -> None:
        """What is sent is another now, and the page tells which turns are not."""
        if self.has_changed:
            self._chat.post_message(TurnsChanged())

    def _learn(self) -> None:
        chat = self._chat
        factors = chat.program.choices.token_factors
        try:
            learnt = learn_from(chat.conversation, factors)
        except RilletError:
            return
        if learnt != factors:
            chat.choose(token_factors=learnt)

    async def _price(self) -> None:
        """The model's prices and context, by its endpoint's list, the price list and the settings."""
        sheet, program = self._chat.conversation.sheet, self._chat.program
        with suppress(RilletError):
            await program.models(sheet.endpoint)
        self._model = program.about(sheet.endpoint, sheet.model)
        self._was_priced = True
        self.show_parts()

    def show_parts(self) -> None:
        """Show what would be sent now."""
        chat = self._chat
        outline = outline_next(chat.conversation, chat.composer.draft, chat.program.choices.token_factors, self._model)
        part, cursor = self.rows.item, self.rows.cursor
        if isinstance(part, Part) and part.turn is not None:  # a summary stands elsewhere once it is taken out
            cursor = next((at for at, each in enumerate(outline.parts) if each.turn is part.turn), cursor)
        is_free = chat.program.endpoints[chat.conversation.sheet.endpoint].is_local
        outline.is_unpriced = self._was_priced and not is_free
        self._notes.outline = outline
        self.rows.show(outline.parts, cursor=min(cursor, max(0, len(outline.parts) - 1)))
        self.heading.tell([(self.title_words, "title")], [(total_words(outline), "muted")])
        self._notes.refresh(layout=True)

    def action_out(self) -> None:
        """Take a turn out of what is sent, or put it back."""
        part = self.rows.item
        if not isinstance(part, Part) or part.turn is None:
            self._chat.say("only turns of the conversation can be taken out")
            return
        if part.is_summarised:
            self._chat.say("a summary stands for this turn: take the summary out to send the turn again")
            return
        self._chat.conversation.session.set_standing(part.turn, "" if part.is_out else "out")
        self.has_changed = True
        self.show_parts()
        self._chat.offer_keys()

    def _paint(self, part: Part, width: int) -> Line:
        return part_line(part, self._notes.outline, width)
