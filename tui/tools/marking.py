"""Marking: what could hide in an argument or look like something else, made visible before a person says yes."""

from __future__ import annotations

import re
import unicodedata

from msgspec import Struct

from tui.wire.printable import count_hidden, printable

LONG_BLANK = 8
"""Blanks and line ends in a row, from which on they are shown as their number."""

_ODD_BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
# What stands at the start of a line is its indentation, and ours.
_LONG = re.compile(rf"(?<=[^\n ])(?:\\[nrt]|[ \t{_ODD_BLANKS}]){{{LONG_BLANK},}}")
_PIECE = re.compile(r"\\[nrt]|.", re.DOTALL)
_ODD_BLANK = re.compile(f"[{_ODD_BLANKS}]")
_TOKEN = re.compile(rf"[^\s\"\\{_ODD_BLANKS}]+")
_LATIN = re.compile(r"[A-Za-z]")
_SIGNS = frozenset("\u2215\u2044\u29f8\u2571\uff0f\uff3c\ufe68\uff0e\u2024\uff1a\ua789\uff20\uff1f\uff03\uff05")
"""Signs that look like those an address or a path is cut at."""

_OTHER_SCRIPTS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")


class Marked(Struct, frozen=True):
    """A text that can be painted, and a sentence for each kind of thing that was marked in it."""

    text: str
    warnings: tuple[str, ...] = ()


def mark(text: str) -> Marked:
    """Make a foreign text plain to see: long blanks as their number, look-alike letters and hidden characters with their code."""
    counts = {"blank": 0, "odd": 0, "letter": 0, "sign": 0}
    hidden = count_hidden(text)

    def shorten(match: re.Match[str]) -> str:
        count = sum(1 for _ in _PIECE.finditer(match[0]))
        counts["blank"] += count
        return f"<{count:,} blanks>"

    def name_blank(match: re.Match[str]) -> str:
        counts["odd"] += 1
        return f"<U+{ord(match[0]):04X} blank>"

    def name_letters(match: re.Match[str]) -> str:
        token = match[0]
        if token.isascii():
            return token
        has_latin = _LATIN.search(token) is not None
        shown = [f"{char}<U+{ord(char):04X}>" if _is_look_alike(char, has_latin=has_latin) else char for char in token]
        counts["letter"] += sum(len(piece) > 1 for piece in shown)
        for at in range(1, len(token) - 1):
            if token[at] in _SIGNS and token[at - 1].isascii() and token[at + 1].isascii():
                shown[at] = f"{token[at]}<U+{ord(token[at]):04X}>"
                counts["sign"] += 1
        return "".join(shown)

    marked = _TOKEN.sub(name_letters, _ODD_BLANK.sub(name_blank, _LONG.sub(shorten, text)))
    warnings = []
    if counts["blank"]:
        warnings.append(f"{counts['blank']:,} blanks in long rows are shown as their number")
    if counts["odd"]:
        warnings.append(f"{counts['odd']:,} blanks are not plain spaces")
    if counts["letter"]:
        warnings.append(f"{counts['letter']:,} letters look like Latin ones and are others: their codes are shown")
    if counts["sign"]:
        warnings.append(f"{counts['sign']:,} signs look like plain ones and are others: their codes are shown")
    if hidden:
        warnings.append(f"{hidden:,} hidden characters were made visible")
    return Marked(printable(marked), tuple(warnings))


def _is_look_alike(char: str, *, has_latin: bool) -> bool:
    """Whether a letter may be taken for a Latin one: of another script in a Latin word, or Latin in disguise."""
    if char.isascii() or not char.isalnum():
        return False
    if has_latin and unicodedata.name(char, "").startswith(_OTHER_SCRIPTS):
        return True
    if unicodedata.decomposition(char).startswith(("<super>", "<sub>", "<circle>")):
        return False
    plain = unicodedata.normalize("NFKC", char)
    return len(plain) == 1 and plain.isascii()
