"""Keys in what comes back: an endpoint that repeats the key must not have it written down or shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from tui.domain.lazy_pattern import LazyPattern

_FIRST_LETTERS = 16
"""More than keys have in common: what begins with these is looked at closely."""

_SHORTEST = 16
"""Characters of a key that is searched for in replies: a shorter one stands in words that have nothing to do with it."""
_PREFIX = LazyPattern(r"(?:sk|pk|xai|gsk|hf|key|token|bearer)[-_]", re.IGNORECASE)
_WORDS = LazyPattern(r"(?:[a-z]{1,12}|[0-9]{1,4})(?:[-_.][a-z]{1,12}|[-_.][0-9]{1,4})*", re.IGNORECASE)


def is_placeholder(key: str) -> bool:
    """Whether a key is what people write where none is needed: words (`not-needed`), a count, one letter repeated."""
    rest = _PREFIX.sub("", key, count=1) or key
    return (
        len(set(rest)) <= 2
        or rest in "12345678901234567890"
        or (
            _WORDS.fullmatch(rest) is not None
            and (rest.islower() or rest.isupper() or rest.istitle() or rest.isdigit())
        )
    )


def key_mask(key: str) -> KeyMask:
    """What stars out a key in a reply; nothing, where it is too short or too common a word to be told from the text."""
    return KeyMask("" if len(key) < _SHORTEST or is_placeholder(key) else key)


class KeyMasks:
    """Stars out several keys; see `KeyMask`."""

    def __init__(self, keys: Iterable[str]) -> None:
        """Mask these, the longest first: a shorter one may stand in it."""
        self._masks = [mask for key in sorted(keys, key=len, reverse=True) if (mask := key_mask(key)).is_needed]

    def passes(self, reads: Iterable[bytes]) -> bool:
        """Whether `feed` would give just the bytes of each of these, and keep nothing of them."""
        for mask in self._masks:
            for data in reads:
                if not mask.passes(data):
                    return False
        return True

    def feed(self, data: bytes) -> bytes:
        """The bytes that may be passed on by now."""
        for mask in self._masks:
            data = mask.feed(data)
        return data

    def rest(self) -> bytes:
        """What was held back, when nothing more comes."""
        data = b""
        for mask in self._masks:
            data = mask.feed(data) + mask.rest()
        return data

    def text(self, text: str) -> str:
        """A whole text without the keys."""
        for mask in self._masks:
            text = mask.text(text)
        return text


class KeyMask:
    r"""Stars out a key in a stream of bytes, wherever the reads cut it and however its letters are escaped.

    A letter may stand for itself, or be written as JSON (`\u0078`) or as an address (`%78`) writes it. Only what
    may be the beginning of the key is held back, at most six bytes a letter, and no frame ends in that: nothing comes
    later for it.
    """

    def __init__(self, key: str) -> None:
        """Mask a key; an empty one masks nothing."""
        self._key = key.encode()
        self._stars = b"*" * len(self._key)
        self._held = b""
        self._alphabet = frozenset(self._key + b"\\u/%0123456789abcdefABCDEF")

    @property
    def is_needed(self) -> bool:
        """Whether it masks anything."""
        return bool(self._key)

    def feed(self, data: bytes) -> bytes:
        """The bytes that may be passed on by now."""
        if not self._key:
            return data
        data = self._starred(self._held + data if self._held else data)
        start = self._beginning(data)
        self._held = data[start:]
        return data[:start]

    def passes(self, data: bytes) -> bool:
        """Whether `feed` would give just these bytes, and keep nothing of them."""
        if not self._key:
            return True
        is_open = bool(self._held) or not data or data[-1] in self._alphabet
        return not is_open and self._starred(data) == data

    def rest(self) -> bytes:
        """What was held back, when nothing more comes."""
        held, self._held = self._held, b""
        return held

    def text(self, text: str) -> str:
        """A whole text without the key."""
        if not self._key:
            return text
        return self._starred(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def _starred(self, data: bytes) -> bytes:
        if b"\\u00" in data or b"\\/" in data or b"%" in data:
            return self._escaped.sub(lambda found: b"*" * len(found[0]), data)
        return data.replace(self._key, self._stars) if self._key in data else data

    @cached_property
    def _forms(self) -> list[tuple[bytes, ...]]:
        """How each letter of the key may be written; compared in lower case but for the letter itself."""
        return [
            (b"\\u%04x" % letter, b"%%%02x" % letter, *((b"\\/",) if letter == 0x2F else ()), bytes((letter,)))
            for letter in self._key
        ]

    @cached_property
    def _first(self) -> re.Pattern[bytes]:
        """What a key can begin with, in any form: its first letters, or as many of them as the data has left."""
        pattern = b""
        for forms in reversed(self._forms[:_FIRST_LETTERS]):
            parts = b"|".join(re.escape(form[:length]) for form in forms for length in range(1, len(form)))
            pattern = rb"(?:%s(?:\Z|%s)|(?i:%s)\Z)" % (_pattern_of(forms), pattern, parts)
        return re.compile(pattern)

    @cached_property
    def _escaped(self) -> re.Pattern[bytes]:
        """The key in every form, compiled when the first escape comes."""
        return re.compile(b"".join(map(_pattern_of, self._forms)))

    def _beginning(self, data: bytes) -> int:
        """Where what may be the beginning of a key begins at the end of the data; its length where nothing is."""
        if not data or data[-1] not in self._alphabet:
            return len(data)
        for match in self._first.finditer(data, max(0, len(data) - 6 * len(self._key) + 1)):
            if self._may_begin(data[match.start() :]):
                return match.start()
        return len(data)

    def _may_begin(self, tail: bytes) -> bool:
        """Whether more bytes could make a key of it."""
        low, places = tail.lower(), {0}
        for forms in self._forms:
            reached = set[int]()
            for place in places:
                left = len(tail) - place
                for form in forms:
                    have = (tail if len(form) == 1 else low)[place : place + len(form)]
                    if have == form:
                        reached.add(place + len(form))
                    elif left < len(form) and form.startswith(have):
                        return True
            if len(tail) in reached:
                return True
            places = reached
            if not places:
                return False
        return False


def _pattern_of(forms: tuple[bytes, ...]) -> bytes:
    """One letter of the key, in any form."""
    return b"(?:(?i:%s)|%s)" % (b"|".join(map(re.escape, forms[:-1])), re.escape(forms[-1]))
