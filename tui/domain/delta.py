"""Deltas: the smallest changes a stream can make to a reply.

A dialect turns what the wire says into deltas; a turn folds deltas into a reply. No floor above
`tui.wire` sees a chunk, and nothing below `tui.ui` sees a widget: this union is the contract between.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tui.domain.usage import Usage


class TextDelta(Struct, frozen=True):
    """More of the answer; with `replaces`, the whole of that part as the endpoint finally states it.

    `message` counts the messages of a reply that has several: a commentary, then the answer.
    """

    text: str
    part: int = 0
    replaces: bool = False
    message: int = 0


class ImageDelta(Struct, frozen=True):
    """An image that the model made, as a `data:` or `https:` URL; a partial one gives way to the next of its index."""

    index: int
    url: str
    is_partial: bool = False


class ReasoningDelta(Struct, frozen=True):
    """More of what the model says it is thinking; `part` counts summaries or thoughts from 0."""

    text: str
    part: int = 0
    replaces: bool = False


class RefusalDelta(Struct, frozen=True):
    """More of a refusal: the model's words for why it does not answer. A refusal is not text."""

    text: str
    part: int = 0
    replaces: bool = False


class ToolCallDelta(Struct, frozen=True):
    """A fragment of one tool call.

    `index` is the call's place in order of first appearance (0, 1, ...), settled by the dialect whatever
    the wire said. `name` is appended; `arguments` is appended, or with `replaces` stands for the whole.
    `extra` holds fields that must be echoed back with the call (thought signatures). With a `server`, it is none of our
    calls: the endpoint asks whether it may call that tool at that MCP server.
    """

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    replaces: bool = False
    extra: Mapping[str, Any] | None = None
    server: str = ""


class ServerToolDelta(Struct, frozen=True):
    """The present state of a tool that the endpoint runs itself (web search, code): never run here.

    `item` is the item as far as known: `type`, `id`, `status`, and `name`, `arguments`, `code`,
    `action`, `output`, ... where told. It replaces what was known under the same `index`.
    """

    index: int
    item: Mapping[str, Any]


class ItemDelta(Struct, frozen=True):
    """A finished output item of the Responses dialect, kept whole because it may have to be echoed."""

    index: int
    item: Mapping[str, Any]


class EchoDelta(Struct, frozen=True):
    """A field of a Chat Completions message that must be sent back with it; lists are extended."""

    key: str
    value: Any


class CitationDelta(Struct, frozen=True):
    """A source the answer names: a page by its address, or a file, without one, by its title.

    Where that is told, it is named for the characters of a part of the text from `start` to `end`.
    """

    url: str
    title: str = ""
    part: int = 0
    start: int | None = None
    end: int | None = None

    def names_the_same(self, other: CitationDelta) -> bool:
        """Whether both name the same source, wherever they name it."""
        return self.url == other.url and (bool(self.url) or self.title == other.title)


class UsageDelta(Struct, frozen=True):
    """What the reply cost so far; the last one is the true one, they are never added up."""

    usage: Usage


class PromptProgressDelta(Struct, frozen=True):
    """How far the server has read the prompt: `read` of `total` tokens, of which it had `cached` from before."""

    read: int
    total: int
    cached: int = 0


class IdentityDelta(Struct, frozen=True):
    """Who answers: the model's resolved name, the response's id and the dialect, each empty where not told.

    The dialect is told where it is another than the one that was asked for first.
    """

    model: str = ""
    response_id: str = ""
    dialect: str = ""


class OddityDelta(Struct, frozen=True):
    """Something on the wire that was passed over without harm: an unknown event, a bad frame, late text."""

    kind: str
    detail: str


LEFT_OUT = "left out"
"""The kind of the oddity that tells what was left out of a request because the model refused it."""


class RetryDelta(Struct, frozen=True):
    """The request will be sent again after `wait` seconds; nothing of the reply had come."""

    attempt: int
    of: int
    wait: float
    reason: str


class FinishDelta(Struct, frozen=True):
    """The finish signal: why the model stopped, in the endpoint's own word.

    `reason` is empty where the stream ended properly (`[DONE]`) without giving one.
    `incomplete_reason` is the Responses dialect's detail for status `incomplete`, or `finish.AT_LIMIT` where the
    reply took every token that was allowed, whatever the endpoint says.
    """

    reason: str
    incomplete_reason: str = ""


Delta = (
    TextDelta
    | ImageDelta
    | ReasoningDelta
    | RefusalDelta
    | ToolCallDelta
    | ServerToolDelta
    | ItemDelta
    | EchoDelta
    | CitationDelta
    | UsageDelta
    | PromptProgressDelta
    | IdentityDelta
    | OddityDelta
    | RetryDelta
    | FinishDelta
)
