"""Sessions: saved conversations, as they are listed."""

from __future__ import annotations

from msgspec import Struct, field

from tui.domain.endpoint_word import DialectName, Effort
from tui.domain.option import Options
from tui.domain.request import ReplySchema
from tui.domain.turn import Turn

TITLE_LENGTH = 60

NO_TIME = 0.0
"""Stands for an instant that nobody knows: what came from another program may have none."""


class SessionSummary(Struct, frozen=True):
    """One saved conversation in a list.

    Times are seconds of the wall clock, `NO_TIME` where that is not known, `deleted_at` and `archived_at` `None` where it
    was not. `source` is where it was imported from: the program, a colon, its id there; empty for one of our own.
    """

    id: str
    title: str
    created_at: float
    updated_at: float
    model: str
    turns: int
    size_bytes: int
    deleted_at: float | None = None
    is_pinned: bool = False
    archived_at: float | None = None
    source: str = ""
    tags: tuple[str, ...] = ()


class Sheet(Struct, frozen=True, omit_defaults=True):
    """What a session keeps beside its system prompt and effort.

    Attributes:
        options: Its options.
        server_tools: The endpoint's own tools that are switched on.
        schema: A schema that every reply follows.
        endpoint: Who is asked next; empty where that is who was asked last.
        model: The model that is asked next there.
        dialect: What is spoken there, where that is not what the endpoint usually speaks.
        switched_tools: Tools that were switched on or off here, against what is usual; `None` for those chosen last.
    """

    options: Options = Options()
    server_tools: tuple[str, ...] = ()
    schema: ReplySchema | None = None
    endpoint: str = ""
    model: str = ""
    dialect: DialectName | None = None
    switched_tools: tuple[str, ...] | None = None


class WholeTurn(Struct):
    """A turn that is taken along: its `number` tells it from the others, `above` is the number of the turn above it."""

    turn: Turn
    above: int | None = None
    began_at: float = NO_TIME


class WholeSession(Struct):
    """Everything of a conversation but its recordings, to be taken along; `head` is the number of the turn it stands at."""

    id: str = ""
    title: str = ""
    system: str | None = None
    effort: Effort = ""
    sheet: Sheet = Sheet()
    created_at: float = NO_TIME
    updated_at: float = NO_TIME
    is_pinned: bool = False
    archived_at: float | None = None
    source: str = ""
    tags: tuple[str, ...] = ()
    head: int | None = None
    turns: list[WholeTurn] = field(default_factory=list)


def title_from_prompt(prompt: str) -> str:
    """A title made of the first words of a prompt, at most 60 characters, on one line."""
    words = " ".join(prompt.split())
    if len(words) <= TITLE_LENGTH:
        return words or "Untitled"
    head = words[: TITLE_LENGTH - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[20:] else head).rstrip(" ,.;:") + "…"
