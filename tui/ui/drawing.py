"""Pictures on the page, drawn after each update of the screen where the terminal can draw."""

from __future__ import annotations

import fcntl
import struct
import sys
import termios
from collections.abc import Callable, Mapping

from tui.domain.message import ImagePart
from tui.page.picture import CANVAS, PICTURES
from tui.ui.terminal.answer import Answers
from tui.ui.terminal.picture import Gallery, Kitty, Placement, Sixel, kinds_to_draw, most_bytes
from tui.ui.terminal.screen_diff import ScreenDiff

Shown = Mapping[int, tuple[ImagePart, Placement]]


class Drawer:
    """Draws what the page has room for."""

    def __init__(self, diff: ScreenDiff, write: Callable[[str], None]) -> None:
        """Write to this terminal, which shows what `diff` knows."""
        self._diff = diff
        self._write = write
        self._gallery: Gallery | None = None
        self._is_sixel = False
        self._painted = 0

    @property
    def is_in_use(self) -> bool:
        """Whether the terminal draws."""
        return self._gallery is not None

    def use(self, answers: Answers) -> bool:
        """Draw in the way the terminal has told; whether that is another than before."""
        cell = answers.cell or cell_of_terminal()
        has_kitty = answers.has_kitty_images and not answers.version.startswith("Konsole")  # which leaves parts out
        way = "kitty" if has_kitty else "sixel" if answers.has_sixel else ""
        kinds = kinds_to_draw(as_sixels=way == "sixel") if way and cell is not None else frozenset[str]()
        before = CANVAS.cell, CANVAS.kinds
        CANVAS.cell, CANVAS.kinds = (cell, kinds) if kinds else (None, frozenset())
        CANVAS.most_bytes = most_bytes()
        if before == (CANVAS.cell, CANVAS.kinds):
            return False
        self._is_sixel = way == "sixel"
        self._gallery = None
        if CANVAS.cell is not None:
            self._gallery = Gallery(Sixel(CANVAS.cell) if self._is_sixel else Kitty(CANVAS.cell))
        return True

    def draw(self, pictures: Callable[[], Shown], repaint: Callable[[], object]) -> None:
        """Have the pictures stand where they should after an update of the screen."""
        gallery = self._gallery
        if gallery is None or (not PICTURES and gallery.is_empty):
            return
        is_painted_over = self._is_sixel and self._painted != self._diff.forgotten
        self._painted = self._diff.forgotten
        written = gallery.change(pictures(), again=is_painted_over)
        if self._is_sixel and gallery.has_moved and not is_painted_over:
            self._diff.forget()  # what it leaves in the cells goes only when they are written anew
            repaint()
        elif written:
            self._write(written)


def cell_of_terminal() -> tuple[int, int] | None:
    """A cell's pixels, as the terminal told the kernel; `None` where it did not."""
    try:
        winsize = fcntl.ioctl((sys.__stdout__ or sys.stdout).fileno(), termios.TIOCGWINSZ, b"\0" * 8)
    except (OSError, ValueError):
        return None
    rows, columns, width, height = struct.unpack("HHHH", winsize)
    return (width // columns, height // rows) if rows and columns and width >= columns and height >= rows else None
