"""What a part of the screen may ask of the app and of the screen it is on, without knowing either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from rich.style import Style
from textual.message import Message

from tui.ui.action.keymap import Keymap
from tui.ui.theme.theming import Theme
from tui.ui.transcript import Transcript
from tui.ui.turn_runner import TurnRunner
from tui.ui.widgets.composer import Composer
from tui.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation
    from tui.chat.fault_list import FaultList
    from tui.ui.attention import Attention
    from tui.ui.following import Following
    from tui.ui.person import ServerAsks


class Host(Protocol):
    """The app: themes, the terminal, the way out."""

    look: Theme
    following: Following
    styles_by_key: Mapping[str, Style]
    attention: Attention
    notices: list[str]
    keys: Keymap

    def use_theme(self, look: Theme) -> None:
        """Show everything in other colours."""

    def read_themes(self) -> tuple[list[Theme], list[str]]:
        """Every theme there is, and what is wrong with the others."""

    def write_terminal(self, data: str) -> None:
        """Write an escape sequence of ours to the terminal."""

    def when_shown(self, then: Callable[[], object]) -> None:
        """Do something once the terminal has shown all that was painted so far."""

    async def take_early_keys(self) -> None:
        """Deal with what was typed while rillet was starting."""

    def suspend(self) -> AbstractContextManager[None]:
        """Give the terminal to another program, as long as that lasts."""

    def call_from_thread(self, callback: Callable[..., Any], *args: Any) -> Any:
        """Call something on the app's own thread, from another one."""

    def repaint(self) -> None:
        """Paint everything anew."""

    async def action_quit(self) -> None:
        """Leave; where something is not saved, ask first."""

    async def leave(self) -> None:
        """Leave, whatever is not saved."""


class Unsaved(Protocol):
    """Conversations that are saved nowhere."""

    def write_unsaved(self) -> list[str]:
        """Write what is saved nowhere into new files; a sentence for each."""


class LocalWatch(Protocol):
    """How the built-in model stands."""

    def watch_local(self) -> None:
        """Show it, from now on."""


class Servers(Protocol):
    """What tool servers ask of the person."""

    questions: list[ServerAsks]

    def open_address(self, address: str) -> str:
        """Open an address in the browser; the sentence that says what was done."""

    def allow_sign_in(self, server: str) -> None:
        """The next sign-in at this server was asked for."""


class Chat(Protocol):
    """The chat screen, as its panes see it."""

    program: ChatProgram
    composer: Composer
    page: Transcript
    key_bar: KeyBar

    @property
    def faults(self) -> FaultList:
        """What of the settings does not work."""

    @property
    def sessions(self) -> Unsaved:
        """What would be gone."""

    @property
    def models(self) -> LocalWatch:
        """The built-in model."""

    @property
    def servers(self) -> Servers:
        """The tool servers that want something of the person."""

    @property
    def runner(self) -> TurnRunner:
        """The turns of the conversation on the screen."""

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen."""

    @property
    def rillet(self) -> Host:
        """The app."""

    def say(self, text: str, tone: str = "muted") -> None:
        """Tell a sentence on the bottom line."""

    def save(self, work: Callable[[], object], what: str = "") -> None:
        """Do something to the database."""

    def tell_saving(self) -> None:
        """Show, as long as it is so, that nothing is being saved, and that something must be read."""

    def choose(self, **changes: Any) -> None:
        """Remember choices."""

    def tell_title(self) -> None:
        """Show what the conversation is called and who answers it."""

    def offer_keys(self) -> None:
        """Show the keys that matter now."""

    def pane_in_focus(self) -> Any:
        """The pane that has the keys."""

    async def close_pane(self, pane: Any) -> None:
        """Take a pane away."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Call something once what is being done is done."""

    def post_message(self, message: Message) -> bool:
        """Post a wish to the screen."""

    async def action_do(self, action_id: str) -> None:
        """Run an action of the table, wherever it applies."""
