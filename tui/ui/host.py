"""What a part of the screen may ask of the app and of the screen it is on, without knowing either."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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
    from tui.chat.endpoint_form import EndpointForm
    from tui.chat.fault_list import FaultList
    from tui.store.setting_edit import Draft, Edit
    from tui.store.settings import Settings
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

    def use_settings(self, before: Settings, names: Collection[str]) -> list[str]:
        """Go by the settings as they are now; what is wrong with them."""

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

    async def open_address(self, address: str, server: str) -> bool:
        """Open a server's address in the browser, and say so; whether one did."""

    def allow_sign_in(self, server: str) -> None:
        """The next sign-in at this server was asked for."""


class SettingsDesk(Protocol):
    """The settings: read again, and changed on confirmation."""

    at: tuple[str, ...]
    """The setting that the screen of settings begins at."""
    draft: Draft | None
    """What would be written."""

    async def look(self, *, is_asked: bool = False, tells: bool = True) -> bool:
        """Read the settings again where they changed; whether they can be used."""

    async def propose(self, edits: Sequence[Edit], *, back: str) -> None:
        """Show what a change would write, and write it once that is confirmed; then open the pane `back` again.

        Raises:
            RilletError: If it cannot be made.
        """

    async def confirm(self) -> None:
        """Write what was shown.

        Raises:
            RilletError: If it cannot be written.
        """

    async def leave(self) -> None:
        """Write nothing."""

    key_for: str
    """The endpoint that a key is typed for."""

    key_back: str
    """The pane that is opened after that."""
    form: EndpointForm | None
    """The endpoint that is being set up."""

    async def ask_key(self, endpoint: str, *, back: str = "") -> None:
        """Have a key typed; then open the pane `back` again."""

    async def leave_key(self, *, keeps: bool = False) -> None:
        """A key was typed, or was not; with `keeps` it is in the keyring."""

    def take_set_up_model(self) -> str:
        """The model of the endpoint that was written just now, as `endpoint/model`; told once."""

    async def set_up(self, form: EndpointForm) -> None:
        """Have an endpoint set up, beginning with what is known of it."""


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
    def settings(self) -> SettingsDesk:
        """The settings."""

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

    def expect_echo(self) -> None:
        """What is changed next answers a key: it is painted as soon as it was, not at Textual's next frame."""

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
