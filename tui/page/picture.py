"""Pictures on the page: a line that says what each is, and below it, where the terminal can draw, the room for it."""

from __future__ import annotations

from math import ceil
from weakref import WeakValueDictionary
from zlib import crc32

from tui.domain.message import ImagePart
from tui.page.block import Note
from tui.typeset.line import Line
from tui.typeset.wrap import wrap_told
from tui.wire.image import describe_image, media_type, pixels_of

MOST_ROWS = 20
"""A picture is made smaller where it would take more rows than this."""

MARK = "picture:"
"""How the style key of a row begins in which a part of a picture stands."""


class Canvas:
    """What pictures are drawn on: nothing, until the terminal has said that it draws.

    Attributes:
        cell: Width and height of a cell in pixels; `None` where nothing is drawn.
        kinds: The media types that can be drawn.
        most_bytes: The longest picture that can be.
        lack: What would have to be done for others to be drawn; empty where nothing would help.
    """

    def __init__(self) -> None:
        self.cell: tuple[int, int] | None = None
        self.kinds: frozenset[str] = frozenset()
        self.most_bytes = 0
        self.lack = ""


CANVAS = Canvas()
"""The one that the terminal gives."""

PICTURES: WeakValueDictionary[int, PictureBlock] = WeakValueDictionary()
"""The pictures of the page, by their numbers."""


class PictureBlock(Note):
    """A picture, said and shown."""

    __slots__ = ("__weakref__", "image", "laid_out", "number", "pixels")

    def __init__(self, image: ImagePart, words: str = "", gap: int = 0) -> None:
        """Show this image, with these words over it."""
        super().__init__("image", [[("▣ ", "muted"), (words or describe_image(image), "muted")]], gap)
        self.image = image
        self.pixels = pixels_of(image)
        self.laid_out = (1, 1)  # columns and rows, where it is drawn
        self.number = crc32(image.url.encode()) or 1
        if self.pixels is not None:
            PICTURES[self.number] = self

    def rows(self, width: int) -> list[tuple[Line, str]]:
        """The words, and a row for each row of the picture."""
        size = self.size(width)
        if size is None:
            lack = [(f" · {CANVAS.lack}", "muted")] if CANVAS.lack and self.pixels is not None else []
            return wrap_told([*self.paragraphs[0], *lack], width)
        rows = super().rows(width)
        self.laid_out = size
        return [*rows, *[([("", f"{MARK}{self.number}:{row}")], "") for row in range(size[1])]]

    def size(self, width: int) -> tuple[int, int] | None:
        """Columns and rows of the picture on a page so wide; `None` where it is not drawn."""
        if self.pixels is None or CANVAS.cell is None or media_type(self.image) not in CANVAS.kinds:
            return None
        if len(self.image.url) * 3 // 4 > CANVAS.most_bytes:
            return None
        (across, down), (cell_across, cell_down) = self.pixels, CANVAS.cell
        columns, rows = across / cell_across, down / cell_down
        scale = min(1.0, width / columns, MOST_ROWS / rows)
        return max(1, int(columns * scale)), max(1, ceil(rows * scale - 0.01))


def mark_of(line: Line) -> tuple[int, int] | None:
    """Which picture stands in a row, and which of its rows."""
    if len(line) != 1 or not line[0][1].startswith(MARK):
        return None
    number, _, row = line[0][1].removeprefix(MARK).partition(":")
    return int(number), int(row)
