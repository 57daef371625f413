"""What servers answer, as rillet's own values.

Nothing here imports the SDK: its objects are read by their fields.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from msgspec import Struct, field

from tui.domain.message import ImagePart
from tui.schema.json_value import canonical
from tui.tools.definition import Output

_IMAGE_BYTES = 8 << 20
_IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_STARTS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))
_MOST_IMAGES = 8
_DESCRIPTION = 300


class _Parts(Struct):
    """The parts of an answer: for the model, and for the person only."""

    texts: list[str] = field(default_factory=list)
    images: list[ImagePart] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)


def read_result(answer: Any) -> Output:
    """A server's answer as an output; what is neither text nor image is described."""
    parts = _Parts()
    for item in answer.content:
        if _audience(item) == ["user"]:
            said = _Parts()
            _read(item, said)
            parts.asides += [*said.texts, *(["[an image]"] if said.images else [])]
        else:
            _read(item, parts)
    if answer.structured_content is not None and not _says(parts.texts, answer.structured_content):
        parts.texts.append(canonical(answer.structured_content))
    text = "\n".join(parts.texts)
    if not text and parts.images:
        text = f"[{len(parts.images)} image{'s' if len(parts.images) > 1 else ''}]"
    return Output(
        text or "[no output]", is_error=bool(answer.is_error), images=tuple(parts.images), aside="\n".join(parts.asides)
    )


def read_contents(contents: Sequence[Any]) -> Output:
    """The contents of a resource, or the message of a prompt, as an output."""
    parts = _Parts()
    for item in contents:
        _read_resource(item, parts)
    return Output("\n".join(parts.texts) or "[no text]", images=tuple(parts.images))


def read_block(item: Any) -> Output:
    """One block of content as an output."""
    parts = _Parts()
    _read(item, parts)
    return Output("\n".join(parts.texts), images=tuple(parts.images))


def _read(item: Any, parts: _Parts) -> None:
    match item.type:
        case "text":
            parts.texts.append(item.text)
        case "image" if item.mime_type in _IMAGE_TYPES and len(item.data) <= _IMAGE_BYTES:
            _add_image(item.mime_type, item.data, parts)
        case "image" | "audio":
            parts.texts.append(f"[{item.type}: {item.mime_type}, {_size(item.data)}]")
        case "resource_link":
            size = f"{item.size:,} bytes" if item.size is not None else ""
            facts = ", ".join(fact for fact in (item.mime_type, size) if fact)
            name = " ".join(fact for fact in (item.title or item.name, f"({facts})" if facts else "") if fact)
            about = f": {item.description[:_DESCRIPTION]}" if item.description else ""
            parts.texts.append(f"[resource {item.uri}, {name}{about}]")
        case "resource":
            _read_resource(item.resource, parts)
        case other:
            parts.texts.append(f"[{other}]")


def _read_resource(resource: Any, parts: _Parts) -> None:
    text, blob = getattr(resource, "text", None), getattr(resource, "blob", None)
    if isinstance(text, str):
        parts.texts.append(text)
    elif isinstance(blob, str) and resource.mime_type in _IMAGE_TYPES and len(blob) <= _IMAGE_BYTES:
        _add_image(resource.mime_type, blob, parts)
    else:
        facts = [str(resource.uri), resource.mime_type or "", _size(blob) if isinstance(blob, str) else ""]
        parts.texts.append(f"[resource {', '.join(fact for fact in facts if fact)}]")


def _add_image(kind: str, data: str, parts: _Parts) -> None:
    """An image goes along as what it is: an endpoint refuses one that is not, with this request and all that follow."""
    if not (actual := _kind_of(data)):
        parts.texts.append(f"[{kind}, {_size(data)}: it is no image that can be read]")
    elif len(parts.images) < _MOST_IMAGES:
        parts.images.append(ImagePart(f"data:{actual};base64,{data}"))
    else:
        parts.texts.append(f"[one more image: {kind}, {_size(data)}; no more than {_MOST_IMAGES} are sent]")


def _kind_of(data: str) -> str:
    """The kind of the image whose base64 this is, by its first bytes; empty where it is none."""
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except ValueError:
        return ""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _STARTS if content.startswith(start)), "")


def _size(data: str) -> str:
    return f"{len(data) * 3 // 4:,} bytes"


def _audience(item: Any) -> list[str]:
    annotations = getattr(item, "annotations", None)
    return [str(role) for role in getattr(annotations, "audience", None) or ()]


def _says(texts: list[str], structured: Any) -> bool:
    """Whether one of the texts is the structured content itself, as servers send for clients that know no better."""
    for text in texts:
        try:
            if json.loads(text) == structured:
                return True
        except (ValueError, RecursionError):
            continue
    # Many say the one thing they have plainly, and once more under some key: {"result": …}, {"content": …}.
    if not isinstance(structured, dict) or len(structured) != 1:
        return False
    return "\n".join(texts).strip() == _plain(next(iter(structured.values()))).strip()


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(_plain, value))
    return value if isinstance(value, str) else canonical(value)
