"""A race: the same prompt to several models, endpoints or dialects at once, each answer a branch of one conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from statistics import median
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from tui.chat.conversation import Conversation
from tui.chat.stats import ending_of
from tui.domain.delta import Delta
from tui.domain.endpoint import Endpoint
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import ConfigError
from tui.domain.rate import rate_of
from tui.domain.turn import Turn
from tui.wire.dialect import is_dialect

MOST = 4
"""Lanes at most: more cannot be read side by side."""


class Endpoints(Protocol):
    """Of a program, what a race needs."""

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """The endpoints by name."""

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name.

        Raises:
            ConfigError: If there is none.
        """


class Lane(Struct):
    """Who runs: a model at an endpoint, in a dialect; and what came of each run."""

    word: str
    endpoint: str
    model: str
    turns: list[Turn] = field(default_factory=list)


def parse_lanes(words: Sequence[str], program: Endpoints, endpoint: str) -> list[Lane]:
    """Lanes as they are written: `MODEL`, `MODEL@ENDPOINT`, `MODEL@ENDPOINT:DIALECT`, `MODEL@:DIALECT`.

    Args:
        words: As a person wrote them.
        program: Who knows the endpoints; a dialect of its own makes another endpoint there, for this run.
        endpoint: The one that is asked where none is named.

    Raises:
        ConfigError: If there are too many or too few, or one cannot be had.
    """
    if not words:
        raise ConfigError("nobody is named to race", "Name models: MODEL, MODEL@ENDPOINT or MODEL@ENDPOINT:DIALECT.")
    if len(words) > MOST:
        raise ConfigError(f"{len(words)} are more than can be read side by side", f"Name at most {MOST}.")
    lanes: list[Lane] = []
    for word in words:
        model, mark, rest = word.rpartition("@") if "@" in word else (word, "", "")
        name, _, dialect = rest.partition(":")
        name = name or endpoint
        named = program.endpoint(name)
        if not model:
            model = named.model
        if mark and dialect:
            if not is_dialect(dialect):
                raise ConfigError(f"there is no dialect “{dialect}”", f"There are: {', '.join(DIALECT_NAMES)}.")
            name = f"{name}:{dialect}"
            program.endpoints[name] = replace(named, dialect=dialect)
        if not model:
            raise ConfigError(f"“{word}” names no model", "Write MODEL@ENDPOINT.")
        lanes.append(Lane(word, name, model))
    return lanes


async def run_lane(
    conversation: Conversation, turn: Turn, on_deltas: Callable[[Turn, list[Delta]], None] | None = None
) -> None:
    """Stream one turn to its end."""
    async with aclosing(conversation.replies.stream(turn)) as deltas:
        async for delta in deltas:
            if on_deltas is not None:
                on_deltas(turn, [delta])


def begin_round(conversation: Conversation, lanes: Sequence[Lane], begin: Callable[[], Turn]) -> list[Turn]:
    """Begin a turn for each lane, beside one another; `begin` makes each, with the model that was just set."""
    before, dialect = (conversation.sheet.endpoint, conversation.sheet.model), conversation.sheet.dialect
    try:
        for lane in lanes:
            conversation.session.set_model(lane.endpoint, lane.model)
            lane.turns.append(begin())
    finally:
        conversation.session.set_model(*before)
        conversation.session.set_dialect(dialect)
    return [lane.turns[-1] for lane in lanes]


async def run_rounds(
    conversation: Conversation,
    lanes: Sequence[Lane],
    prompt: str,
    runs: int,
    on_end: Callable[[Lane, Turn], None] | None = None,
) -> None:
    """Ask all lanes at once, so many times; a round begins when the last of the one before has ended."""
    first: Turn | None = None

    def begin() -> Turn:
        nonlocal first
        if first is None:
            first = conversation.say(prompt)
            return first
        return conversation.regenerate(first)

    for _ in range(runs):
        turns = begin_round(conversation, lanes, begin)
        await asyncio.gather(*(run_lane(conversation, turn) for turn in turns))
        if on_end is not None:
            for lane, turn in zip(lanes, turns, strict=True):
                on_end(lane, turn)


def lane_record(lane: Lane) -> dict[str, Any]:
    """What came of the runs of a lane: medians, and from the least to the most."""
    timings = [turn.timing for turn in lane.turns]
    rates = [rate[0] for turn in lane.turns if (rate := rate_of(turn)) is not None]
    usages = [turn.usage for turn in lane.turns if turn.usage is not None]
    costs = [usage.cost_usd if usage.cost_usd is not None else usage.estimated_usd for usage in usages]
    endings: dict[str, int] = {}
    for turn in lane.turns:
        endings[ending_of(turn)] = endings.get(ending_of(turn), 0) + 1
    return {
        "lane": lane.word,
        "model": lane.model,
        "endpoint": lane.endpoint.partition(":")[0],
        "dialect": lane.turns[-1].dialect if lane.turns else None,
        "runs": len(lane.turns),
        "first_token": _spread([timing.latency for timing in timings]),
        "first_word": _spread([timing.to_first_word for timing in timings]),
        "duration": _spread([timing.duration for timing in timings]),
        "rate": _spread(rates),
        "output_tokens": _spread([usage.output for usage in usages]),
        "cost_usd": _spread(costs),
        "endings": endings,
        "turns": [turn.id for turn in lane.turns],
    }


def _spread(values: Sequence[float | None]) -> dict[str, float] | None:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return None
    return {"median": round(median(numbers), 6), "min": round(min(numbers), 6), "max": round(max(numbers), 6)}
