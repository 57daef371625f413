"""What the composer will show of what is being typed, told without it."""

from __future__ import annotations

PASTE_BEGINS, PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
LIKE_A_PATH = ("/", "~", "'", '"', "file:", ".", "\\")
"""How a paste begins that may be the path of an image, which becomes a chip."""

NARROW_SIGNS = frozenset(
    ["Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk"]
)
"""Kinds of characters that are drawn in cells of their own."""


class Echo:
    """Reads what a keyboard sends, as long as it means letters, Backspace and short pastes.

    At anything else it stops for good: what that means, and all after it, is for the composer to show. Enter is of
    that kind, so what was typed before it stays to be seen until it is sent.

    Attributes:
        text: What is in the composer.
        is_over: Whether nothing more will be shown here.
    """

    def __init__(self, room: int) -> None:
        """Show at most so many cells."""
        self.text = ""
        self.is_over = False
        self._widths: list[int] = []
        self._room = room
        self._rest = b""

    @property
    def cells(self) -> int:
        """How many cells the text takes."""
        return sum(self._widths)

    def write(self, text: str) -> None:
        """Put a text in, all of it or none."""
        widths = [width_of(character) for character in text]
        if not all(widths) or self.cells + sum(widths) > self._room:
            self.is_over = True
        if not self.is_over:
            self.text += text
            self._widths += widths

    def narrow(self, room: int) -> None:
        """There is another number of cells now; what does not fit any more is cut off, and is for others to show."""
        self._room = room
        while self.cells > room:
            self._drop()
            self.is_over = True

    def feed(self, data: bytes) -> None:
        """Take what was typed."""
        rest = self._rest + data
        while rest and not self.is_over:
            if rest.startswith(PASTE_BEGINS):
                end = rest.find(PASTE_ENDS)
                if end < 0:
                    break
                self._paste(rest[len(PASTE_BEGINS) : end])
                rest = rest[end + len(PASTE_ENDS) :]
            elif PASTE_BEGINS.startswith(rest):
                break
            elif rest[0] == 0x7F:
                self._drop()
                rest = rest[1:]
            else:
                length = 1 if rest[0] < 0x80 else 2 if rest[0] < 0xE0 else 3 if rest[0] < 0xF0 else 4
                if len(rest) < length:
                    break
                self._type(rest[:length])
                rest = rest[length:]
        self._rest = rest

    def _type(self, data: bytes) -> None:
        character = _decoded(data)
        if character:
            self.write(character)
        else:
            self.is_over = True

    def _drop(self) -> None:
        if self.text:
            self.text = self.text[:-1]
            del self._widths[-1]

    def _paste(self, data: bytes) -> None:
        text = _decoded(data)
        if not text or text.lstrip().startswith(LIKE_A_PATH):
            self.is_over = True
        else:
            self.write(text)


def width_of(character: str) -> int:
    """The cells of a character that is drawn by itself, wherever it stands; 0 for any other."""
    if " " <= character <= "~":
        return 1
    if len(character) != 1 or character < "\u00a1" or character > "\uffff":
        return 0
    import unicodedata

    if unicodedata.category(character) not in NARROW_SIGNS or unicodedata.bidirectional(character) in {"R", "AL"}:
        return 0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 2 if "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3" else 0
    return 1 if character < "\u0300" or "\u0370" <= character < "\u0530" else 0


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""
