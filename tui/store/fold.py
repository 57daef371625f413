"""Text as it is looked for: one spelling for what people take for the same, and the pieces an index holds of it.

A word is found wherever it stands, from three letters on: the pieces are its trigrams. One or two letters are found where
a word begins, and in scripts that put no space between words anywhere: there, single characters and pairs are pieces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

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
_AS_THEY_ARE = (
    "\x02-@\\[-\x7f\u03b1-\u03c1\u03c3-\u03c9\u0430-\u0438\u043a-\u044f\u2012-\u2015\u201c-\u201f\u3001\u3002\u3008-\u3011"
    "\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
)
"""Most of what is written in some scripts: characters that are folded to themselves, and join none that stands before them."""
_OTHERS = LazyPattern(f"[^{_AS_THEY_ARE}]+")
_APART = LazyPattern(f"[{_AS_THEY_ARE}A-Z\xa0-\xac\xae-\u02af\u0410-\u042f\u2018\u2019\u2026\uff01-\uff9d]")
"""Characters that do not join the one before them: that one is folded as if it stood alone."""
_SHORT = 16
"""Others that follow each other are folded once, if they are no more: the same ones come again and again."""

_BLOCK = 4096
"""So many characters are looked through at a time where it must be told which of them a word begins at."""

_BEGINNINGS = LazyPattern(r"(?:(?<![^\W_])(?=[^\W_])|^)(?=(..?))", re.DOTALL)


def fold(text: str) -> str:
    """A text in the one spelling that is compared: no case, accent, width, ligature or invisible character counts."""
    if text.isascii():
        return text.lower().replace("\0", "").replace(BEGINS, "")
    parts: list[str] = []
    at = 0
    for start, end in _other_runs(text):
        parts += (text[at:start], (_fold_again if end - start <= _SHORT else fold_plainly)(text[start:end]))
        at = end
    return "".join((*parts, text[at:]))


def fold_plainly(text: str) -> str:
    """What `fold` says, by Unicode's own functions: they take a hundred times as long where little is to be done."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", folded).translate(_PLAIN))


_fold_again = lru_cache(4096)(fold_plainly)


def _other_runs(text: str) -> Iterator[tuple[int, int]]:
    """From where to where stands what is not folded to itself, with the character that it may join."""
    for match in _OTHERS.finditer(text):
        start = match.start()
        joins = start > 0 and _APART.match(text[start]) is None
        yield start - joins, match.end()


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


class _Word(Struct, frozen=True):
    """A word that is looked for; where it may not stand anywhere, the pattern of it."""

    text: str
    pattern: re.Pattern[str] | None

    def first_in(self, folded: str, start: int = 0) -> int:
        """Where it stands first, from a place on; negative where it does not."""
        if self.pattern is None:
            return folded.find(self.text, start)
        match = self.pattern.search(folded, start)
        return -1 if match is None else match.start()

    def places_in(self, folded: str) -> Iterator[tuple[int, int]]:
        """Everywhere that it stands."""
        at, length = self.first_in(folded), len(self.text)
        while at >= 0:
            yield at, at + length
            at = self.first_in(folded, at + length)


class Wanted:
    """The words that are looked for: all of them must be there, in any order."""

    def __init__(self, text: str) -> None:
        """Take them from what was typed; quotation marks around a word do not belong to it."""
        typed = (word.strip('"“”„«»') for word in fold(text).split())
        self.words = [word for word in dict.fromkeys(typed) if word]
        self._words = [_Word(word, _pattern(word)) for word in self.words]

    @property
    def is_one_piece(self) -> bool:
        """Whether one piece of an index stands for all that is looked for."""
        return len(self._pieces()) == 1

    def match(self, *, within: bool = False) -> str:
        """The expression by which FTS5 finds the turns that may hold them; empty where nothing is looked for.

        With `within` those too that hold them within words: one or two letters are left out, which are only found where
        a word begins.
        """
        return " AND ".join(map(quoted, self._pieces(within=within)))

    def _pieces(self, *, within: bool = False) -> list[str]:
        wanted: dict[str, None] = {}
        for word in self.words:
            held: set[str] = set()
            _add_pieces(word, held)
            if len(held) > 1:
                held = {piece for piece in held if len(piece) > 1}  # a pair says more than its characters
            if not held and not within:
                held = {BEGINS + word}
            wanted |= dict.fromkeys(sorted(held)[:MOST_PIECES])
        return [*wanted]

    def is_in(self, folded: Iterable[str]) -> bool:
        """Whether each word is in one of these texts; no more of them is asked for than it takes."""
        left = self._words
        for text in folded:
            left = [word for word in left if word.first_in(text) < 0]
            if not left:
                return True
        return not left

    def is_any_in(self, folded: str) -> bool:
        """Whether one of the words is in a text."""
        return any(word.first_in(folded) >= 0 for word in self._words)

    def first_place(self, text: str) -> int:
        """Where in a text, as it was written, the first of the words stands; negative where none does."""
        if text.isascii():
            folded = text.lower()
            return min((start for word in self._words if (start := word.first_in(folded)) >= 0), default=-1)
        overlap = 64 + 4 * max(map(len, self.words), default=0)
        start, length = 0, len(text)
        while start < length:
            end = min(length, start + max(_BLOCK, 2 * overlap))
            while end < length and unicodedata.combining(text[end]):
                end += 1
            block = text[start:end]
            if self.is_any_in(fold(block)):
                # Of what was looked through already, the first letter does not show what stands before it.
                first = next((at for at, _ in self.places(block) if at or not start), -1)
                if first >= 0:
                    return start + first
            if end == length:
                break
            back = end - overlap
            while unicodedata.combining(text[back]):
                back -= 1
            start = back if back > start else end
        return -1

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where in a text, as it was written, the words stand: from, to."""
        folded, origin = _fold_with_origin(text)
        places = sorted(place for word in self._words for place in word.places_in(folded))
        spans: list[tuple[int, int]] = []
        is_plain = isinstance(origin, range)
        for start, end in places:
            span = (start, end) if is_plain else (origin[start], origin[end - 1] + 1)
            while not is_plain and span[1] < len(text) and unicodedata.combining(text[span[1]]):
                span = (span[0], span[1] + 1)
            if spans and span[0] < spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], span[1]))
            else:
                spans.append(span)
        return spans


def quoted(piece: str) -> str:
    """A piece as FTS5 is asked for it."""
    return '"' + piece.replace('"', '""') + '"'


def _pattern(word: str) -> re.Pattern[str] | None:
    if len(word) > 2 or _UNSPACED.search(word):
        return None
    return re.compile((r"(?<![^\W_])" if word[0].isalnum() else r"(?<!\S)") + re.escape(word))


def _fold_with_origin(text: str) -> tuple[str, Sequence[int]]:
    """A text folded letter by letter, and from which character of it each came."""
    if text.isascii() and "\0" not in text and BEGINS not in text:
        return text.lower(), range(len(text))
    folded: list[str] = []
    origin: list[int] = []
    at = 0
    for first, last in _other_runs(text):
        folded.append(text[at:first])
        origin += range(at, first)
        start = first
        while start < last:
            end = start + 1
            while end < last and unicodedata.combining(text[end]):
                end += 1
            letter = _fold_again(text[start:end]) if end - start <= _SHORT else fold_plainly(text[start:end])
            folded.append(letter)
            origin += [start] * len(letter)
            start = end
        at = last
    origin += range(at, len(text))
    return "".join((*folded, text[at:])), origin
