"""The content of a message that a person or the system wrote: words alone, or words and images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui.domain.message import ImagePart, Message, TextPart


def write_content(
    message: Message, text_type: str, write_image: Callable[[ImagePart], dict[str, Any]]
) -> str | list[dict[str, Any]]:
    """The words as they are where there are only words; else a list of parts, as the dialect calls and writes them."""
    if not any(isinstance(part, ImagePart) for part in message.parts):
        return message.text
    content: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, TextPart) and part.text:
            content.append({"type": text_type, "text": part.text})
        elif isinstance(part, ImagePart):
            content.append(write_image(part))
    return content
