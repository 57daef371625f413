"""The input area: the composer between its two rules; the upper one tells what the composer is about."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tui.domain.message import ImagePart
from tui.ui.line import strip_of, styles_of
from tui.ui.widgets.composer import Composer
from tui.ui.wish import Wish
from tui.wire.image import describe_image
from tui.wire.printable import printable_line

SHOWN = 2
"""Images that are named; of more, only their number."""


class JumpToEnd(Wish):
    """Wish: show the end of the conversation."""


class Mark(Widget):
    """The sign before the prompt."""

    DEFAULT_CSS = "Mark { width: 2; height: 1; }"

    def render_line(self, y: int) -> Strip:
        """Paint it."""
        del y
        is_written_into = self.parent is not None and self.parent.has_pseudo_class("focus-within")
        return strip_of(
            [("›", "accent" if is_written_into else "muted")], self.size.width, self.rich_style, styles_of(self)
        )


class InputArea(Horizontal):
    """The composer, its sign, and what its upper rule says."""

    DEFAULT_CSS = """
    InputArea {
        height: auto; padding: 0 1; border-top: solid $rule; border-bottom: solid $rule;
        border-title-align: right; border-title-color: $accent; border-title-background: $background;
        border-subtitle-color: $muted; border-subtitle-background: $background; border-subtitle-align: right;
        background: $background;
    }
    InputArea.-editing { border-top: solid $warning; border-title-color: $warning; }
    """

    def __init__(self, composer: Composer) -> None:
        super().__init__(id="input-area")
        self._composer = composer
        self._below = 0
        self._titles = ("", "")
        self._editing = ""
        self._schema = ""
        self._images: Sequence[ImagePart] = ()

    def compose(self) -> ComposeResult:
        """The sign and the composer."""
        yield Mark()
        yield self._composer

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as the composer, which is at most a third of the screen: Textual measures it without that bound."""
        return min(super().get_content_height(container, viewport, width), max(1, viewport.height * 33 // 100))

    def on_descendant_focus(self) -> None:
        """Its sign stands out."""
        self.query_one(Mark).refresh()

    def on_descendant_blur(self) -> None:
        """Its sign no longer stands out."""
        self.query_one(Mark).refresh()

    def tell_below(self, count: int) -> None:
        """Say how many new lines stand below what is seen."""
        self._below = count
        self._retitle()

    def tell_editing(self, words: str) -> None:
        """Say what is being edited; empty when nothing is."""
        self._editing = printable_line(words)
        self.set_class(bool(words), "-editing")
        self._retitle()

    def tell_schema(self, words: str) -> None:
        """Say, quietly, which schema the next reply follows; empty for none."""
        self._schema = printable_line(words)
        self._say_what_goes_along()

    def tell_images(self, images: Sequence[ImagePart]) -> None:
        """Say, quietly, which images go with what is written."""
        if images != self._images:
            self._images = images
            self._say_what_goes_along()

    def _say_what_goes_along(self) -> None:
        words = [f"▣ {describe_image(image)}" for image in self._images]
        if len(words) > SHOWN:
            words[SHOWN:] = [f"and {len(words) - SHOWN} more"]
        words += [self._schema] if self._schema else []
        self._set_titles(self._titles[0], "  ".join(words))

    def _retitle(self) -> None:
        lines = "1 new line" if self._below == 1 else f"{self._below:,} new lines"
        self._set_titles(self._editing or (f"{lines} below ↓" if self._below else ""), self._titles[1])

    def _set_titles(self, above: str, below: str) -> None:
        """Say these on the rules. To say the same again would have all of it painted once more."""
        before, self._titles = self._titles, (above, below)
        if above != before[0]:
            self.border_title = Content(above) if above else None
        if below != before[1]:
            self.border_subtitle = Content(below) if below else None

    def on_click(self, event: events.Click) -> None:
        """A click on the upper rule goes to the end."""
        if event.y == 0 and self._below and not self._editing:
            self.post_message(JumpToEnd())
