"""The short way to the screen: what streams is painted where it comes, not when Textual's queue has come to it."""

from __future__ import annotations

from asyncio import Queue
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.message import Message
from textual.screen import Screen

from tui.domain.delta import Delta
from tui.domain.turn import Turn

if TYPE_CHECKING:
    from tui.ui.painting import Painting


class ShortWay:
    """Takes what comes of a turn for a screen.

    A message of Textual's costs two turns of the event loop and a walk through the classes of the screen. Deltas that
    nothing waits before go past all that; others are to be posted behind what waits: the order stays.
    """

    def __init__(
        self,
        screen: Screen[Any],
        write: Callable[[Turn, list[Delta]], bool],
        paint: Callable[[Turn, list[Delta]], object],
    ) -> None:
        """`write` writes letters behind the last, where they are that and no more; what else has come is painted by `paint`."""
        self._screen = screen
        self._write, self._paint = write, paint

    def write(self, turn: Turn, deltas: list[Delta]) -> bool:
        """Show deltas that are folded into a turn, if nothing waits before them; else they are to be posted."""
        screen = self._screen
        waiting: Queue[Message | None] = screen._message_queue  # noqa: SLF001  which tells whether anything is before it
        if not (screen.is_running and waiting.empty()):
            return False
        try:
            if not self._write(turn, deltas):
                self._paint_now(turn, deltas)
        except Exception as error:  # noqa: BLE001  as its own loop does: the program ends and says why
            screen.app._handle_exception(error)  # noqa: SLF001
        return True

    def _paint_now(self, turn: Turn, deltas: list[Delta]) -> None:
        painting: Painting | None = getattr(self._screen.app, "painting", None)
        is_gathered = painting is not None and painting.gather()
        try:
            with self._screen._context():  # noqa: SLF001  as if its own loop had called
                self._paint(turn, deltas)
        finally:
            if painting is not None and is_gathered:
                painting.let_go()
