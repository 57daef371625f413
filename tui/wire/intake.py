"""Text on its way in: made printable whatever way it was cut, and kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from tui.wire.printable import QUIET_REACH, has_quiet, printable

_JOINING = frozenset(("Mn", "Me", "Cf", "Cs"))
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\r")
_CHUNK = 256  # fragments kept apart before they are joined


class Intake:
    """Makes fragments printable as if they had come in one piece, and remembers what they say together.

    What shows nothing by itself (marks, joiners, tags, a carriage return) waits for what follows it, because
    what it becomes depends on both its neighbours. `show` is `breakable` for text that is wrapped before it is painted.
    """

    __slots__ = ("_before", "_chunks", "_held", "_parts", "_reach", "_show", "length")

    def __init__(self, show: Callable[[str], str] = printable) -> None:
        self.length = 0
        self._show = show
        self._chunks: list[str] = []
        self._parts: list[str] = []
        self._held: list[str] = []
        self._before = ""  # the character before what is held
        self._reach = ""  # and what stands before that, as far as it may count

    @property
    def source(self) -> str:
        """Everything that was let through."""
        if len(self._chunks) + len(self._parts) > 1:
            self._chunks = ["".join(self._chunks + self._parts)]
            self._parts = []
        return (self._chunks or self._parts or [""])[0]

    def between(self, begin: int, end: int) -> str:
        """Some of what was let through, from one place to another."""
        pieces: list[str] = []
        for piece in (*self._chunks, *self._parts):
            if begin < len(piece) and end > 0:
                pieces.append(piece[max(0, begin) : end])
            begin, end = begin - len(piece), end - len(piece)
            if end <= 0:
                break
        return "".join(pieces)

    def take(self, text: str) -> str:
        """Make a fragment printable; the end of it may be held back."""
        end = len(text)
        while end and _joins(text[end - 1]):
            end -= 1
        if not end:
            if text:
                self._held.append(text)
            return ""
        if self._held:
            raw = "".join(self._held) + text[:end]
            self._held = []
        else:
            raw = text[:end]
        if end < len(text):
            self._held.append(text[end:])
        return self._pass(raw)

    def take_plain(self, text: str) -> bool:
        """Take letters, digits and spaces as they are; `False`, and nothing done, where what stands before may change them."""
        if self._held or not self._before.isascii():
            return False
        self._reach = (self._reach + text)[-QUIET_REACH:]
        self._before = text[-1]
        self.length += len(text)
        self._parts.append(text)
        if len(self._parts) >= _CHUNK:
            self._chunks.append("".join(self._parts))
            self._parts = []
        return True

    def close(self) -> str:
        """What was held back."""
        raw = "".join(self._held)
        self._held = []
        return self._pass(raw)

    def _pass(self, raw: str) -> str:
        if not raw:
            return ""
        if has_quiet(raw):
            clean = self._show(self._reach + raw)[len(self._show(self._reach)) :]
        else:
            clean = self._show(self._before + raw)[len(self._before) :]
        self._reach = (self._reach + raw)[-QUIET_REACH:]
        last = raw[-1]
        self._before = last if self._show(last) == last else "\n"  # no mark or joiner belongs to either
        self.length += len(clean)
        self._parts.append(clean)
        if len(self._parts) >= _CHUNK:
            self._chunks.append("".join(self._parts))
            self._parts = []
        return clean


def _joins(character: str) -> bool:
    """Whether a character may change with its neighbours."""
    if character < "\x7f":
        return character == "\r"
    return unicodedata.category(character) in _JOINING or character in _FILLERS
