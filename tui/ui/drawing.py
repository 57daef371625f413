"""Pictures on the page, drawn after each update of the screen where the terminal can draw."""

from __future__ import annotations

import fcntl
import struct
import sys
import termios
from collections.abc import Callable, Mapping
from typing import Literal

from tui.domain.message import ImagePart
from tui.page.picture import CANVAS, PICTURES
from tui.ui.terminal.answer import Answers
from tui.ui.terminal.picture import Drawing, Gallery, Kitty, Placement, Sixel, has_pillow, kinds_to_draw, most_bytes
from tui.ui.terminal.placeholder import Placeholders
from tui.ui.terminal.screen_diff import ScreenDiff
from tui.ui.terminal.tmux import Outside

Shown = Mapping[int, tuple[ImagePart, Placement]]
Way = Literal["", "kitty", "placeholders", "sixel"]
WAYS: Mapping[str, Callable[[tuple[int, int]], Drawing]] = {
    "kitty": Kitty,
    "placeholders": Placeholders,
    "sixel": Sixel,
}
LACK = "pip install 'rillet[images]' shows it"


class Drawer:
    """Draws what the page has room for."""

    def __init__(self, diff: ScreenDiff, write: Callable[[str], None]) -> None:
        """Write to this terminal, which shows what `diff` knows."""
        self._diff = diff
        self._write = write
        self._gallery: Gallery | None = None
        self._way: Way = ""
        self._drawing: Drawing | None = None
        self._painted = 0

    @property
    def is_in_use(self) -> bool:
        """Whether the terminal draws."""
        return self._gallery is not None

    def use(self, answers: Answers, outside: Outside | None = None) -> bool:
        """Draw in the way the terminal has told; whether that is another than before.

        Args:
            answers: What the terminal said.
            outside: What tmux is shown in, where rillet runs in tmux.
        """
        cell = answers.cell or cell_of_terminal()
        way = way_to_draw(answers, outside)
        kinds = kinds_to_draw(as_sixels=way == "sixel") if way and cell is not None else frozenset[str]()
        before = CANVAS.cell, CANVAS.kinds, CANVAS.lack, self._way
        CANVAS.cell, CANVAS.kinds = (cell, kinds) if kinds else (None, frozenset())
        CANVAS.most_bytes = most_bytes()
        CANVAS.lack = (outside.lack if outside is not None else "") if not way else "" if has_pillow() else LACK
        self._way = way
        if before == (CANVAS.cell, CANVAS.kinds, CANVAS.lack, way):
            return False
        self._gallery = self._drawing = None
        if CANVAS.cell is not None and way:
            self._drawing = WAYS[way](CANVAS.cell)
            self._gallery = Gallery(self._drawing)
        return True

    def send_again(self) -> None:
        """The terminal may be another now, which has none of the pictures."""
        if isinstance(self._drawing, Placeholders):
            self._drawing.forget()
            self._gallery = Gallery(self._drawing)

    def draw(self, pictures: Callable[[], Shown], repaint: Callable[[], object]) -> None:
        """Have the pictures stand where they should after an update of the screen."""
        gallery = self._gallery
        if gallery is None or (not PICTURES and gallery.is_empty):
            return
        is_in_cells = self._way != "kitty"
        is_painted_over = is_in_cells and self._painted != self._diff.forgotten
        self._painted = self._diff.forgotten
        written = gallery.change(pictures(), again=is_painted_over)
        if is_in_cells and gallery.has_moved and not is_painted_over:
            self._diff.forget()  # what it leaves in the cells goes only when they are written anew
            repaint()
        elif written:
            self._write(written)


def way_to_draw(answers: Answers, outside: Outside | None) -> Way:
    """How pictures are drawn; empty where they are not."""
    if outside is not None:  # tmux keeps what is not wrapped for the terminal, and answers for itself
        return (
            "placeholders"
            if outside.draws_placeholders
            else "sixel"
            if answers.has_sixel and outside.draws_sixel
            else ""
        )
    if answers.has_kitty_images and not answers.version.startswith("Konsole"):  # which leaves parts out
        return "kitty"
    return "sixel" if answers.has_sixel else ""


def describe_drawing(answers: Answers, outside: Outside | None) -> str:
    """How pictures are shown, or what would have to be done for that."""
    way = way_to_draw(answers, outside)
    if not way:
        return f"none: {outside.lack}" if outside is not None and outside.lack else "none: a line says what each is"
    if answers.cell is None and cell_of_terminal() is None:
        return "none: it does not tell how large a cell is"
    words = {"kitty": "by kitty's protocol", "placeholders": "by kitty's protocol, through tmux", "sixel": "as sixels"}
    return words[way] if has_pillow() else f"{words[way]}: {LACK}"


def cell_of_terminal() -> tuple[int, int] | None:
    """A cell's pixels, as the terminal told the kernel; `None` where it did not."""
    try:
        winsize = fcntl.ioctl((sys.__stdout__ or sys.stdout).fileno(), termios.TIOCGWINSZ, b"\0" * 8)
    except (OSError, ValueError):
        return None
    rows, columns, width, height = struct.unpack("HHHH", winsize)
    return (width // columns, height // rows) if rows and columns and width >= columns and height >= rows else None
