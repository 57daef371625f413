"""The program: settings, disk, network and the built-in model, put together without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.domain.delta import Delta, IdentityDelta, UsageDelta
from tui.domain.endpoint import Deadlines, Endpoint, Secret, Source
from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.domain.error import ConfigError, EndpointError, KeyMissingError, RefusedError, RilletError, StoreError
from tui.domain.model import Model, is_reasoning_model
from tui.domain.request import Request
from tui.domain.tape import Recorder
from tui.domain.turn import Turn
from tui.store.database import Database
from tui.store.settings import Choices, Settings, known_endpoints
from tui.wire.dialect import is_dialect

if TYPE_CHECKING:
    from tui.domain.usage import Usage
    from tui.local.model import LocalModel
    from tui.net.client import Client
    from tui.net.retry import Pauses
    from tui.net.watch import Patience
    from tui.tools.mcp.question import Person
    from tui.tools.registry import Registry

LOCAL = "local"
XAI = "xai"
_ADVICE_SECONDS = 3.0
_PRICE_SECONDS = 2.0
"""How long the end of a reply waits for a list that may say what it costs."""


class Program:
    """Everything a conversation needs, opened lazily: nothing here imports httpx until a request is made.

    Attributes:
        endpoints: The endpoints by name.
        notices: Sentences to tell the user once, such as a damaged file moved aside.
        store_problem: Why nothing is being saved, empty when all is well.
        local: The built-in model, where it can be used.
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
        local: LocalModel | None = None,
    ) -> None:
        self.settings = settings
        self.choices = choices
        self.database = database
        self.environ = environ
        self.endpoints: dict[str, Endpoint] = known_endpoints(settings, environ)
        self.notices: list[str] = [database.notice] if database.notice else []
        self.store_problem = ""
        self.local = local
        if local is not None and local.weights.is_own:
            self.endpoints[LOCAL] = replace(self.endpoints[LOCAL], model=local.weights.alias)
        self.retries = 2
        self.pauses: Pauses | None = None
        self.joins_deltas = True
        self.default_endpoint, self.default_model = self._defaults()
        self._client: Client | None = None
        self._keys: dict[str, Secret | None] = {}
        self._values: dict[str, Secret] = {}
        self._headers: dict[str, Mapping[str, str | Source | Secret]] = {}
        self._models: dict[str, list[Model]] = {}
        self._asked_prices: set[str] = set()
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

    def model_of(self, name: str) -> str:
        """The model that was set for an endpoint, or chosen there; empty leaves it to the endpoint.

        A model belongs to the endpoint that it was named with: another may not know it.
        """
        if self.settings.model and self.settings.endpoint == name:
            return self.settings.model
        return self.choices.model if self.choices.endpoint == name else ""

    def has_key(self, name: str) -> bool:
        """Whether an endpoint can be asked as far as keys go; a key command is taken at its word."""
        endpoint = self.endpoints[name]
        return (
            not endpoint.needs_key
            or bool(endpoint.key_command)
            or any(self.environ.get(variable, "").strip() for variable in endpoint.key_env)
        )

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name.

        Raises:
            ConfigError: If there is none; the message names the nearest.
        """
        if (found := self.endpoints.get(name)) is not None:
            return found
        from difflib import get_close_matches

        near = get_close_matches(name, self.endpoints, 1)
        known = ", ".join(sorted(self.endpoints))
        raise ConfigError(
            f"there is no endpoint “{name}”",
            f"Did you mean “{near[0]}”?" if near else f"There are: {known}. More can be put into the settings.",
        )

    def use_endpoint(self, endpoint: Endpoint, model: str = "") -> None:
        """Add an endpoint for this run, and ask it by default."""
        self.endpoints[endpoint.name] = endpoint
        self.default_endpoint = endpoint.name
        self.default_model = model or endpoint.model

    def use_key(self, name: str, key: Secret) -> None:
        """Use a key for this run, in the place of the one that would be looked for; it is written nowhere."""
        self._keys[name] = key

    def use_dialect(self, name: str, dialect: DialectName) -> None:
        """Speak another dialect to an endpoint from now on."""
        self.endpoints[name] = replace(self.endpoint(name), dialect=dialect)

    async def models(self, name: str, *, refresh: bool = False) -> list[Model]:
        """The models an endpoint offers, asked once unless refreshed.

        Raises:
            RilletError: If the list cannot be had.
        """
        if self.endpoint(name).is_local:
            from tui.local.request import local_models

            return local_models(self.local.weights, self.local.context) if self.local else local_models()
        if refresh or name not in self._models:
            from tui.net.model_list import fetch_models

            endpoint, key = await self.reach(self.endpoint(name))
            self._models[name] = await fetch_models(self.client, endpoint, key)
        return self._models[name]

    def _listed(self, name: str, model_id: str) -> Model | None:
        """A model in the list of an endpoint, where that has been fetched."""
        return next((each for each in self._models.get(name, []) if model_id in (each.id, *each.aliases)), None)

    async def find_neighbours(self) -> list[str]:
        """Servers of models on this machine that no settings name: they can be asked in this run, without a key."""
        from tui.chat.neighbour import find_neighbours

        usual = self.settings.deadlines.over(Deadlines())
        found = await find_neighbours(self.client, self.endpoints.values(), deadlines=usual)
        new = [endpoint for endpoint in found if endpoint.name not in self.endpoints]
        self.endpoints.update({endpoint.name: endpoint for endpoint in new})
        return [endpoint.name for endpoint in new]

    def about(self, name: str, model_id: str) -> Model | None:
        """What is known of a model, without asking: from the list of its endpoint, and from the price list in rillet."""
        endpoint = self.endpoints[name]
        if endpoint.is_local:
            return Model(
                model_id, name, context=self.local.context if self.local else None, price_in=0.0, price_out=0.0
            )
        from tui.domain.price_list import listed_model

        told, known = self._listed(name, model_id), listed_model(endpoint.base_url, model_id)
        if told is None or known is None:
            return told or known
        changes = {field: getattr(known, field) for field in ("context", "long") if getattr(told, field) is None}
        if told.price_in is None:
            changes |= {field: getattr(known, field) for field in ("price_in", "price_cached", "price_out")}
        return replace(told, **changes)

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
            from tui.chat.toolbox import open_tools

            self._tools = asyncio.ensure_future(open_tools(self.settings, self.person))
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

        known = {secret.reveal() for secret in self._keys.values() if secret is not None}
        known |= {secret.reveal() for secret in self._values.values()}
        names = {variable for endpoint in self.endpoints.values() for variable in endpoint.key_env}
        own = [value for endpoint in self.endpoints.values() for value in endpoint.headers.values()]
        names |= {value.env for value in own if isinstance(value, Source)}
        known |= {self.environ.get(name, "").strip() for name in names}
        for headers in self._headers.values():
            known |= {value.reveal() for value in headers.values() if isinstance(value, Secret)}
        for key in sorted(known, key=len, reverse=True):
            text = key_mask(key).text(text)
        return text

    async def reach(self, endpoint: Endpoint) -> tuple[Endpoint, Secret | None]:
        """Find an endpoint's key, and start the built-in model where that is meant.

        Raises:
            KeyMissingError: If there is no key, with what to do about it.
            RilletError: If the built-in model does not start.
        """
        if endpoint.is_local:
            if self.local is None:
                raise KeyMissingError(
                    "the built-in model is not installed",
                    "/local installs it here, “rillet local install” in a shell. Or set XAI_API_KEY to ask xAI.",
                )
            url, key = await self.local.ready()
            return replace(endpoint, base_url=url), key
        if endpoint.name not in self._keys:
            from tui.net.key import find_headers, find_key

            self._headers[endpoint.name] = (await find_headers(endpoint, self.environ)).headers
            self._keys[endpoint.name] = await find_key(endpoint, self.environ)
        return replace(endpoint, headers=self._headers[endpoint.name]), self._keys[endpoint.name]

    async def _with_values(self, endpoint: Endpoint, request: Request) -> Endpoint:
        """An endpoint with the keys of the server tools that a request switches on.

        Raises:
            KeyMissingError: If one is not there.
        """
        if not request.server_tools or not endpoint.tool_fields:
            return endpoint
        from tui.net.body import strings_in
        from tui.net.key import find_value, sources_in

        asked = strings_in(request.server_tools)
        for name, fields in endpoint.tool_fields.items():
            for source in sources_in(fields):
                mark = source.placeholder
                if mark in asked and mark not in self._values:
                    self._values[mark] = await find_value(source, self.environ, f"the server tool {name}")
        return replace(endpoint, values={mark: key for mark, key in self._values.items() if mark in asked})

    async def exchange(
        self,
        request: Request,
        turn: Turn,
        recorder: Recorder,
        patience: Patience | None,
        clock: Callable[[], float],
    ) -> AsyncGenerator[Delta, None]:
        """Send a request to a turn's endpoint, and yield what comes of it.

        Raises:
            RilletError: However it fails.
        """
        endpoint, key = await self.reach(self.endpoint(turn.endpoint))
        if endpoint.is_local:
            from tui.local.request import fit_request

            if self.local is not None:
                request = fit_request(request, is_own=self.local.weights.is_own, context=self.local.context)
        endpoint = await self._with_values(endpoint, request)
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
        )
        counted: UsageDelta | None = None
        listing: asyncio.Task[None] | None = None
        try:
            async with aclosing(deltas):
                async for delta in deltas:
                    if isinstance(delta, IdentityDelta) and is_dialect(delta.dialect):
                        self.use_dialect(turn.endpoint, delta.dialect)
                    if isinstance(delta, UsageDelta):
                        delta = counted = self._priced(delta, turn)  # noqa: PLW2901 - the same usage, with its price
                        if listing is None and self._wants_prices(counted.usage, turn):
                            listing = asyncio.ensure_future(self._learn_prices(turn.endpoint))
                    yield delta
            if listing is not None and counted is not None:
                await asyncio.wait((listing,), timeout=_PRICE_SECONDS)
                if (priced := self._priced(counted, turn)) != counted:
                    yield priced
        except (RefusedError, EndpointError) as problem:
            if problem.kind == "not_found" and "--dialect" not in problem.hint:
                problem.hint = await self._advise(turn) or problem.hint
            raise
        finally:
            if listing is not None:
                listing.cancel()

    def _wants_prices(self, usage: Usage, turn: Turn) -> bool:
        """Whether a reply is counted that nobody has said the price of, at an endpoint whose list was not read yet."""
        name, about = turn.endpoint, self.about(turn.endpoint, turn.model)
        is_priced = usage.cost_usd is not None or (about is not None and about.price_in is not None)
        is_asked = name in self._models or name in self._asked_prices or self.endpoints[name].is_local
        return not (is_priced or is_asked or usage.input is None or usage.output is None)

    async def _learn_prices(self, name: str) -> None:
        """Read the list of an endpoint for what its models cost, once; one that has none says so nowhere."""
        self._asked_prices.add(name)
        with suppress(RilletError):
            await self.models(name)

    def _priced(self, delta: UsageDelta, turn: Turn) -> UsageDelta:
        """A usage with what it costs by the price list, where the endpoint does not say and the list is known."""
        usage = delta.usage
        model = self.about(turn.endpoint, turn.model)
        if usage.cost_usd is not None or model is None or self.endpoints[turn.endpoint].is_local:
            return delta
        from tui.domain.cost import estimate_cost

        return UsageDelta(replace(usage, estimated_usd=estimate_cost(usage, model)))

    async def _advise(self, turn: Turn) -> str:
        """What to ask in place of a model or an address that the endpoint does not know; empty where that is not seen."""
        from difflib import get_close_matches

        try:
            async with asyncio.timeout(_ADVICE_SECONDS):
                names = [name for model in await self.models(turn.endpoint) for name in (model.id, *model.aliases)]
        except (RilletError, TimeoutError):
            return ""
        if turn.model in names:
            others = [name for name in DIALECT_NAMES if name != turn.dialect]
            return f"It lists this model: it may not speak {turn.dialect}. Try --dialect {' or '.join(others)}."
        near = get_close_matches(turn.model, names, 1, 0.4)
        return f"Did you mean “{near[0]}”? The endpoint lists it." if near else ""

    def free(self, name: str) -> None:
        """A request was dropped before its first token: the built-in model would go on with it, so stop it."""
        if self.local is not None and self.endpoints[name].is_local:
            self.local.free()

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
        if self.local is not None:
            await self.local.close()
        self.database.close()
