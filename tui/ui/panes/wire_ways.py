"""The ways through the wire log: to an instant, along the time, to what is odd, to the frame that brought a character."""

from __future__ import annotations

from tui.page.origin import Strand
from tui.page.wire_list import WireList
from tui.page.wire_log import WireLog
from tui.page.wire_row import WireRow
from tui.ui.host import Chat
from tui.ui.panes.wire_time import TimeHead
from tui.ui.widgets.list_view import ListView


class Ways:
    """Puts the cursor of a wire log somewhere.

    Attributes:
        listed: What is listed; `None` where no turn is shown.
        has_moved: Whether the cursor was ever put somewhere since the turn is shown: until then it marks nothing.
    """

    def __init__(self, chat: Chat, rows: ListView, head: TimeHead) -> None:
        """Go through the rows of a list, and along the time that is drawn above them."""
        self._chat, self._rows, self._head = chat, rows, head
        self.begin(None)

    def begin(self, listed: WireList | None) -> None:
        """Another turn is listed."""
        self.listed = listed
        self.has_moved = False
        self._wanted: tuple[Strand, int, int] | None = None

    @property
    def log(self) -> WireLog | None:
        """The wire log of the turn."""
        return None if self.listed is None else self.listed.log

    @property
    def row(self) -> WireRow | None:
        """The row under the cursor, once that was moved."""
        row: WireRow | None = self._rows.item if self.has_moved else None
        return row

    def to_instant(self, at: float) -> None:
        """Go to the first row from an instant on."""
        if self.listed is not None:
            self._rows.go(self.listed.place_at(at))

    def along(self, step: int) -> None:
        """Go to the next column of the line of time at which something came, or the one before."""
        ruler, row, listed = self._head.instants, self._rows.item, self.listed
        if row is None or listed is None:
            return
        here = ruler.column(row.at) if self.has_moved else (ruler.columns if step < 0 else -1)
        cursor = self._rows.cursor if self.has_moved else (len(self._rows.items) if step < 0 else -1)
        place = listed.place_beside(cursor, ruler, step, self._head.busy_columns(here, step), here=here)
        if place is not None:
            self._rows.go(place)

    def to_odd(self) -> bool:
        """Go to the next row that is odd, after the last to the first; whether there is one."""
        place = self.listed.odd_after(self._rows.cursor) if self.listed is not None else None
        if place is None:
            return False
        self.has_moved = True
        self._rows.go(place)
        return True

    def want(self, source: tuple[Strand, int, int]) -> None:
        """Find the frame that brought a character, once the tape is read so far."""
        self._wanted = source

    def find_wanted(self, *, is_all: bool) -> bool:
        """Go to the frame that is wanted, where it is known by now; whether that was done. Of all that came it is said that it is missing."""
        listed = self.listed
        if self._wanted is None or listed is None:
            return False
        frame = listed.log.origins.frame_of(*self._wanted)
        if frame is None and not is_all:
            return False
        self._wanted = None
        at = listed.place_of_frame(frame)
        if frame is None or at is None:
            self._chat.say("The frame that brought this is not in the list")
            return False
        self.has_moved = True
        self._rows.go(at)
        return True

    def to_frame(self, frame: int) -> None:
        """Go to a frame, where it is listed; before the first one to the top."""
        place = 0 if frame < 0 or self.listed is None else self.listed.place_of_frame(frame)
        self.has_moved = True
        if place is not None:
            self._rows.go(place)
