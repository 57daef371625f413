"""The screen that waits while the settings cannot be used: what is wrong with them, and what can be done."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Literal

from rich.style import Style
from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.driver import Driver as TextualDriver

from tui.domain.error import SettingsError, StoreError
from tui.page.line import Line
from tui.typeset.line import width_of
from tui.typeset.wrap import told_rows
from tui.ui.action.binding import bindings
from tui.ui.action.table import BY_ID
from tui.ui.line import Lines
from tui.ui.start.typed import Typed
from tui.ui.terminal.driver import Driver
from tui.ui.terminal.signals import watch_signals
from tui.ui.theme.auto import AUTO, BY_GROUND, likely_ground
from tui.ui.theme.palette import palette
from tui.ui.theme.theming import find_theme
from tui.wire.printable import printable_line

LOOK_EVERY = 1.0
"""Seconds between two looks at the settings file."""
Answer = Literal["again", "forget", "quit"]


class Problem(Lines):
    """What is wrong, where, and the keys."""

    DEFAULT_CSS = "Problem { height: 1fr; padding: 1 2; }"

    def __init__(self, error: SettingsError, typed: Typed) -> None:
        super().__init__()
        self._error = error
        self._typed = typed

    def lines(self, width: int) -> list[Line]:
        """All of it at a width."""
        error = self._error
        what: list[Line] = [[(line, "warning")] for line in _folded(error.message, width)]
        what += [[(line, "")] for line in _folded(error.hint, width)]
        why = "Nothing was sent and nothing is lost. With other settings a prompt might go to another endpoint, so rillet waits."
        keys: list[Line] = [
            [
                ("Enter", "key@waiting.again"),
                ("   read the settings again; a file that changes is read by itself", "@waiting.again"),
            ]
        ]
        if error.is_choice:
            keys.append([("F8", "key@waiting.forget"), ("      forget that choice", "@waiting.forget")])
        keys.append([("Ctrl+Q", "key@waiting.quit"), ("  quit", "@waiting.quit")])
        written: list[Line] = []
        if line := self._typed.line:
            room = max(8, width - 3)
            cut = line if width_of(line) <= room else f"…{line[-room + 1 :]}"
            written = [[], [("› ", "accent"), (cut, "")], [("  it will be in the prompt, and is not sent", "muted")]]
        return [
            [("rillet", "title")],
            [],
            [("The settings cannot be used", "strong")],
            [],
            *what,
            [],
            *([(line, "muted")] for line in _folded(why, width)),
            [],
            *keys,
            *written,
        ]


class WaitingApp(App[Answer], inherit_css=False):
    """Shows what is wrong with the settings until the person has decided."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "rillet"
    CSS = """
    WaitingApp, WaitingApp Screen { background: $background; color: $foreground; }
    * { link-style: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("waiting")

    def __init__(
        self,
        error: SettingsError,
        theme: str | None = None,
        has_changed: Callable[[], bool] = lambda: False,
        typed: Typed | None = None,
    ) -> None:
        self.styles_by_key: Mapping[str, Style] = {}
        super().__init__()
        self._error = error
        self._has_changed = has_changed
        self._typed = typed or Typed()
        self.animation_level = "none"
        look, _ = find_theme(
            BY_GROUND[likely_ground(os.environ)] if theme in {None, "", AUTO} else theme, _theme_dirs()
        )
        look = look.in_sixteen() if self.console.color_system == "standard" else look
        self.styles_by_key = palette(look)
        self.register_theme(look.textual())
        self.theme = look.name

    def compose(self) -> ComposeResult:
        """What is wrong."""
        yield Problem(self._error, self._typed)

    def on_mount(self) -> None:
        """Take signals as a wish to leave."""
        if not self.is_headless:
            watch_signals(lambda _number: self.exit("quit"))
        self.set_interval(LOOK_EVERY, self._look)

    def _look(self) -> None:
        """Read the settings again by itself once the file is another."""
        if self._has_changed():
            self.exit("again")

    @on(events.Key)
    @on(events.Paste)
    def keep_typed(self, event: events.Key | events.Paste) -> None:
        """Who types here writes a prompt: it is kept until there is a composer."""
        if self._typed.take(event):
            self.query_one(Problem).refresh()

    def get_driver_class(self) -> type[TextualDriver]:
        """Our own driver, as everywhere."""
        chosen = super().get_driver_class()
        return Driver if chosen.__name__ == "LinuxDriver" else chosen

    async def action_do(self, action_id: str) -> None:
        """Run an action of the table."""
        await self.run_action(BY_ID[action_id].run)

    def action_answer(self, answer: Answer) -> None:
        """Leave with what was decided."""
        if answer != "forget" or self._error.is_choice:
            self.exit(answer)


def wait_for_settings(error: SettingsError, theme: str | None, has_changed: Callable[[], bool], typed: Typed) -> Answer:
    """Show what is wrong with the settings, and wait for the person's decision, or for another file."""
    return WaitingApp(error, theme or _chosen_theme(), has_changed, typed).run() or "quit"


def _folded(text: str, width: int) -> list[str]:
    return told_rows(printable_line(text), max(10, width - 1))


def _theme_dirs() -> list[Path]:
    from tui.store.path import themes_dirs

    return themes_dirs()


def _chosen_theme() -> str:
    from tui.store.choice import load_choices
    from tui.store.path import choices_path

    try:
        return load_choices(choices_path()).theme
    except (StoreError, SettingsError):
        return ""
