"""Letters of other alphabets by where they stand on a keyboard: a key that is no text is meant by its place.

The kitty protocol tells the key on a US keyboard. Elsewhere a terminal sends only the letter of the layout in use, and the
layout is what has such letters: the one that was typed in last, else that of the locale, else the usual one of the
alphabet. Ctrl is sent in Latin letters by terminals themselves, and a Latin letter is the key that types it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.widget import Widget

_TOP, _HOME, _BOTTOM = "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"
_LAYOUTS = {
    "ru": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", {"ё": "`"}),
    "uk": ("йцукенгшщзхї", "фівапролджє", "ячсмитьбю", {"ґ": "\\"}),
    "be": ("йцукенгшўзх ", "фывапролджэ", "ячсмітьбю", {"ё": "`"}),
    "sr": ("љњертзуиопшђ", "асдфгхјклчћ", "ѕџцвбнм", {"ж": "\\"}),
    "mk": ("љњертѕуиопшѓ", "асдфгхјклчќ", "зџцвбнм", {"ж": "\\"}),
    "bg": (" уеишщксдзц ", "ьяаожгтнвмч", "юйъэфхпрлб", {}),
    "el": (" ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ", {}),
    "he": ("  קראטוןםפ", "שדגכעיחלךף", "זסבהנמצתץ", {}),
    "ar": ("ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤر ىةوزظ", {}),
    "fa": ("ضصثقفغعهخحجچ", "شسیبلاتنمکگ", "ظطزرذدپو", {"ژ": "C"}),
}
"""What the rows of a US keyboard type in a layout, by the language it is for; in Bulgarian as the standard has it.

Of layouts with the same letter the first is the usual one.
"""


@cache
def _places(layout: str) -> dict[str, str]:
    """The key of a US keyboard for each letter of a layout."""
    top, home, bottom, more = _LAYOUTS[layout]
    rows = ((top, _TOP), (home, _HOME), (bottom, _BOTTOM))
    lower = {letter: key for letters, keys in rows for letter, key in zip(letters, keys, strict=False) if letter != " "}
    lower |= more
    return {letter.upper(): key.upper() for letter, key in lower.items() if key.isalpha()} | lower


class Layouts:
    """Which layout is in use, as far as its letters and the locale tell."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Begin with the layout of the locale."""
        words = (environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
        own = next(filter(None, words), "")[:2]
        self._order = sorted(_LAYOUTS, key=lambda layout: layout != own)
        self._current = ""

    def key_at(self, letter: str) -> str:
        """The letter or sign of a US keyboard where this letter stands; empty where that is not known."""
        if not self._current or letter not in _places(self._current):
            self._current = next((each for each in self._order if letter in _places(each)), self._current)
        return _places(self._current).get(letter, "") if self._current else ""


_in_use = Layouts(os.environ)


def key_at(letter: str) -> str:
    """The letter or sign of a US keyboard where this letter stands, in the layout in use; empty where that is not known."""
    return _in_use.key_at(letter)


def mean_by_place(event: Key | Paste, focused: Widget | None) -> None:
    """Where nothing is written, have a letter of another alphabet run what the key in its place does."""
    if isinstance(event, Paste) or event.character is None or event.character.isascii():
        return
    place = key_at(event.character)  # what is written tells the layout too
    is_written = focused is not None and focused.check_consume_key(event.key, event.character)
    if place and not is_written:
        event.key = _character_to_key(place)
