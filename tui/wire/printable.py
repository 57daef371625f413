"""Printable text: what a foreign string must become before a terminal may see it.

Whatever the model, a server, a tool or a paste says can hold escape sequences, bidi overrides and
characters that show nothing. They are kept as they came and made visible here, on the way to the screen.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cache
from urllib.parse import quote

_BIDI = {
    "\u061c": "ALM",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
}
_QUIET = "\u061c\u200e\u200f"
"""Marks that only say which way their neighbours are read."""
_RTL = re.compile("[\u0590-\u0608\u060b\u060d\u061b-\u065f\u066d-\u06ef\u06fa-\u08ff\ufb1d-\ufdfd\ufe70-\ufefc]")
QUIET_REACH = 200
"""So many characters further on in a line its letters count that are read from right to left."""
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
_DIRECTION = "".join(_BIDI)
_JOINER = r"\u200c\u200d"
_SELECTOR = r"\ufe00-\ufe0f"
# Format characters and fillers that show nothing: soft hyphen, word joiners, invisible operators, tags, ...
# The visible format characters (Arabic number signs and their like) are not among them.
_UNSEEN = (
    r"\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SURROGATE = r"\ud800-\udfff"
# The combining marks that stack; Indic vowel signs do not and are left alone.
_MARK = (
    r"\u0300-\u034e\u0350-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    r"\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# Scripts that write no spaces between words: there U+200B is a place where a line may be broken; models also put it
# behind emphasis in Chinese, Japanese and Korean.
_IDEOGRAPHS = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = (
    rf"\u3000-\u312f{_IDEOGRAPHS}\uac00-\ud7a3\uff01-\uff9f"
    r"\u0e01-\u0e5b\u0e81-\u0edf\u0f00-\u0fff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f"
    r"\ua980-\ua9fe\uaa60-\uaadf"
)
_MONGOLIAN = r"\u1820-\u18aa"
_KEPT_MARKS = 8
_HIDDEN = f"{_DIRECTION}{_JOINER}{_SELECTOR}{_UNSEEN}"
_BASE = f"[^\\x00-\\u058f{_CONTROL}{_HIDDEN}{_SURROGATE}{_MARK}]"

_SUSPECT = re.compile(f"[{_CONTROL}{_HIDDEN}{_SURROGATE}]|[{_MARK}]{{{_KEPT_MARKS + 1}}}")
# Flags of England, Scotland, Wales, Texas: a black flag spelled out in tags.
_FLAG = r"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,7}\U000e007f"
# A selector: of emoji, of ideographs (in names of people and towns), of Mongolian letters.
_VARIANT = rf"(?:[{_SELECTOR}]|(?<=[{_IDEOGRAPHS}])[\U000e0100-\U000e01ef]|(?<=[{_MONGOLIAN}])[\u180b-\u180d\u180f])"
_PIECES = rf"""
      (?P<break>\r\n)
    | (?P<marks>(?<=[{_MARK}]{{{_KEPT_MARKS}}})[{_MARK}]+)
    | (?P<keep>
          {_FLAG}
        | [0-9\#*\xa9\xae][\ufe0e\ufe0f]
        | (?<=[{_UNSPACED}])\u200b(?![{_HIDDEN}])
        | (?<![{_HIDDEN}])\u200b(?=[{_UNSPACED}])
        | (?<=[^\s{_HIDDEN}{_CONTROL}])\u2060(?=[^\s{_HIDDEN}{_CONTROL}])
        | (?<=[{_MONGOLIAN}])\u180e(?=[{_MONGOLIAN}])
          # A joiner or selector where a reply was cut into deltas belongs to what stood before the cut.
        | \A[{_JOINER}\ufe0e\ufe0f]\Z
        | (?:\A[{_JOINER}\ufe0e\ufe0f])?
          (?:(?!{_FLAG}){_BASE}[{_MARK}]{{0,{_KEPT_MARKS}}}{_VARIANT}?(?:[{_JOINER}](?={_BASE}|\Z))?)+
      )
    | (?P<control>[{_CONTROL}])
    | (?P<direction>[{_DIRECTION}])
    | (?P<soft>(?<=[^\W\d_])\xad(?=[^\W\d_]))
    | (?P<unseen>[{_JOINER}{_SELECTOR}{_UNSEEN}]+)
    | (?P<surrogate>[{_SURROGATE}])
    """
_LEADING = "\u200c\u200d\ufe0e\ufe0f"
_SHORTEST_SECRET = 4


@cache
def _keys() -> re.Pattern[str]:
    """What has the shape of a key."""
    return re.compile(
        r"(?<![A-Za-z0-9])(?P<shape>sk-|xai-|gsk_|csk-|pplx-|nvapi-|hf_|r8_|ghp_|github_pat_|AIza)[A-Za-z0-9_\-*.…]{6,}"
        r"|(?<![A-Za-z])(?P<bearer>[Bb]earer\s+)[A-Za-z0-9_\-.~+/=*…]{8,}"
    )


@cache
def _pieces() -> re.Pattern[str]:
    """What suspect text is made of; compiled when the first such text comes, for that takes a while."""
    return re.compile(_PIECES, re.VERBOSE)


def printable(text: str) -> str:
    """Make a foreign string safe to paint; applied twice it changes nothing more.

    Controls become pictures (`␛`), C1 controls and line separators their code (`<9B>`), bidi controls
    their name (`<RLO>`; but a single mark of direction within text that is read from right to left is left out), runs of characters that show nothing a count (`<44 hidden>`), marks beyond eight
    on a letter likewise, lone surrogates U+FFFD, and CRLF a newline. Newlines and tabs stay; so do the
    joiners and selectors that emoji and Indic or Persian words are made of, the zero-width spaces beside
    letters of scripts without spaces, and single word joiners. A soft hyphen within a word is left out.
    """
    return text if _SUSPECT.search(text) is None else _pieces().sub(_show, text)


def breakable(text: str) -> str:
    """The same for text that is wrapped before it is painted: soft hyphens within words stay, as places to break them."""
    return text if _SUSPECT.search(text) is None else _pieces().sub(_show_breakable, text)


def alone(text: str, *, is_last: bool) -> str:
    """A printable text that is painted apart from what stands before it, and behind it unless it is the last.

    A joiner or selector at its edge would join, in some terminals, what was counted as two.
    """
    rest = text.lstrip(_LEADING)
    if len(rest) < len(text):
        text = f"<{len(text) - len(rest)} hidden>{rest}"
    if not is_last and text.endswith("\u200d"):
        text = f"{text[:-1]}<1 hidden>"
    return text


def with_signs(text: str, sign: Callable[[str, str], str]) -> str:
    """Make a text safe to paint and to turn back: what `printable` would show otherwise is shown as the caller says.

    Args:
        text: The text. A joiner or selector that it begins with is told too: there is nothing that it belongs to.
        sign: Given a piece as it came and as `printable` shows it, says what is to stand for it.
    """
    rest = text.lstrip(_LEADING)
    lead = text[: len(text) - len(rest)]
    begin = sign(lead, f"<{len(lead)} hidden>") if lead else ""
    if _SUSPECT.search(rest) is None:
        return begin + rest

    def show(piece: re.Match[str]) -> str:
        shown = _show(piece) or "<1 hidden>"
        return shown if piece.lastgroup in ("break", "keep", "surrogate") else sign(piece[0], shown)

    return begin + _pieces().sub(show, rest)


def printable_line(text: str) -> str:
    """The same on one line: newlines and tabs become pictures too."""
    return printable(text).replace("\n", "␊").replace("\t", "␉")


class ShownMap:
    """Which characters of a text are which of the same text made breakable."""

    __slots__ = ("_raw", "_shown", "_sizes", "_text")

    def __init__(self, text: str, before: ShownMap | None = None) -> None:
        """Take the text as it came, and what is known of another: what both begin with is not looked at again."""
        self._text = text
        self._raw: list[int] = []
        self._shown: list[int] = []
        self._sizes: list[tuple[int, int]] = []
        begin = 0 if before is None else before.place_apart(text)
        if before is not None and begin:
            self._raw, self._shown, self._sizes = before.up_to(begin)
        moved = sum(shown - raw for raw, shown in self._sizes)
        if _SUSPECT.search(text, begin) is None:
            return
        for piece in _pieces().finditer(text, begin):
            if piece.lastgroup not in ("keep", "soft"):
                size = len(_show(piece))
                self._raw.append(piece.start())
                self._shown.append(piece.start() + moved)
                self._sizes.append((piece.end() - piece.start(), size))
                moved += size - self._sizes[-1][0]

    def place_apart(self, other: str) -> int:
        """A place in what both texts begin with, where one goes on with the other: nothing reaches over it."""
        text = self._text
        is_more = text.startswith(other) or other.startswith(text)
        return text.rfind(" ", 0, min(len(text), len(other))) + 1 if is_more else 0

    def up_to(self, end: int) -> tuple[list[int], list[int], list[tuple[int, int]]]:
        """What of the text is shown otherwise, as far as it begins before a place."""
        count = bisect_left(self._raw, end)
        return self._raw[:count], self._shown[:count], self._sizes[:count]

    def shown(self, at: int) -> int:
        """Where a character of the text begins once it is printable."""
        number = bisect_right(self._raw, at) - 1
        if number < 0:
            return at
        raw, size = self._sizes[number]
        inside = at - self._raw[number]
        return self._shown[number] + (0 if inside < raw else size + inside - raw)

    def raw(self, at: int) -> int:
        """The character of the text that a shown one stands for."""
        number = bisect_right(self._shown, at) - 1
        if number < 0:
            return at
        raw, size = self._sizes[number]
        inside = at - self._shown[number]
        return self._raw[number] + (0 if inside < size else raw + inside - size)


def count_hidden(text: str) -> int:
    """How many characters `printable` had to make visible; CRLF does not count."""
    if _SUSPECT.search(text) is None:
        return 0
    return sum(len(piece[0]) for piece in _pieces().finditer(text) if piece.lastgroup not in ("break", "keep"))


class PrintableStream:
    """`breakable` for text that comes in fragments: a CRLF cut in two is still one newline."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        """Start with nothing held back."""
        self._held = ""

    def feed(self, text: str) -> str:
        """Make a fragment printable; a final CR waits for what follows it."""
        text = self._held + text
        self._held = "\r" if text.endswith("\r") else ""
        return breakable(text[:-1] if self._held else text)

    def close(self) -> str:
        """What was held back."""
        held, self._held = self._held, ""
        return breakable(held)


def mask_keys(text: str, secrets: Sequence[str] = ()) -> str:
    """Hide keys in a message: the values given, and whatever has the shape of a key (`sk-***`)."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            for form in {secret, quote(secret, safe="")}:
                text = text.replace(form, "***")
    return _keys().sub(lambda found: f"{found['shape'] or found['bearer']}***", text)


def _is_in_rtl(piece: re.Match[str]) -> bool:
    """Whether letters that are read from right to left stand before it on its line, or one right behind it."""
    text, begin = piece.string, piece.start()
    line = max(text.rfind("\n", 0, begin) + 1, begin - QUIET_REACH)
    return _RTL.search(text, line, begin) is not None or _RTL.match(text, piece.end()) is not None


def has_quiet(text: str) -> bool:
    """Whether a text holds marks that may be left out for what stands further before them."""
    return not text.isascii() and any(mark in text for mark in _QUIET)


def _show_breakable(piece: re.Match[str]) -> str:
    return piece[0] if piece.lastgroup == "soft" else _show(piece)


def _show(piece: re.Match[str]) -> str:
    character = piece[0]
    match piece.lastgroup:
        case "break":
            return "\n"
        case "keep":
            return character
        case "control":
            code = ord(character)
            if code < 0x20:
                return chr(0x2400 + code)
            return "\u2421" if code == 0x7F else f"<{code:02X}>"
        case "soft":
            return ""
        case "direction":
            return "" if character in _QUIET and _is_in_rtl(piece) else f"<{_BIDI[character]}>"
        case "marks":
            return f"<{len(character)} marks>"
        case "unseen":
            return f"<{len(character)} hidden>"
        case _:
            return "\ufffd"
