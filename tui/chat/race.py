"""A race: the same prompt to several models, endpoints or dialects at once, each answer a branch of one conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import aclosing, suppress
from importlib import import_module
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
"""Columns at most: more cannot be read side by side."""


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


class Column(Struct):
    """Who runs: a model at an endpoint, in a dialect; `place` is what people call the endpoint; and what came of each run."""

    endpoint: str
    model: str
    place: str = ""
    turns: list[Turn] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Who runs, as it can be written: `MODEL@ENDPOINT`, with its dialect where one was asked for."""
        return f"{self.model}@{self.endpoint}"


def parse_columns(words: Sequence[str], program: Endpoints, endpoint: str) -> list[Column]:
    """Columns as they are written: `MODEL`, `MODEL@ENDPOINT`, `MODEL@ENDPOINT:DIALECT`, `MODEL@:DIALECT`.

    The name of an endpoint alone is its own model, and `ENDPOINT:MODEL` and `ENDPOINT/MODEL` are read too, where there
    is such an endpoint.

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
    columns: list[Column] = []
    for word in words:
        model, name, dialect = _parts(word, program.endpoints)
        name = name or endpoint
        asked = program.endpoint(name)
        model = model or asked.model
        if dialect:
            if not is_dialect(dialect):
                raise ConfigError(f"there is no dialect “{dialect}”", f"There are: {', '.join(DIALECT_NAMES)}.")
            name = f"{name}:{dialect}"
            program.endpoints[name] = replace(asked, dialect=dialect)
        if not model:
            raise ConfigError(f"“{word}” names no model", f"Write MODEL@{name}.")
        columns.append(Column(name, model, " · ".join(filter(None, (asked.title or asked.name, dialect)))))
    return columns


def _parts(word: str, endpoints: Container[str]) -> tuple[str, str, str]:
    """Model, endpoint and dialect of a word, each as far as it is named."""
    if "@" in word:
        model, _, rest = word.rpartition("@")
        name, _, dialect = rest.partition(":")
        return model, name, dialect
    if word in endpoints:
        return "", word, ""
    for mark in ":/":  # models have such signs in their names too: what stands before must be an endpoint
        name, _, model = word.partition(mark)
        if model and name in endpoints:
            return model, name, ""
    return word, "", ""


def make_ready(program: Endpoints, columns: Iterable[Column]) -> None:
    """Load what connections and replies need, before anything is timed: the first round would pay for it.

    It takes half a second, in which nothing else should wait: run it in a thread.
    """
    from tui.net.client import warm_up

    endpoints = [program.endpoint(column.endpoint) for column in columns]
    for name in ("exchange", "model_list"):
        import_module(f"tui.net.{name}")
    for each in {endpoint.dialect for endpoint in endpoints}:
        import_module(f"tui.wire.dialect.{each}.reply")
    with suppress(OSError):  # certificates that cannot be read are told of when they are used
        warm_up(needs_tls=any(endpoint.base_url.startswith("https:") for endpoint in endpoints))


async def run_column(
    conversation: Conversation, turn: Turn, on_deltas: Callable[[Turn, list[Delta]], None] | None = None
) -> None:
    """Stream one turn to its end."""
    async with aclosing(conversation.replies.stream(turn)) as deltas:
        async for delta in deltas:
            if on_deltas is not None:
                on_deltas(turn, [delta])


def begin_round(conversation: Conversation, columns: Sequence[Column], begin: Callable[[], Turn]) -> list[Turn]:
    """Begin a turn for each column, beside one another; `begin` makes each, with the model that was just set."""
    before, dialect = (conversation.sheet.endpoint, conversation.sheet.model), conversation.sheet.dialect
    try:
        for column in columns:
            conversation.session.set_model(column.endpoint, column.model)
            column.turns.append(begin())
    finally:
        conversation.session.set_model(*before)
        conversation.session.set_dialect(dialect)
    return [column.turns[-1] for column in columns]


async def run_rounds(
    conversation: Conversation,
    columns: Sequence[Column],
    prompt: str,
    runs: int,
    on_end: Callable[[Column, Turn], None] | None = None,
) -> None:
    """Ask all columns at once, so many times; a round begins when the last of the one before has ended."""
    first: Turn | None = None

    def begin() -> Turn:
        nonlocal first
        if first is None:
            first = conversation.say(prompt)
            return first
        return conversation.regenerate(first)

    for _ in range(runs):
        turns = begin_round(conversation, columns, begin)
        await asyncio.gather(*(run_column(conversation, turn) for turn in turns))
        if on_end is not None:
            for column, turn in zip(columns, turns, strict=True):
                on_end(column, turn)


def column_record(column: Column) -> dict[str, Any]:
    """What came of the runs of a column: medians, and from the least to the most."""
    timings = [turn.timing for turn in column.turns]
    rates = [rate for turn in column.turns if (rate := rate_of(turn)) is not None]
    usages = [turn.usage for turn in column.turns if turn.usage is not None]
    costs = [usage.cost_usd if usage.cost_usd is not None else usage.estimated_usd for usage in usages]
    endings: dict[str, int] = {}
    for turn in column.turns:
        endings[ending_of(turn)] = endings.get(ending_of(turn), 0) + 1
    return {
        "name": column.name,
        "model": column.model,
        "endpoint": column.endpoint.partition(":")[0],
        "dialect": column.turns[-1].dialect if column.turns else None,
        "runs": len(column.turns),
        "first_token": _spread([timing.latency for timing in timings]),
        "first_word": _spread([timing.to_first_word for timing in timings]),
        "duration": _spread([timing.duration for timing in timings]),
        "rate": _spread([rate for rate, _ in rates]),
        "is_counted": all(is_counted for _, is_counted in rates),
        "output_tokens": _spread([usage.output for usage in usages]),
        "cost_usd": _spread(costs),
        "is_estimate": any(usage.cost_usd is None and usage.estimated_usd is not None for usage in usages),
        "endings": endings,
        "turns": [turn.id for turn in column.turns],
    }


def _spread(values: Sequence[float | None]) -> dict[str, float] | None:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return None
    return {"median": round(median(numbers), 6), "min": round(min(numbers), 6), "max": round(max(numbers), 6)}
