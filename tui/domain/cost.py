"""Cost: what a reply takes by the price list of its model, where the endpoint does not say what it charged."""

from __future__ import annotations

from tui.domain.model import Model
from tui.domain.usage import Usage

_MILLION = 1_000_000


def estimate_cost(usage: Usage, model: Model) -> float | None:
    """US dollars by the price list; `None` where a count or a price that it takes is not known.

    A prompt above the threshold of a model's long prices is charged by those as a whole, and so is what is written to
    it. What was read from a cache costs its own price, or that of any input where none is told.
    """
    if usage.input is None or usage.output is None:
        return None
    price_in, price_cached, price_out = model.price_in, model.price_cached, model.price_out
    if (long := model.long) is not None and usage.input > long.above:
        price_in = price_in if long.price_in is None else long.price_in
        price_cached = price_cached if long.price_cached is None else long.price_cached
        price_out = price_out if long.price_out is None else long.price_out
    if price_in is None or price_out is None:
        return None
    cached = min(usage.cached or 0, usage.input)  # xAI has been seen to tell more
    read = (usage.input - cached) * price_in + cached * (price_in if price_cached is None else price_cached)
    return (read + usage.output * price_out) / _MILLION
