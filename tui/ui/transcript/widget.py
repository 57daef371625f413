"""The transcript: a whole conversation in one widget, as it streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from rich.style import Style
from textual import events, on
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from tui.domain.delta import Delta
from tui.domain.turn import Turn, unreadable
from tui.page.entries import Sketches
from tui.page.entry import Entry, PromptEntry
from tui.page.page import Page, Point
from tui.page.replayed import Replayed
from tui.page.reply import ReplyEntry
from tui.ui.action.binding import bindings
from tui.ui.action.hint import keymap_of
from tui.ui.theme.recede import filters_behind
from tui.ui.transcript.bar import PageBar
from tui.ui.transcript.block_actions import BlockActions
from tui.ui.transcript.earlier import Around, EarlierTurns, fill_up
from tui.ui.transcript.feed import TurnFeed
from tui.ui.transcript.later import LaterTurns, Rest
from tui.ui.transcript.line_renderer import INDENT
from tui.ui.transcript.mouse import Mouse, MouseTurn
from tui.ui.transcript.overlay.counting import Texts
from tui.ui.transcript.overlay.cursor import Cursor
from tui.ui.transcript.overlay.lit import Lit
from tui.ui.transcript.overlay.search import Search
from tui.ui.transcript.overlay.selection import Selection
from tui.ui.transcript.overlay.sought import Sought
from tui.ui.transcript.protocol import Numbered, Overlay
from tui.ui.transcript.render import Renderer
from tui.ui.transcript.scroll import Scroller
from tui.ui.transcript.viewport import Viewport
from tui.ui.transcript.wide_table import WideTables
from tui.ui.transcript.wish import AskFind, RunAction


class Transcript(ScrollView, can_focus=True):
    """Shows turns, and routes what happens to the parts it is made of.

    Attributes:
        page: The messages and where each stands.
        viewport: Which rows of the page show.
        renderer: Paints them.
        scroller: Keeps the reader where they are.
        overlays: What lies over the rows: what a frame brought, matches, the selection over them, the cursor before them.
        lit: What the frame brought that is looked at.
        turn_feed: What streams into the replies.
        earlier: The turns above that are not on the page yet.
        later: Those below that are not.
        sought: What was sought in all conversations, and found in a turn of this one.
        tables: Those that are wider than the page.
        blocks: What can be done with a block.
        mouse: What the mouse does.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    FOCUS_ON_CLICK: ClassVar[bool] = False
    DEFAULT_CSS = """
    Transcript {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("page")

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Start with an empty conversation."""
        super().__init__(id=id, classes=classes)
        self.page = page = Page()
        self.branch_of: Callable[[Turn], tuple[int, int]] = lambda _turn: (1, 1)
        self.viewport = Viewport(self)
        self.overlays: list[Overlay] = []
        self.renderer = Renderer(self, self.viewport, page, self.overlays)
        repaint, post = self.renderer.repaint, self.post_message
        self.earlier = EarlierTurns(self._put_above, lambda: page.width)
        self.later = LaterTurns(self._put_below, lambda: page.width)
        self.scroller = Scroller(self, self.viewport, page, self.renderer, earlier=self.earlier, later=self.later)
        self.search = Search(page, self.scroller, repaint, post)
        self.selection = Selection(page, repaint)
        self.cursor = Cursor(page, self.scroller, repaint)
        self.lit = Lit(page, self.scroller, repaint)
        self.sought = Sought(page, self.scroller, repaint)
        self.overlays += [self.lit, self.sought, self.search, self.selection, self.cursor]
        self.turn_feed = TurnFeed(page, self.scroller, self.renderer)
        page.on_wake = self.turn_feed.take_woken
        self.replayed = Replayed()
        self.tables = WideTables(page, self.scroller, self.cursor)
        self.blocks = BlockActions(
            page, self.scroller, self.selection, self.cursor, tables=self.tables, lit=self.lit, post=post
        )
        self.mouse = Mouse(
            self, self.viewport, page, self.renderer, selection=self.selection, tables=self.tables, click=self._click
        )
        self._numbered: list[Numbered] = [self.renderer, self.scroller, self.turn_feed, *self.overlays]

    def set_palette(self, palette: Mapping[str, Style]) -> None:
        """Paint in other styles, by style key."""
        self.renderer.set_palette(palette)

    # --- turns ---------------------------------------------------------------------------------------------------
    def load(self, turns: Sequence[Turn], around: Around | None = None, rest: Rest | None = None) -> None:
        """Show another conversation, from its end; only what shows is typeset.

        Args:
            turns: The end of the conversation, a part of it, or all of it.
            around: Where the turns above come from: those are asked for when there is time, or need.
            rest: What follows a part. It is shown from its beginning then.
        """
        self.clear()
        if around is not None:
            turns = fill_up(turns, around)
            self.page.entries.make = partial(self._wake, around.read)
            self.search.texts = Texts(around.said, around.may_say)
        if (
            not self.viewport.rows
        ):  # not laid out yet: with the width it will nearly always be, nothing is counted twice
            self.page.set_width(max(1, self.app.size.width - INDENT - 2))
        self.turn_feed.add(self._entries_of(turns))
        if turns and around is not None and turns[0].parent is not None:
            self.earlier.begin(turns[0].id, around)
        if turns and rest is not None:
            self.later.begin(turns[-1].id, rest)
            self.scroller.see_all()
            self.show_turn(turns[0])
        else:
            self.scroller.jump_end()

    def add_turn(self, turn: Turn, *, with_prompt: bool = True) -> None:
        """Show a turn at the end: what was asked, and the reply that will grow.

        Without its prompt it stands in a column, whose head tells who answers and what it took.
        """
        self.later.show_end()
        entries = self._entries_of([turn])
        for entry in entries:
            if isinstance(entry, ReplyEntry):
                entry.is_in_column = not with_prompt
        self.turn_feed.add([entry for entry in entries if with_prompt or not isinstance(entry, PromptEntry)])
        self.scroller.settle()
        self.scroller.tell_below()

    def feed(self, turn: Turn, deltas: list[Delta]) -> None:
        """Paint what these deltas, already folded into the turn, have changed."""
        self.turn_feed.take(turn, deltas)

    def end_turn(self, turn: Turn) -> None:
        """Paint the rest of a turn that is over, and how it ended, before this returns."""
        self.turn_feed.end(turn)

    def swap(self, turn: Turn, other: Turn, before: Turn | None = None) -> None:
        """Show another turn in the place of one; `before` is as that was a little earlier, where it is played."""
        shown = self.turn_feed.reply_of(turn)
        self.turn_feed.swap(turn, self.replayed.entry(other, before, keymap_of(self), self.page.width, shown))

    def mark_call(self, turn: Turn, index: int, state: str, note: str = "") -> None:
        """Say how a tool call stands: arriving asked waiting running done failed denied stopped dropped; and a few words."""
        self.turn_feed.mark_call(turn, index, state, note)

    def clear(self) -> None:
        """Show nothing."""
        self.page.clear()
        self.mouse.let_go()
        self.earlier.reset()
        self.later.reset()
        for part in self._numbered:
            part.reset()
        self.scroller.settle()
        self.scroller.tell_below()

    def _entries_of(self, turns: Sequence[Turn]) -> list[Entry]:
        keymap = keymap_of(self)
        return [entry for turn in turns for entry in (PromptEntry(turn, self.branch_of), ReplyEntry(turn, keymap))]

    def _wake(self, read: Callable[[Sequence[str]], Sequence[Turn]], turn_id: str) -> list[Entry]:
        """The entries of a turn that was only sketched."""
        return self._entries_of(read([turn_id]) or [unreadable(turn_id)])

    def _put_above(self, sketches: Sketches) -> None:
        """Put entries above all others, and say so to everything that knows entries by their numbers."""
        count = len(sketches)
        self.page.prepend_sketches(sketches)
        for part in self._numbered:
            part.shift(count)

    def _put_below(self, sketches: Sketches) -> None:
        """Put entries below all others, which are nothing new."""
        self.page.extend_sketches(sketches)
        self.scroller.see_all()

    # --- what the screen asks for --------------------------------------------------------------------------------
    def jump_end(self) -> None:
        """Show the end and follow it again."""
        self.scroller.jump_end()

    def show_turn(self, turn: Turn, words: str = "") -> None:
        """Go to a turn of the page: to the first of these words in it, which are marked, or to what was asked."""
        self.sought.show(turn, words)

    def find(self, text: str) -> int:
        """Mark every place where these words stand and go to the nearest; how many there are. No words end it."""
        return self.search.find(text)

    @property
    def has_selection(self) -> bool:
        """Whether any text is selected."""
        return self.selection.has_marks

    def selected_text(self) -> str:
        """What is selected, not wrapped and not decorated; empty when nothing is."""
        return self.selection.text()

    def clear_selection(self) -> None:
        """Select nothing, and go on selecting nothing where the mouse is held."""
        self.mouse.stop_dragging()
        self.selection.clear()

    # --- what Textual tells and asks -----------------------------------------------------------------------------
    def on_resize(self, _event: events.Resize) -> None:
        """Lay out for the new size; at another width nothing is selected any more."""
        if self.scroller.rewrap():
            self.mouse.stop_dragging()
            self.selection.reset()
        self.renderer.is_urgent = True  # all else is laid out and painted, and without its rows
        try:
            self.scroller.settle()
        finally:
            self.renderer.is_urgent = False

    def lay_out_again(self) -> None:
        """Make room for what can be drawn now, or none for what cannot."""
        if self.page.width > 1 and self.viewport.rows:
            self.page.set_width(self.page.width - 1)
            self.scroller.rewrap()
            self.scroller.settle()

    def on_unmount(self) -> None:
        """Let go of the timers."""
        self.scroller.stop()
        self.turn_feed.stop()
        self.search.stop()

    @on(events.MouseDown)
    @on(events.MouseMove)
    @on(events.MouseUp)
    @on(events.Leave)
    @on(events.MouseScrollRight)
    @on(events.MouseScrollLeft)
    @on(events.MouseScrollDown)
    @on(events.MouseScrollUp)
    def take_mouse(self, event: MouseTurn) -> None:
        """The mouse did something."""
        self.mouse.take(event)

    def _click(self, point: Point, url: str) -> None:
        self.blocks.click(point, url, has_focus=self.has_focus)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The scroll position has changed."""
        self.scroller.reader_scrolled(old_value, new_value)

    def scroll_home(self, **options: Any) -> None:
        """Go to the very beginning, whether it was on the page or not."""
        if self.scroller.go_home():
            super().scroll_home(**options)

    def _scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> bool:
        """Scroll at once: an animation would go on to a row that means another place by then."""
        options["animate"] = False
        if y is not None and y <= 0 and self.earlier.has_more:
            before = self.scroll_y
            self.scroller.read_near(0, -1)
            y += self.scroll_y - before
        if y is not None and y >= self.max_scroll_y and self.later.has_more:
            self.scroller.read_near(len(self.page.entries), 1)
        return super()._scroll_to(x, y, **options)

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """Its scroll bar, which is begun when it is first asked for."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = PageBar(self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)  # noqa: SLF001  as Textual does
        return self._vertical_scrollbar

    def get_line_filters(self) -> Sequence[LineFilter]:
        """It recedes behind a drawer."""
        return filters_behind(self, super().get_line_filters())

    def render_lines(self, crop: Region) -> list[Strip]:
        """The painted rows; Textual's cache of styled lines would only copy them."""
        return self.renderer.lines(crop)

    def render_line(self, y: int) -> Strip:
        """One painted row."""
        return self.renderer.lines(Region(0, y, self.size.width, 1))[0]

    # --- actions -------------------------------------------------------------------------------------------------
    def action_on_block(self, name: str) -> None:
        """Do something with the block under the cursor."""
        self.blocks.by_name[name]()

    def action_cursor_block(self, by: int) -> None:
        """Move the block cursor."""
        self.cursor.move(by)

    def action_scroll_message(self, by: int) -> None:
        """Go from message to message."""
        self.cursor.move_message(by)

    def action_jump_end(self) -> None:
        """Follow the end again."""
        self.cursor.reset()
        self.scroller.jump_end()

    def action_scroll_table(self, by: int) -> None:
        """Scroll the table under the cursor sideways; without one, the first table in view that is too wide."""
        if not self.tables.scroll_here(by):
            raise SkipAction

    def action_ask_find(self) -> None:
        """Ask what to find."""
        self.post_message(AskFind())

    def action_retry(self) -> None:
        """Ask the last prompt again."""
        self.post_message(RunAction("chat.retry"))

    def action_find_next(self, by: int) -> None:
        """Go to the next match."""
        if not self.search.has_marks:
            raise SkipAction
        self.search.next(by)

    def action_leave(self) -> None:
        """Leave the selection, then finding, then the cursor; then the page, which is for the screen to do."""
        if self.has_selection:
            self.clear_selection()
        elif self.search.has_marks:
            self.search.end()
        elif self.sought.has_marks:
            self.sought.end()
        elif self.cursor.has_marks:
            self.cursor.put(None)
        else:
            raise SkipAction
