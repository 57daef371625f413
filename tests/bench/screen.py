"""A small, quick terminal emulator that keeps characters only (no colours): enough to see what text is on screen.

About ten times faster than pyte, so that megabytes of recorded output can be replayed chunk by chunk. Unknown
sequences are swallowed.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable

_TOKEN = re.compile(
    r"\x1b\[([<>=?]?)([0-9;:]*)([ !\"$'#]*)([@-~])"  # CSI: prefix, parameters, intermediates, final
    r"|\x1b[\]P_^X](?:[^\x07\x1b]|\x1b[^\\])*(?:\x07|\x1b\\)"  # OSC, DCS, APC, PM, SOS
    r"|\x1b[ #%()*+\-./].|\x1b([^\[\]P_^X ])"  # charset choice; two-character escape
    r"|([\x00-\x1f\x7f])"  # control
    r"|([^\x00-\x1f\x7f\x1b]+)",  # text
    re.S,
)
_PARTIAL = re.compile(
    r"\x1b(?:\[[<>=?]?[0-9;:]*[ !\"$'#]*|[\]P_^X](?:[^\x07\x1b]|\x1b[^\\])*\x1b?|[ #%()*+\-./])?\Z", re.S
)


def _cells(text: str) -> list[str]:
    """One entry a screen cell; a wide character is followed by an empty cell, combining marks join the one before."""
    if text.isascii():
        return list(text)
    cells: list[str] = []
    for char in text:
        if unicodedata.combining(char) or char in "\u200d\ufe0e\ufe0f":
            if cells:
                cells[-1] += char
            continue
        cells.append(char)
        if unicodedata.east_asian_width(char) in "WF":
            cells.append("")
    return cells


class TextScreen:
    def __init__(self, columns: int = 120, lines: int = 40) -> None:
        self.columns, self.lines = columns, lines
        self.rows = self._blank()
        self.main_rows: list[list[str]] | None = None  # kept while the alternate screen shows
        self.x = self.y = 0
        self.saved = (0, 0)
        self.top, self.bottom = 0, lines - 1
        self.dirty: set[int] = set()
        self.on_scroll_off: Callable[[str], None] | None = None
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._last = " "

    def _blank(self) -> list[list[str]]:
        return [[" "] * self.columns for _ in range(self.lines)]

    # --- what others read ----------------------------------------------------------------------------------------
    def line(self, y: int) -> str:
        return "".join(self.rows[y])

    @property
    def text(self) -> str:
        return "\n".join(self.line(y).rstrip() for y in range(self.lines))

    def take_dirty(self) -> set[int]:
        dirty, self.dirty = self.dirty, set()
        return dirty

    # --- feeding -------------------------------------------------------------------------------------------------
    def feed(self, data: bytes) -> None:
        text = self._rest + self._decode(data)
        partial = _PARTIAL.search(text, max(0, text.rfind("\x1b") - 4096)) if "\x1b" in text else None
        if partial:
            text, self._rest = text[: partial.start()], text[partial.start() :]
        else:
            self._rest = ""
        for match in _TOKEN.finditer(text):
            kind = match.lastindex
            if kind == 7 or kind is None:
                if match[7]:
                    self._put(match[7])
            elif kind == 4:
                self._csi(match[1], match[2], match[3], match[4])
            elif kind == 6:
                self._control(match[6])
            elif kind == 5:
                self._escape(match[5])

    def _put(self, text: str) -> None:
        cells = _cells(text)
        self._last = cells[-1] or self._last if cells else self._last
        start = 0
        while start < len(cells):
            if self.x >= self.columns:
                self.x = 0
                self._line_feed()
            part = cells[start : start + self.columns - self.x]
            self.rows[self.y][self.x : self.x + len(part)] = part
            self.dirty.add(self.y)
            self.x += len(part)
            start += len(part)

    def _control(self, char: str) -> None:
        if char == "\r":
            self.x = 0
        elif char in "\n\x0b\x0c":
            self._line_feed()
        elif char == "\b":
            self.x = max(0, min(self.x, self.columns - 1) - 1)
        elif char == "\t":
            self.x = min(self.columns - 1, (self.x // 8 + 1) * 8)

    def _escape(self, char: str) -> None:
        if char == "7":
            self.saved = (self.x, self.y)
        elif char == "8":
            self.x, self.y = self.saved
        elif char == "D":
            self._line_feed()
        elif char == "E":
            self.x = 0
            self._line_feed()
        elif char == "M":
            if self.y == self.top:
                self._scroll_down(self.top, 1)
            else:
                self.y = max(0, self.y - 1)
        elif char == "c":
            self.rows, self.x, self.y = self._blank(), 0, 0
            self.top, self.bottom = 0, self.lines - 1

    def _line_feed(self) -> None:
        if self.y == self.bottom:
            self._scroll_up(self.top, 1)
        else:
            self.y = min(self.lines - 1, self.y + 1)

    def _scroll_up(self, top: int, count: int) -> None:
        for _ in range(min(count, self.bottom - top + 1)):
            gone = self.rows.pop(top)
            if self.on_scroll_off:
                self.on_scroll_off("".join(gone))
            self.rows.insert(self.bottom, [" "] * self.columns)
        self.dirty.update(range(top, self.bottom + 1))

    def _scroll_down(self, top: int, count: int) -> None:
        for _ in range(min(count, self.bottom - top + 1)):
            self.rows.pop(self.bottom)
            self.rows.insert(top, [" "] * self.columns)
        self.dirty.update(range(top, self.bottom + 1))

    def _csi(self, prefix: str, params: str, between: str, final: str) -> None:
        if between or prefix in ("<", ">", "=") or ":" in params or final == "m":
            return
        numbers = [int(p) if p else 0 for p in params.split(";")] if params else []
        first = numbers[0] if numbers else 0
        count = first or 1
        if prefix == "?":
            if final in "hl" and {47, 1047, 1049} & set(numbers):
                self._alternate(final == "h")
            return
        column = min(self.x, self.columns - 1)
        if final in "Hf":
            self.y = min(self.lines, max(1, count)) - 1
            self.x = min(self.columns, max(1, numbers[1] if len(numbers) > 1 else 1)) - 1
        elif final == "A":
            self.y = max(self.top if self.y >= self.top else 0, self.y - count)
        elif final in "Be":
            self.y = min(self.bottom if self.y <= self.bottom else self.lines - 1, self.y + count)
        elif final in "Ca":
            self.x = min(self.columns - 1, column + count)
        elif final == "D":
            self.x = max(0, column - count)
        elif final == "E":
            self.x, self.y = 0, min(self.bottom, self.y + count)
        elif final == "F":
            self.x, self.y = 0, max(self.top, self.y - count)
        elif final in "G`":
            self.x = min(self.columns, count) - 1
        elif final == "d":
            self.y = min(self.lines, count) - 1
        elif final == "K":
            self._erase_in_line(self.y, column, first)
        elif final == "J":
            self._erase_in_display(column, first)
        elif final == "X":
            self._blank_cells(self.y, column, column + count)
        elif final == "P":
            row = self.rows[self.y]
            del row[column : column + count]
            row.extend([" "] * (self.columns - len(row)))
            self.dirty.add(self.y)
        elif final == "@":
            row = self.rows[self.y]
            row[column:column] = [" "] * count
            del row[self.columns :]
            self.dirty.add(self.y)
        elif final == "L" and self.top <= self.y <= self.bottom:
            self._scroll_down(self.y, count)
        elif final == "M" and self.top <= self.y <= self.bottom:
            keep, self.on_scroll_off = self.on_scroll_off, None
            self._scroll_up(self.y, count)
            self.on_scroll_off = keep
        elif final == "S":
            self._scroll_up(self.top, count)
        elif final == "T":
            self._scroll_down(self.top, count)
        elif final == "r":
            self.top = max(0, count - 1)
            self.bottom = min(self.lines, numbers[1] if len(numbers) > 1 and numbers[1] else self.lines) - 1
            self.x = self.y = 0
        elif final == "s":
            self.saved = (self.x, self.y)
        elif final == "u":
            self.x, self.y = self.saved
        elif final == "b":
            self._put(self._last * count)

    def _alternate(self, on: bool) -> None:
        if on and self.main_rows is None:
            self.main_rows, self.rows = self.rows, self._blank()
            self.saved = (self.x, self.y)
        elif not on and self.main_rows is not None:
            self.rows, self.main_rows = self.main_rows, None
            self.x, self.y = self.saved
        self.dirty.update(range(self.lines))

    def _blank_cells(self, y: int, start: int, end: int) -> None:
        end = min(end, self.columns)
        self.rows[y][start:end] = [" "] * (end - start)
        self.dirty.add(y)

    def _erase_in_line(self, y: int, column: int, how: int) -> None:
        start, end = ((column, self.columns), (0, column + 1), (0, self.columns))[min(how, 2)]
        self._blank_cells(y, start, end)

    def _erase_in_display(self, column: int, how: int) -> None:
        if how == 0:
            self._erase_in_line(self.y, column, 0)
            rows = range(self.y + 1, self.lines)
        elif how == 1:
            self._erase_in_line(self.y, column, 1)
            rows = range(self.y)
        else:
            rows = range(self.lines)
        for y in rows:
            self._blank_cells(y, 0, self.columns)
