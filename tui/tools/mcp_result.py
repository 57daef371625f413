"""What MCP servers say: their tools, their results and their errors, as rillet's own values.

Nothing here imports the SDK: its objects are read by their fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tui.domain.message import ImagePart
from tui.schema.json_value import canonical
from tui.schema.schema_problem import schema_problems
from tui.tools.definition import Output, ToolError

_MOST_TOOLS = 500
_MOST_PAGES = 50
_LONGEST_NAME = 64
_IMAGE_BYTES = 8 << 20
_IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")


class ToolSpec(Struct, frozen=True):
    """A tool as a server lists it."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    hints: tuple[str, ...] = ()

    def full_name(self, server: str) -> str:
        """The name the model is told: the server's and the tool's, in the letters that endpoints allow."""
        return re.sub(r"[^A-Za-z0-9_-]", "_", f"{server}__{self.name}")[:_LONGEST_NAME]


async def read_tools(client: Any) -> list[ToolSpec]:
    """Every tool a server lists, page by page; one whose schema cannot be used is left out."""
    found: list[ToolSpec] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="refresh")
        for tool in page.tools:
            words = tool.description or tool.title or tool.name
            spec = ToolSpec(tool.name, words, tool.input_schema, hints_of(tool))
            if not schema_problems(spec.parameters):
                found.append(spec)
        cursor = page.next_cursor
        if not cursor or len(found) >= _MOST_TOOLS:
            break
    return found[:_MOST_TOOLS]


def hints_of(tool: Any) -> tuple[str, ...]:
    """What a server says a tool does, as far as it says so: a claim, for a person to weigh."""
    annotations = getattr(tool, "annotations", None)
    if annotations is None:
        return ()
    says = [
        words[0] if value else words[1] for name, words in _HINTS if (value := getattr(annotations, name)) is not None
    ]
    return tuple(word for word in says if word)


_HINTS = (
    ("read_only_hint", ("read-only", "changes something")),
    ("destructive_hint", ("destructive", "not destructive")),
    ("idempotent_hint", ("the same when repeated", "")),
    ("open_world_hint", ("open world", "closed world")),
)


def read_result(answer: Any, limit: int) -> Output:
    """A server's answer as an output; what is neither text nor image is described."""
    texts: list[str] = []
    images: list[ImagePart] = []
    for item in answer.content:
        match item.type:
            case "text":
                texts.append(item.text)
            case "image" if item.mime_type in _IMAGE_TYPES and len(item.data) <= _IMAGE_BYTES:
                images.append(ImagePart(f"data:{item.mime_type};base64,{item.data}"))
            case "image" | "audio":
                texts.append(f"[{item.type}: {item.mime_type}, {len(item.data) * 3 // 4:,} bytes]")
            case "resource_link":
                texts.append(f"[resource {item.uri}]")
            case "resource":
                text = getattr(item.resource, "text", None)
                texts.append(text if isinstance(text, str) else f"[resource {item.resource.uri}]")
            case other:
                texts.append(f"[{other}]")
    if not texts and answer.structured_content is not None:
        texts.append(canonical(answer.structured_content))
    text = "\n".join(texts)
    if not text and images:
        text = f"[{len(images)} image{'s' if len(images) > 1 else ''}]"
    return Output(text[: limit * 2] or "[no output]", is_error=bool(answer.is_error), images=tuple(images))


def error_words(error: BaseException) -> str:
    """An error of the SDK or below it, in words; groups of errors speak through their first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, ToolError):
        return str(error)
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror.lower()}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    message = getattr(error, "message", None)
    text = " ".join(str(message or error).split())
    if text.casefold() == "connection closed":
        return "it ended before it answered"
    return text or type(error).__name__
