"""What a server has beside its tools: resources to read, and prompts to say.

Nothing here imports the SDK: its objects are read by their fields. All of it is foreign text.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tui.domain.message import ImagePart
from tui.tools.definition import Output
from tui.tools.mcp.result import read_block, read_contents

_MOST_LISTED = 200


class Resource(Struct, frozen=True):
    """A resource as a server lists it; foreign text."""

    uri: str
    name: str
    description: str = ""
    mime_type: str = ""


class PromptArgument(Struct, frozen=True):
    """One argument of a prompt."""

    name: str
    description: str = ""
    is_required: bool = False


class ServerPrompt(Struct, frozen=True):
    """A prompt as a server lists it; foreign text."""

    name: str
    description: str = ""
    arguments: tuple[PromptArgument, ...] = ()


class PromptText(Struct, frozen=True):
    """What a server makes of a prompt: what is to be said, and images that go along."""

    text: str
    images: tuple[ImagePart, ...] = ()


async def list_resources(client: Any) -> tuple[Resource, ...]:
    """What a server has to read; nothing where it has none."""
    if getattr(client.server_capabilities, "resources", None) is None:
        return ()
    listed = await _pages(client.list_resources, "resources")
    return tuple(
        Resource(str(each.uri), each.title or each.name, each.description or "", each.mime_type or "")
        for each in listed
    )


async def read_resource(client: Any, uri: str) -> Output:
    """Read a resource."""
    return read_contents((await client.read_resource(uri, cache_mode="refresh")).contents)


async def list_prompts(client: Any) -> tuple[ServerPrompt, ...]:
    """The prompts that a server has; nothing where it has none."""
    if getattr(client.server_capabilities, "prompts", None) is None:
        return ()
    return tuple(
        ServerPrompt(
            each.name,
            each.description or each.title or "",
            tuple(
                PromptArgument(argument.name, argument.description or "", bool(argument.required))
                for argument in each.arguments or ()
            ),
        )
        for each in await _pages(client.list_prompts, "prompts")
    )


async def make_prompt(client: Any, name: str, arguments: Mapping[str, str]) -> PromptText:
    """What a server makes of a prompt."""
    answer = await client.get_prompt(name, dict(arguments))
    parts = [read_block(message.content) for message in answer.messages]
    texts = [part.text for part in parts if part.text]
    return PromptText("\n\n".join(texts), tuple(image for part in parts for image in part.images))


async def _pages(ask: Callable[..., Coroutine[Any, Any, Any]], key: str) -> Sequence[Any]:
    """The pages of a list, put together."""
    entries: list[Any] = []
    cursor: str | None = None
    while len(entries) < _MOST_LISTED:
        page = await ask(cursor=cursor, cache_mode="refresh")
        entries += getattr(page, key)
        cursor = page.next_cursor
        if not cursor or not getattr(page, key):
            break
    return entries[:_MOST_LISTED]
