"""What the list of an endpoint is good for: what a reply costs where nobody says, and what was meant by a wrong name."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from tui.domain.delta import UsageDelta
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import RilletError
from tui.domain.turn import Turn

if TYPE_CHECKING:
    from tui.domain.endpoint import Endpoint
    from tui.domain.model import Model


_ADVICE_SECONDS = 3.0


class Lists(Protocol):
    """Of a program, what it knows of models."""

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """The endpoints by name."""

    def about(self, name: str, model_id: str) -> Model | None:
        """What is known of a model, without asking."""

    async def models(self, name: str, *, refresh: bool = False) -> list[Model]:
        """The models that an endpoint offers."""


class Pricing:
    """Estimates the costs of replies; the list of an endpoint is read for that once."""

    def __init__(self, lists: Lists) -> None:
        """Nothing was asked yet."""
        self._lists = lists
        self._asked: set[str] = set()

    def wants_list(self, usage: UsageDelta, turn: Turn) -> bool:
        """Whether a reply is counted that nobody has said the price of, at an endpoint whose list was not read for it."""
        counted, name = usage.usage, turn.endpoint
        about = self._lists.about(name, turn.model)
        is_priced = counted.cost_usd is not None or (about is not None and about.price_in is not None)
        is_asked = name in self._asked or self._lists.endpoints[name].is_local
        return not (is_priced or is_asked or counted.input is None or counted.output is None)

    async def learn(self, name: str) -> None:
        """Read the list of an endpoint for what its models cost, once; one that has none says so nowhere."""
        self._asked.add(name)
        with suppress(RilletError):
            await self._lists.models(name)

    def priced(self, delta: UsageDelta, turn: Turn) -> UsageDelta:
        """A usage with what it costs by the price list, where the endpoint does not say and the list is known."""
        usage = delta.usage
        model = self._lists.about(turn.endpoint, turn.model)
        if usage.cost_usd is not None or model is None or self._lists.endpoints[turn.endpoint].is_local:
            return delta
        from tui.domain.cost import estimate_cost

        return UsageDelta(replace(usage, estimated_usd=estimate_cost(usage, model)))


def filled_in(listed: Model | None, remembered: Model | None) -> Model | None:
    """What an endpoint tells of a model, and where it says nothing, what the price list in rillet does."""
    if listed is None or remembered is None:
        return listed or remembered
    changes = {field: getattr(remembered, field) for field in ("context", "long") if getattr(listed, field) is None}
    if listed.price_in is None:
        changes |= {field: getattr(remembered, field) for field in ("price_in", "price_cached", "price_out")}
    return replace(listed, **changes)


def by_settings(endpoint: Endpoint, model: Model) -> Model:
    """A model, with the prices of the settings in place of any others, where they say what it costs."""
    prices = endpoint.prices.get(model.id) or endpoint.prices.get("*")
    if prices is None:
        return model
    return replace(model, price_in=prices.input, price_cached=prices.cached, price_out=prices.output, long=None)


async def advise(lists: Lists, turn: Turn, hint: str) -> str:
    """What to ask in place of a model or an address that the endpoint does not know; the hint where that is not seen."""
    from difflib import get_close_matches

    try:
        async with asyncio.timeout(_ADVICE_SECONDS):
            names = [name for model in await lists.models(turn.endpoint) for name in (model.id, *model.aliases)]
    except (RilletError, TimeoutError):
        return hint
    if turn.model in names:
        if "--dialect" in hint:  # it knows which of them were tried
            return hint
        others = [name for name in DIALECT_NAMES if name != turn.dialect]
        return f"It lists this model: it may not speak {turn.dialect}. Try --dialect {' or '.join(others)}."
    near = get_close_matches(turn.model, names, 1, 0.4)
    return f"Did you mean “{near[0]}”? The endpoint lists it." if near else hint
