"""What every pane has: a heading, a content, and a line of keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget

from tui.domain.delta import Delta
from tui.domain.turn import Turn
from tui.page.line import Line, spread
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hints
from tui.ui.line import Lines
from tui.ui.wish import ClosePane

if TYPE_CHECKING:
    from tui.page.origin import Strand
    from tui.ui.panes.list_height import ListHeight

SuitsRow = Callable[[str, tuple[object, ...]], bool]
"""Whether an action, by its name and parameters, makes sense for the row under the cursor; if not, it is not in its menu."""


class Heading(Lines):
    """One line: what the pane is, and what stands at its right."""

    DEFAULT_CSS = "Heading { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._left: Line = []
        self._right: Line = []

    def tell(self, left: Line, right: Line) -> None:
        """Show these."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def lines(self, width: int) -> list[Line]:
        """The line at a width; the title of the pane that has the keys stands out."""
        has_focus = self.parent is not None and self.parent.has_pseudo_class("focus-within")
        left = [(text, "title-now" if key == "title" and has_focus else key) for text, key in self._left]
        return [spread(left, self._right, width)]


class Pane(Vertical):
    """A part that comes and goes. Its `hints` are shown on the bottom line while it has the focus."""

    DEFAULT_CSS = """
    Pane { height: 1fr; padding: 0 1; background: $background; }
    Pane.-over {
        layer: over; dock: left; width: 100%; height: 1fr; margin: 1 0 0 0;
        background: $surface; border-right: solid $rule; padding: 0 2;
    }
    Pane.-over:focus-within { border-right: solid $accent; }
    Pane.-snug { height: auto; }
    Pane.-snug, Pane.-short { border-bottom: solid $rule; }
    Pane.-snug:focus-within, Pane.-short:focus-within { border-bottom: solid $accent; }
    Pane.-snug ListView, Pane.-snug Page { height: auto; }
    Pane.-over ListView { scrollbar-background: $surface; }
    Pane > Heading { margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("pane")
    title_words = ""
    leaves_room: ClassVar[bool] = True
    """Whether it leaves the title, the composer and the lines below it free, where it lies over everything."""
    columns: ClassVar[int] = 96
    """How wide it is where it lies over everything, if enough of the page is left beside it to be read."""
    dims: ClassVar[bool] = True
    """Whether what it lies over recedes."""
    is_snug: ClassVar[bool] = False
    """Whether it is only as high as its content, where it lies over everything."""
    follows_words: ClassVar[bool] = True
    """Whether it has to be fed each word that streams; one that looks for itself now and then does not."""
    wide_columns: ClassVar[int] = 0
    """How wide it is instead where even then enough of the page is left."""
    hints: Hints = ()

    def __init__(self, *, is_over: bool = False) -> None:
        super().__init__()
        self.heading = Heading()
        self.set_class(is_over, "-over", update=False)  # it is styled when it is mounted
        self.set_class(is_over and self.is_snug, "-snug", update=False)
        self.is_over = is_over
        self.is_leaving = False
        self.shares_page = False  # whether a narrow screen shows the page too, above it
        self.list_height: ListHeight | None = None
        self.name_in_dock = ""
        self.suits_row: SuitsRow = lambda _action, _parameters: True

    def on_mount(self) -> Awaitable[None] | None:
        """Show what there is."""
        self.follow_conversation()
        return None

    def compose(self) -> ComposeResult:
        """The heading, then the content."""
        self.heading.tell([(self.title_words, "title")], [])
        yield self.heading
        yield from self.content()

    def content(self) -> ComposeResult:
        """What the pane holds; for subclasses to say."""
        yield from ()

    def hints_now(self) -> Hints:
        """The keys that mean something as things stand."""
        return self.hints

    def follow_conversation(self) -> None:
        """Another conversation is on the screen; for panes that show its turns."""

    def feed(self, turn: Turn, deltas: list[Delta]) -> None:
        """A turn began, or more of its reply came; for panes that follow it."""

    def heed_settings(self) -> None:
        """The settings file was read again; for panes that show what is in it."""

    def end_turn(self, turn: Turn) -> None:
        """A turn ended; for panes that follow it."""

    def show_origin(self, turn: Turn, source: tuple[Strand, int, int]) -> None:
        """Show the frame that brought a character of a reply; for the pane that lists frames."""

    def take_focus(self) -> None:
        """Focus what the pane is about."""
        for widget in self.query(Widget):
            if widget.can_focus:
                self.screen.set_focus(widget)  # now: the next key may be on its way
                return

    def on_descendant_focus(self) -> None:
        """Its title stands out."""
        self.heading.refresh()

    def on_descendant_blur(self) -> None:
        """Its title no longer stands out."""
        self.heading.refresh()

    def action_close(self) -> None:
        """Go away, or where the pane stays open, give the keys back."""
        self.post_message(ClosePane(self))
