"""Models: an id that an endpoint offers, with what it can do and what it costs."""

from __future__ import annotations

import re

from msgspec import Struct


class LongPrices(Struct, frozen=True):
    """What a request of more than `above` tokens costs, all of it: US dollars for a million tokens."""

    above: int
    price_in: float | None = None
    price_cached: float | None = None
    price_out: float | None = None


class Prices(Struct, frozen=True):
    """What a person says that a model costs: US dollars for a million tokens read, read from a cache, and written."""

    input: float
    output: float
    cached: float | None = None


class Model(Struct, frozen=True):
    """A model; `None` and empty mean that the endpoint did not say.

    Prices are US dollars for a million tokens; `long` holds those of long prompts, where they are others. `refusal` says
    why the model cannot be chosen here, and is empty where it can.
    """

    id: str
    endpoint: str
    aliases: tuple[str, ...] = ()
    context: int | None = None
    price_in: float | None = None
    price_cached: float | None = None
    price_out: float | None = None
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    owner: str = ""
    refusal: str = ""
    long: LongPrices | None = None

    @property
    def can_stream(self) -> bool:
        """Whether it can be chosen for a conversation."""
        return not self.refusal


def refused_options(model: str) -> frozenset[str]:
    """The options that a model is known to refuse, which are not sent to it."""
    name = model.lower().rpartition("/")[2]
    if re.match(r"o\d|gpt-[5-9](?!.*chat)", name):
        return frozenset({"temperature", "top_p", "stop"})
    if re.match(r"grok-(?:[4-9]|latest|3-mini)", name) and "non-reasoning" not in name:
        return frozenset({"stop"})
    return frozenset()


def refuses_effort(model: str) -> bool:
    """Whether a model is known to refuse a request that says how hard it should think."""
    return (
        re.match(r"grok-(?:4\.20|4-0709|4-1-fast|4-fast|code|3(?!-mini)|2)", model.lower().rpartition("/")[2])
        is not None
    )


def is_reasoning_model(model: str) -> bool:
    """Whether a model is known to think for long before its first word."""
    name = model.lower().rpartition("/")[2]
    if "non-reasoning" in name:
        return False
    return bool(re.search(r"reason|think|^o\d|gpt-[5-9]|grok-([4-9]|latest)|deepseek-(r|v)\d|qwq|magistral|-r1", name))
