"""A text area that does for a key what the key changes, and no more."""

from __future__ import annotations

from textual._cells import cell_len
from textual.document._edit import Edit
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

_ROOM = 4
"""Cells that a row has left behind the cursor: with less of them a letter may break the row, or scroll it."""


class SteadyTextArea(TextArea, inherit_bindings=False):
    """Textual's own, which puts its styles together anew whenever it is painted, and lays all out anew for a letter."""

    _has_styles = False

    def notify_style_update(self) -> None:
        """The rules that its styles come from have changed."""
        self._has_styles = False
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows in a region."""
        if self._has_styles:
            return super(TextArea, self).render_lines(crop)
        self._has_styles = True
        return super().render_lines(crop)

    def add_letter(self, letter: str) -> bool:
        """Type a letter of one cell behind the end of a line whose last row has room for it; `False` if it is not so easy.

        All is then as Textual's `edit` leaves it, but nothing is painted and nobody is told.
        """
        start, end = self.selection
        row, column = end
        line = self.document.get_line(row)
        if start != end or not line or column != len(line) or "\t" in line or self.read_only or self.suggestion:
            return False
        places, width = self.wrapped_document.get_offsets(row), self.wrapped_document._width  # noqa: SLF001  at which it stands
        if cell_len(line[places[-1] :] if places else line) + _ROOM > width:
            return False
        edit = Edit(letter, end, end, maintain_selection_offset=False)
        cursor = edit.do(self).end_location
        self.history.record(edit)
        self._build_highlight_map()  # which also forgets the rows that were painted
        self.set_reactive(TextArea.selection, Selection.cursor(cursor))
        self._matching_bracket_location = None
        x, y = self._cursor_offset
        self._cursor_offset = Offset(x + 1, y)
        self.navigator.last_x_offset = self._cursor_offset[0]
        self.app.cursor_position = self.cursor_screen_offset
        return True
