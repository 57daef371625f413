"""Painting past the compositor: a few rows are written with less ado than an update of Textual's takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from rich.color import ColorSystem
from rich.segment import Segment
from textual.geometry import Offset, Size
from textual.strip import Strip

from tui.ui.following import Following
from tui.ui.terminal.driver import Driver

if TYPE_CHECKING:
    from rich.console import Console
    from textual.driver import Driver as TextualDriver
    from textual.screen import Screen

    from tui.ui.terminal.screen_diff import ScreenDiff


class Painted(Protocol):
    """The app, as far as it is painted."""

    screen_diff: ScreenDiff
    console: Console
    following: Following
    cursor_position: Offset

    @property
    def driver(self) -> TextualDriver | None:
        """What reads and writes the terminal."""

    @property
    def size(self) -> Size:
        """Columns and rows of the terminal."""

    @property
    def screen(self) -> Screen[Any]:
        """What shows."""

    @property
    def is_covered(self) -> bool:
        """Whether the first frame is what is seen."""

    @property
    def is_running(self) -> bool:
        """Whether anything shows."""

    @property
    def is_headless(self) -> bool:
        """Whether there is no terminal."""

    def post_display_hook(self) -> None:
        """Something was painted."""


class Painting:
    """Writes rows to the terminal of an app."""

    def __init__(self, app: Painted) -> None:
        """Paint for this app."""
        self._app = app
        self._place: tuple[Offset, Size] | None = None
        self._cursor_move = ""
        self._seen: tuple[TextualDriver | None, Driver | None] = (None, None)

    @property
    def is_synced(self) -> bool:
        """Whether the terminal shows an update as a whole."""
        return bool(getattr(self._app, "_sync_available", False))

    def paint(self, x: int, rows: Sequence[tuple[int, Strip]]) -> bool:
        """Have rows of the screen show these from a column on; `False` where that is for the compositor's way to do."""
        app, driver = self._app, self._driver
        if driver is None:
            return False
        if text := app.screen_diff.write_rows(x, rows, app.size, self._colours):
            self._write(driver, text)
        app.post_display_hook()
        return True

    def scroll(self, at: tuple[int, int], strips: Sequence[Strip], by: int) -> bool:
        """Have rows show these from a cell (column, row) on, most of which stand `by` rows below; `False` where that is not easy."""
        app, driver = self._app, self._driver
        if driver is None:
            return False
        text = app.screen_diff.scroll(at, strips, by, app.size, self._colours, is_synced=self.is_synced)
        if text:
            self._write(driver, text)
            app.post_display_hook()
        return bool(text)

    def shown(self, x: int, y: int) -> Strip | None:
        """What the terminal shows from a column of a row on, as far as that was painted in one."""
        return self._app.screen_diff.shown(x, y)

    def write_behind(self, at: tuple[int, int], x: int, strips: tuple[Strip, Strip], text: Sequence[Segment]) -> bool:
        """Have a text stand in a cell (column, row), which turns one strip into another; `False` where that is not so easy."""
        app, driver = self._app, self._driver
        if driver is None:
            return False
        written = app.screen_diff.write_behind(at, x, strips, text, self._colours)
        if written:
            self._write(driver, written)
        return bool(written)

    @property
    def _driver(self) -> Driver | None:
        """What writes to the terminal, where that is ours now."""
        app = self._app
        driver = app.driver
        if driver is not self._seen[0]:
            self._seen = driver, driver if isinstance(driver, Driver) and not app.is_headless else None
        return self._seen[1] if app.is_running and not app.is_covered else None

    @property
    def _colours(self) -> ColorSystem:
        return self._app.console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001  as Textual's own Strip.render

    def _write(self, driver: Driver, text: str) -> None:
        app = self._app
        place = (app.cursor_position, app.size)
        if place != self._place:
            at = place[1].clamp_offset(place[0])
            self._place, self._cursor_move = place, f"\x1b[{at.y + 1};{at.x + 1}H"
        driver.write_frame(text, self._cursor_move, is_synced=self.is_synced)
        app.following.draw()

    def gather(self) -> bool:
        """Keep what is painted from now on until `let_go`; `False` if that is done already, or there is no terminal."""
        driver = self._app.driver
        return isinstance(driver, Driver) and driver.gather()

    def let_go(self) -> None:
        """Write what was painted, in one piece."""
        driver = self._app.driver
        if isinstance(driver, Driver):
            driver.let_go()
