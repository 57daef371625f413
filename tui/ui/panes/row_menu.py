"""The menu of a row: what can be done with the row under the cursor of a list, and the keys that do it without the menu."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from textual import events, on
from textual.actions import parse
from textual.app import ComposeResult
from textual.geometry import Size
from textual.widget import Widget

from tui.page.line import Line, pad
from tui.ui.action.hint import Hint
from tui.ui.action.table import SCOPES
from tui.ui.host import Chat
from tui.ui.panes.pane import Pane
from tui.ui.transcript import Choice
from tui.ui.widgets.list_view import ListView, RowChosen, RowReached

ROWS = 12
"""Rows at most."""
FRAME = 4
"""Rows and columns that are not choices: the rules around, and the words of the row."""
MOST = 2000
"""Among so many rows the one that the menu is about is looked for, where the list has changed."""


class RowMenuPane(Pane):
    """A few choices beside a row of another pane, views of the table of actions; Enter or the key of an action takes one.

    It is about the row that the cursor was at when it was opened: where the list changes meanwhile, it does nothing with another.
    """

    DEFAULT_CSS = """
    RowMenuPane.-over { height: auto; border: solid $accent; padding: 0 1; }
    RowMenuPane.-over:focus-within { border: solid $accent; }
    RowMenuPane > Heading { margin-bottom: 0; }
    """
    columns = 66
    leaves_room = False
    hints = (Hint(("list.up", "list.down"), "move"), Hint(("list.choose",), "do it"), "pane.close")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._below: Pane | None = None
        self._about: ListView | None = None
        self._item: object = None
        self._before: Widget | None = None
        self.rows = ListView(self._paint)

    def content(self) -> ComposeResult:
        """The choices."""
        yield self.rows

    def tell(self, pane: Pane, rows: ListView, choices: Sequence[Choice]) -> None:
        """Offer these for the row under the cursor of a list."""
        self._below, self._about, self._item, self._before = pane, rows, rows.item, rows.screen.focused
        self.title_words = _title_of(rows.row_line)
        self.rows.show(choices, cursor=0)
        self.rows.styles.height = min(len(choices), ROWS)

    def place(self, screen: Size) -> None:
        """Stand below the row, or where there is no room above it."""
        rows = self._about
        if rows is None:
            return
        height = min(len(self.rows.items), ROWS) + FRAME - 1
        region = rows.content_region
        at = region.y + rows.cursor - rows.scroll_offset.y
        at = max(region.y, min(at, region.bottom - 1))  # a list that follows a stream may show other rows by now
        top = at + 1 if at + 1 + height <= screen.height - 1 else max(0, at - height)
        columns = min(self.columns, screen.width)
        left = max(0, min(region.x + 2, screen.width - columns))
        self.styles.width = columns
        self.styles.max_height = max(3, screen.height - 1 - top)
        self.styles.margin = (top, 0, 0, left)

    async def leave(self) -> None:
        """Give the keys back, and go away."""
        if self.is_leaving:
            return
        if self.has_focus_within and self._before is not None and self._before.is_attached:
            self.screen.set_focus(self._before)
        await self._chat.close_pane(self)

    def on_descendant_blur(self) -> None:
        """The keys went elsewhere, by a click: so does the menu."""
        self.call_later(self._follow_focus)

    async def _follow_focus(self) -> None:
        if self.is_attached and self.screen.focused is not None and not self.has_focus_within:
            await self.leave()

    def action_close(self) -> None:
        """Go away, and no more."""
        self.call_later(self.leave)

    @on(RowReached)
    def keep(self, notice: RowReached) -> None:
        """Nobody else is to hear where the cursor of the menu is."""
        notice.stop()

    @on(RowChosen)
    async def do_chosen(self, notice: RowChosen) -> None:
        """Do it."""
        notice.stop()
        await self._do(notice.item.id)

    async def on_key(self, event: events.Key) -> None:
        """Do what a key stands for; one that means something in the list below, and nothing to this row, does nothing."""
        keys = self._chat.rillet.keys
        chosen = next((each.id for each in self.rows.items if event.key in keys.keys(each.id)), "")
        scope = self._below.name_in_dock if self._below is not None else ""
        if keys.at("list", event.key):
            return
        if keys.at("pane", event.key) == "pane.close":  # at once: the next key is meant for the list
            await self.leave()
        elif chosen:
            await self._do(chosen)
        elif not event.is_printable and not any(event.key in keys.keys(each.id) for each in SCOPES.get(scope, ())):
            return
        event.stop()
        event.prevent_default()

    async def _do(self, action_id: str) -> None:
        about = self._about
        await self.leave()
        if about is None or not self._is_there(about):
            self._chat.say("that row is no longer in the list", "warning")
        elif action_id == "list.choose":
            about.action_choose()
        else:
            await self._chat.action_do(action_id)

    def _is_there(self, rows: ListView) -> bool:
        """Whether the cursor is at the row still, or can be put there."""
        name = _name(self._item)
        if rows.item is not None and _name(rows.item) == name:
            return True
        at = next((at for at, item in enumerate(islice(rows.items, MOST)) if _name(item) == name), None)
        if at is not None:
            rows.go(at)
        return at is not None

    def _paint(self, choice: Choice, width: int) -> Line:
        del width
        keys = self._chat.rillet.keys
        column = max(len(keys.name(each.id)) for each in self.rows.items) + 2
        return [(pad(keys.name(choice.id), column), "key"), (choice.words, "")]


def choices_of(pane: Pane) -> list[Choice]:
    """What can be done with the row under the cursor: what Enter does by the pane's hints, then the actions of the table."""
    words = [hint.word for hint in pane.hints_now() if isinstance(hint, Hint) and hint.ids[0] == "list.choose"]
    about = [each for each in SCOPES.get(pane.name_in_dock, ()) if each.is_about_row and _suits(pane, each.run)]
    return [*(Choice("list.choose", word) for word in words), *(Choice(each.id, each.label) for each in about)]


def _title_of(line: Line) -> str:
    """The words of a row, without the mark before them."""
    return " ".join("".join(text for text, _ in line).strip("●★✖ ").split())


def _suits(pane: Pane, run: str) -> bool:
    _, name, arguments = parse(run)
    return pane.suits_row(name, arguments)


def _name(item: object) -> object:
    """What tells a row from others, however it stands now."""
    return getattr(item, "id", "") or item
