"""Letters of other alphabets by where they stand on a keyboard: a key that is no text is meant by its place.

The kitty protocol tells the key on a US keyboard. Elsewhere a terminal sends only the letter of the layout in use, so that
its place is that of the usual layout of the alphabet; Ctrl is sent in Latin letters by terminals themselves.
"""

from __future__ import annotations

from functools import cache

from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.widget import Widget

_ROWS = (
    ("qwertyuiop[]", "йцукенгшщзхъ"),
    ("asdfghjkl;'`", "фывапролджэё"),
    ("zxcvbnm,.", "ячсмитьбю"),
    ("s]'o", "іїєў"),  # Ukrainian, Belarusian
    ("wertyuiop", "ςερτυθιοπ"),
    ("asdfghjkl", "ασδφγηξκλ"),
    ("zxcvbnm", "ζχψωβνμ"),
    ("ertyuiop", "קראטוןםפ"),
    ("asdfghjkl;", "שדגכעיחלךף"),
    ("zxcvbnm,.", "זסבהנמצתץ"),
    ("qwertyuiop[]", "ضصثقفغعهخحجد"),
    ("asdfghjkl;'", "شسيبلاتنمكط"),
    ("zxcvnm,./", "ئءؤرىةوزظ"),
)
"""Keys of a US keyboard, and what they type in Russian, Greek, Hebrew, Arabic."""


@cache
def _places() -> dict[str, str]:
    lower = {letter: key for keys, letters in _ROWS for key, letter in zip(keys, letters, strict=True)}
    return {letter.upper(): key.upper() for letter, key in lower.items() if key.isalpha()} | lower


def key_at(letter: str) -> str:
    """The letter or sign of a US keyboard where this letter stands; empty where that is not known."""
    return _places().get(letter, "")


def mean_by_place(event: Key | Paste, focused: Widget | None) -> None:
    """Where nothing is written, have a letter of another alphabet run what the key in its place does."""
    if isinstance(event, Paste) or event.character is None or event.character.isascii():
        return
    is_written = focused is not None and focused.check_consume_key(event.key, event.character)
    if not is_written and (place := key_at(event.character)):
        event.key = _character_to_key(place)
