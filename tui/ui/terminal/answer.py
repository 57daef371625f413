"""What a terminal answers when it is asked about itself, and what the answers mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from tui.ui.terminal.question import UNSURE_SIGNS

_ANSWER = re.compile(
    r"\x1bP>\|(?P<version>[^\x1b\x07]*)\x1b\\"
    r"|\x1b\]11;(?P<ground>[^\x1b\x07]*)(?:\x1b\\|\x07)"
    r"|\x1bP[01]\$r(?P<colours>[^\x1b\x07]*)\x1b\\"
    r"|\x1b_Gi=31(?:,[^;\x1b]*)?;(?P<graphics>[^\x1b\x07]*)\x1b\\"
    r"|\x1b\[\?2026;(?P<sync>\d)\$y"
    r"|\x1b\[\?997;(?P<light>[12])n"
    r"|\x1b\[\?(?P<kitty>\d{1,3})u"
    r"|\x1b\[(?:[2-9]|\d\d+);(?P<column>\d{1,5})R"
    r"|\x1b\[6;(?P<cell>\d{1,4};\d{1,4})t"
    r"|\x1b\[\?(?P<attributes>[\d;]*)c"
)
_RGB = re.compile(r"rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})")
_TRUE_COLOUR = re.compile(r"48[:;]2[:;](?:\d*:)?1[:;]2[:;]3")
_SIXEL, _CLIPBOARD = "4", "52"

WITHOUT_CLIPBOARD = ("VTE",)
"""Terminals that take no text for the clipboard from a program, whatever is set."""

ASKS_FIRST = ("XTerm", "st", "rxvt")
"""Terminals that take it only where a person has set that."""

IS_LIGHT = 0.5
"""From here on, of 1, a ground is a light one."""


class Answers(Struct):
    """What a terminal said of itself; what it did not answer is as empty as it was.

    Attributes:
        version: Its name and version.
        ground: Its background, red, green and blue from 0 to 1.
        light: Whether it is a light one, where the terminal tells that by itself.
        has_sync: Whether it shows what is written between two marks at once.
        has_true_colour: Whether it knows colours that no palette has; `None` where it does not say which one is set.
        kitty_flags: What of the kitty keyboard protocol is in use; `None` where it does not know the protocol.
        has_kitty_images: Whether it draws images by kitty's protocol.
        has_sixel: Whether it draws sixel images.
        takes_clipboard: Whether it says that it takes text for the clipboard.
        widths: The cells it gave the first unsure signs.
        cell: A cell's width and height in pixels.
        is_done: Whether it has answered the last question.
    """

    version: str = ""
    ground: tuple[float, float, float] | None = None
    light: bool | None = None
    has_sync: bool = False
    has_true_colour: bool | None = None
    kitty_flags: int | None = None
    has_kitty_images: bool = False
    has_sixel: bool = False
    takes_clipboard: bool = False
    widths: tuple[int, ...] = ()
    cell: tuple[int, int] | None = None
    is_done: bool = False

    @property
    def is_light(self) -> bool | None:
        """Whether its background is a light one; `None` where that is not known."""
        if self.light is not None or self.ground is None:
            return self.light
        red, green, blue = self.ground
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue > IS_LIGHT

    @property
    def agrees_on_signs(self) -> bool:
        """Whether it gives the signs that terminals disagree on the cells that are counted here."""
        from rich.cells import cell_len

        return self.widths == tuple(map(cell_len, UNSURE_SIGNS))

    @property
    def clipboard(self) -> Literal["yes", "if set", "no"]:
        """Whether it takes text for the clipboard from a program, as far as its name and its answers tell."""
        name = re.split(r"[ (]", self.version)[0]
        if name in WITHOUT_CLIPBOARD:
            return "no"
        is_old = re.match(r"Konsole (?:1\d|2[0-4])\.", self.version) is not None
        return "if set" if is_old or (name in ASKS_FIRST and not self.takes_clipboard) else "yes"

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
                self.ground, self.light = _colour(value), None
            case "light":
                self.light = value == "2"
            case "colours":
                self.has_true_colour = _TRUE_COLOUR.search(value) is not None
            case "graphics":
                self.has_kitty_images = value == "OK"
            case "sync":
                self.has_sync = value in "123"
            case "kitty":
                self.kitty_flags = int(value)
            case "column" if len(self.widths) < len(UNSURE_SIGNS):
                self.widths += (int(value) - 1,)
            case "cell":
                height, width = map(int, value.split(";"))
                self.cell = (width, height) if width and height else None
            case "attributes":
                numbers = value.split(";")
                self.has_sixel, self.takes_clipboard = _SIXEL in numbers, _CLIPBOARD in numbers
                self.is_done = True
            case _:
                pass  # more reports of the cursor than were asked for

    def lines(self, images: str) -> Iterator[str]:
        """What it said, a sentence a line; and how images are shown there."""
        yield f"terminal    {self.version or 'does not say its name'}"
        light = {True: "light", False: "dark", None: "does not say its colour"}[self.is_light]
        yield f"background  {light}"
        colours = {True: "24-bit", False: "of a palette", None: "does not say how many"}[self.has_true_colour]
        yield f"colours     {colours}"
        yield f"writes      {'whole frames at once' if self.has_sync else 'as they come'}"
        yield f"keys        {'kitty protocol' if self.kitty_flags is not None else 'as terminals always sent them'}"
        yield f"images      {images}"
        if self.widths:
            cells = ", ".join(map(str, self.widths))
            yield f"emoji       {'as wide as counted' if self.agrees_on_signs else f'{cells} cells wide: placed one by one'}"
        ways = {"yes": "by OSC 52, as far as it tells", "if set": "by OSC 52, where that is set", "no": "takes none"}
        yield f"clipboard   {ways[self.clipboard]}"


def _colour(words: str) -> tuple[float, float, float] | None:
    match = _RGB.match(words)
    if match is None:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in match.groups())
    return red, green, blue
