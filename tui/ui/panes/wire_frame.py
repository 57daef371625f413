"""A frame in full, beside the list it is in: JSON that folds, with what changed marked, or the text that it is."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tui.domain.collector import collector_at_rest
from tui.domain.error import RilletError
from tui.domain.tape import SentRequest
from tui.page.call_lines import text_lines
from tui.page.json_lines import MARK, JsonLine, Path, changed_paths, first_folded, json_lines
from tui.page.line import Line
from tui.page.wire_log import WireLog
from tui.page.wire_row import WireRow
from tui.page.wire_row_line import COMMENT_WORDS, brought_words, lead_lines
from tui.page.wire_words import request_text
from tui.schema.json_value import JsonError, parse_frozen
from tui.typeset.wrap import wrap_told
from tui.ui.widgets.list_view import ListView
from tui.wire.printable import printable_line

_NOTHING = object()


class FrameView(ListView):
    """One frame, head or request in full; Enter or a click on an object folds it."""

    DEFAULT_CSS = "FrameView { height: 50%; display: none; margin: 1 0 0 0; }"

    def __init__(self) -> None:
        super().__init__(lambda row, _width: row.line if isinstance(row, JsonLine) else row, id="frame")
        self._value: Any = _NOTHING
        self._lead: Sequence[Line] = ()
        self._changed: set[Path] = set()
        self._folded: set[Path] = set()
        self._width = 20
        self._is_odd = False

    def tell_row(self, row: WireRow, wire_log: WireLog, width: int) -> None:
        """Show a row in full, under what it brought and what is odd about it."""
        brought = brought_words(wire_log.origins.brought(row.frame)) if row.frame >= 0 else ""
        brought = COMMENT_WORDS if row.kind == "comment" else brought
        text_before = wire_log.text_before(row)
        try:
            text = wire_log.text(row)
        except RilletError as error:
            text = error.message
        self._is_odd = bool(row.odd)
        is_sentence = row.said is None and row.kind not in ("request", "body", "comment")
        self.tell(text, text_before, lead_lines(row, brought, width), width, is_sentence=is_sentence)

    def tell(self, text: str, before: str, lead: Sequence[Line], width: int, *, is_sentence: bool = False) -> None:
        """Show a text under some lines: as JSON where it is that, with what differs from the text before marked.

        A sentence is broken between its words.
        """
        self.scroll_to(y=0, animate=False, immediate=True)
        value = _value(text)
        self._lead, self._width = lead, max(20, width)
        if value is _NOTHING:
            self._value = _NOTHING
            sentence = [row for row, _ in wrap_told([(printable_line(text), "")], self._width)] if is_sentence else None
            self.show([*lead, *(sentence or text_lines(text, self._width))], cursor=0)
            return
        old = _value(before)
        self._value = value
        self._changed = changed_paths(value, old) if old is not _NOTHING else set()
        self._folded = first_folded(value, self._width)
        self._show()

    async def tell_long(self, ask: Awaitable[SentRequest | None], width: int, is_wanted: Callable[[], bool]) -> None:
        """Show a request that takes long to put together and to read, once that is done and if it is wanted then."""
        self.tell("", "", [[("the request is put together …", "muted")]], width, is_sentence=True)
        request = await ask
        if request is not None:
            with collector_at_rest():
                value, folded = await to_thread(_value_and_folds, request, self._width)
            if is_wanted():
                self._lead, self._value, self._changed, self._folded = (), value, set(), folded
                self._show()

    def on_resize(self) -> None:
        """Show as much of what stands above the cursor as there is room for."""
        self.scroll_to(y=0, animate=False, immediate=True)

    def _show(self, cursor: int | None = None) -> None:
        """Put the cursor there, else on what changed, but for what is odd: that stands above."""
        lines = json_lines(self._value, self._width, self._folded, self._changed)
        if cursor is None:
            changed = (at for at, line in enumerate(lines, len(self._lead)) if line.line[0][0] == MARK)
            cursor = 0 if self._is_odd else next(changed, 0)
        self.show([*self._lead, *lines], cursor=cursor)

    def fold(self, row: object) -> None:
        """Fold the object of a line, or unfold it."""
        if isinstance(row, JsonLine) and row.folds and self._value is not _NOTHING:
            self._folded ^= {row.path}
            self._show(self.cursor)


def _value_and_folds(request: SentRequest, width: int) -> tuple[Any, set[Path]]:
    value = _value(request_text(request))
    return value, first_folded(value, width)


def _value(text: str) -> Any:
    try:
        value = parse_frozen(text.rpartition("\n")[2] if not text.startswith(("{", "[")) else text)
    except JsonError:
        return _NOTHING
    return value if isinstance(value, dict) or hasattr(value, "keys") or isinstance(value, tuple) else _NOTHING
