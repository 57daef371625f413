"""What a terminal answers when it is asked about itself: the questions, and what the answers mean."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

ASK_VERSION, ASK_GROUND, ASK_SYNC, ASK_KITTY_FLAGS = "\x1b[>0q", "\x1b]11;?\x1b\\", "\x1b[?2026$p", "\x1b[?u"
ASK_ATTRIBUTES = "\x1b[c"
"""Every terminal answers this one: once its answer is there, no other will come."""

QUESTIONS = ASK_VERSION + ASK_GROUND + ASK_SYNC + ASK_KITTY_FLAGS + ASK_ATTRIBUTES

_ANSWER = re.compile(
    r"\x1bP>\|(?P<version>[^\x1b\x07]*)\x1b\\"
    r"|\x1b\]11;(?P<ground>[^\x1b\x07]*)(?:\x1b\\|\x07)"
    r"|\x1b\[\?2026;(?P<sync>\d)\$y"
    r"|\x1b\[\?(?P<kitty>\d{1,3})u"
    r"|\x1b\[\?(?P<attributes>[\d;]*)c"
)
_RGB = re.compile(r"rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})")
_SIXEL = "4"


class Answers(Struct):
    """What a terminal said of itself; what it did not answer is as empty as it was.

    Attributes:
        version: Its name and version.
        ground: Its background, red, green and blue from 0 to 1.
        has_sync: Whether it shows what is written between two marks at once.
        kitty_flags: What of the kitty keyboard protocol is in use; `None` where it does not know the protocol.
        has_sixel: Whether it draws sixel images.
        is_done: Whether it has answered the last question.
    """

    version: str = ""
    ground: tuple[float, float, float] | None = None
    has_sync: bool = False
    kitty_flags: int | None = None
    has_sixel: bool = False
    is_done: bool = False

    @property
    def is_light(self) -> bool | None:
        """Whether its background is a light one; `None` where that is not known."""
        if self.ground is None:
            return None
        red, green, blue = self.ground
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5

    def read(self, text: str) -> str:
        """Take the answers out of what a terminal sent, and return the rest."""
        for match in _ANSWER.finditer(text):
            self._take(match)
        return _ANSWER.sub("", text)

    def _take(self, match: re.Match[str]) -> None:
        value = match[match.lastgroup or 0]
        match match.lastgroup:
            case "version":
                self.version = value
            case "ground":
                self.ground = _colour(value)
            case "sync":
                self.has_sync = value in "123"
            case "kitty":
                self.kitty_flags = int(value)
            case _:
                self.has_sixel = _SIXEL in value.split(";")
                self.is_done = True

    def lines(self) -> Iterator[str]:
        """What it said, a sentence a line."""
        yield f"terminal    {self.version or 'does not say its name'}"
        light = {True: "light", False: "dark", None: "does not say its colour"}[self.is_light]
        yield f"background  {light}"
        yield f"writes      {'whole frames at once' if self.has_sync else 'as they come'}"
        yield f"keys        {'kitty protocol' if self.kitty_flags is not None else 'as terminals always sent them'}"
        yield f"images      {'sixel' if self.has_sixel else 'none that it tells of'}"


def _colour(words: str) -> tuple[float, float, float] | None:
    match = _RGB.match(words)
    if match is None:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in match.groups())
    return red, green, blue
