"""The card of an endpoint, and the report that it is part of; the JSON of both is described by `report_schema`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]


class Fact(Struct):
    """One thing that was found out: a verdict in a word, and what it rests on."""

    verdict: Annotated[str, Meta(description="In a word or two; “not asked” where it was not.")] = "not asked"
    words: Annotated[str, Meta(description="What it rests on, as a sentence or figures.")] = ""


class DialectCard(Struct):
    """How an endpoint does in one dialect."""

    dialect: Annotated[str, Meta(description="chat, responses or messages.")]
    path: Annotated[str, Meta(description="Where it was asked, below the base URL.")]
    spoken: Annotated[
        Literal["yes", "no", "unclear"], Meta(description="“unclear” where it answered, but did not reply.")
    ] = "unclear"
    reason: Annotated[str, Meta(description="Why not, or how it ended; empty where all is well.")] = ""
    stream: Annotated[Fact, Meta(description="“truly”, “at once”, “no”, or “unknown”.")] = field(default_factory=Fact)
    usage: Annotated[Fact, Meta(description="“sent” or “none”.")] = field(default_factory=Fact)
    tools: Annotated[
        Fact, Meta(description="“in fragments”, “whole”, “none” where no call came, “refused” or “broken”.")
    ] = field(default_factory=Fact)
    schema: Annotated[Fact, Meta(description="“kept”, “not kept”, “cut”, “refused” or “broken”.")] = field(
        default_factory=Fact
    )
    errors: Annotated[Fact, Meta(description="“well formed”, “odd”, or “none” where it took what it should not.")] = (
        field(default_factory=Fact)
    )
    reasoning: Annotated[list[str], Meta(description="The fields or events that thoughts came in.")] = field(
        default_factory=list
    )
    finish_reasons: Annotated[list[str], Meta(description="Those that were seen, in its own words.")] = field(
        default_factory=list
    )
    oddities: Annotated[list[str], Meta(description="All that is odd, each a sentence.")] = field(default_factory=list)


class Card(Struct):
    """What an endpoint is like."""

    endpoint: Annotated[str, Meta(description="Its name in the settings, or “url”.")]
    url: Annotated[str, Meta(description="Its base URL.")]
    model: Annotated[str, Meta(description="The model that was asked; empty where none was known.")] = ""
    key: Annotated[str, Meta(description="Where the key came from, never the key; empty where none was sent.")] = ""
    reason: Annotated[str, Meta(description="Why it speaks no dialect; empty where it speaks one.")] = ""
    requests: Annotated[Count, Meta(description="Requests that were sent.")] = 0
    seconds: Annotated[Seconds, Meta(description="How long it took.")] = 0.0
    models: Annotated[Fact, Meta(description="The list of models: “listed” or “none”.")] = field(default_factory=Fact)
    dialects: list[DialectCard] = field(default_factory=list)
    first_token: Annotated[
        list[Seconds], Meta(description="From request to first token, of up to three tries in one dialect.")
    ] = field(default_factory=list)
    after_cancel: Annotated[
        Fact, Meta(description="The next request after a cancelled one: “answered” or “not answered”.")
    ] = field(default_factory=Fact)
    after_cancel_seconds: Annotated[
        Seconds | None, Meta(description="From hanging up to the first token of the next reply.")
    ] = None
    oddities: Annotated[
        list[str], Meta(description="What is odd about its connections, in whatever dialect; each a sentence.")
    ] = field(default_factory=list)
    not_asked: Annotated[list[str], Meta(description="Questions that were left out, and why.")] = field(
        default_factory=list
    )


class MachineFact(Struct):
    """One line about this machine."""

    name: str
    words: str


class Report(Struct):
    """The card of an endpoint, and this machine."""

    rillet: Annotated[str, Meta(description="The version of rillet.")]
    card: Annotated[Card | None, Meta(description="None where no endpoint was asked.")]
    machine: Annotated[list[MachineFact], Meta(description="Terminal, clipboard, database, versions, network, tools.")]


def report_schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    import msgspec.json

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "rillet doctor --json",
        **msgspec.json.schema(Report),
    }
