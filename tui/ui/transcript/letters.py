"""Letters: what goes on with the last row, as nine words in ten do, is written behind it, and nothing is laid out for it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from tui.domain.delta import Delta, TextDelta
from tui.domain.turn import Turn
from tui.page.page import Page
from tui.page.reply import ReplyEntry
from tui.typeset.open_end import is_plain
from tui.ui.terminal.difference import is_unsure
from tui.ui.transcript.line_renderer import INDENT
from tui.ui.transcript.render import Renderer
from tui.ui.transcript.scroll import Scroller


class Letters:
    """Writes text where it belongs, as long as all is as it was: plain letters that fit in the last row, and what else grows in it.

    Attributes:
        is_ready: Whether all that came so far stands there, and what comes next may.

    The block takes it as always. Whoever looks at the page after that finds it there: its rows are as many.
    """

    def __init__(self, page: Page, scroller: Scroller, renderer: Renderer) -> None:
        """Know no row yet."""
        self._page = page
        self._scroller = scroller
        self._renderer = renderer
        self._entry: ReplyEntry | None = None
        self._number = 0
        self._knows_tip = False
        self._strip: Strip | None = None
        self._row = self._cell = self._room = 0
        self._spaces = ""
        self.is_ready = False

    def forget(self) -> None:
        """The page is another."""
        self._entry = self._strip = None
        self.is_ready = False

    def begin(self, entry: ReplyEntry, number: int) -> None:
        """An entry of this number was painted: what comes of it next goes on there."""
        self.forget()
        if self._scroller.follow and entry.is_growing and entry.structure is None:
            self._entry, self._number, self._knows_tip = entry, number, False
            self.is_ready = not entry.unread

    def take(self, turn: Turn, deltas: Sequence[Delta]) -> bool:
        """Show what came, already folded into the turn, if rows are as many as before; `False` if it is for the page to paint."""
        entry = self._entry
        if entry is None or entry.turn is not turn or len(deltas) != 1 or not self._scroller.follow:
            return False
        delta = deltas[0]
        if type(delta) is not TextDelta or delta.replaces or delta.message:
            return False
        text, size = delta.text, turn.body.latest_size
        if is_plain(text) is not None:
            if not self._knows_tip:
                self._find_tip(entry)
            if self._strip is not None and len((self._spaces + text).rstrip(" ")) <= self._room:
                return self._write(entry, self._strip, text, size) or self._fail()
        return self._grow(entry, text, size) or self._fail()

    def _fail(self) -> bool:
        """It takes more than that."""
        self.forget()
        return False

    def _find_tip(self, entry: ReplyEntry) -> None:
        """Find where the text ends, and whether letters can be written behind it."""
        self._knows_tip, self._strip = True, None
        if (place := entry.text.tip) is None:
            return
        row, tip = place
        self._row = self._page.top_of(self._number) + entry.parts[0].height + row
        self._cell, self._room, self._spaces = INDENT + tip.cell, tip.room, " " * tip.spaces
        strip = self._renderer.strip_at(self._row)
        self._strip = None if strip is None or any(is_unsure(text) for text, _, _ in strip) else strip

    def _write(self, entry: ReplyEntry, strip: Strip, text: str, size: int) -> bool:
        """Take plain letters, and write them behind the last row as it shows."""
        shown = self._spaces + text
        letters = shown.rstrip(" ")
        if not entry.text.take_letters(text, size):
            return False
        self._spaces = shown[len(letters) :]
        if letters:
            self._strip = self._renderer.write_behind(self._row, self._cell, strip, letters)
            self._cell += len(letters)
            self._room -= len(letters)
        return self._strip is not None

    def _grow(self, entry: ReplyEntry, text: str, size: int) -> bool:
        """Take any text, and paint the rows of the last block that are others for it."""
        self._knows_tip, self._strip = False, None
        grown = entry.text.take_growth(text, size)
        if grown is None:
            return False
        row = self._page.top_of(self._number) + entry.parts[0].height + grown[0]
        if not self._renderer.paint_lines(row, grown[1]):
            self._renderer.is_urgent = True
            try:
                self._scroller.settle_end(row)
            finally:
                self._renderer.is_urgent = False
        return True
