"""What is a formula in a text, and what are amounts, variables and brackets: those stay as they were written."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tui.typeset.formula import unicode_formula
from tui.typeset.symbol import NAMES

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

_FORMULA_CHARS = 2000
_CALLED = tuple(")]_")  # what stands before the brackets of a call, as letters do
_TICKS = re.compile(r"`+")
_WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3,}")
_OPERATOR = re.compile(r"[=^_\\+*/<>]")
_LOOSE_END = re.compile(r"(?<![\^_])[-=+*/,:;&|.<>(\[]$")


@cache
def _suffix() -> re.Pattern[str]:
    """What may stand behind a formula without a space: `$n$th`."""
    return re.compile(r"(?:th|st|nd|rd|s|es|fold|ary|bit|bits|tuples?|grams?|mers?|way|NN|D)(?![A-Za-z])")


@cache
def _relation() -> re.Pattern[str]:
    """What only a formula has: a command, a power, an index, a relation, a call."""
    return re.compile(r"\\[A-Za-z]|\^|(?<![A-Za-z])[A-Za-z]_[\w{]|[=+*/<>|]|[A-Za-z]\s*\(|[\u0370-\u03ff\u2200-\u22ff]")


def formula_rule(state: StateInline, silent: bool) -> bool:  # markdown-it calls it so
    """A formula between dollars, or between backslashed brackets: nothing in it is emphasis."""
    source, at = state.src, state.pos
    mark = source[at : at + 2]
    if mark in ("\\(", "\\["):
        close = "\\)" if mark == "\\(" else "\\]"
    elif mark == "$$":
        close = "$$"
    elif mark[:1] == "$":
        mark = close = "$"
    else:
        return False
    begin = at + len(mark)
    end = source.find(close, begin, begin + _FORMULA_CHARS)
    while mark == "$" and end > 0 and source[end - 1] == "\\":
        end = source.find("$", end + 1, begin + _FORMULA_CHARS)
    if end <= begin or end + len(close) > state.posMax or not source[begin:end].strip():
        return False
    if mark == "$" and (source[begin].isspace() or source[end - 1].isspace()):
        return False
    if _has_code(source, begin, end) or not _is_formula(source, mark, begin, end):
        return False
    if not silent:
        token = state.push("formula", "", 0)
        stop = end + len(close)
        is_row = (
            mark in ("$$", "\\[") and source[at - 1 : at] in ("", "\n") and not source[stop : stop + 1].strip(" \n")
        )
        token.content = unicode_formula(source[begin:end], is_display=is_row)
        if mark in ("$$", "\\["):
            before = "\n" if at and source[:at].strip() and source[at - 1] == "\n" else ""
            token.content = before + token.content
    state.pos = end + len(close)
    return True


def _has_code(source: str, begin: int, end: int) -> bool:
    """Whether code begins between two places: it binds tighter than a formula."""
    if "`" not in source[begin:end]:
        return False
    at = begin
    while (ticks := _TICKS.search(source, at)) and ticks.start() < end:
        if any(other[0] == ticks[0] for other in _TICKS.finditer(source, ticks.end())):
            return True
        at = ticks.end()
    return False


def _is_formula(source: str, mark: str, begin: int, end: int) -> bool:
    inside = source[begin:end]
    if mark == "$":
        return _is_between_dollars(source, inside, begin, end)
    if mark == "$$":
        return not _is_prose(inside) and "\n\n" not in inside
    before = source[begin - 3 : begin - 2] if begin > 2 and source[max(0, begin - 4)] != "\\" else ""
    return reads_as_formula(
        inside,
        is_call=mark == "\\(" and (before in _CALLED or (before.isascii() and before.isalnum())),
        is_inline=mark == "\\(",
    )


def begins_formula(mark: str, rest: str) -> bool:
    r"""Whether a line that opens `$$` or `\[` and does not close it begins a formula of several lines."""
    if mark == "$$":
        return not _is_prose(rest + " ")
    return not rest.strip() or reads_as_formula(rest + "\n")


def reads_as_formula(inside: str, *, is_call: bool = False, is_inline: bool = False) -> bool:
    r"""Whether what stands between backslashed brackets is a formula, and no note such as `\[1\]` or `\[TODO\]`."""
    if "\\" in inside and re.search(r"\\[A-Za-z]", inside):
        return True
    text = inside.strip()
    if is_call or text.startswith("^") or any(word not in NAMES for word in _WORD.findall(text)) or "://" in text:
        return False
    if not text.isascii() and any(letter.isalpha() and letter > "\u03ff" for letter in text):
        return False
    is_spaced = inside[:1].isspace() and inside[-1:].isspace()
    return (
        bool(_relation().search(text))
        or (is_spaced and text.lower() not in ("", "x"))
        or (is_inline and len(text) == 1 and text.isalpha())
    )


def _is_between_dollars(source: str, inside: str, begin: int, end: int) -> bool:
    if "\n\n" in inside or "](" in inside or "://" in inside:
        return False
    before = source[begin - 2] if begin > 1 else " "
    after = source[end + 1 : end + 2]
    if after.isdigit() or (before.isascii() and before.isalnum()) or (before.isalnum() and inside[0].isdigit()):
        return False
    if (after.isascii() and after.isalpha() and not _suffix().match(source, end + 1)) or after == "_":
        return False
    has_command = "\\" in inside
    if inside[0] in "{(" and after == inside[0] and not has_command:
        return False
    if not has_command and ('"' in inside or _is_prose(inside) or (len(inside) > 1 and _LOOSE_END.search(inside))):
        return False
    return not (inside[0].isdigit() and (after.isalnum() or " " in inside) and not _OPERATOR.search(inside))


def _is_prose(inside: str) -> bool:
    """Whether words stand in it that no formula has without a command."""
    if "\\" in inside or " " not in inside:
        return False
    return any(word not in NAMES for word in _WORD.findall(inside))
