"""What the composer will show of what is being typed, told without it."""

from __future__ import annotations

PASTE_BEGINS, PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
TEXT_ANSWERS = b"]P_"
"""How an answer of the terminal begins behind Esc, that ends with Esc and a backslash or with a bell."""

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
            elif PASTE_BEGINS.startswith(rest) or (length := answer_length(rest)) < 0:
                break
            elif length:
                rest = rest[length:]
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


def answer_length(data: bytes) -> int:
    """How many bytes of what was sent are an answer of the terminal; 0 for none, -1 where that cannot be told yet."""
    if data[:1] != b"\x1b":
        return 0
    kind = data[1:2]
    if kind and kind in TEXT_ANSWERS:
        ends = [end + len(by) for by in (b"\x07", b"\x1b\\") if (end := data.find(by, 2)) >= 0]
        return min(ends, default=-1)
    if kind != b"[":
        return 0 if kind else -1
    is_private = data[2:3] == b"?"
    at = 3 if is_private else 2
    while at < len(data) and data[at] in b"0123456789;$":
        at += 1
    if at == len(data):
        return -1
    return at + 1 if is_private or (data[at] in b"Rt" and data[2:4] != b"1;") else 0


def ground_in(data: bytes) -> str:
    """Whether an answer in what was sent tells a light background or a dark one; empty where none does."""
    begin = data.find(b"\x1b]11;rgb")
    if begin < 0 or answer_length(data[begin:]) < 0:
        return ""
    parts = data[begin:].partition(b":")[2][:14].replace(b"\x1b", b"/").replace(b"\x07", b"/").split(b"/")[:3]
    try:
        red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in parts)
    except (ValueError, ZeroDivisionError):
        return ""
    return "light" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 else "dark"


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
