"""What a reply costs where its endpoint does not say: by the settings, the endpoint's list, or the price list in rillet."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from tui.domain.delta import UsageDelta
from tui.domain.error import RilletError
from tui.domain.turn import Turn

if TYPE_CHECKING:
    from tui.domain.endpoint import Endpoint
    from tui.domain.model import Model


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
        """A usage with what it comes to, where the endpoint does not say what it costs and a price is known."""
        usage = delta.usage
        model = self._lists.about(turn.endpoint, turn.model)
        if usage.cost_usd is not None or model is None or self._lists.endpoints[turn.endpoint].is_local:
            return delta
        from tui.domain.cost import estimate_cost

        return UsageDelta(replace(usage, estimated_usd=estimate_cost(usage, model)))


def filled_in(listed: Model | None, shipped: Model | None) -> Model | None:
    """What an endpoint tells of a model, and where it says nothing, what the price list in rillet does."""
    if listed is None or shipped is None:
        return listed or shipped
    changes = {field: getattr(shipped, field) for field in ("context", "long") if getattr(listed, field) is None}
    if listed.price_in is None:
        changes |= {field: getattr(shipped, field) for field in ("price_in", "price_cached", "price_out")}
    return replace(listed, **changes)


def by_settings(endpoint: Endpoint, model: Model) -> Model:
    """A model, with the prices of the settings in place of any others, where they say what it costs."""
    prices = endpoint.prices.get(model.id) or endpoint.prices.get("*")
    if prices is None:
        return model
    return replace(model, price_in=prices.input, price_cached=prices.cached, price_out=prices.output, long=None)
