"""What a conversation and its screen ask of a program, whoever stands behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tui.chat.built_in import BuiltIn
    from tui.chat.settings_file import SettingsFile
    from tui.domain.delta import Delta
    from tui.domain.endpoint import Endpoint, Secret
    from tui.domain.endpoint_word import DialectName
    from tui.domain.error import StoreError
    from tui.domain.model import Model
    from tui.domain.request import Request
    from tui.domain.straight import Straight
    from tui.domain.tape import Recorder
    from tui.domain.turn import Turn
    from tui.net.watch import Patience
    from tui.store.database import Database
    from tui.store.settings import Choices, Settings
    from tui.tools.mcp.question import Person
    from tui.tools.registry import Registry


class ChatProgram(Protocol):
    """Endpoints, models, tools and the disk, as a conversation and its screen see them.

    `tui/chat/program` keeps it with a network, the tests' program with scripts; what is said of each part stands there.
    """

    choices: Choices
    person: Person | None

    @property
    def settings(self) -> Settings:
        """What the settings say."""

    @property
    def settings_file(self) -> SettingsFile | None:
        """The file that they are in; `None` where there is none."""

    async def use_settings(self, settings: Settings) -> None:
        """Go by other settings from now on.

        Raises:
            SettingsError: If they lack the endpoint that was named for this run.
        """

    @property
    def built_in(self) -> BuiltIn:
        """The built-in model."""

    @property
    def database(self) -> Database:
        """Where conversations are kept."""

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """The endpoints by name."""

    @property
    def notices(self) -> list[str]:
        """Sentences to tell the user once."""

    @property
    def store_problem(self) -> str:
        """Why nothing is being saved; empty when all is well."""

    @property
    def default_endpoint(self) -> str:
        """The name of the endpoint that is asked until another is chosen."""

    @property
    def default_model(self) -> str:
        """The model that is asked until another is chosen."""

    def has_key(self, name: str) -> bool:
        """Whether an endpoint can be asked as far as keys go."""

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name.

        Raises:
            ConfigError: If there is none.
        """

    def use_endpoint(self, endpoint: Endpoint, model: str = "") -> None:
        """Add an endpoint for this run, and ask it by default."""

    def put_endpoint(self, endpoint: Endpoint) -> None:
        """Have an endpoint for this run, in the place of one of its name."""

    def rename_endpoint(self, old: str, new: str) -> None:
        """Give an endpoint of this run another name."""

    def use_key(self, name: str, key: Secret) -> None:
        """Use a key for this run."""

    def drop_key(self, name: str) -> None:
        """The key that was typed for an endpoint is no good."""

    def has_typed_key(self, name: str) -> bool:
        """Whether a key was typed for an endpoint in this run."""

    def use_dialect(self, name: str, dialect: DialectName) -> None:
        """Speak another dialect to an endpoint from now on."""

    async def models(self, name: str, *, refresh: bool = False) -> list[Model]:
        """The models an endpoint offers.

        Raises:
            RilletError: If the list cannot be had.
        """

    def about(self, name: str, model_id: str) -> Model | None:
        """What is known of a model, without asking: its context and its prices."""

    def blindness(self, name: str, model_id: str) -> str:
        """The sentence that a model takes no images, as far as that is known; else nothing."""

    async def find_neighbours(self) -> list[str]:
        """The names of endpoints on this machine that were found by themselves."""

    async def tools(self) -> Registry:
        """The tools of the settings, built once."""

    def mask_keys(self, text: str) -> str:
        """A text without the keys of any endpoint."""

    def exchange(
        self,
        request: Request,
        turn: Turn,
        recorder: Recorder,
        patience: Patience | None,
        clock: Callable[[], float],
        *,
        straight: Straight | None = None,
    ) -> AsyncGenerator[Delta, None]:
        """Send a request to a turn's endpoint, and yield what comes of it.

        Raises:
            RilletError: However it fails.
        """

    def free(self, name: str) -> None:
        """A request was dropped before its first token."""

    def lose_disk(self, error: StoreError) -> None:
        """Nothing is being saved from now on."""

    def regain_disk(self) -> None:
        """Saving works again."""

    async def close(self) -> None:
        """Let go of sockets, children and files."""
