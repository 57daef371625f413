"""Keys in what comes back: an endpoint that repeats the key must not have it written down or shown."""

from __future__ import annotations


class KeyMask:
    """Stars out a key in a stream of bytes, wherever the reads cut it.

    Only what may be the beginning of the key is held back, and no frame ends in that: nothing comes later for it.
    """

    def __init__(self, key: str) -> None:
        """Mask a key; an empty one masks nothing."""
        self._key = key.encode()
        self._stars = b"*" * len(self._key)
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """The bytes that may be passed on by now."""
        key = self._key
        if not key:
            return data
        data = self._held + data if self._held else data
        if key in data:
            data = data.replace(key, self._stars)
        self._held = b""
        start = data.find(key[:1], max(0, len(data) - len(key) + 1))
        while start >= 0:
            if key.startswith(data[start:]):
                self._held = data[start:]
                return data[:start]
            start = data.find(key[:1], start + 1)
        return data

    def rest(self) -> bytes:
        """What was held back, when nothing more comes."""
        held, self._held = self._held, b""
        return held

    def text(self, text: str) -> str:
        """A whole text without the key."""
        return text.replace(self._key.decode(), self._stars.decode()) if self._key else text
