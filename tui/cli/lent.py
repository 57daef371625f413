"""What libraries take from modules while they are imported, lent to these so that they need not be loaded for it."""

from __future__ import annotations

import os
import typing
from collections.abc import Callable
from typing import Any

from tui.cli.late_module import lend, when_called

TYPING = """
Final Literal NotRequired ParamSpec Protocol Required Self TypeAlias TypeGuard TypedDict get_args get_type_hints runtime_checkable
"""
"""What they take from `typing_extensions`, though Python's own `typing` has it as well."""

NAMES = {
    " ": "SPACE",
    "!": "EXCLAMATION MARK",
    '"': "QUOTATION MARK",
    "#": "NUMBER SIGN",
    "$": "DOLLAR SIGN",
    "%": "PERCENT SIGN",
    "&": "AMPERSAND",
    "'": "APOSTROPHE",
    "(": "LEFT PARENTHESIS",
    ")": "RIGHT PARENTHESIS",
    "*": "ASTERISK",
    "+": "PLUS SIGN",
    ",": "COMMA",
    "-": "HYPHEN-MINUS",
    ".": "FULL STOP",
    "/": "SOLIDUS",
    ":": "COLON",
    ";": "SEMICOLON",
    "<": "LESS-THAN SIGN",
    "=": "EQUALS SIGN",
    ">": "GREATER-THAN SIGN",
    "?": "QUESTION MARK",
    "@": "COMMERCIAL AT",
    "[": "LEFT SQUARE BRACKET",
    "\\": "REVERSE SOLIDUS",
    "]": "RIGHT SQUARE BRACKET",
    "^": "CIRCUMFLEX ACCENT",
    "_": "LOW LINE",
    "`": "GRAVE ACCENT",
    "{": "LEFT CURLY BRACKET",
    "|": "VERTICAL LINE",
    "}": "RIGHT CURLY BRACKET",
    "~": "TILDE",
}
"""The signs of a keyboard, and what Unicode calls them; Textual names keys so."""

SIGNS = {name: sign for sign, name in NAMES.items()} | {
    "BACKSPACE": "\b",
    "DELETE": "\x7f",
    "ESCAPE": "\x1b",
    "TAB": "\t",
}
NO_SIGNS = frozenset(
    (
        *("DOWN", "END", "ENTER", "HOME", "INSERT", "LEFT", "PAGEDOWN", "PAGEUP", "RIGHT", "UP", "NOKEY"),
        *(f"F{number}" for number in range(1, 25)),
    )
)
"""Keys that Unicode knows no sign for, and the one that stands for none."""


def lend_all() -> None:
    """Lend what is asked of modules that are imported late, see `tui.cli.LATE`, before anything of them is needed."""
    lend("typing_extensions", {name: getattr(typing, name) for name in TYPING.split()})
    lend("pygments.filters", {"get_filter_by_name": when_called("pygments.filters", "get_filter_by_name")})
    lend("textual.pilot", {"Pilot": when_called("textual.pilot", "Pilot")})
    lend("unicodedata", {"name": _naming(), "lookup": _looking_up()})
    if hasattr(os, "uname"):
        lend("platform", {"system": lambda: os.uname().sysname})


def _naming() -> Callable[..., str]:
    name_of = when_called("unicodedata", "name")

    def name(character: str, *default: Any) -> str:
        words: str = NAMES.get(character) or name_of(character, *default)
        return words

    return name


def _looking_up() -> Callable[[str], str]:
    look_up = when_called("unicodedata", "lookup")

    def lookup(name: str) -> str:
        if name in NO_SIGNS:
            raise KeyError(name)
        sign: str = SIGNS.get(name) or look_up(name)
        return sign

    return lookup
