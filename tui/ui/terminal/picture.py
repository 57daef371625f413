"""Pictures in the terminal, by kitty's protocol or as sixels: what is written so that those show which should, where they should."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol

from tui.domain.message import ImagePart
from tui.wire.image import image_bytes, media_type, pixels_of_png

PNG = "image/png"
OTHERS = frozenset(("image/jpeg", "image/gif", "image/webp"))
"""What is drawn only where Pillow is there to read it."""

PIECE = 4096
"""Characters of one piece of a picture that is sent."""

MOST_PIXELS = 40_000_000
"""A picture of more is not drawn: reading it would take too much memory."""

LONG_BYTES = 1_000_000
"""A picture of more is not sent as it is: over a slow line it would hold up everything else."""

COLOURS = 128
"""Colours of a sixel picture; terminals have at least so many registers."""

SAVE, RESTORE = "\x1b7", "\x1b8"


class Placement(NamedTuple):
    """Where a part of a picture shows.

    Attributes:
        x: The column it begins in, from 0.
        y: The row.
        columns: Its width in cells.
        rows: The height of all of it.
        first: Its first row that shows.
        shown: How many rows show.
    """

    x: int
    y: int
    columns: int
    rows: int
    first: int
    shown: int


class Drawing(Protocol):
    """A way to draw."""

    def show(self, number: int, image: ImagePart, place: Placement) -> str:
        """Draw a picture, or move it."""

    def hide(self, number: int) -> str:
        """Take a picture away."""


def has_pillow() -> bool:
    """Whether Pillow (the extra `images`) is there to read pictures with."""
    return find_spec("PIL") is not None


def kinds_to_draw(*, as_sixels: bool) -> frozenset[str]:
    """The media types that can be drawn: kitty reads PNG itself, all else needs Pillow."""
    if has_pillow():
        return OTHERS | {PNG}
    return frozenset() if as_sixels else frozenset({PNG})


def most_bytes() -> int:
    """The longest picture that can be drawn: without Pillow a long one cannot be made smaller."""
    return MOST_PIXELS if has_pillow() else LONG_BYTES


class Kitty:
    """Kitty's protocol: a picture is sent once, and placed where it shows."""

    def __init__(self, cell: tuple[int, int]) -> None:
        """Draw on cells of so many pixels."""
        self._cell = cell
        self._sent: dict[int, tuple[int, int]] = {}

    def show(self, number: int, image: ImagePart, place: Placement) -> str:
        """Send it if it is not there, and place the rows that show."""
        sent = "" if number in self._sent else self._send(number, image, place)
        if number not in self._sent:
            return ""
        width, height = self._sent[number]
        top = height * place.first // place.rows
        below = height * (place.first + place.shown) // place.rows
        keys = f"a=p,i={number},p=1,q=2,C=1,c={place.columns},r={place.shown},x=0,y={top},w={width},h={max(1, below - top)}"
        return f"{sent}{SAVE}\x1b[{place.y + 1};{place.x + 1}H\x1b_G{keys};\x1b\\{RESTORE}"

    def hide(self, number: int) -> str:
        """Take its place away; the terminal keeps the picture."""
        return f"\x1b_Ga=d,d=i,i={number},q=2;\x1b\\"

    def _send(self, number: int, image: ImagePart, place: Placement) -> str:
        across, down = self._cell
        data = as_png(image, (place.columns * across, place.rows * down))
        pixels = pixels_of_png(data)
        if pixels is None:
            return ""
        self._sent[number] = pixels
        return "".join(kitty_pieces(number, data))


def kitty_pieces(number: int, data: bytes) -> list[str]:
    """What sends a PNG picture to a terminal with kitty's protocol, piece by piece."""
    text = base64.b64encode(data).decode()
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    head = f"a=t,f=100,t=d,i={number},q=2,"
    return [
        f"\x1b_G{head if not at else ''}m={int(at < len(pieces) - 1)};{piece}\x1b\\" for at, piece in enumerate(pieces)
    ]


class Sixel:
    """Sixels: what shows of a picture is written into the cells, and is gone once something else is written there."""

    def __init__(self, cell: tuple[int, int]) -> None:
        """Draw on cells of so many pixels."""
        self._cell = cell
        self._drawn: dict[tuple[int, Placement], str] = {}

    def show(self, number: int, image: ImagePart, place: Placement) -> str:
        """Write the rows that show."""
        key = number, place._replace(x=0, y=0)
        if key not in self._drawn:
            if len(self._drawn) > 32:
                self._drawn.clear()
            self._drawn[key] = self._draw(image, place)
        return f"{SAVE}\x1b[{place.y + 1};{place.x + 1}H{self._drawn[key]}{RESTORE}" if self._drawn[key] else ""

    def hide(self, number: int) -> str:
        """Nothing to write: the cells are written anew."""
        del number
        return ""

    def _draw(self, image: ImagePart, place: Placement) -> str:
        picture = _opened(image)
        if picture is None:
            return ""
        across, down = self._cell
        whole = picture.convert("RGB").resize((place.columns * across, place.rows * down))
        height = max(6, place.shown * down // 6 * 6)  # whole bands of six rows; konsole draws others wrongly
        part = whole.crop((0, place.first * down, whole.width, place.first * down + height))
        return sixels(part.quantize(COLOURS))


def sixels(picture: Any) -> str:
    """A picture with a palette (Pillow's mode P) as a sixel sequence."""
    width, height = picture.size
    data, colours = picture.tobytes(), picture.getpalette()
    out = [f'\x1bP0;1q"1;1;{width};{height}']
    used = sorted(set(data))
    register = {
        number: at for at, number in enumerate(used)
    }  # without a gap: tmux 3.5a paints a colour above one black
    out += [
        f"#{register[number]};2;"
        + ";".join(str(round(value * 100 / 255)) for value in colours[3 * number : 3 * number + 3])
        for number in used
    ]
    for top in range(0, height, 6):
        rows = [data[y * width : (y + 1) * width] for y in range(top, min(height, top + 6))]
        lines = []
        for number in sorted(set(b"".join(rows))):
            bits = [0] * width
            for bit, row in enumerate(rows):
                at = row.find(number)
                while at >= 0:
                    bits[at] |= 1 << bit
                    at = row.find(number, at + 1)
            lines.append(f"#{register[number]}{_run_lengths(bits)}")
        out.append("$".join(lines) + "-")
    return "".join(out) + "\x1b\\"


def _run_lengths(bits: list[int]) -> str:
    out, at = [], 0
    while at < len(bits):
        end = at
        while end < len(bits) and bits[end] == bits[at]:
            end += 1
        sign = chr(63 + bits[at])
        out.append(f"!{end - at}{sign}" if end - at > 3 else sign * (end - at))
        at = end
    return "".join(out)


def as_png(image: ImagePart, room: tuple[int, int]) -> bytes:
    """The picture as PNG, one that is long made smaller for the room it has; nothing where it cannot be read."""
    data = image_bytes(image) if media_type(image) == PNG else b""
    if data and len(data) <= LONG_BYTES:
        return data
    picture = _opened(image)
    if picture is None:
        return b""
    out = io.BytesIO()
    small = picture.convert("RGBA")
    small.thumbnail(room)
    small.save(out, "PNG")
    return out.getvalue()


def _opened(image: ImagePart) -> Any:
    """The picture as Pillow reads it; `None` where it does not."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        return None
    try:
        picture = Image.open(io.BytesIO(image_bytes(image)), formats=("PNG", "JPEG", "GIF", "WEBP"))
        if picture.width * picture.height > MOST_PIXELS:
            return None
        picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None
    return picture


class Gallery:
    """What shows now, so that only what differs is written.

    Attributes:
        has_moved: Whether the last change took a picture away from where it was.
    """

    def __init__(self, drawing: Drawing) -> None:
        """Nothing shows yet."""
        self._drawing = drawing
        self._shown: dict[int, Placement] = {}
        self.has_moved = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing shows."""
        return not self._shown

    def change(self, wanted: Mapping[int, tuple[ImagePart, Placement]], *, again: bool = False) -> str:
        """What to write so that these show and no others; with `again`, what shows already is drawn once more."""
        places = {number: place for number, (_, place) in wanted.items()}
        self.has_moved = any(places.get(number) != place for number, place in self._shown.items())
        out = [self._drawing.hide(number) for number in self._shown if number not in wanted]
        for number, (image, place) in wanted.items():
            if again or self._shown.get(number) != place:
                out.append(self._drawing.show(number, image, place))
        self._shown = places
        return "".join(out)
