"""What a painted line is made of, and how wide it is."""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Callable
from functools import cache, lru_cache

import rich.cells
from rich._unicode_data import load
from rich.cells import CellTable, cell_len, get_character_cell_size, split_graphemes

from tui.typeset.spacing_mark import SPACING_MARKS

MEASURE = 100
"""Columns that prose is set to at most, however wide the terminal is."""

Run = tuple[str, str]
"""A piece of text and its style: style keys joined with "+", a link's or image's target always last."""

Line = list[Run]
"""One row of the page, left to right; never wider than the width it was made for."""

NOWHERE = -1
"""The place of a character that nobody wrote, and no frame brought."""

LINK = "link:"
IMAGE = "image:"
_WORD = 40  # characters of text that is likely to come again
_SELECTORS = 0xE0000
"""From here on no sign without a cell is a vowel; there are so many that looking at each would be felt at the start."""

_REGIONAL = range(0x1F1E6, 0x1F200)
# Signs that stack what follows them (of scripts that do), and vowels of Thai and Lao that are written before their letter.
_JOINS_NEXT = frozenset(
    "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0c4d\u0ccd\u0d4d\u1039\u17d2\u1b44\ua9c0\U00011133\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4"
)
# Vowels and marks that are letters of their own for Unicode, and follow another for those who write them.
_JOINS_LAST = frozenset(
    "\u0e2f\u0e30\u0e32\u0e33\u0e45\u0e46\u0eaf\u0eb0\u0eb2\u0eb3\u0ebd\u0ec6\u0f0d\u0f0e\u0f14\u0964\u0965\u104a\u104b\u17d4\u17d5\u17d6\u17d7\u17da"
)
_ENDS_SYLLABLE = frozenset("\u103a\u17cb\u17cd")
"""A letter with one of these has no vowel: it ends the syllable before it."""
_WIDENED = "\ufe0f"  # asks for the picture of a sign, which may be wider than the sign


SOFT_HYPHEN = "\u00ad"
"""A place in a word where it may be broken. It takes no cell, and is a hyphen at the end of the row where that was done."""

_BROKEN = "broken"
"""The style of such a hyphen; nothing else has it."""


def hyphenated(line: Line) -> Line:
    """A row that was broken behind a soft hyphen, with the hyphen that shows there."""
    text, style = line[-1]
    rest = [(text[:-1], style)] if len(text) > 1 else []
    return [*line[:-1], *rest, ("-", join_styles(_BROKEN, style))]


def line_text(line: Line) -> str:
    """The characters of a line as they were written, without their styles."""
    return "".join([SOFT_HYPHEN if text == "-" and _BROKEN in style_keys(style) else text for text, style in line])


def width_of(text: str) -> int:
    """How many cells `text` takes in a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def line_width(line: Line) -> int:
    """How many cells a line takes."""
    return sum([len(text) if text.isascii() else cell_len(text) for text, _ in line])


@cache
def _table_with_spacing_marks(unicode_version: str = "auto") -> CellTable:
    """Rich's table of widths, in which the spacing vowel signs of Indic scripts have a cell, and soft hyphens none.

    Rich gives those signs none, almost all terminals one: what stands behind them would be written over them. Terminals
    do not agree on soft hyphens, and get none.
    """
    table = load(unicode_version)
    widths: list[tuple[int, int, int]] = []
    for first, last, cells in table.widths:
        if cells or first >= _SELECTORS:
            widths.append((first, last, cells))
            continue

        start = first
        for code in range(first, last + 2):
            if code > last or chr(code) in SPACING_MARKS:
                if start < code:
                    widths.append((start, code - 1, 0))
                start = code + 1
    insort(widths, (ord(SOFT_HYPHEN), ord(SOFT_HYPHEN), 0))
    return table._replace(widths=widths)


vars(rich.cells)["load_cell_table"] = _table_with_spacing_marks  # by which Textual measures too


def finder(signs: str, rare: str) -> Callable[[str], bool]:
    """Whether a text has any of some signs, those of the basic plane and rare ones beyond it.

    A set with many ranges beyond the basic plane is slow to look for, and hardly any text has such signs.
    """
    search = re.compile(f"[{signs}\U00010000-\U0010ffff]").search
    search_all = re.compile(f"[{signs}{rare}]").search
    return lambda text: search(text) is not None and search_all(text) is not None


@cache
def _unsure() -> Callable[[str], bool]:
    """Finds what terminals do not agree on how wide it is, and some signs beside them; made when first needed."""
    return finder(
        "\u200d\u302e\u302f\u3248-\u324f\ufe0f",
        "\U00016f00-\U00018fff\U0001b000-\U0001b2ff\U0001d000-\U0001d3ff\U0001f000-\U0001faff",
    )


@cache
def _marked() -> Callable[[str], bool]:
    """Finds what is written with spacing vowel signs, and half flags."""
    return finder(
        "\u0900-\u109f\u1700-\u1cff\u302e\u302f\ua800-\uabff",
        "\U00010a00-\U00011fff\U00016f00-\U00016fff\U0001d100-\U0001d1ff\U0001f1e6-\U0001f1ff",
    )


def room_of(text: str) -> int:
    """The most cells that any terminal gives to `text`: what is broken by it fits everywhere.

    A terminal may draw joined people one by one, a flag as two letters, a vowel sign in a cell of its own.
    """
    if text.isascii() or not _unsure()(text):
        return width_of(text)
    return _room_of_word(text) if len(text) < _WORD else _add_up(text)


@lru_cache(4096)
def _room_of_word(text: str) -> int:
    return _add_up(text)


def _add_up(text: str) -> int:
    total = last = 0
    for character in text:
        cells = (last < 2) if character == _WIDENED else _most_cells(character)
        total += cells
        last = 2 if character == _WIDENED else cells or last
    return total


def measure_for(text: str) -> Callable[[str], int]:
    """What to measure pieces of this text with to get the same as `room_of`, as quickly as can be."""
    return room_of if _unsure()(text) else cell_len


def line_room(line: Line) -> int:
    """The most cells that any terminal gives to a line."""
    return sum([len(text) if text.isascii() else room_of(text) for text, _ in line])


@lru_cache(4096)
def _most_cells(character: str) -> int:
    code = ord(character)
    cells = get_character_cell_size(character)
    if 0x1F000 <= code < 0x20000 or 0x18CD6 <= code <= 0x1B2FF or 0x3248 <= code <= 0x324F or 0x302E <= code <= 0x302F:
        return max(2, cells)
    return cells


def clusters(text: str) -> list[tuple[str, int]]:
    """The text cut where a reader sees one character end: each piece with its width in cells."""
    if text.isascii():
        return [(character, 1) for character in text]
    spans = split_graphemes(text)[0]
    if not _marked()(text):
        return [(text[start:end], cells) for start, end, cells in spans]
    letters: list[tuple[str, int]] = []
    is_half_flag = False
    for start, end, cells in spans:
        piece = text[start:end]
        if letters and piece[0] in SPACING_MARKS:
            before, width = letters[-1]
            letters[-1] = (before + piece, width + cells)
            continue
        if ord(piece[0]) in _REGIONAL:
            if is_half_flag:
                before, width = letters[-1]
                letters[-1] = (before + piece, width + cells)
                is_half_flag = False
                continue
            is_half_flag = True
        else:
            is_half_flag = False
        letters.append((piece, cells))
    return letters


def _syllables(pieces: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Pieces of a word where a row may be cut: letters that are stacked stay together, and so do vowels and their letter.

    Dictionaries of Thai, Khmer, Burmese would know better; this is what each who writes these scripts would never cut.
    """
    letters: list[tuple[str, int]] = []
    for piece, cells in pieces:
        if letters:
            before, width = letters[-1]
            last = before[-2:-1] if before[-1] == "\u200d" else before[-1]
            if last in _JOINS_NEXT or piece[0] in _JOINS_LAST or (piece[1:2] and piece[1] in _ENDS_SYLLABLE):
                letters[-1] = (before + piece, width + cells)
                continue
        letters.append((piece, cells))
    return letters


def room_clusters(text: str, width: int) -> list[tuple[str, int]]:
    """The same, each with the most cells that any terminal gives it; what is wider than a row is cut further."""
    pieces = _syllables(clusters(text)) if not text.isascii() and _marked()(text) else clusters(text)
    is_sure = text.isascii() or not _unsure()(text)
    if is_sure and width > 1 and not _marked()(text):
        return pieces
    letters: list[tuple[str, int]] = []
    for piece, cells in pieces:
        most = cells if is_sure else room_of(piece)
        if most <= width or len(piece) == 1:
            letters.append((piece, most))
        else:
            letters += [(character, max(1, room_of(character))) for character in piece]
    return letters


def join_styles(outer: str, inner: str) -> str:
    """Both styles at once; the inner one's target wins and stays last."""
    if not outer or not inner:
        return outer or inner
    outer_keys, outer_target = _split(outer)
    inner_keys, inner_target = _split(inner)
    parts = [part for part in (outer_keys, inner_keys, inner_target or outer_target) if part]
    return "+".join(parts)


def _split(style: str) -> tuple[str, str]:
    for mark in (LINK, IMAGE):
        at = style.find(mark)
        if at >= 0:
            return style[:at].rstrip("+"), style[at:]
    return style, ""


def style_keys(style: str) -> list[str]:
    """The plain keys of a style; a target stands in the list as "link" or "image"."""
    keys, target = _split(style)
    names = keys.split("+") if keys else []
    if target:
        names.append(target.partition(":")[0])
    return names


def style_target(style: str) -> str:
    """The address a style leads to, or nothing."""
    return _split(style)[1].partition(":")[2]
