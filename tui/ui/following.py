"""The app follows its terminal: how light it is, how many colours it shows, how wide it draws signs."""

from __future__ import annotations

import os
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rich.color import ColorSystem

from tui.ui.drawing import Drawer
from tui.ui.terminal.answer import Answers
from tui.ui.terminal.driver import Driver
from tui.ui.terminal.multiplexer import is_in_tmux
from tui.ui.terminal.tmux import Outside, ask_outside
from tui.ui.theme.auto import AUTO, BY_GROUND, likely_ground
from tui.ui.theme.theming import Theme, find_theme

if TYPE_CHECKING:
    from rich.console import Console
    from textual.driver import Driver as TextualDriver

    from tui.ui.terminal.screen_diff import ScreenDiff
    from tui.ui.transcript.widget import Transcript


class HasPage(Protocol):
    """The screen, as far as it has a page."""

    @property
    def page(self) -> Transcript:
        """The page."""


class Follower(Protocol):
    """The app, as far as it follows its terminal."""

    screen_diff: ScreenDiff
    console: Console

    @property
    def theme_dirs(self) -> list[Path]:
        """The folders that themes are in."""

    @property
    def driver(self) -> TextualDriver | None:
        """What reads and writes the terminal."""

    @property
    def is_running(self) -> bool:
        """Whether anything shows."""

    @property
    def chat(self) -> HasPage | None:
        """The screen, once it was made."""

    def write_terminal(self, data: str) -> None:
        """Write an escape sequence of ours."""

    def use_theme(self, look: Theme) -> None:
        """Show everything in other colours."""

    def run_worker(self, work: Coroutine[Any, Any, None]) -> object:
        """Do something behind."""


class Following:
    """What the terminal has said of itself, and what the app makes of it.

    Attributes:
        answers: What it has said so far.
        theme: The name of the theme that was chosen; `auto` for the one that follows the terminal.
    """

    def __init__(self, app: Follower, theme: str, remembered: str) -> None:
        """Follow the terminal, whose background was “light” or “dark” when it was last asked."""
        self._app = app
        self.answers = Answers()
        self.theme = theme or AUTO
        self._ground = likely_ground(os.environ, remembered)
        self._drawer = Drawer(app.screen_diff, app.write_terminal)
        self._outside = Outside() if is_in_tmux() else None
        self._has_asked_outside = False

    def look(self) -> tuple[Theme, list[str]]:
        """The theme to use now, and what is wrong with the one that was chosen."""
        name = BY_GROUND[self._ground] if self.theme == AUTO else self.theme
        return find_theme(name, self._app.theme_dirs)

    def hear(self, answers: Answers) -> None:
        """Take what the terminal has said."""
        self.answers = answers
        self._app.screen_diff.trust_signs(does=answers.agrees_on_signs)
        is_other = self._take_colours() | self._take_ground()
        if is_other and self._app.is_running:
            self.show()
        if self._outside is not None and self._app.is_running and not self._has_asked_outside:
            self._has_asked_outside = True
            self._app.run_worker(self.ask_outside())
        self._use_pictures()

    async def ask_outside(self) -> None:
        """Ask what tmux is shown in, now or again, and draw in the way that gets through to it."""
        if self._outside is None:
            return
        self._outside = await ask_outside(os.environ)
        self._drawer.send_again()
        self._use_pictures()
        self.draw()

    def _use_pictures(self) -> None:
        if self._drawer.use(self.answers, self._outside) and (page := self._page) is not None:
            page.lay_out_again()

    def draw(self) -> None:
        """Have the pictures of the page stand where they should, after an update of the screen."""
        if self._drawer.is_in_use and (page := self._page) is not None:
            self._drawer.draw(page.renderer.pictures, page.screen.refresh)

    @property
    def _page(self) -> Transcript | None:
        return self._app.chat.page if self._app.chat is not None else None

    def show(self) -> None:
        """Paint everything in the theme to use now."""
        look, _ = self.look()
        self._app.use_theme(look)
        self._app.screen_diff.forget()

    def choose(self, theme: str) -> None:
        """Use a theme from now on, by its name or as the terminal is."""
        self.theme = theme
        if isinstance(driver := self._app.driver, Driver):
            driver.follow_ground(does=theme == AUTO)
        self.show()

    @property
    def likely(self) -> str:
        """Whether the terminal is “light” or “dark”, as it said or as is likely."""
        return self._ground

    @property
    def ground(self) -> str:
        """Whether the terminal is “light” or “dark”, as far as is known; empty while nothing follows it."""
        return self._ground if self.theme == AUTO and self.answers.is_light is not None else ""

    def _take_colours(self) -> bool:
        """Paint in 24-bit colours where the terminal knows them and its variables do not say so."""
        console = self._app.console
        if not self.answers.has_true_colour or os.environ.get("TEXTUAL_COLOR_SYSTEM") or console.no_color:
            return False
        before, console._color_system = console._color_system, ColorSystem.TRUECOLOR  # noqa: SLF001  Rich reads it once
        return before is not ColorSystem.TRUECOLOR

    def _take_ground(self) -> bool:
        is_light = self.answers.is_light
        if is_light is None:
            return False
        before, self._ground = self._ground, "light" if is_light else "dark"
        return self.theme == AUTO and before != self._ground
