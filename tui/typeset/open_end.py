"""The open end of a text that grows: what was parsed of it last, and what of that stands in the very last row."""

from __future__ import annotations

import re
from collections.abc import Callable

from tui.typeset.block import Row
from tui.typeset.line import Run
from tui.typeset.wrap import break_text, slice_runs

_PLAIN_GROWTH = re.compile(r"[A-Za-z0-9,.?%'\"-][A-Za-z0-9,.?%'\" -]*\Z")
"""The last character that was parsed, and more behind it, which neither open, close nor end any mark."""

is_plain = re.compile(r"[A-Za-z0-9,.?%'\" -]+").fullmatch
"""Whether a text has no letters but those."""

_OPENING = 8
"""So many characters of a line say whether it is joined to the one before."""


_NO_RUNS: list[Run] = []
_NO_MARGIN: tuple[list[Run], list[Run], int] = ([], [], 0)
"""What all have that know of nothing; replaced and never changed."""


class OpenEnd:
    """Letters behind a text change nothing before them: it is not parsed again for them, and its last row alone is wrapped.

    Attributes:
        margin: What hangs before the rows, and the width of the rest.
        row: The number of the very last row, if letters behind it change nothing before it; else -1.
    """

    __slots__ = ("_rest", "_runs", "_text", "margin", "row")

    def __init__(self) -> None:
        """Know of nothing yet."""
        self.forget()

    def forget(self) -> None:
        """What was parsed holds no more."""
        self.margin = _NO_MARGIN
        self.row = -1
        self._text = ""
        self._runs = self._rest = _NO_RUNS

    def runs_of(self, text: str, parse: Callable[[str], list[Run]]) -> list[Run]:
        """The runs of the open text, parsed if need be."""
        if not text:
            return []
        self._runs = lengthened(self._runs, text[len(self._text) :]) if self._goes_on_as(text) else parse(text)
        self._text = text if self._runs else ""
        return self._runs

    def grows_to(self, text: str) -> bool:
        """Take more of the open text; whether that changes nothing but the last row."""
        if self.row < 0 or not self._goes_on_as(text):
            self.row = -1
            return False
        more = text[len(self._text) :]
        self._text, self._runs, self._rest = text, lengthened(self._runs, more), lengthened(self._rest, more)
        return True

    @property
    def room(self) -> int:
        """So many cells the very last row has left for plain letters that change nothing before them; -1 where they would."""
        if self.row < 0 or is_plain(self._text[-1]) is None or not self._is_prose_at_end(self._text):
            return -1
        return self.margin[2] - sum([len(text) for text, _ in self._rest])

    def begin(self, runs: list[Run], margin: tuple[list[Run], list[Run], int]) -> None:
        """Wrap these from now on, the open text at their end."""
        self._rest, self.margin = runs, margin

    def wrap(self, first: int) -> list[Row]:
        """The rows of what has none yet, of which the first has this number."""
        runs = self._rest
        places = break_text("".join([text for text, _ in runs]), self.margin[2])
        self._rest = rest = skip_characters(runs, places[-1][0])
        can_grow = bool(rest and self._runs) and all(text.isascii() for text, _ in rest)
        self.row = first + len(places) - 1 if can_grow else -1
        return slice_runs(runs, places)

    def _goes_on_as(self, text: str) -> bool:
        """Whether a text is what was parsed last and letters behind it, which change nothing before them."""
        before = self._text
        if not before or not text.startswith(before) or _PLAIN_GROWTH.match(text, len(before) - 1) is None:
            return False
        return self._is_prose_at_end(before)

    def _is_prose_at_end(self, before: str) -> bool:
        if len(before) - before.rfind("\n") < _OPENING and "\n" in before:
            return False  # the line may turn out to be one of its own
        last, style = self._runs[-1]
        # An address may end in what was taken for the punctuation behind it, but has no space in it.
        return _is_prose(style) and ("://" not in before or (" " in last and "://" not in last))


def _is_prose(style: str) -> bool:
    """Whether letters that follow text of a style belong to it: not so of code, formulas, links and footnotes."""
    return not style or all(part in _PROSE for part in style.split("+"))


_PROSE = frozenset(("em", "strong", "strike", *(f"h{level}" for level in range(1, 7))))


def lengthened(runs: list[Run], more: str) -> list[Run]:
    """The runs with more behind them, in the style of the last."""
    text, style = runs[-1]
    return [*runs[:-1], (text + more, style)]


def skip_characters(runs: list[Run], count: int) -> list[Run]:
    """The runs without their first characters."""
    rest: list[Run] = []
    for text, style in runs:
        if count >= len(text):
            count -= len(text)
            continue
        rest.append((text[count:], style))
        count = 0
    return rest
