"""The program: settings, disk, network and the built-in model, put together without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, nullcontext
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.chat.built_in import LOCAL, BuiltIn
from tui.chat.keys import Keys
from tui.chat.model_advice import advise
from tui.chat.pricing import Pricing, by_settings, filled_in
from tui.domain.delta import Delta, IdentityDelta, UsageDelta
from tui.domain.endpoint import Deadlines, Endpoint, Secret
from tui.domain.endpoint_word import DialectName
from tui.domain.error import (
    ConfigError,
    EndpointError,
    RefusedError,
    SettingsError,
    StoreError,
)
from tui.domain.model import Model, is_reasoning_model
from tui.domain.request import Request
from tui.domain.tape import Recorder
from tui.domain.turn import Turn
from tui.store.database import Database
from tui.store.settings import Choices, Settings, known_endpoints
from tui.wire.dialect import is_dialect

if TYPE_CHECKING:
    from tui.chat.settings_file import SettingsFile
    from tui.domain.straight import Straight
    from tui.net.client import Client
    from tui.net.retry import Pauses
    from tui.net.watch import Patience
    from tui.tools.mcp.question import Person
    from tui.tools.registry import Registry

XAI = "xai"
_PRICE_SECONDS = 2.0
"""How long the end of a reply waits for a list that may say what it costs."""


class Program:
    """Everything a conversation needs, opened lazily: nothing here imports what speaks HTTP until a request is made.

    Attributes:
        endpoints: The endpoints by name.
        settings_file: The file of the settings; `None` where there is none.
        is_default_named: Whether the command line says whom to ask.
        notices: Sentences to tell the user once, such as a damaged file moved aside.
        store_problem: Why nothing is being saved, empty when all is well.
        built_in: The built-in model.
        retries: How often a request is sent again while nothing of the reply has come.
        pauses: The waits between, where they are not the usual ones.
        joins_deltas: Whether what comes at once of one text is handed on as one delta.
        person: Who answers what MCP servers ask; nobody where it is `None`.
    """

    def __init__(
        self,
        settings: Settings,
        choices: Choices,
        database: Database,
        environ: Mapping[str, str],
        *,
        built_in: BuiltIn | None = None,
    ) -> None:
        self.settings = settings
        self.choices = choices
        self.database = database
        self._keys = Keys(environ)
        self.environ = environ
        self.built_in = BuiltIn(settings.local) if built_in is None else built_in
        self.endpoints: dict[str, Endpoint] = self.built_in.name(known_endpoints(settings, environ))
        self.notices: list[str] = [database.notice] if database.notice else []
        self.store_problem = ""
        self.settings_file: SettingsFile | None = None
        self.is_default_named = False
        self.retries = 2
        self.pauses: Pauses | None = None
        self.joins_deltas = True
        self.default_endpoint, self.default_model = self._defaults()
        self._client: Client | None = None
        self._models: dict[str, list[Model]] = {}
        self._pricing = Pricing(self)
        self.person: Person | None = None
        self._tools: asyncio.Future[Registry] | None = None

    # -- endpoints and models ---------------------------------------------------------------------------

    def _defaults(self) -> tuple[str, str]:
        """The endpoint and model that are asked until others are chosen: the built-in model without a key."""
        name = self.settings.endpoint or self.choices.endpoint
        if name in self.endpoints:
            return name, self.model_of(name) or self.endpoints[name].model
        name = XAI if self.has_key(XAI) else LOCAL
        # Without a name, the model of the settings is one of those that a key is for.
        return name, (self.settings.model if name == XAI else "") or self.endpoints[name].model

    async def use_settings(self, settings: Settings) -> None:
        """Go by other settings from now on; what did not change stays as it is, a dialect that was found out too.

        Raises:
            SettingsError: If they lack the endpoint that was named for this run.
        """
        before = self.built_in.name(known_endpoints(self.settings, self.environ))
        after = known_endpoints(settings, self.environ)
        gone = before.keys() - after.keys()
        if self.is_default_named and self.default_endpoint in gone:
            raise SettingsError(
                f"the endpoint “{self.default_endpoint}”, which this run was told to ask, is not in the settings any more",
                f"Put [endpoints.{self.default_endpoint}] back, or start again with another.",
            )
        self.built_in.use_settings(settings.local)
        after = self.built_in.name(after)
        old, self.settings = self.settings, settings
        for name in (*gone, *(name for name, endpoint in after.items() if before.get(name) != endpoint)):
            self._keys.forget(name)
            self._models.pop(name, None)
            self.endpoints.pop(name, None)
        self.endpoints = {
            **{name: self.endpoints.get(name, endpoint) for name, endpoint in after.items()},
            **self.endpoints,
        }
        if not self.is_default_named:
            self.default_endpoint, self.default_model = self._defaults()
        if (settings.tools, settings.roots) != (old.tools, old.roots) and self._tools is not None:
            self._tools = asyncio.ensure_future(self._build_tools(await self._tools))

    async def _build_tools(self, before: Registry | None = None) -> Registry:
        """The tools of the settings; servers that are described as they were go on."""
        from tui.chat.toolbox import open_tools

        registry = await open_tools(self.settings, self.person, () if before is None else before.servers)
        if before is not None:
            await before.aclose(but=registry.servers)
        return registry

    def model_of(self, name: str) -> str:
        """The model that was set for an endpoint, or chosen there; empty leaves it to the endpoint.

        A model belongs to the endpoint that it was named with: another may not know it.
        """
        if self.settings.model and self.settings.endpoint == name:
            return self.settings.model
        return self.choices.model if self.choices.endpoint == name else ""

    def has_key(self, name: str) -> bool:
        """Whether an endpoint can be asked as far as keys go; a command and the keyring are taken at their word."""
        return self._keys.has(self.endpoints[name])

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name.

        Raises:
            ConfigError: If there is none; the message names the nearest.
        """
        if (match := self.endpoints.get(name)) is not None:
            return match
        from difflib import get_close_matches

        near = get_close_matches(name, self.endpoints, 1)
        names = ", ".join(sorted(self.endpoints))
        raise ConfigError(
            f"there is no endpoint “{name}”",
            f"Did you mean “{near[0]}”?" if near else f"There are: {names}. More can be put into the settings.",
        )

    def use_endpoint(self, endpoint: Endpoint, model: str = "") -> None:
        """Add an endpoint for this run, and ask it by default."""
        self.endpoints[endpoint.name] = endpoint
        self.default_endpoint = endpoint.name
        self.default_model = model or endpoint.model

    def put_endpoint(self, endpoint: Endpoint) -> None:
        """Have an endpoint for this run, in the place of one of its name."""
        if self.endpoints.get(endpoint.name) != endpoint:
            self._keys.forget(endpoint.name)
            self._models.pop(endpoint.name, None)
            self.endpoints[endpoint.name] = endpoint

    def rename_endpoint(self, old: str, new: str) -> None:
        """Give an endpoint of this run another name."""
        self._keys.rename(old, new)
        self._models.pop(old, None)
        endpoint = self.endpoints.pop(old)
        self.endpoints[new] = replace(endpoint, name=new, title=new)

    def use_key(self, name: str, key: Secret) -> None:
        """Use a key for this run, in the place of the one that would be looked for; it is written nowhere."""
        self._keys.use(self.endpoint(name), key)

    def drop_key(self, name: str) -> None:
        """The key that was typed for an endpoint is no good."""
        self._keys.drop(name)

    def has_typed_key(self, name: str) -> bool:
        """Whether a key was typed for an endpoint in this run."""
        return name in self.endpoints and self._keys.typed(self.endpoints[name]) is not None

    def use_dialect(self, name: str, dialect: DialectName) -> None:
        """Speak another dialect to an endpoint from now on."""
        self.endpoints[name] = replace(self.endpoint(name), dialect=dialect)

    async def models(self, name: str, *, refresh: bool = False) -> list[Model]:
        """The models an endpoint offers, asked once unless refreshed.

        Raises:
            RilletError: If the list cannot be had.
        """
        if self.endpoint(name).is_local:
            return self.built_in.models
        if refresh or name not in self._models:
            from tui.net.model_list import fetch_models

            endpoint, key = await self.reach(self.endpoint(name))
            self._models[name] = await fetch_models(self.client, endpoint, key)
        return [by_settings(self.endpoint(name), model) for model in self._models[name]]

    def _listed(self, name: str, model_id: str) -> Model | None:
        """A model in the list of an endpoint, where that has been fetched."""
        return next((each for each in self._models.get(name, []) if model_id in (each.id, *each.aliases)), None)

    async def find_neighbours(self) -> list[str]:
        """Servers of models on this machine that no settings name: they can be asked in this run, without a key."""
        from tui.chat.neighbour import find_neighbours

        usual = self.settings.deadlines.over(Deadlines())
        neighbours = await find_neighbours(self.client, self.endpoints.values(), deadlines=usual)
        new = {endpoint.name: (endpoint, models) for endpoint, models in neighbours}
        for name, (endpoint, models) in new.items():
            if self.endpoints.setdefault(name, endpoint) is endpoint:
                self._models[name] = models  # they need not be asked for again
        return [name for name, (endpoint, _) in new.items() if self.endpoints[name] is endpoint]

    def about(self, name: str, model_id: str) -> Model | None:
        """What is known of a model, without asking: by the settings, its endpoint's list, and the price list in rillet."""
        endpoint = self.endpoints.get(name)
        if endpoint is None:  # it is not in the settings any more
            return None
        if endpoint.is_local:
            return self.built_in.about(model_id)
        from tui.domain.price_list import listed_model

        model = filled_in(self._listed(name, model_id), listed_model(endpoint.base_url, model_id))
        return by_settings(endpoint, model or Model(model_id, name)) if model or endpoint.prices else None

    def blindness(self, name: str, model_id: str) -> str:
        """The sentence that a model takes no images, as far as that is known without asking; else nothing."""
        if self.endpoint(name).is_local:
            return f"{model_id} takes words only: it does not see images"
        model = self._listed(name, model_id)
        if model is None or not model.inputs or "image" in model.inputs:
            return ""
        return f"{model_id} takes {' and '.join(model.inputs)} only: it does not see images"

    async def tools(self) -> Registry:
        """The tools of the settings, built once, on first use; `Registry.begin_servers` starts the servers."""
        if self._tools is None:
            self._tools = asyncio.ensure_future(self._build_tools())
        return await asyncio.shield(self._tools)

    # -- the network ------------------------------------------------------------------------------------

    @property
    def client(self) -> Client:
        """The HTTP client, made on first use."""
        if self._client is None:
            from tui.net.client import Client

            self._client = Client()
        return self._client

    def mask_keys(self, text: str) -> str:
        """A text without the keys of any endpoint, by the rule for replies: short keys and words are not looked for."""
        from tui.net.key_mask import key_mask

        values = self._keys.revealed(self.endpoints.values())
        for key in sorted(values, key=len, reverse=True):
            text = key_mask(key).text(text)
        return text

    async def reach(self, endpoint: Endpoint) -> tuple[Endpoint, Secret | None]:
        """Find an endpoint's key, and start the built-in model where that is meant.

        Raises:
            KeyMissingError: If there is no key, with what to do about it.
            RilletError: If the built-in model does not start.
        """
        if endpoint.is_local:
            return await self.built_in.reach(endpoint)
        return await self._keys.find(endpoint)

    async def exchange(
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
        if not turn.model:
            raise ConfigError(f"nothing was sent: no model is chosen for {turn.endpoint}", "/model chooses one.")
        asked = self.endpoint(turn.endpoint)
        with self.built_in.in_use() if asked.is_local else nullcontext():
            endpoint, key = await self.reach(asked)
            if is_dialect(turn.dialect):
                endpoint = replace(endpoint, dialect=turn.dialect)
            if endpoint.is_local:
                request = self.built_in.fit(request)
            endpoint = await self._keys.with_values(endpoint, request)
            from tui.net.exchange import exchange
            from tui.net.retry import PAUSES

            deltas = exchange(
                self.client,
                endpoint,
                key,
                request,
                recorder=recorder,
                clock=clock,
                timing=turn.timing,
                is_reasoning=is_reasoning_model(turn.model),
                patience=patience,
                retries=self.retries,
                pauses=self.pauses or PAUSES,
                joins=self.joins_deltas,
                straight=straight,
            )
            counted: UsageDelta | None = None
            listing: asyncio.Task[None] | None = None
            try:
                async with aclosing(deltas):
                    async for delta in deltas:
                        if isinstance(delta, IdentityDelta) and is_dialect(delta.dialect):
                            self.use_dialect(turn.endpoint, delta.dialect)
                        if isinstance(delta, UsageDelta):
                            delta = counted = self._pricing.priced(delta, turn)  # noqa: PLW2901 - the same usage, with its price
                            if listing is None and self._pricing.wants_list(counted, turn):
                                listing = asyncio.ensure_future(self._pricing.learn(turn.endpoint))
                        yield delta
                if listing is not None and counted is not None:
                    await asyncio.wait((listing,), timeout=_PRICE_SECONDS)
                    if (priced := self._pricing.priced(counted, turn)) != counted:
                        yield priced
            except (RefusedError, EndpointError) as problem:
                if problem.kind == "not_found":
                    problem.hint = await advise(self, turn, problem.hint)
                raise
            finally:
                if listing is not None:
                    listing.cancel()
                    await asyncio.wait((listing,))  # it may be about to open a connection

    def free(self, name: str) -> None:
        """A request was dropped before its first token: the built-in model would go on with it, so stop it."""
        if name in self.endpoints and self.endpoints[name].is_local:
            self.built_in.free()

    # -- the disk -----------------------------------------------------------------------------------------

    def lose_disk(self, error: StoreError) -> None:
        """Say, until it works again, that nothing is being saved."""
        self.store_problem = error.message

    def regain_disk(self) -> None:
        """Saving works again."""
        self.store_problem = ""

    async def close(self) -> None:
        """Let go of sockets, children and files."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        if self._tools is not None:
            await (await self._tools).aclose()
            self._tools = None
        await self.built_in.close()
        self.database.close()
