"""What is a formula in a text, and what are amounts, variables and brackets: those stay as they were written."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tui.typeset.symbol import NAMES

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

_FORMULA_CHARS = 2000
_CALLED = tuple(")]_")  # what stands before the brackets of a call, as letters do
_TICKS = re.compile(r"`+")
_WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3,}")
_OPERATOR = re.compile(r"[=^_\\+*/<>]")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_RELATION = re.compile(r"[=≈≤≥≠<>]|\\(?:le|ge|ne|approx|to)")
_TERMS = re.compile(r"[=≈≤≥≠<>+\-*/×÷·^_{}()%,|]+")
_SENTENCE = re.compile(r"[!?;:\"'。，；：！？、]|\.(?!\d)|`")
_ENVIRONMENTS = r"equation|align|aligned|alignat|gather|gathered|multline|split|eqnarray|array|cases|dcases|(?:[pbBvV]|small)?matrix"
_BEGIN = re.compile(rf"\\begin\{{({_ENVIRONMENTS})(\*?)\}}")
_OPEN_LINE = re.compile(rf"\$\$(?!.*\$\$)|\\\[(?!.*\\\])|\\begin\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}(?!.*\\end\{{)")
_ROW_END = re.compile(r"[.,;:。，；：]?[ \t]*(?:\n|\Z)")
_ORDINAL = re.compile(r"(?:th|st|nd|rd)(?![A-Za-z])")
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
    elif environment := _BEGIN.match(source, at) if mark == "\\b" else None:
        mark, close = "", f"\\end{{{environment[1]}{environment[2]}}}"
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
        from tui.typeset.formula import unicode_formula

        token = state.push("formula", "", 0)
        stop = end + len(close)
        is_display = mark in ("$$", "\\[", "")
        is_row = is_display and source[at - 1 : at] in ("", "\n") and _ROW_END.match(source, stop) is not None
        token.content = unicode_formula(source[begin : end if mark else stop], is_display=is_row)
        if is_display:
            before = "\n" if at and source[:at].strip() and source[at - 1] == "\n" else ""
            rest = source[stop:].lstrip() if is_row and source[stop : stop + 1] == "\n" else ""
            after = "\n" if rest and not rest.startswith(("$$", "\\[", "\\begin{")) else ""
            token.content = before + token.content + after
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
    if not mark:
        return True
    is_alone = inside[0] == "\n" and inside.rstrip(" \t")[-1] == "\n" and source[begin - 3 : begin - 2] in ("", "\n")
    if mark == "$$":
        has_sign = "\\" in inside or any(letter.isalnum() for letter in inside)
        return has_sign and (is_alone or not _is_prose(inside) or _is_equation(inside))
    if is_alone and not any(word not in NAMES for word in _WORD.findall(inside)):
        return True
    before = source[begin - 3 : begin - 2] if begin > 2 and source[max(0, begin - 4)] != "\\" else ""
    return reads_as_formula(
        inside,
        is_call=mark == "\\(" and (before in _CALLED or (before.isascii() and before.isalnum())),
        is_inline=mark == "\\(",
    )


def read_opening(line: str, at: int) -> str:
    r"""What closes the formula of several lines that begins here: a line that opens `$$` or `\[` and does not close it."""
    match = _OPEN_LINE.match(line, at)
    if match is None:
        return ""
    rest = line[match.end() :]
    if match["name"]:
        return f"\\end{{{match['name']}}}"
    if match[0] == "$$":
        return "$$" if not _is_prose(rest + " ") or _is_equation(rest) else ""
    return "\\]" if not rest.strip() or reads_as_formula(rest + "\n") else ""


def read_ending(text: str) -> str:
    r"""What closes the formula that begins at the end of a line of text: `so that $$`, `we get: \[`."""
    text = text.rstrip(" \t")
    before = text[-3:-2]
    if text.endswith("$$") and text.count("$$") % 2 and (before.isspace() or before in (":", "：", "，", ",", "。")):
        return "$$"
    return "\\]" if text.endswith("\\[") and text[-3:-2] != "\\" else ""


def may_go_on(text: str) -> bool:
    """Whether a line behind a blank one may belong to the formula above it."""
    if text.lstrip()[:1] in ("#", ">", "`", "-", "*"):
        return False
    return (
        "\\" in text
        or "$$" in text
        or "&" in text
        or (bool(_RELATION.search(text)) and not _is_prose(text))
        or _is_equation(text)
    )


def reads_as_formula(inside: str, *, is_call: bool = False, is_inline: bool = False) -> bool:
    r"""Whether what stands between backslashed brackets is a formula, and no note such as `\[1\]` or `\[TODO\]`."""
    if names := _COMMAND.findall(inside):
        return any(len(name) > 1 or name not in "dwsbntrDWSB" for name in names)  # those are of patterns
    text = inside.strip()
    if not is_call and "://" not in text and _is_equation(text, words=2 if is_inline else 3):
        return True
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
    if _is_set_tight(inside):
        return not after.isdigit() or before.isdigit()
    if after.isdigit() or (before.isascii() and before.isalnum()) or (before.isalnum() and inside[0].isdigit()):
        return False
    if (after.isascii() and after.isalpha() and not _suffix().match(source, end + 1)) or after == "_":
        return False
    has_command = "\\" in inside
    if inside[0] in "{(" and after == inside[0] and not has_command:
        return False
    is_loose = len(inside) > 1 and _LOOSE_END.search(inside) and not inside[0] == "|" == inside[-1]
    if not has_command and ('"' in inside or is_loose or (_is_prose(inside) and not _is_equation(inside))):
        return False
    is_next = after.isalnum() and not _ORDINAL.match(source, end + 1)
    return not (inside[0].isdigit() and (is_next or " " in inside) and not _OPERATOR.search(inside))


def _is_set_tight(inside: str) -> bool:
    r"""Whether it is a formula even right behind a letter or a number: `3$\times$4`."""
    from tui.typeset.symbol import SYMBOLS

    names = _COMMAND.findall(inside)
    return bool(names) and inside[0] == "\\" and all(len(name) > 1 and name in SYMBOLS for name in names)


def _is_equation(text: str, words: int = 3) -> bool:
    """Whether it says that something is something, in a few words each: `Profit = Revenue - Cost`."""
    text = text.strip()
    if "=" not in text or "==" in text or "://" in text or _SENTENCE.search(text) or len(text) > 300:
        return False
    terms = [term.strip() for term in _TERMS.split(text)]
    is_short = all(len(term.split()) <= words and len(term) <= 40 for term in terms)
    return is_short and bool(terms[0]) and any(term for term in terms[1:])


def _is_prose(inside: str) -> bool:
    """Whether words stand in it that no formula has without a command."""
    if "\\" in inside or " " not in inside:
        return False
    return any(word not in NAMES for word in _WORD.findall(inside))
