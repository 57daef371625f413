"""Letters: what goes on with the last row, as nine words in ten do, is written behind it, and nothing is laid out for it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from tui.domain.delta import Delta, TextDelta
from tui.domain.turn import Turn
from tui.page.reply import ReplyEntry
from tui.typeset.open_end import is_plain
from tui.ui.terminal.difference import is_unsure
from tui.ui.transcript.line_renderer import INDENT
from tui.ui.transcript.render import Renderer
from tui.ui.transcript.scroll import Scroller


class Letters:
    """Writes plain letters where they belong, as long as they fit in the last row and all is as it was.

    The block takes them as always. Whoever looks at the page after that finds them there: its rows are as many.
    """

    def __init__(self, scroller: Scroller, renderer: Renderer) -> None:
        """Know no row yet."""
        self._scroller = scroller
        self._renderer = renderer
        self._entry: ReplyEntry | None = None
        self._strip: Strip | None = None
        self._row = self._cell = self._room = 0
        self._spaces = ""

    def forget(self) -> None:
        """The page is another."""
        self._entry = self._strip = None

    def begin(self, entry: ReplyEntry, top: int) -> None:
        """An entry that begins at this row of the page was painted: know where its text ends."""
        self.forget()
        if not self._scroller.follow or not entry.is_growing or entry.structure is not None:
            return
        if (place := entry.text.tip) is None:
            return
        row, tip = place
        self._entry, self._row = entry, top + entry.parts[0].height + row
        self._cell, self._room, self._spaces = INDENT + tip.cell, tip.room, " " * tip.spaces
        strip = self._renderer.strip_at(self._row)
        self._strip = None if strip is None or any(is_unsure(text) for text, _, _ in strip) else strip

    def take(self, turn: Turn, deltas: Sequence[Delta]) -> bool:
        """Show what came, already folded into the turn, if it is letters and no more; `False` if it is for the page to paint."""
        entry, strip = self._entry, self._strip
        if entry is None or strip is None or entry.turn is not turn or len(deltas) != 1 or not self._scroller.follow:
            return False
        delta = deltas[0]
        if type(delta) is not TextDelta or delta.replaces or delta.message or is_plain(delta.text) is None:
            return False
        shown = self._spaces + delta.text
        letters = shown.rstrip(" ")
        if len(letters) > self._room or not entry.text.take_letters(delta.text, turn.body.latest_size):
            self.forget()
            return False
        self._spaces = shown[len(letters) :]
        if not letters:
            return True
        self._strip = self._renderer.write_behind(self._row, self._cell, strip, letters)
        if self._strip is None:
            self.forget()
            return False
        self._cell += len(letters)
        self._room -= len(letters)
        return True
