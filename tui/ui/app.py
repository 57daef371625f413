"""The app: one screen, a theme, a terminal that is given back, and an end that loses nothing."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from rich.style import Style
from textual import events, on
from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver as TextualDriver
from textual.screen import Screen

from tui.typeset.bidi import choose_bidi
from tui.ui.action.binding import bindings
from tui.ui.action.keymap import keymap_of
from tui.ui.attention import Attention
from tui.ui.following import Following
from tui.ui.painting import Painting
from tui.ui.start.cover import Cover
from tui.ui.terminal.answer import Answers
from tui.ui.terminal.driver import REDRAW, Driver, TerminalClosed
from tui.ui.terminal.layout import mean_by_place
from tui.ui.terminal.probe import TerminalTold
from tui.ui.terminal.receipt import Receipt, Receipts
from tui.ui.terminal.screen_diff import ScreenDiff
from tui.ui.terminal.signals import end_soon, watch_signals
from tui.ui.theme.auto import AUTO
from tui.ui.theme.palette import palette
from tui.ui.theme.theming import Theme, read_themes

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation
    from tui.domain.turn import Turn
    from tui.store.settings import Settings
    from tui.ui.screen.chat import ChatScreen
    from tui.ui.start.early.screen import EarlyScreen


WARMING_DELAY = 0.25
"""Seconds from the first paint until what the first prompt will need is fetched: the first keys come before it."""


class RilletApp(App[None], inherit_css=False):
    """Shows one conversation of a program.

    Attributes:
        styles_by_key: The styles of the theme in use, by style key.
        early: The first frame, where it is on the screen until there is something to take its place.
        attention: Calls a person who looks elsewhere.
        keys: Which keys run which action.
        bidi: How the terminal wants text that runs from right to left.
        look: The theme in use.
        following: What the terminal said of itself, and the theme that was chosen.
        screen_diff: What the terminal shows.
        painting: Paints past the compositor.
        chat: The one screen there is, once it was made.
    """

    ENABLE_COMMAND_PALETTE = False
    TITLE = "rillet"
    CSS = """
    RilletApp { background: $background; color: $foreground; }
    * { link-style: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")

    def __init__(
        self,
        program: ChatProgram,
        conversation: Conversation,
        *,
        theme: str | None = None,
        theme_dirs: list[Path] | None = None,
        begin: Turn | None = None,
        plays: float | None = None,
        early: EarlyScreen | None = None,
    ) -> None:
        self.early = early
        self._first_frame = Cover(is_on=early is not None)
        self.styles_by_key: Mapping[str, Style] = {}
        self.bidi = choose_bidi(program.settings.bidi, os.environ)
        super().__init__(driver_class=None)
        self.program = program
        self._conversation = conversation
        self._begin = begin
        self._plays = plays  # the speed at which the last turn is played again
        self._theme_dirs = theme_dirs
        self.chat: ChatScreen | None = None
        self.notices: list[str] = []
        self.last_session: str | None = None
        self.attention = Attention(self.write_terminal, lambda: program.settings.notify and not self.app_focus)
        self.screen_diff = ScreenDiff()
        self.painting = Painting(self)
        self._receipts = Receipts(self.write_terminal, self.set_timer)
        self._pressed_at = 0.0
        self.animation_level = "none"
        self._disable_tooltips = self._disable_notifications = True  # rillet has its own, and these would be mounted
        name = theme or program.choices.theme or program.settings.theme
        self.following = Following(self, name, program.choices.ground)
        if early is not None:
            answers = Answers()
            answers.read(early.read_so_far().decode("utf-8", "replace"))
            self.following.hear(answers)
        self.look, notices = self.following.look()
        self.notices += notices
        self.use_theme(self.look)
        self.keys, notices = keymap_of(program.settings)
        if self.keys.changed:
            self.set_keymap(self.keys.changed)
        self.notices += notices

    @property
    def is_covered(self) -> bool:
        """Whether the first frame is what is seen."""
        return self._first_frame.is_on

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Write what changed, and of that only what differs from what the terminal shows."""
        if not (self.is_covered and self._first_frame.take_over(self._driver)):
            update: Any = self.screen_diff.narrow(renderable, self.size, is_synced=self.painting.is_synced)
            super()._display(screen, update)

    def _begin_update(self) -> None:
        """Gather what is written of one update."""
        if isinstance(self._driver, Driver):
            self._driver.begin_frame()
        super()._begin_update()

    def _end_update(self) -> None:
        """Write it, in one piece."""
        super()._end_update()
        if isinstance(self._driver, Driver):
            self._driver.end_frame()
            self.following.draw()

    async def on_event(self, event: events.Event) -> None:
        """Keep a key until there is something that takes it, and tell the screen of it before it is dealt with."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if self._first_frame.keep(event):
                return
            mean_by_place(event, self.focused)
            if self.chat is not None:
                self.chat.expect_echo()
        if isinstance(event, events.MouseDown | events.MouseUp) and not event.is_forwarded:
            self._pressed_at = event.time if isinstance(event, events.MouseDown) else self._pressed_at
            if self.chat is not None:
                self.chat.distrust(self._pressed_at)
                self.chat.expect_echo()
        await super().on_event(event)

    def when_shown(self, then: Callable[[], object]) -> None:
        """Do something once the terminal has shown all that was painted so far."""
        if self.is_covered or self._batch_count:
            self.call_after_refresh(self.when_shown, then)
        elif isinstance(self._driver, Driver):
            self._receipts.when_shown(then)
        else:
            then()

    @on(Receipt)
    def _hear_receipt(self) -> None:
        self._receipts.hear()

    def on_app_focus(self) -> None:
        """The terminal's window has the focus again."""
        self.attention.take_back()
        if self.chat is not None:
            self.chat.catch_up()

    async def take_early_keys(self) -> None:
        """Deal with what was typed while rillet was starting."""
        self._first_frame.take_over(self._driver)
        for key in self._first_frame.take_keys():
            await self.on_event(key)
        if self.is_covered:  # each key has its turn before anything is shown
            (self.focused or self.screen).call_later(self._uncover)

    def _uncover(self) -> None:
        self._first_frame.is_on = False
        self.screen_diff.forget()
        self.screen.refresh()
        if self.chat is not None:
            self.chat.expect_echo()

    # -- themes ---------------------------------------------------------------------------------------

    @property
    def theme_dirs(self) -> list[Path]:
        """The folders that themes are in, the user's last."""
        if self._theme_dirs is None:
            from tui.store.path import themes_dirs

            self._theme_dirs = themes_dirs()
        return self._theme_dirs

    def read_themes(self) -> tuple[list[Theme], list[str]]:
        """Every theme there is now, and what is wrong with the others."""
        return read_themes(self.theme_dirs)

    def use_theme(self, look: Theme) -> None:
        """Show everything in other colours, at once: Textual's signal has the screen paint anew."""
        self.look = look
        is_terminal = sys.__stdout__ is not None and sys.__stdout__.isatty()  # else it is a picture or a test
        shown = look.in_sixteen() if is_terminal and self.console.color_system == "standard" else look
        self.styles_by_key = palette(shown)
        self.register_theme(shown.textual())
        if self.theme == look.name and self._running:
            self.refresh_css(animate=False)
        self.theme = look.name
        if not self._running:
            self.stylesheet.set_variables(self.get_css_variables())

    @property
    def follows_ground(self) -> bool:
        """Whether the theme in use changes when the terminal turns light or dark."""
        return self.following.theme == AUTO

    @property
    def driver(self) -> TextualDriver | None:
        """What reads and writes the terminal, once there is something."""
        return self._driver

    @on(TerminalTold)
    def _hear_terminal(self, message: TerminalTold) -> None:
        self.following.hear(message.answers)
        ground = self.following.ground
        if ground and ground != self.program.choices.ground and self.chat is not None:
            self.chat.choose(ground=ground)

    def get_css_variables(self) -> dict[str, str]:
        """The colours of the theme; none of Textual's own, which would be worked out for nothing."""
        return super().get_css_variables() if self.styles_by_key else {}

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything again, if anything has been styled at all."""
        if self.screen_stack:
            super().refresh_css(animate)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colours, for the moment before a theme is in use."""
        return {"muted": "#808080", "rule": "#404040"}

    # -- keys -----------------------------------------------------------------------------------------

    def use_settings(self, before: Settings, names: Collection[str]) -> list[str]:
        """Go by the settings of the program as they are now: keys, mouse, colours, text from right to left.

        Args:
            before: The settings as they were.
            names: The settings that changed.

        Returns:
            What is wrong with them.
        """
        settings, notices = self.program.settings, list[str]()
        if (settings.keymap, settings.send_key) != (before.keymap, before.send_key):
            self.keys, wrong = keymap_of(settings)
            self.set_keymap(self.keys.changed)
            notices += wrong
        if "mouse" in names and isinstance(self._driver, Driver):
            self._driver.use_mouse(does=settings.mouse)
        if "bidi" in names:
            self.bidi = choose_bidi(settings.bidi, os.environ)
            self.theme_changed_signal.publish(self.current_theme)
        if "theme" in names:
            self.following.choose(settings.theme or AUTO)
            notices += self.following.look()[1]
        return notices

    # -- beginning and end ------------------------------------------------------------------------------

    def get_driver_class(self) -> type[TextualDriver]:
        """Our own driver, unless Textual is told to use another one."""
        chosen = super().get_driver_class()
        return Driver if chosen.__name__ == "LinuxDriver" else chosen

    def get_default_screen(self) -> Screen[Any]:
        """The chat."""
        from tui.ui.screen.chat import ChatScreen

        self.chat = ChatScreen(self.program, self._conversation, self._begin, plays=self._plays)
        return self.chat

    def on_mount(self) -> None:
        """Take signals, and once something is seen, fetch what is needed next."""
        if not self.is_headless:
            watch_signals(self.end_by_signal)
        self.app_resume_signal.subscribe(self, lambda _app: self._come_back())
        self.call_after_refresh(self.set_timer, WARMING_DELAY, self._warm)

    def _warm(self) -> None:
        from tui.ui.start.warm import warm

        endpoint = self.program.endpoints.get(self._conversation.sheet.endpoint)
        if endpoint is not None:  # the settings may have lost it since the start
            warm(endpoint.dialect, needs_tls=endpoint.base_url.startswith("https:"))

    def repaint(self) -> None:
        """Lay everything out and paint it again: another program had the terminal."""
        self.screen.refresh(layout=True)

    def _come_back(self) -> None:
        """The terminal is ours again."""
        self.action_redraw()
        if self.chat is not None:
            self.chat.distrust(0.0)
        self.call_after_refresh(self._receipts.ask_again)

    def action_redraw(self) -> None:
        """Paint everything anew, whatever the terminal shows now."""
        self.screen_diff.forget()
        self.write_terminal(REDRAW)
        self.screen.refresh()
        self.run_worker(self.following.ask_outside())

    def on_resize(self, event: events.Resize) -> None:
        """What a terminal shows after it changed its size is not known, also where it changed it back at once."""
        self.screen_diff.forget()
        if self.screen_stack and event.size == self.screen.outer_size:
            self.screen.refresh()

    async def action_do(self, action_id: str) -> None:
        """Run an action of the table."""
        await self.screen.run_action(f"do('{action_id}')")

    async def action_quit(self) -> None:
        """Leave, after the running reply and the draft have been put away; where something is not saved, ask first."""
        if self.chat is None or not await self.chat.ask_before_leaving():
            await self._leave(0)

    async def leave(self) -> None:
        """Leave, whatever is not saved."""
        await self._leave(0)

    def end_by_signal(self, number: int) -> None:
        """Leave because of a signal: save, restore the terminal, end with 128 + its number."""
        ended = f"rillet was ended by {signal.Signals(number).name}"
        if self.chat is not None:
            self.chat.interrupt("the terminal was closed" if number == signal.SIGHUP else ended)
        self.run_worker(self._leave(128 + number), exit_on_error=False)

    @on(TerminalClosed)
    def _lose_terminal(self) -> None:
        end_soon(signal.SIGHUP)
        self.end_by_signal(signal.SIGHUP)

    async def _leave(self, code: int) -> None:
        if self.chat is not None:
            await self.chat.finish()
            self.last_session = self.chat.saved_session or self.last_session
        self.exit(return_code=code)

    async def on_unmount(self) -> None:
        """Let go of sockets, children and files."""
        await self.program.close()

    # -- what must never happen -------------------------------------------------------------------------

    def _fatal_error(self) -> None:
        """End with a traceback that shows no values: they could be keys or prompts."""
        from rich.text import Text

        from tui.ui.start.crash import report

        self._exit_renderables.append(Text(report()))
        self._close_messages_no_wait()

    def copy_to_clipboard(self, text: str) -> None:
        """Copy what a widget of Textual's own wants copied."""
        from tui.ui.terminal.clipboard import copy

        self._clipboard = text
        takes_it = self.following.answers.clipboard
        self.run_worker(copy(text, self.write_terminal, takes_clipboard=takes_it), exit_on_error=False)

    def write_terminal(self, data: str) -> None:
        """Write an escape sequence of ours to the terminal."""
        if self._driver is not None:
            self._driver.write(data)
            self._driver.flush()
