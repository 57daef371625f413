"""The short way to the screen: what streams is painted where it comes, not when Textual's queue has come to it."""

from __future__ import annotations

from asyncio import Queue
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual.message import Message
from textual.screen import Screen

from tui.domain.delta import Delta
from tui.domain.turn import Turn
from tui.ui.notice import DeltasArrived

if TYPE_CHECKING:
    from tui.ui.painting import Painting


class ShortWay:
    """Takes notices of a turn for a screen.

    A message of Textual's costs two turns of the event loop and a walk through the classes of the screen. Deltas that
    nothing waits before go past all that; anything else is posted, and so are deltas behind it: the order stays.
    """

    def __init__(
        self,
        screen: Screen[Any],
        take: Callable[[Message], object],
        write: Callable[[Turn, Sequence[Delta]], bool] = lambda _turn, _deltas: False,
    ) -> None:
        """Take what is painted at once by `take`; `write` writes letters behind the last, where they are that and no more."""
        self._screen = screen
        self._take = take
        self._write = write

    @property
    def _is_free(self) -> bool:
        """Whether nothing waits that comes before what streams."""
        waiting: Queue[Message | None] = self._screen._message_queue  # noqa: SLF001  which tells whether anything is before it
        return self._screen.is_running and waiting.empty()

    def write(self, turn: Turn, deltas: Sequence[Delta]) -> bool:
        """Show deltas that are folded into a turn, if they are letters that nothing waits before; else they are to be posted."""
        try:
            return self._is_free and self._write(turn, deltas)
        except Exception as error:  # noqa: BLE001  as below
            self._screen.app._handle_exception(error)  # noqa: SLF001
            return False

    def post(self, notice: Message) -> None:
        """Have the screen take a notice, now or in its turn."""
        if isinstance(notice, DeltasArrived) and self._is_free:
            self._take_now(notice)
        else:
            self._screen.post_message(notice)

    def _take_now(self, notice: Message) -> None:
        screen = self._screen
        painting: Painting | None = getattr(screen.app, "painting", None)
        is_gathered = painting is not None and painting.gather()
        try:
            with screen._context():  # noqa: SLF001  as if its own loop had called
                self._take(notice)
        except Exception as error:  # noqa: BLE001  as its own loop does: the program ends and says why
            screen.app._handle_exception(error)  # noqa: SLF001
        finally:
            if painting is not None and is_gathered:
                painting.let_go()
