"""Patterns beyond our own matcher, by the library `regex`, where it is installed.

It knows all of Unicode's properties and back-references. It goes back on its steps, so some patterns take it for ever:
it is given a time to end in, and the pattern counts as one that cannot be checked after that.
"""

from __future__ import annotations

import re

from tui.schema.pattern_node import BeyondError, PatternError

SECONDS = 0.1
LONGEST_PATTERN = 10_000
LONGEST_TEXT = 1_000_000
_PIECE = re.compile(r"\\u\{([0-9A-Fa-f]{1,6})\}|\\k<(\w+)>|\\c([A-Za-z])|\\(.)|([\[\]$.])", re.DOTALL)
_WORD = "A-Za-z0-9_"
_OUTSIDE = {
    "d": "[0-9]", "D": "[^0-9]", "w": f"[{_WORD}]", "W": f"[^{_WORD}]",
    "b": f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))",
    "B": f"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))",
}  # fmt: skip
_INSIDE = {"d": "0-9", "w": _WORD, "b": r"\x08"}


def found_by_library(pattern: str, text: str, error: BeyondError) -> bool:
    """Whether the library finds a pattern in a text.

    Raises:
        PatternError: If that cannot be told; `error` says why our own matcher could not, where there is no library.
    """
    try:
        import regex
    except ImportError:
        raise error from None
    if len(pattern) > LONGEST_PATTERN or len(text) > LONGEST_TEXT:
        raise error
    try:
        return regex.compile(_translated(pattern), regex.VERSION0).search(text, timeout=SECONDS) is not None
    except TimeoutError:
        raise BeyondError("the pattern takes too long on this text") from None
    except (regex.error, RecursionError, OverflowError, MemoryError) as fault:
        raise PatternError(f"the pattern is malformed: {fault}") from fault


def _translated(pattern: str) -> str:
    """A pattern of ECMA 262 in the library's own notation: where both write alike, they do not mean the same."""
    depth_of_class = False

    def piece(match: re.Match[str]) -> str:
        nonlocal depth_of_class
        code, name, control, escaped, mark = match.groups()
        if code:
            return f"\\U{int(code, 16):08x}"
        if name:
            return f"(?P={name})"
        if control:
            return f"\\x{ord(control) % 32:02x}"
        if escaped:
            meaning = (_INSIDE if depth_of_class else _OUTSIDE).get(escaped)
            if depth_of_class and escaped in "DW":
                raise PatternError(f"\\{escaped} in a class is not supported")
            return meaning or match[0]
        if mark == "[" and depth_of_class:
            return "\\["
        if mark in "[]":
            depth_of_class = mark == "["
            return mark
        if depth_of_class:
            return mark
        return {"$": r"\Z", ".": r"[^\n\r\u2028\u2029]"}[mark]

    return _PIECE.sub(piece, pattern)
