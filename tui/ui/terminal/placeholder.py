"""Pictures through tmux: sent past it to the terminal, and shown where signs stand for them that tmux moves like any text."""

from __future__ import annotations

from tui.domain.message import ImagePart
from tui.ui.terminal.picture import RESTORE, SAVE, Placement, as_png, kitty_pieces
from tui.ui.terminal.tmux import passed_on

SIGN = "\U0010eeee"
"""Stands for one cell of a picture."""

ROWS = "\u0305\u030d\u030e\u0310\u0312\u033d\u033e\u033f\u0346\u034a\u034b\u034c\u0350\u0351\u0352\u0357\u035b\u0363\u0364\u0365"
"""The marks over a sign that say which row and which column of which picture it stands for: the first twenty of the protocol's list."""

COLOURS = 255
"""The colour of a sign is the last byte of its picture's number, and one of the 256 that tmux hands on as they are; a third
mark is the first byte, so that the pictures of several programs are told apart."""


class Placeholders:
    """Kitty's protocol with signs in the cells: a picture is sent once, and its signs are text."""

    def __init__(self, cell: tuple[int, int]) -> None:
        """Draw on cells of so many pixels."""
        self._cell = cell
        self._sent: dict[int, tuple[int, int]] = {}
        self._numbers: dict[int, int] = {}

    def show(self, number: int, image: ImagePart, place: Placement) -> str:
        """Send it if it is not there in this size, and write the signs of the rows that show."""
        size = place.columns, place.rows
        sent = "" if self._sent.get(number) == size else self._send(number, image, place)
        if self._sent.get(number) != size:
            return ""
        first, colour = divmod(self._number_of(number), COLOURS)
        rows = [
            f"\x1b[{place.y + 1 + row};{place.x + 1}H{SIGN}{ROWS[place.first + row]}{ROWS[0]}{ROWS[first]}"
            + SIGN * (place.columns - 1)
            for row in range(min(place.shown, len(ROWS) - place.first))
        ]
        return f"{sent}{SAVE}\x1b[0;38;5;{colour + 1}m{''.join(rows)}{RESTORE}"

    def _number_of(self, number: int) -> int:
        """A number below 20 times 255 for a picture, which no other on the page has."""
        if number not in self._numbers:
            own, taken = number % (len(ROWS) * COLOURS), set(self._numbers.values())
            while own in taken:
                own = (own + 1) % (len(ROWS) * COLOURS)
            self._numbers[number] = own
        return self._numbers[number]

    def hide(self, number: int) -> str:
        """Nothing to write: the cells are written anew."""
        del number
        return ""

    def forget(self) -> None:
        """Send them again: another terminal may show tmux now."""
        self._sent.clear()

    def _send(self, number: int, image: ImagePart, place: Placement) -> str:
        across, down = self._cell
        data = as_png(image, (place.columns * across, place.rows * down))
        if not data:
            return ""
        self._sent[number] = place.columns, place.rows
        first, colour = divmod(self._number_of(number), COLOURS)
        its = first << 24 | colour + 1
        placed = f"\x1b_Ga=p,U=1,i={its},p=1,q=2,c={place.columns},r={place.rows};\x1b\\"
        return "".join(map(passed_on, [*kitty_pieces(its, data), placed]))
