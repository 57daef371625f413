"""Text as it is looked for: one spelling for what people take for the same, and the pieces an index holds of it.

A word is found wherever it stands, from three letters on: the pieces are its trigrams. One or two letters are found where
a word begins, and in scripts that put no space between words anywhere: there, single characters and pairs are pieces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from tui.domain.lazy_pattern import LazyPattern

BEGINS = "\x01"
"""Stands before the one or two letters with which a word begins."""

MOST_PIECES = 24
"""So many pieces of a word are looked for: any more change nothing, for each turn is looked at in the end."""

_PLAIN = str.maketrans(
    {
        **dict.fromkeys(map(chr, (*range(0x300, 0x370), *range(0x591, 0x5C8), *range(0x64B, 0x660), 0x670))),
        **dict.fromkeys("\0\x01\xad\u200b\u200c\u200d\u2060\ufeff"),
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
    }
)
"""What is left out of letters that were taken apart: accents (a vowel sign of Hindi and a dakuten are letters, not
accents), and what is not seen; and letters that are an accented one to most who type them."""

_UNSPACED_RANGES = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u318f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED = LazyPattern(f"[{_UNSPACED_RANGES}]")
_BEGINNINGS = LazyPattern(r"(?:(?<![^\W_])(?=[^\W_])|^)(?=(..?))", re.DOTALL)


def fold(text: str) -> str:
    """A text in the one spelling that is compared: no case, accent, width, ligature or invisible character counts."""
    if text.isascii():
        return text.lower().replace("\0", "").replace(BEGINS, "")
    folded = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", folded).translate(_PLAIN))


def pieces(folded: Iterable[str]) -> set[str]:
    """What an index holds of texts that are folded."""
    held: set[str] = set()
    for run in {run for text in folded for run in text.split()}:
        _add_pieces(run, held)
        for match in _BEGINNINGS.finditer(run):
            begun = match[1]
            held.add(BEGINS + begun)
            held.add(BEGINS + begun[0])
    return held


def _add_pieces(run: str, held: set[str]) -> None:
    """Trigrams, but single characters and pairs where there is one that takes no space around its words."""
    if run.isascii() or not _UNSPACED.search(run):
        held.update([run[at : at + 3] for at in range(len(run) - 2)])
        return
    is_unspaced = [_UNSPACED.match(char) is not None for char in run]
    for at, char in enumerate(run):
        if is_unspaced[at]:
            held.add(char)
        if any(is_unspaced[at : at + 2]):
            held.add(run[at : at + 2])
        elif len(run) >= at + 3 and not is_unspaced[at + 2]:
            held.add(run[at : at + 3])


class Wanted:
    """The words that are looked for: all of them must be there, in any order."""

    def __init__(self, text: str) -> None:
        """Take them from what was typed; quotation marks around a word do not belong to it."""
        typed = (word.strip('"“”„«»') for word in fold(text).split())
        self.words = [word for word in dict.fromkeys(typed) if word]
        self._patterns = [re.compile(_pattern(word)) for word in self.words]

    def match(self, *, within: bool = False) -> str:
        """The expression by which FTS5 finds the turns that may hold them; empty where nothing is looked for.

        With `within` those too that hold them within words: one or two letters are left out, which are only found where
        a word begins.
        """
        wanted: dict[str, None] = {}
        for word in self.words:
            held: set[str] = set()
            _add_pieces(word, held)
            if len(held) > 1:
                held = {piece for piece in held if len(piece) > 1}  # a pair says more than its characters
            if not held and not within:
                held = {BEGINS + word}
            wanted |= dict.fromkeys(sorted(held)[:MOST_PIECES])
        return " AND ".join('"' + piece.replace('"', '""') + '"' for piece in wanted)

    def is_in(self, folded: Iterable[str]) -> bool:
        """Whether each word is in one of these texts."""
        texts = list(folded)
        return all(any(pattern.search(text) for text in texts) for pattern in self._patterns)

    def is_any_in(self, folded: str) -> bool:
        """Whether one of the words is in a text."""
        return any(pattern.search(folded) for pattern in self._patterns)

    def first_place(self, line: str) -> int:
        """Where in a line the first of the words stands; negative where none does."""
        if line.isascii():
            folded = line.lower()
            return min((match.start() for pattern in self._patterns if (match := pattern.search(folded))), default=-1)
        return next((start for start, _ in self.places(line)), -1) if self.is_any_in(fold(line)) else -1

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where in a text, as it was written, the words stand: from, to."""
        folded, origin = _fold_with_origin(text)
        places = sorted(match.span() for pattern in self._patterns for match in pattern.finditer(folded))
        spans: list[tuple[int, int]] = []
        for start, end in places:
            span = (origin[start], origin[end - 1] + 1)
            while span[1] < len(text) and unicodedata.combining(text[span[1]]):
                span = (span[0], span[1] + 1)
            if spans and span[0] < spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], span[1]))
            else:
                spans.append(span)
        return spans


def _pattern(word: str) -> str:
    if len(word) > 2 or _UNSPACED.search(word):
        return re.escape(word)
    return (r"(?<![^\W_])" if word[0].isalnum() else r"(?<!\S)") + re.escape(word)


def _fold_with_origin(text: str) -> tuple[str, list[int]]:
    """A text folded letter by letter, and from which character of it each came."""
    if text.isascii() and "\0" not in text and BEGINS not in text:
        return text.lower(), list(range(len(text)))
    folded: list[str] = []
    origin: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        letter = fold(text[start:end])
        folded.append(letter)
        origin += [start] * len(letter)
        start = end
    return "".join(folded), origin
