"""Rules about the text of a reply, whatever the dialect."""

from __future__ import annotations

from collections.abc import Sequence

from tui.chat.checking.note import Notes
from tui.domain.digest import blake2b

LONG = 40
"""Characters from which on a text that comes again is no accident."""
REPEATS = 5
"""So often the same piece comes in a row before it is a loop."""


class TextRules:
    """Follows the pieces of the text; it holds the last of them, and a fingerprint of all.

    Attributes:
        count: How many pieces came.
        size: Their characters.
    """

    def __init__(self, notes: Notes) -> None:
        """Start before the first piece."""
        self._notes = notes
        self._whole = blake2b(digest_size=16)
        self._last = ""
        self._times = 0
        self.count = self.size = 0

    def feed_all(self, texts: Sequence[str], number: int) -> None:
        """Take pieces, of the frames from one of a number on."""
        if max(map(len, texts)) > LONG:
            for at, text in enumerate(texts, number):
                self.feed(text, at)
            return
        for at, text in enumerate(texts, number):
            self._note_loop(text, at)
        whole = "".join(texts)
        self._whole.update(whole.encode("utf-8", "surrogatepass"))
        self.count += len(texts)
        self.size += len(whole)

    def _note_loop(self, text: str, number: int) -> None:
        if text == self._last and len(text) > 2:
            self._times += 1
            if self._times == REPEATS:
                self._notes.add("loop", f"“{text[:40].strip()}” came {REPEATS} times in a row", number)
        else:
            self._last, self._times = text, 1

    def feed(self, text: str, number: int) -> None:
        """Take a piece, of the frame of a number."""
        self._note_loop(text, number)
        data = text.encode("utf-8", "surrogatepass")
        if (
            self.size == len(text) > LONG
            and self.count > 1
            and blake2b(data, digest_size=16).digest() == self._whole.digest()
        ):
            self._notes.add("repeated-text", f"frame {number + 1} says all of it once more", number)
        self._whole.update(data)
        self.count += 1
        self.size += len(text)
