"""Emphasis beside punctuation of scripts other than Latin, as models write it and readers expect it.

CommonMark decides by spaces and punctuation whether `**` may open or close, and many scripts write no spaces there:
`**注意：**请` would stay as it is. Here their own punctuation counts as letters do, and next to one of their characters
any punctuation may stand inside the marks. Text without such characters reads as CommonMark says.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


class WideInline(ParserInline):
    """The inline parser, with these rules."""

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        """Parse a block's text."""
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _scan(state: StateInline, start: int, can_split_word: bool) -> Scanned:
    """Whether a run of marks may open, and whether it may close."""
    source, end = state.src, start
    while end < state.posMax and source[end] == source[start]:
        end += 1
    before = source[start - 1] if start else " "
    after = source[end] if end < state.posMax else " "
    is_word_before, is_word_after = not _is_punctuation(before), not _is_punctuation(after)
    is_space_before, is_space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
    left = not is_space_after and (is_word_after or is_space_before or not is_word_before)
    right = not is_space_before and (is_word_before or is_space_after or not is_word_after)
    can_open = left and (can_split_word or not right or not is_word_before)
    can_close = right and (can_split_word or not left or not is_word_after)
    is_plain = (is_word_before and is_word_after) or is_space_before or is_space_after
    if not is_plain and (
        _is_foreign(source[max(0, start - _NEAR) : start][::-1])
        or _is_foreign(source[end : min(end + _NEAR, state.posMax)])
    ):
        can_open = can_open or can_split_word or not is_word_after
        can_close = can_close or can_split_word or not is_word_before
    return Scanned(can_open, can_close, end - start)


_State: type[StateInline] = type("_State", (StateInline,), {"scanDelims": _scan})
_NEAR = 6  # characters: the quote and the full stop, then the word
_FIRST_FOREIGN = "\u0370"  # from here on letters are none of Latin script


def _is_foreign(characters: str) -> bool:
    """Whether characters begin, behind punctuation of any kind, with a letter or a mark of a script other than Latin."""
    for character in characters:
        if _is_wide(character):
            return True
        if character.isspace() or character.isalnum():
            return character >= _FIRST_FOREIGN and character.isalpha()
        if character >= _FIRST_FOREIGN and unicodedata.category(character)[0] == "M" and not _is_selector(character):
            return True
    return False


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\u20d0" <= character <= "\u20ff" or character >= "\U000e0100"


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) if character.isascii() else isPunctChar(character)


@lru_cache(1024)
def _is_wide(character: str) -> bool:
    """Whether it is a character of a script without spaces, its punctuation included; pictures are none."""
    code = ord(character)
    if code < 0x1100 or 0x2300 <= code < 0x2E80 or 0x1F000 <= code < 0x20000:
        return False
    return unicodedata.east_asian_width(character) in "WFH"
